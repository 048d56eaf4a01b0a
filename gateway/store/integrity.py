"""Whether an SQLite file is whole: its pages, and every value that stands in them. What is found out quotes no data."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine


def broken(file: Path) -> str | None:
    """The first thing wrong with pages, indices, constraints or references; None when there is nothing."""
    try:
        with closing(sqlite3.connect(read_only(file), uri=True)) as connection:
            [(length,)] = connection.execute("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")
            if length != file.stat().st_size:
                return "it is shorter or longer than it was made"
            [(verdict,)] = connection.execute("PRAGMA integrity_check(1)")
            if verdict != "ok":
                return str(verdict).strip().splitlines()[-1]  # the first only names the database
            for table, *_ in connection.execute("PRAGMA foreign_key_check"):
                return f"a row of {table} points to one that is not there"
    except UnicodeDecodeError:  # the driver, which would tell what is wrong with the schema
        return "malformed database schema"
    except sqlite3.DatabaseError as error:
        return str(error).partition(" (")[0]  # what it names there are octets of the file
    return None


@asynccontextmanager
async def opened(file: Path) -> AsyncIterator[AsyncConnection]:
    """A connection that only reads."""
    engine = create_async_engine(f"sqlite+aiosqlite:///{read_only(file)}&uri=true", hide_parameters=True)
    try:
        async with engine.connect() as connection:
            yield connection
    finally:
        await engine.dispose()


def read_only(file: Path) -> str:
    """The file as a URI of SQLite's: nothing is written to it or beside it."""
    return f"{file.absolute().as_uri()}?mode=ro&immutable=1"
