"""Room on the disk: when new mail is refused (N18), and a reserve for what is ours already.

On a full disk SQLite can write nothing, not even that a mail has left, and could only send it again. So a file is kept
that takes up a little room, and is given up when another program has filled the disk.
"""

import asyncio
import os
import shutil
from contextlib import suppress
from pathlib import Path

import structlog

RESERVE = 8 << 20  # octets: what waits to be recorded is some hundred kilobytes, and SQLite's log goes round at 4 MB

log = structlog.get_logger("intake")


class Disk:
    """`folders` are those that mail is written to; below `needed` octets free in one of them there is no room.
    `reserve` names the reserve file, None for none; it takes at most a quarter of `needed`."""

    def __init__(self, folders: set[Path], needed: int, reserve: Path | None) -> None:
        self._folders, self._needed, self._reserve = folders, needed, reserve
        self._octets = min(RESERVE, needed // 4)

    def has_room(self) -> bool:
        return all(_free(folder) >= self._needed for folder in self._folders)

    async def look_after(self) -> None:
        """Gives the reserve up where next to nothing is free, and takes it again once there is room."""
        if self._reserve is None:
            return
        free = _free(self._reserve.parent)
        if self._reserve.exists():
            if free < self._octets // 2:
                self.give_up()
                log.critical("disk.full", folder=str(self._reserve.parent), reserve=self._octets)
        elif free >= self._needed + self._octets:
            with suppress(OSError):
                await asyncio.to_thread(_fill, self._reserve, self._octets)

    def give_up(self) -> None:
        """The reserve is free for others."""
        if self._reserve is not None:
            with suppress(OSError):
                self._reserve.unlink(missing_ok=True)


def _free(folder: Path) -> int:
    try:
        return shutil.disk_usage(folder).free
    except OSError:  # whatever is wrong with it, nothing can be written there
        return 0


def _fill(file: Path, octets: int) -> None:
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        os.posix_fallocate(descriptor, 0, octets)
    except OSError:
        file.unlink(missing_ok=True)
        raise
    finally:
        os.close(descriptor)
