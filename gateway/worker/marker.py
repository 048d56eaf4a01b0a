"""Which mail is being read right now, so that a death can be told from a murder.

A mail that kills its reader must be tried a few times only; a mail whose worker was killed by something else must not
be given up. So the worker notes the mail in a mapped file while content is at work: the note outlives the process, and
costs no system call.
"""

import mmap
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LENGTH = 18  # of an identifier


class Marker:
    """The note of one worker, in a file of its own."""

    def __init__(self, file: Path) -> None:
        with open(file, "ab+", opener=_private) as stream:
            stream.truncate(LENGTH)
            self._note = mmap.mmap(stream.fileno(), LENGTH)

    @contextmanager
    def reading(self, queue_id: str) -> Iterator[None]:
        """Notes the mail for the block."""
        self._note[:LENGTH] = queue_id.encode("ascii").ljust(LENGTH, b"\0")
        try:
            yield
        finally:
            self._note[:LENGTH] = bytes(LENGTH)


def marked(file: Path) -> str | None:
    """The mail that the last worker of this file was reading when it died."""
    try:
        return file.read_bytes()[:LENGTH].rstrip(b"\0").decode("ascii") or None
    except (OSError, UnicodeDecodeError):
        return None


def marker_of(state_folder: Path, number: int) -> Path:
    """Where the worker of this number notes its mail."""
    return state_folder / f"worker-{number}.mail"


def all_marked(state_folder: Path) -> list[str]:
    """The mails that all workers of this folder were reading when they died."""
    return [mail for file in state_folder.glob("worker-*.mail") if (mail := marked(file))]


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
