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
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.store import integrity, migrate
from gateway.store.copying import UnreadableError, copy_rows, read_rows
from gateway.store.database import Database, outside_transaction

PARTIAL = ".partial"
_MAGIC = b"SQLite format 3\0"


class BackupError(Exception):
    """It cannot be made or read; the text says why and what to do."""


class PathError(BackupError):
    """The file's name is at fault: it cannot be there, or is not."""


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
        await _verify(partial)
        partial.rename(file)
        _sync(file.parent)
    except sqlite3.OperationalError as error:
        raise BackupError(f"{file} cannot be written: {error}") from None
    except sqlite3.DatabaseError as error:
        raise _damaged_database(str(error)) from None
    except UnreadableError as error:
        raise _damaged_database(str(error)) from None
    finally:
        _remove(partial)


def _begun(file: Path) -> Path:
    try:
        if file.exists():
            raise BackupError(f"{file} is there already; name another file, or move it away")
        partial = file.with_name(file.name + PARTIAL)
        _remove(partial)
        partial.touch(mode=0o600)
    except OSError as error:
        raise PathError(f"{file} cannot be written: {error.strerror}") from None
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


async def _verify(partial: Path) -> None:
    """As a restore does: a backup that it would refuse is none. Raises BackupError and UnreadableError."""
    if problem := integrity.broken(partial):
        raise _damaged_database(problem)
    async with integrity.opened(partial) as connection:
        if await connection.run_sync(migrate.revision_of) == migrate.newest_revision():  # else it has what we know not
            await read_rows(connection)


def _damaged_database(problem: str) -> BackupError:
    return BackupError(f"the database is damaged: {problem}; stop the gateway and see docs/operating.md")


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read_notes(file: Path) -> tuple[Notes, str]:
    """What the backup tells, and the revision of its tables, once it is known to be whole. Raises BackupError and
    OSError."""
    try:
        with file.open("rb") as stream:
            beginning = stream.read(len(_MAGIC))
    except OSError as error:
        raise PathError(f"{file} cannot be read: {error.strerror}") from None
    if beginning != _MAGIC:
        raise BackupError(f"{file} is no backup of ours, or damaged at its beginning")
    if problem := integrity.broken(file):
        raise damaged(file, problem)
    try:
        with closing(sqlite3.connect(integrity.read_only(file), uri=True)) as connection:
            [(revision,)] = connection.execute("SELECT version_num FROM alembic_version")
            kept = connection.execute("SELECT name, value FROM backup")
            try:
                return _notes(dict(kept)), str(revision)
            except (sqlite3.Error, ValueError, TypeError, LookupError, zlib.error):
                raise damaged(file, "a value in the table backup cannot be read") from None
    except (sqlite3.Error, ValueError):
        raise BackupError(f"{file} is no backup of ours: it lacks tables of one") from None


def _notes(values: Mapping[str, Any]) -> Notes:
    return Notes(
        made_at=datetime.fromisoformat(values["made_at"]),
        release=values["release"],
        domain=values["domain"],
        keys=json.loads(values["keys"]),
        configuration=values["configuration"],
        rules=json.loads(zlib.decompress(values["rules"])),
    )


def damaged(file: Path, problem: str) -> BackupError:
    return BackupError(f"{file} is damaged: {problem}. Nothing was restored: take an older backup")


def _quoted(path: Path) -> str:
    return str(path.absolute()).replace("'", "''")
