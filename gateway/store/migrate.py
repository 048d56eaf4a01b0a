"""Brings a database to this release's schema, a new and empty one too.

It never goes back: an old node runs on a newer schema, so a schema that this release does not know is left alone.
"""

from enum import StrEnum
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from gateway.store.database import Database, outside_transaction

ADVISORY_LOCK = 0x746F6961  # "toia": no other program's migrations wait for ours


class Schema(StrEnum):
    """What a database has, as this release sees it."""

    BEHIND = "behind"  # or nothing yet
    CURRENT = "current"
    NEWER = "newer"  # than this release knows


async def schema_of(database: Database) -> Schema:
    """Changes nothing. Raises what the driver raises when the database cannot be used."""
    async with database.engine.connect() as connection:
        return await connection.run_sync(_schema)


async def upgrade(database: Database) -> None:
    """Applies each missing revision, all in one transaction or none. Only one process does it; others wait their turn.

    Raises what the driver raises when the database cannot be used.
    """
    async with database.engine.connect() as connection:
        if not await connection.run_sync(_is_behind):
            return
    if database.is_sqlite:
        await _upgrade_sqlite(database)
    else:
        await _upgrade_postgresql(database)


async def _upgrade_postgresql(database: Database) -> None:
    async with database.engine.begin() as connection:
        await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ADVISORY_LOCK})
        await connection.run_sync(_apply)


async def _upgrade_sqlite(database: Database) -> None:
    async with database.engine.execution_options(immediate=True).connect() as connection:
        # Altering is copying, and dropping the old copy would cascade.
        await outside_transaction(connection, "PRAGMA foreign_keys=OFF")
        try:
            async with connection.begin():
                await connection.run_sync(_apply)
                if broken := (await connection.execute(text("PRAGMA foreign_key_check"))).first():
                    raise RuntimeError(f"the upgrade would leave {broken[0]} row {broken[1]} without its {broken[2]}")
        finally:
            await outside_transaction(connection, "PRAGMA foreign_keys=ON")


def revision_of(connection: Connection) -> str | None:
    """The database's; None while it is new."""
    return MigrationContext.configure(connection).get_current_revision()


def newest_revision() -> str:
    """This release's."""
    head = ScriptDirectory.from_config(config()).get_current_head()
    assert head is not None
    return head


def is_known(revision: str) -> bool:
    """Whether it is of this release or an older one."""
    return any(one.revision == revision for one in ScriptDirectory.from_config(config()).walk_revisions())


def _is_behind(connection: Connection) -> bool:
    return _schema(connection) is Schema.BEHIND


def _schema(connection: Connection) -> Schema:
    current = revision_of(connection)
    if current is None:
        return Schema.BEHIND
    if not is_known(current):
        return Schema.NEWER
    return Schema.CURRENT if current == newest_revision() else Schema.BEHIND


def _apply(connection: Connection) -> None:
    if _is_behind(connection):  # unless another process has done it meanwhile
        settings = config()
        settings.attributes["connection"] = connection
        command.upgrade(settings, "head")


def config() -> Config:
    """Alembic's settings, without an alembic.ini."""
    settings = Config()
    settings.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    settings.set_main_option("path_separator", "os")
    settings.set_main_option("file_template", "r%%(rev)s_%%(slug)s")
    return settings
