"""A folder of rules as it is at one moment. What is checked is what is used: no file is read twice.

Refused here, before a word of it is read (A18): files and folders that belong to others than root and whoever runs
this, or that others than their owner may write; links that lead out of the folder, since what they show may not be ours
to send to customers; files over `LARGEST` octets, what is no regular file. What an editor leaves is passed over.
"""

import os
import pwd
import stat
from collections.abc import Collection, Iterable, Mapping
from hashlib import sha256
from pathlib import Path

from gateway.rules.problems import Problem, RulesError
from gateway.rules.shipped import shipped_folder

Files = Mapping[str, bytes]  # by the path within the folder, such as replies/handled.ja.txt
Stamp = tuple[tuple[str, int, int, int, int], ...]

LARGEST = 1_048_576  # octets of one file
LARGEST_FOLDER = 16 * LARGEST  # octets of all: each worker is handed them
VERSION = 12  # hexadecimal digits: enough to tell every version that one folder ever had
COPY = "copy here what it leads to"
_YAML = (".yaml", ".yml")  # .yml too, since its author must hear that it is not loaded
_PARTS: Mapping[str, tuple[str, ...]] = {".": _YAML, "phrases": _YAML, "replies": ("",)}  # how names end there


def read(folder: Path) -> Files:
    """Every file that rules are made from. Raises RulesError with each file and folder that may not be used."""
    if not folder.is_dir():
        raise RulesError([Problem(".", 1, 1, "there is no such folder of rules")])
    root = folder.resolve()
    is_guarded = root != shipped_folder().resolve()  # the shipped files are as safe as the code beside them
    files: dict[str, bytes] = {}
    problems: list[Problem] = []
    try:
        parts = _parts(folder)
        if is_guarded:
            problems += _folder_problems(root, parts)
            parts = [part for part in parts if _real(root, part).is_relative_to(root)]
        for name in _names(folder, parts):
            try:
                files[name] = _content(root, name, is_guarded)
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
    """What changes when a file does: its name, number, times or size; and who may write the folders. None where one
    cannot be seen."""
    try:
        root, parts = folder.resolve(), _parts(folder)
        folders = [(name, (root / name).stat()) for name in _folders(root, parts)]
        statuses = [(name, (folder / name).stat()) for name in _names(folder, parts)]
    except OSError:
        return None
    return (
        *((name, s.st_ino, s.st_mode, s.st_uid, 0) for name, s in folders),
        *((name, s.st_ino, s.st_mtime_ns, s.st_ctime_ns, s.st_size) for name, s in statuses),
    )


def version_of(files: Files) -> str:
    """A digest of all files."""
    digest = sha256()
    for name, content in sorted(files.items()):
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()[:VERSION]


def _parts(folder: Path) -> list[str]:
    """The folder and those of its subfolders that are there."""
    return [part for part in _PARTS if part == "." or (folder / part).is_dir()]


def _names(folder: Path, parts: Iterable[str]) -> list[str]:
    """The files that rules are made from, in the order in which they are loaded. Raises OSError."""
    found = [
        str((folder / part / file.name).relative_to(folder))
        for part in parts
        for file in (folder / part).iterdir()
        if file.name.endswith(_PARTS[part]) and not _is_an_editors(file.name)
    ]
    return sorted(found)


def _folders(root: Path, parts: Iterable[str]) -> list[str]:
    """Every folder in which the files lie; beyond the parts themselves those that links lead to. Raises OSError."""
    found = {"."}
    for name in (*parts, *_names(root, parts)):
        inner = _real(root, name)
        if inner.is_relative_to(root):
            within = inner.relative_to(root)
            found.update(map(str, within.parents), [name] if name in _PARTS else [])
    return sorted(found)


def _real(root: Path, name: str) -> Path:
    """Where a name leads."""
    return Path(os.path.realpath(root / name))


def _folder_problems(root: Path, parts: Collection[str]) -> list[Problem]:
    """What is wrong with the folders themselves. Raises OSError."""
    inside = [part for part in parts if _real(root, part).is_relative_to(root)]
    found = [Problem(part, 1, 1, f"is a link to another folder: {COPY}") for part in parts if part not in inside]
    faults = {
        name: _fault_of((root / name).stat(), root.name if name == "." else name, root)
        for name in _folders(root, inside)
    }
    return found + [Problem(name, 1, 1, fault) for name, fault in faults.items() if fault]


def _content(root: Path, name: str, is_guarded: bool) -> bytes:
    """Raises ValueError: what is wrong with the file."""
    file = root / name
    if not file.name.isprintable():
        raise ValueError("has letters in its name that cannot be shown: rename it")
    real = _real(root, name)
    if is_guarded and not real.is_relative_to(root):
        raise ValueError(f"is a link to a file outside the folder: {COPY}")
    try:
        with open(real, "rb", opener=_without_waiting) as stream:
            status = os.fstat(stream.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise ValueError("is no regular file")
            if is_guarded and (fault := _fault_of(status, file.name, root)):
                raise ValueError(fault)
            content = stream.read(LARGEST + 1)
    except OSError as error:
        raise ValueError(f"cannot be read: {error.strerror}") from None
    if len(content) > LARGEST:
        raise ValueError("is over 1 MiB: divide it")
    return content


def _fault_of(status: os.stat_result, name: str, root: Path) -> str:
    """Why what has this status is not ours alone, with the remedy; "" where it is. When root looks, it is the owner of
    the folder, whom the gateway runs as, that may own the files."""
    us = os.geteuid() or root.stat().st_uid
    if status.st_uid not in (0, us):
        return f"belongs to {_user(status.st_uid)}, neither to root nor to {_user(us)}: chown root {name}"
    if status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        return f"may be written by others than its owner: chmod go-w {name}"
    return ""


def _user(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"the user {number}"


def _without_waiting(path: str, flags: int) -> int:
    """A pipe that nobody writes to must not stop us, and what became a link since we looked must not lead us."""
    return os.open(path, flags | os.O_NONBLOCK | os.O_NOFOLLOW)


def _is_an_editors(name: str) -> bool:
    """Whether this is a swap file, lock or copy of before."""
    return name.startswith((".", "#")) or name.endswith("~")
