"""What every command needs: the configuration, a session, and the errors that end a command with its exit code."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import typer
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, TimeoutError
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.config import Config, load
from gateway.store.database import Database
from gateway.store.migrate import upgrade

NO, USAGE, LATER = 1, 2, 75
FORBIDDEN = "42501"  # PostgreSQL's insufficient_privilege
SYSTEM_FILE = Path("/etc/toiawase/toiawase.toml")

Result = TypeVar("Result")
Work = Callable[[AsyncSession], Awaitable[Result]]


class CommandError(Exception):
    """The command ends here; the text says why and what to do. `code` is NO, USAGE or LATER."""

    def __init__(self, text: str, code: int = NO) -> None:
        super().__init__(text)
        self.code = code


def configuration_file(context: typer.Context) -> Path:
    """Named by the options or the environment, else that of the place, else the system's; it may not be there."""
    here = Path("toiawase.toml")
    named: Path | None = context.obj
    return named or (here if here.exists() else SYSTEM_FILE)


def configuration(context: typer.Context) -> Config:
    """Raises ConfigError."""
    return load(configuration_file(context))


def reading(context: typer.Context, work: Work[Result]) -> Result:
    """Runs `work` in a session that writes nothing. Raises ConfigError and CommandError."""
    return asyncio.run(_on_database(configuration(context), work, write=False))


def writing(context: typer.Context, work: Work[Result]) -> Result:
    """Runs `work` in one transaction: all of it or nothing. Raises ConfigError and CommandError."""
    return asyncio.run(_on_database(configuration(context), work, write=True))


def at_database(context: typer.Context, work: Callable[[Database], Awaitable[Result]]) -> Result:
    """Runs `work`, which makes its transactions itself. Raises ConfigError and CommandError."""
    return asyncio.run(_opened(configuration(context), work))


async def _on_database(config: Config, work: Work[Result], *, write: bool) -> Result:
    async def in_session(database: Database) -> Result:
        async with database.write() if write else database.read() as session:
            return await work(session)

    return await _opened(config, in_session)


async def _opened(config: Config, work: Callable[[Database], Awaitable[Result]]) -> Result:
    with database_errors():
        database = Database(config.database)
        try:
            await upgrade(database)
            return await work(database)
        finally:
            await database.close()


@contextmanager
def database_errors() -> Iterator[None]:
    """What a driver says, as a CommandError: LATER while the database is locked or away, USAGE when it is none."""
    try:
        yield
    except (OperationalError, InterfaceError, TimeoutError) as error:
        raise CommandError(f"the database cannot be used now: {_driver_text(error)}", LATER) from None
    except (FileNotFoundError, PermissionError) as error:
        raise CommandError(f"the database cannot be opened: {error.strerror}: {error.filename}", USAGE) from None
    except OSError as error:  # asyncpg's refused and unknown hosts come as they are
        raise CommandError(f"the database cannot be reached: {error}", LATER) from None
    except ModuleNotFoundError as error:
        if error.name != "asyncpg":
            raise
        text = "PostgreSQL needs the extra `postgres`: pip install 'toiawase[postgres]'"
        raise CommandError(text, USAGE) from None
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) == FORBIDDEN:  # A25: a role that may change rows alone
            text = f"{_driver_text(error)}; `toiawase doctor` names the right, or run this as the tables' owner"
            raise CommandError(f"the database does not let us: {text}", USAGE) from None
        if "not a database" in str(error.orig):
            raise CommandError(f"the database file is none: {_driver_text(error)}", USAGE) from None
        if type(error) is not DBAPIError:  # a named kind, such as IntegrityError, is a fault of ours
            raise
        raise CommandError(f"the database refuses us: {_driver_text(error)}", LATER) from None


def _driver_text(error: Exception) -> str:
    origin = error.orig if isinstance(error, DBAPIError) else error
    return str(origin).strip().partition("\n")[0].rpartition(">: ")[2]  # SQLAlchemy puts asyncpg's class before it
