"""A backup: one SQLite file, whatever the database, that holds every table as it was at one moment.

SQLite writes it itself (VACUUM INTO); of PostgreSQL every row is copied, from one repeatable-read transaction. Both let
the gateway work on. The file is there whole or not at all. Beside the tables it holds what its maker puts in: `Notes`.
"""

import json
import os
import sqlite3
import zlib
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.store import migrate
from gateway.store.copying import copy_rows
from gateway.store.database import Database, outside_transaction

PARTIAL = ".partial"
_MAGIC = b"SQLite format 3\0"


class BackupError(Exception):
    """It cannot be made or read; the text says why and what to do."""


@dataclass(frozen=True)
class Notes:
    """What a backup tells beside the tables; no secrets."""

    made_at: datetime
    release: str
    domain: str
    keys: Mapping[str, str]  # fingerprints of the reply-address keys that were in use, by their ids
    configuration: str  # as `config show` prints it
    rules: Mapping[str, str] | None  # the folder's files by their names; None: the shipped rules were in force


async def make(database: Database, file: Path, notes: Notes) -> None:
    """Writes the backup, for its owner's eyes alone. Raises BackupError, OSError and what the drivers raise."""
    partial = _begun(file)
    try:
        async with database.engine.connect() as connection:
            if database.is_sqlite:
                await outside_transaction(connection, f"VACUUM INTO '{_quoted(partial)}'")
            else:
                await _copied(connection, partial)
        _finish(partial, notes)
        partial.rename(file)
        _sync(file.parent)
    except sqlite3.OperationalError as error:
        raise BackupError(f"{file} cannot be written: {error}") from None
    except sqlite3.DatabaseError as error:
        raise BackupError(f"the database is damaged: {error}; stop the gateway and see docs/operating.md") from None
    finally:
        _remove(partial)


def _begun(file: Path) -> Path:
    if file.exists():
        raise BackupError(f"{file} is there already; name another file, or move it away")
    partial = file.with_name(file.name + PARTIAL)
    _remove(partial)
    partial.touch(mode=0o600)
    return partial


def _remove(partial: Path) -> None:
    for suffix in ("", "-wal", "-shm", "-place", "-door"):
        Path(f"{partial}{suffix}").unlink(missing_ok=True)


async def _copied(source: AsyncConnection, partial: Path) -> None:
    if await source.run_sync(migrate.revision_of) != migrate.newest_revision():
        raise BackupError("the database has a newer release's schema: make the backup with that release")
    await source.rollback()
    await source.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    target = Database(f"sqlite:///{partial}")
    try:
        await migrate.upgrade(target)
        async with target.write() as session:
            await copy_rows(source, await session.connection())
    finally:
        await target.close()


def _finish(partial: Path, notes: Notes) -> None:
    with closing(sqlite3.connect(partial)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")  # one file holds it all
        [(verdict,), *_] = connection.execute("PRAGMA quick_check").fetchall()
        if verdict != "ok":
            raise BackupError(f"the database is damaged: {verdict}")
        connection.execute("CREATE TABLE backup (name TEXT PRIMARY KEY, value BLOB NOT NULL)")
        packed = zlib.compress(json.dumps(notes.rules, ensure_ascii=False).encode())
        values = {
            "made_at": notes.made_at.astimezone(UTC).isoformat(timespec="seconds"),
            "release": notes.release,
            "domain": notes.domain,
            "keys": json.dumps(dict(notes.keys)),
            "configuration": notes.configuration,
            "rules": packed,
        }
        connection.executemany("INSERT INTO backup VALUES (?, ?)", values.items())
        connection.commit()
    with partial.open("rb") as written:
        os.fsync(written.fileno())


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read_notes(file: Path) -> tuple[Notes, str]:
    """What the backup tells, and the revision of its tables. Raises BackupError and OSError."""
    with file.open("rb") as stream:
        if stream.read(len(_MAGIC)) != _MAGIC:
            raise BackupError(f"{file} is no backup of ours")
    try:
        with closing(sqlite3.connect(read_only(file), uri=True)) as connection:
            [(revision,)] = connection.execute("SELECT version_num FROM alembic_version")
            values = dict(connection.execute("SELECT name, value FROM backup"))
    except sqlite3.Error as error:
        raise BackupError(f"{file} is no backup of ours, or damaged: {error}") from None
    return Notes(
        made_at=datetime.fromisoformat(values["made_at"]),
        release=values["release"],
        domain=values["domain"],
        keys=json.loads(values["keys"]),
        configuration=values["configuration"],
        rules=json.loads(zlib.decompress(values["rules"])),
    ), str(revision)


def read_only(file: Path) -> str:
    """The file as a URI of SQLite's: nothing is written to it or beside it."""
    return f"{file.absolute().as_uri()}?mode=ro&immutable=1"


def _quoted(path: Path) -> str:
    return str(path.absolute()).replace("'", "''")
