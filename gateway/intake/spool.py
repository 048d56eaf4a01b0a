"""A mail on its way in: the beginning in memory, the rest of a big one in a file without a name.

The file is gone with the process: only the database's commit makes a mail ours. Two `Budget`s bound what all unfinished
mails together may take: where memory's is used up a mail goes to the disk from there on, where the disk's is, it is
refused.
"""

import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO

PIECE = 1 << 20  # octets of one stored piece of a big mail


class Budget:
    """A number of octets that unfinished mails share."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.taken = 0

    @property
    def share(self) -> float:
        """How much of it is taken: 1.0 when nothing is left."""
        return self.taken / self.limit if self.limit else 1.0

    def has(self, octets: int) -> bool:
        return self.taken + octets <= self.limit

    def take(self, octets: int) -> bool:
        """Takes them, or none and says False."""
        if not self.has(octets):
            return False
        self.taken += octets
        return True

    def give_back(self, octets: int) -> None:
        self.taken -= octets


class Spool:
    """Octets in the order written; the first `head_size` of them are the head. Close it: that frees the file and the
    budgets."""

    def __init__(self, directory: Path, head_size: int, memory: Budget, disk: Budget) -> None:
        self.size = 0
        self._directory = directory
        self._head_size = head_size
        self._memory, self._disk = memory, disk
        self._in_memory = bytearray()
        self._file: IO[bytes] | None = None
        self._on_disk = 0

    @property
    def is_big(self) -> bool:
        """True when there is more than the head."""
        return self.size > self._head_size

    def write(self, octets: bytes) -> bool:
        """Keeps them, or says False when the disk's budget is used up. Raises OSError when the disk is full."""
        room = self._head_size - len(self._in_memory) if self._file is None else 0
        if room and not self._memory.take(min(room, len(octets))):
            room = 0
        below, above = octets[:room], octets[room:]
        if above:
            if not self._disk.take(len(above)):
                self._memory.give_back(len(below))
                return False
            self._on_disk += len(above)
            if self._file is None:
                self._file = tempfile.TemporaryFile(dir=self._directory)  # noqa: SIM115 - closed by close()
            self._file.write(above)
        self._in_memory += below
        self.size += len(octets)
        return True

    def head(self) -> bytes:
        """The beginning; all of a small mail. May read the disk, and raise OSError."""
        head = bytes(self._in_memory)
        if self._file is not None and len(head) < self._head_size:
            self._file.seek(0)
            head += self._file.read(self._head_size - len(head))
        return head

    def pieces(self) -> Iterator[bytes]:
        """What follows the head, in pieces of PIECE octets; nothing for a small mail. Reads the disk."""
        if self._file is not None:
            self._file.seek(self._head_size - len(self._in_memory))
            while piece := self._file.read(PIECE):
                yield piece

    def close(self) -> None:
        if self._file is not None:
            with suppress(OSError):  # what it held back finds no room on a full disk
                self._file.close()
            self._file = None
        self._disk.give_back(self._on_disk)
        self._memory.give_back(len(self._in_memory))
        self._on_disk = 0
        self._in_memory.clear()
