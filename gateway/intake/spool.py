"""A mail on its way in: the beginning in memory, the rest of a big one in a file without a name.

The file is gone with the process: only the database's commit makes a mail ours. `Budget` bounds what all unfinished
mails together may take of the disk.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

PIECE = 1 << 20  # octets of one stored piece of a big mail


class Budget:
    """A number of octets that unfinished mails share."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.taken = 0

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
    """Octets in the order written. Close it: that frees the file and the budget."""

    def __init__(self, directory: Path, in_memory: int, budget: Budget) -> None:
        self.size = 0
        self._directory = directory
        self._in_memory = in_memory
        self._budget = budget
        self._head = bytearray()
        self._file: IO[bytes] | None = None
        self._on_disk = 0

    @property
    def is_big(self) -> bool:
        return self._file is not None

    def write(self, octets: bytes) -> bool:
        """Keeps them, or says False when the disk's budget is used up. Raises OSError when the disk is full."""
        room = max(0, self._in_memory - len(self._head))
        below, above = octets[:room], octets[room:]
        if above:
            if not self._budget.take(len(above)):
                return False
            self._on_disk += len(above)
            if self._file is None:
                self._file = tempfile.TemporaryFile(dir=self._directory)  # noqa: SIM115 - closed by close()
            self._file.write(above)
        self._head += below
        self.size += len(octets)
        return True

    def head(self) -> bytes:
        """The beginning, at most what is kept in memory; all of a small mail."""
        return bytes(self._head)

    def pieces(self) -> Iterator[bytes]:
        """What follows the head, in pieces of PIECE octets; nothing for a small mail. Reads the disk."""
        if self._file is not None:
            self._file.seek(0)
            while piece := self._file.read(PIECE):
                yield piece

    def discard(self) -> None:
        """Forgets the octets at once, for a mail that will be refused."""
        self.close()
        self._head.clear()

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
        self._budget.give_back(self._on_disk)
        self._on_disk = 0
