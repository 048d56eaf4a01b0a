"""What every test may ask for: a fresh, migrated database of each kind."""

import os
import shutil
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterator
from itertools import count
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest
from hypothesis import settings
from sqlalchemy import Engine, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from gateway import rules_in_force
from gateway.rules import ready
from gateway.rules.files import Files, version_of
from gateway.rules.ruleset import RuleSet
from gateway.store import database as database_module
from gateway.store.database import Database
from gateway.store.migrate import upgrade
from tests import postgres
from tests.emptied import Emptied

# The same examples each time where a change is judged; new ones wherever somebody works.
settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("ci")

KINDS = ("sqlite", "postgresql")
WHOLE = ("worker", "integration", "cli")  # what is under test in these folders is the desk, not its statements
_numbers = count(1)


def pytest_xdist_auto_num_workers() -> int:
    """More than processors: half of a whole gateway's test is waiting for a clock, a socket or another process."""
    return (os.cpu_count() or 1) * 2


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The longest first, so that no process has one left when the others have ended. Of a test of the whole desk that
    could run on each kind of database one kind, always the same; with TOIAWASE_KINDS=all each."""
    items.sort(key=lambda item: (-_patience(item), _folder(item) not in WHOLE))
    if os.environ.get("TOIAWASE_KINDS") == "all":
        return
    on_each: dict[str, list[pytest.Item]] = defaultdict(list)
    variants: Counter[str] = Counter()
    for item in items:
        if _folder(item) in WHOLE and (kind := _kind(item)):
            test = item.nodeid.partition("[")[0]
            variants[test + kind] += 1  # its other parameters come in one order for each kind
            on_each[f"{test} {variants[test + kind]}"].append(item)
    left = {one for name, same in on_each.items() for one in same if one is not same[crc32(name.encode()) % len(same)]}
    config.hook.pytest_deselected(items=[item for item in items if item in left])
    items[:] = [item for item in items if item not in left]


def _patience(item: pytest.Item) -> float:
    """Seconds that it asks for itself."""
    marker = item.get_closest_marker("timeout")
    return float(marker.args[0]) if marker else 0


def _folder(item: pytest.Item) -> str:
    return item.path.relative_to(Path(__file__).parent).parts[0]


def _kind(item: pytest.Item) -> str:
    """Of its database; empty for what has none, or says itself which."""
    callspec = getattr(item, "callspec", None)
    return str(callspec.params.get("kind", "")) if callspec else ""


@pytest.fixture(scope="session", autouse=True)
def _rules_made_once() -> Iterator[None]:
    """Gateways in this process that have the same files share what was made of them: it is a second of work."""
    made: dict[str, RuleSet] = {}

    def ready_from(files: Files) -> RuleSet:
        version = version_of(files)
        if version not in made:
            made[version] = ready.ready_from(files)
        return made[version]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rules_in_force, "ready_from", ready_from)
        yield


@pytest.fixture(scope="session", autouse=True)
def _statements_made_once() -> Iterator[None]:
    """Databases of one kind share what SQLAlchemy made of the statements: a third of a test's work otherwise."""
    first: dict[str, Engine] = {}

    def create(*args: Any, **options: Any) -> AsyncEngine:
        engine = create_async_engine(*args, **options)
        known = first.get(engine.dialect.name)
        if known is not None and known.dialect.server_version_info:  # it was connected, so its dialect is complete
            engine.sync_engine.dialect, engine.sync_engine._compiled_cache = known.dialect, known._compiled_cache
        else:
            first[engine.dialect.name] = engine.sync_engine
        return engine

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database_module, "create_async_engine", create)
        yield


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.PostgresServer]:
    """One for each test process, so that none waits for another's and each ends with its own."""
    try:
        postgres.find_binaries()
    except postgres.NoBinariesError as missing:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(missing))
    with postgres.running() as server:
        yield server


@pytest.fixture(scope="session")
async def postgres_template(postgres_server: postgres.PostgresServer) -> str:
    """The name of a migrated database that others are copied from."""
    await postgres_server.execute("CREATE DATABASE template_toiawase")
    await _migrate(postgres_server.url("template_toiawase"))
    return "template_toiawase"


@pytest.fixture(scope="session")
async def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    await _migrate(f"sqlite:///{path}")
    return path


async def _migrate(url: str) -> None:
    database = Database(url)
    await upgrade(database)
    await database.close()


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    """The kind of database of this test: each test that asks for a database runs on every kind."""
    return str(request.param)


@pytest.fixture
def sqlite_url(tmp_path: Path, sqlite_template: Path) -> str:
    path = tmp_path / "toiawase.db"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture(scope="session")
def emptied(postgres_server: postgres.PostgresServer, postgres_template: str) -> Emptied:
    return Emptied(postgres_server, postgres_template)


@pytest.fixture
async def postgresql_url(emptied: Emptied) -> AsyncIterator[str]:
    async with emptied.one() as url:
        yield url


@pytest.fixture
async def rows_alone_url(postgres_server: postgres.PostgresServer, postgresql_url: str) -> AsyncIterator[str]:
    """The same database, for a role that may change rows and nothing else."""
    owner = Database(postgresql_url)
    role = f"rows_alone_{owner.url.database}"
    await postgres_server.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'secret'")
    async with owner.engine.begin() as connection:
        for statement in (
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
            f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role}",
        ):
            await connection.execute(text(statement))
    yield owner.url.set(username=role, password="secret").render_as_string(hide_password=False)
    async with owner.engine.begin() as connection:
        await connection.execute(text(f"DROP OWNED BY {role}"))
    await owner.close()
    await postgres_server.execute(f"DROP ROLE {role}")


@pytest.fixture
async def empty_postgresql_url(postgres_server: postgres.PostgresServer) -> AsyncIterator[str]:
    name = f"test_{next(_numbers)}"
    await postgres_server.execute(f"CREATE DATABASE {name}")
    yield postgres_server.url(name)
    await postgres_server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def database_url(request: pytest.FixtureRequest, kind: str) -> str:
    """A fresh database with every table and no row."""
    return str(request.getfixturevalue(f"{kind}_url"))


@pytest.fixture
def empty_database_url(request: pytest.FixtureRequest, kind: str, tmp_path: Path) -> str:
    """A fresh database without a table."""
    if kind == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.db'}"
    return str(request.getfixturevalue("empty_postgresql_url"))


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """`database_url`, opened."""
    database = Database(database_url)
    yield database
    await database.close()


@pytest.fixture
async def sqlite_database(sqlite_url: str) -> AsyncIterator[Database]:
    """For what only SQLite can do wrong, or where the kind does not matter."""
    database = Database(sqlite_url)
    yield database
    await database.close()
