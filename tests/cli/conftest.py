"""A gateway's folder with its configuration, and the commands asked of it, on each kind of database."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession
from typer.testing import CliRunner, Result

from gateway.cli.main import app
from gateway.keys import check_fingerprints, create, load_keys
from gateway.store.database import Database

Rows = TypeVar("Rows")


@dataclass
class Cli:
    """`toiawase --config …` in this process."""

    folder: Path
    database_url: str

    def __call__(self, *words: str, code: int = 0) -> Result:
        """Runs a command, which must end with this exit code."""
        result = CliRunner().invoke(app, ["--config", str(self.folder / "toiawase.toml"), *words])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == code, f"{words}: {result.exit_code}\n{result.stdout}\n{result.stderr}"
        return result

    def json(self, *words: str, code: int = 0) -> Any:
        """What a command with --json prints."""
        return json.loads(self(*words, "--json", code=code).stdout)

    def make_keys(self) -> None:
        """Those of the reply addresses, known to the database as from a gateway's start."""
        file = self.folder / "keys.toml"
        create(file, datetime.now(UTC))
        self.write(lambda session: check_fingerprints(session, load_keys(file), datetime.now(UTC)))

    def write(self, work: Callable[[AsyncSession], Awaitable[Rows]]) -> Rows:
        """Puts rows into the database as the gateway would."""

        async def run() -> Rows:
            database = Database(self.database_url)
            try:
                async with database.write() as session:
                    return await work(session)
            finally:
                await database.close()

        return asyncio.run(run())


@pytest.fixture
def cli(tmp_path: Path, database_url: str) -> Cli:
    text = f'domain = "q.example.jp"\noperator = "ops@example.jp"\ndatabase = "{database_url}"\n'
    (tmp_path / "toiawase.toml").write_text(text, "utf-8")
    return Cli(tmp_path, database_url)


@pytest.fixture
def keyed(shop: Cli) -> Cli:
    """`shop`, with reply-address keys."""
    shop.make_keys()
    return shop


@pytest.fixture
def shop(cli: Cli) -> Cli:
    """`cli`, with a store and its seller."""
    cli("store", "add", "testshop", "--title", "テストショップ", "--seller", "a@shop.example")
    return cli


@pytest.fixture(params=["sqlite", "postgresql"])
def new(request: pytest.FixtureRequest, tmp_path: Path) -> Cli:
    """A machine with nothing on it but the configuration and the keys."""
    folder = tmp_path / "new"
    folder.mkdir()
    url = f"sqlite:///{folder / 'toiawase.db'}"
    if request.param == "postgresql":
        url = str(request.getfixturevalue("empty_postgresql_url"))
    text = f'domain = "q.example.jp"\noperator = "ops@example.jp"\ndatabase = "{url}"\n'
    (folder / "toiawase.toml").write_text(text, "utf-8")
    return Cli(folder, url)
