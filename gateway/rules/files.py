"""A folder of rules as it is at one moment. What is checked is what is used: no file is read twice.

Refused here, before a word of it is understood (A18): files that others than their owner may write, files over
`LARGEST` octets, what is no regular file. What an editor leaves beside the files is passed over.
"""

import os
import stat
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from gateway.rules.problems import Problem, RulesError
from gateway.rules.shipped import shipped_folder

Files = Mapping[str, bytes]  # by the path within the folder, such as replies/handled.ja.txt
Stamp = tuple[tuple[str, int, int, int, int], ...]

LARGEST = 1_048_576  # octets of one file
LARGEST_FOLDER = 16 * LARGEST  # octets of all: each worker is handed them
VERSION = 12  # hexadecimal digits: enough to tell every version that one folder ever had
_YAML = (".yaml", ".yml")  # .yml too, since its author must hear that it is not loaded
_PARTS: Mapping[str, tuple[str, ...]] = {".": _YAML, "phrases": _YAML, "replies": ("",)}  # how names end there


def read(folder: Path) -> Files:
    """Every file that rules are made from. Raises RulesError with each that may not be used."""
    if not folder.is_dir():
        raise RulesError([Problem(".", 1, 1, "there is no such folder of rules")])
    check_mode = folder.resolve() != shipped_folder().resolve()  # the shipped files are as safe as the code beside them
    files: dict[str, bytes] = {}
    problems: list[Problem] = []
    try:
        for name in _names(folder):
            try:
                files[name] = _content(folder / name, check_mode)
            except ValueError as error:
                problems.append(Problem(name if name.isprintable() else ascii(name), 1, 1, str(error)))
            if sum(map(len, files.values())) > LARGEST_FOLDER:
                raise RulesError([Problem(".", 1, 1, f"its files are over {LARGEST_FOLDER >> 20} MiB together")])
    except OSError as error:
        problems.append(Problem(".", 1, 1, f"cannot be read: {error.strerror}"))
    if problems:
        raise RulesError(problems)
    return files


def stamp(folder: Path) -> Stamp | None:
    """What changes when a file does: its name, number, times or size. None where one cannot be seen."""
    try:
        statuses = [(name, (folder / name).stat()) for name in _names(folder)]
    except OSError:
        return None
    return tuple((name, s.st_ino, s.st_mtime_ns, s.st_ctime_ns, s.st_size) for name, s in statuses)


def version_of(files: Files) -> str:
    """A digest of all files."""
    digest = sha256()
    for name, content in sorted(files.items()):
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()[:VERSION]


def _names(folder: Path) -> list[str]:
    """The files that rules are made from, in the order in which they are loaded. Raises OSError."""
    found = [
        str((inner / file.name).relative_to(folder))
        for inner, endings in ((folder / part, endings) for part, endings in _PARTS.items())
        if inner == folder or inner.is_dir()
        for file in inner.iterdir()
        if file.name.endswith(endings) and not _is_an_editors(file.name)
    ]
    return sorted(found)


def _content(file: Path, check_mode: bool) -> bytes:
    """Raises ValueError: what is wrong with the file."""
    if not file.name.isprintable():
        raise ValueError("has letters in its name that cannot be shown: rename it")
    try:
        with open(file, "rb", opener=_without_waiting) as stream:
            mode = os.fstat(stream.fileno()).st_mode
            content = stream.read(LARGEST + 1) if stat.S_ISREG(mode) else b""
    except OSError as error:
        raise ValueError(f"cannot be read: {error.strerror}") from None
    if not stat.S_ISREG(mode):
        raise ValueError("is no regular file")
    if check_mode and mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise ValueError(f"may be written by others than its owner: chmod go-w {file.name}")
    if len(content) > LARGEST:
        raise ValueError("is over 1 MiB: divide it")
    return content


def _without_waiting(path: str, flags: int) -> int:
    """A pipe that nobody writes to must not stop us."""
    return os.open(path, flags | os.O_NONBLOCK)


def _is_an_editors(name: str) -> bool:
    """Whether this is a swap file, lock or copy of before."""
    return name.startswith((".", "#")) or name.endswith("~")
