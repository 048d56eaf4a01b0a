/* The disk under a database: it has a file as it was at its last fsync, in a shadow beside it, and nothing else.
   Where the file POWER_CUT is there, the power goes before the next one instead.
   Reads through the descriptor it is given: to close another one of the same file would drop SQLite's locks on it. */

#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int reaches_the_disk(int fd)
{
    const char *database = getenv("POWER_DATABASE"), *shadow = getenv("POWER_SHADOW"), *armed = getenv("POWER_CUT");
    char name[64], path[PATH_MAX], copy[PATH_MAX], block[1 << 16];
    struct stat kind;
    ssize_t length, count;
    off_t at = 0;
    int to;

    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    length = readlink(name, path, sizeof path - 1);
    if (length < 0 || fstat(fd, &kind) || !S_ISREG(kind.st_mode))
        return 0;
    path[length] = 0;
    if (strncmp(path, database, strlen(database)))
        return 0;
    if (armed && unlink(armed) == 0)
        kill(0, SIGKILL);
    snprintf(copy, sizeof copy, "%s%s", shadow, path + strlen(database));
    if ((to = open(copy, O_WRONLY | O_CREAT, 0600)) < 0)
        return -1;
    while ((count = pread(fd, block, sizeof block, at)) > 0) {
        if (pwrite(to, block, count, at) != count)
            return close(to), -1;
        at += count;
    }
    return ftruncate(to, at) | close(to);
}

int fsync(int fd) { return reaches_the_disk(fd); }
int fdatasync(int fd) { return reaches_the_disk(fd); }
