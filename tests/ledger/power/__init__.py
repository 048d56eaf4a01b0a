"""Power cuts (T02): processes die, and with them what they wrote and did not bring to the disk.

A library under the database notes each file as it was at its last fsync. After a death every sector that was written
since is, by chance, as it was or as it was to be, in any order: none, some or all of them. It proves that what was
acknowledged had been brought to the disk first, in an order that survives; not that a real disk keeps what it says it
has, nor that a file's name is there (a file is taken to be in its folder once it was brought to the disk itself).
"""

import random
import shutil
import sqlite3
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

SECTOR = 512  # octets that a disk writes as one
BEFORE_FSYNC = "power-before-an-fsync"  # a point like those of tests.ledger.points
FILES = ("", "-wal")  # of SQLite: the third is in memory only


class NoCompilerError(Exception):
    """There is no `cc` to make the library with."""


@dataclass
class Power:
    database: Path
    chance: random.Random
    points: Path  # the folder where BEFORE_FSYNC is armed
    cuts: int = 0
    dropped: int = 0  # sectors that were written and are not there
    damaged: list[str] = field(default_factory=list)  # what SQLite found after a cut

    @property
    def environment(self) -> dict[str, str]:
        """Of the processes that use the database. Raises NoCompilerError."""
        library = self._shadow("").with_name("disk.so")
        if not library.exists():
            if shutil.which("cc") is None:
                raise NoCompilerError("no C compiler (cc) is here")
            library.parent.mkdir()
            source = Path(__file__).with_name("disk.c")
            subprocess.run(["cc", "-O2", "-Wall", "-shared", "-fPIC", "-o", str(library), str(source)], check=True)
        shadow = str(self._shadow(""))
        return {
            "LD_PRELOAD": str(library),
            "POWER_DATABASE": str(self.database),
            "POWER_SHADOW": shadow,
            "POWER_CUT": str(self.points / BEFORE_FSYNC),
        }

    def begin(self) -> None:
        """What is there now is on the disk."""
        for suffix in FILES:
            if self._file(suffix).exists():
                shutil.copy(self._file(suffix), self._shadow(suffix))

    def cut(self) -> None:
        """Nobody uses the database any more; who opens it next finds what the disk has."""
        reached = self.chance.choice((0.0, 0.5, 0.9))
        for suffix in FILES:
            file, shadow = self._file(suffix), self._shadow(suffix)
            after = self._left(file, shadow, reached)
            for one in (file, shadow):
                if after is None:
                    one.unlink(missing_ok=True)
                else:
                    one.write_bytes(after)
        self._file("-shm").unlink(missing_ok=True)
        self.cuts += 1
        self._look()

    def _left(self, file: Path, shadow: Path, reached: float) -> bytes | None:
        durable = shadow.read_bytes() if shadow.exists() else None
        written = file.read_bytes() if file.exists() else b""
        left = bytearray(durable or b"")
        for start in range(0, len(written), SECTOR):
            sector = written[start : start + SECTOR]
            if left[start : start + SECTOR] == sector:
                continue
            if self.chance.random() < reached:
                left.extend(bytes(max(0, start - len(left))))
                left[start : start + SECTOR] = sector
            else:
                self.dropped += 1
        return bytes(left) if durable is not None or left else None

    def _look(self) -> None:
        """In a copy, so that the gateway itself has to recover it."""
        with TemporaryDirectory() as folder:
            for suffix in FILES:
                if self._file(suffix).exists():
                    shutil.copy(self._file(suffix), f"{folder}/copy{suffix}")
            connection = sqlite3.connect(f"{folder}/copy")
            said = [row[0] for row in connection.execute("PRAGMA integrity_check")]
            connection.close()
        if said != ["ok"]:
            self.damaged.append(f"cut {self.cuts}: {said[:3]}")

    def _file(self, suffix: str) -> Path:
        return self.database.with_name(self.database.name + suffix)

    def _shadow(self, suffix: str) -> Path:
        return self.database.parent / "disk" / (self.database.name + suffix)
