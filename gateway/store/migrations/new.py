"""Writes the next revision: what the tables say and the latest revision does not. `python -m …new "what changed"`."""

import asyncio
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from alembic import command
from sqlalchemy import Connection

from gateway.store.database import Database
from gateway.store.migrate import config, upgrade


async def write(message: str) -> None:
    with TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'new.db'}")
        await upgrade(database)
        async with database.engine.begin() as connection:
            await connection.run_sync(_write, message)
        await database.close()


def _write(connection: Connection, message: str) -> None:
    settings = config()
    settings.attributes["connection"] = connection
    number = len(list(Path(__file__).with_name("versions").glob("r*.py"))) + 1
    command.revision(settings, message, autogenerate=True, rev_id=f"{number:04}")


if __name__ == "__main__":
    asyncio.run(write(sys.argv[1]))
