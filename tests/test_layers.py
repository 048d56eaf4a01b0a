"""Imports follow the arrows of the architecture: a room knows only the rooms that its line names."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "gateway"

ARROWS: dict[str, set[str]] = {
    "durations": set(),
    "ids": set(),
    "node": set(),
    "log": set(),
    "memory": set(),
    "resolver": set(),
    "texts": set(),
    "sdnotify": set(),
    "mail": {"ids"},
    "store": {"ids", "mail"},
    "config": {"durations", "mail"},
    "keys": {"config", "ids", "mail", "store"},
    "rules": {"durations", "mail"},
    "desk": {"ids", "mail", "rules", "store", "texts"},
    "intake": {"ids", "log", "mail", "memory", "store"},
    "delivery": {"ids", "log", "mail", "memory", "store"},
    "http": {"store", "texts"},
    "private": {"config"},
    "doctor": {"config", "delivery", "keys", "mail", "parts", "private", "rules", "store"},
    "parts": {"private", "config", "delivery", "http", "intake", "mail", "store"},
    "work_settings": {"config", "delivery", "desk", "mail", "parts", "rules", "worker"},
    "worker": {"desk", "ids", "log", "mail", "memory", "resolver", "rules", "store"},
    "jobs": {"memory", "sdnotify", "store"},
    "keys_in_force": {"jobs", "keys", "mail", "store"},
    "rules_in_force": {"desk", "jobs", "rules", "store"},
}
KNOW_ALL = {"app", "cli", "demo", "__main__"}  # what builds, runs and shows the rest

LIBRARY_ROOMS = {
    "aiosmtpd": "intake",
    "aiosmtplib": "delivery",
    "dkim": "mail",
    "jpholiday": "desk",
    "mailparser": "mail",
    "phonenumbers": "desk",
    "prometheus_client": "http",
    "re2": "rules",
    "ruamel": "rules",
    "starlette": "http",
    "uvicorn": "http",
}

PURE = {"mail"}
IMPURE = {
    "asyncio",
    "http",
    "os",
    "random",
    "secrets",
    "socket",
    "sqlalchemy",
    "sqlite3",
    "sqlmodel",
    "subprocess",
    "time",
}

FILES = sorted(PACKAGE.rglob("*.py"))


def _room(file: Path) -> str:
    return file.relative_to(PACKAGE).with_suffix("").parts[0]


def _imports(file: Path) -> Iterator[tuple[int, str]]:
    """Line and full name of every module that the file imports, in functions and for type checkers too."""
    for node in ast.walk(ast.parse(file.read_bytes())):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}:{node.lineno}: write the whole name of the module"
            if node.module == "gateway":
                yield from ((node.lineno, f"gateway.{alias.name}") for alias in node.names)
            else:
                yield node.lineno, str(node.module)


def _trespasses(file: Path) -> Iterator[str]:
    room = _room(file)
    for line, module in _imports(file):
        library, *inner = module.split(".")
        target = inner[0] if library == "gateway" and inner else None
        if target and room not in KNOW_ALL and target not in ARROWS.get(room, set()) | {room}:
            yield f"{file}:{line}: {room} must not know {target}"
        if LIBRARY_ROOMS.get(library, room) != room:
            yield f"{file}:{line}: {library} is known in {LIBRARY_ROOMS[library]} alone"
        if room in PURE and library in IMPURE:
            yield f"{file}:{line}: {room} is pure and must not know {library}"


def test_imports_follow_the_arrows() -> None:
    assert [trespass for file in FILES for trespass in _trespasses(file)] == []


def test_every_room_has_its_line() -> None:
    assert {_room(file) for file in FILES} - KNOW_ALL - {"__init__"} <= ARROWS.keys()


def test_no_arrow_goes_round() -> None:
    reached = {room: set(targets) for room, targets in ARROWS.items()}
    for _step in ARROWS:
        reached = {room: targets.union(*(reached[t] for t in targets)) for room, targets in reached.items()}
    assert [room for room, targets in reached.items() if room in targets] == []


@pytest.mark.parametrize(
    ("room", "source"),
    [
        ("mail", "from gateway.store.tables import Store"),
        ("mail", "import sqlalchemy.orm"),
        ("store", "def late():\n    from gateway import desk"),
        ("desk", "import aiosmtplib"),
        ("delivery", "from aiosmtpd.smtp import SMTP"),
        ("intake", "import gateway.delivery.pool"),
    ],
)
def test_a_trespass_is_found(room: str, source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{__name__}.PACKAGE", tmp_path)
    file = tmp_path / room / "somewhere.py"
    file.parent.mkdir()
    file.write_text(source)
    assert len(list(_trespasses(file))) == 1
