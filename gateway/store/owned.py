"""Files beside the database, made as the owner of their folder would make them."""

import os
from pathlib import Path

EXISTING = os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW


def owned_file(path: Path) -> int:
    """A descriptor of `path` for reading and writing, made empty where it is missing.

    It is made with mode 0600 (A25), and as its folder's owner's when root makes it: what an operator's command leaves,
    the gateway has to use. A link in its place is not followed, since root would write where only the folder's owner
    points to. Raises OSError.
    """
    try:
        descriptor = os.open(path, EXISTING | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return os.open(path, EXISTING)
    if os.geteuid() == 0:
        folder = path.parent.stat()
        os.fchown(descriptor, folder.st_uid, folder.st_gid)
    return descriptor
