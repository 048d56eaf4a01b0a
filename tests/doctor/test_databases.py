"""What a database can tell, on both kinds."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import make_url, text
from typer.testing import CliRunner

from gateway import keys
from gateway.cli.main import app
from gateway.config import Config
from gateway.doctor import databases
from gateway.doctor.finding import Finding, Result
from gateway.keys import check_fingerprints, load_keys
from gateway.store import key_fingerprints
from gateway.store.database import Database
from gateway.store.migrate import upgrade
from gateway.store.tables import Seller
from tests.doctor.conftest import Configure
from tests.postgres import PostgresServer
from tests.store.test_received import arrival, store
from tests.test_keys import open_inquiry

NOW = datetime.now(UTC)


@pytest.fixture
def config(configure: Configure, database_url: str) -> Config:
    made = configure(f'database = "{database_url}"')
    keys.create(made.keys, NOW)
    return made


async def found(config: Config) -> dict[str, Finding]:
    return {one.check: one async for one in databases.examine(config)}


async def test_a_new_database_is_well(config: Config) -> None:
    answers = await found(config)
    assert {"database", "keys", "clock"} <= answers.keys()
    assert {one.result for one in answers.values()} <= {Result.OK, Result.NOTE}, answers


async def test_nothing_is_made_or_changed(configure: Configure, empty_database_url: str) -> None:
    config = configure(f'database = "{empty_database_url}"')
    answers = await found(config)
    assert (answers["database"].result, "db upgrade" in answers["database"].remedy) == (Result.WRONG, True)
    assert (await found(config))["database"].text == answers["database"].text


async def test_a_newer_release_s_schema_is_noted(config: Config, database: Database) -> None:
    async with database.write() as session:
        await (await session.connection()).execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert (await found(config))["database"].result is Result.NOTE


async def test_keys_of_another_database(config: Config, database: Database) -> None:
    entry = keys.read(config.keys)[0]
    async with database.write() as session:
        await check_fingerprints(session, load_keys(config.keys), NOW)
    await open_inquiry(database)
    assert (await found(config))["keys"].text == f"{entry.id} signs, 1 verify"
    new = keys.rotate(config.keys, NOW)
    assert (await found(config))["keys"].text == f"{new.id} signs, 2 verify"
    async with database.write() as session:
        assert await key_fingerprints.revoke(session, entry.id, NOW)
    noted = (await found(config))["keys"]
    assert (noted.result, f"keys revoke {entry.id}" in noted.remedy) == (Result.NOTE, True)
    config.keys.unlink()
    keys.create(config.keys, NOW)
    assert (await found(config))["keys"].result is Result.OK
    async with database.write() as session:
        await key_fingerprints.add(session, {"20261101-abcd": "0" * 64}, NOW)
    missing = (await found(config))["keys"]
    assert (missing.text, missing.result) == ("key 20261101-abcd is missing", Result.WRONG)


async def test_t10_a_clock_that_went_back_is_noticed(config: Config, database: Database) -> None:
    await store(database, arrival(at=NOW + timedelta(days=1)))
    clock = (await found(config))["clock"]
    assert (clock.result, "timedatectl" in clock.remedy) == (Result.WRONG, True)


async def test_a05_nobody_reads_mail_at_the_gateways_own_domain(config: Config, database: Database) -> None:
    await open_inquiry(database)
    async with database.write() as session:
        session.add(Seller(store_id=1, address="suzuki@q.example.jp", created_at=NOW))
    assert (await found(config))["domain"].result is Result.WRONG


async def test_a_database_that_is_away(configure: Configure) -> None:
    config = configure('database = "postgresql://desk:canary@127.0.0.1:1/desk"')
    [finding] = [one async for one in databases.examine(config)]
    assert (finding.result, "canary" in finding.text + finding.remedy) == (Result.WRONG, False)


async def test_a25_a_role_that_may_change_rows_alone_is_enough(configure: Configure, rows_alone_url: str) -> None:
    config = configure(f'database = "{rows_alone_url}"')
    keys.create(config.keys, NOW)
    assert (await found(config))["database rights"].result is Result.OK
    database = Database(rows_alone_url)
    await upgrade(database)  # nothing is to be done, so nothing is asked of it
    async with database.write() as session:
        await check_fingerprints(session, load_keys(config.keys), NOW)
    await open_inquiry(database)
    await store(database, arrival())
    await database.close()


async def test_a25_a_right_that_is_missing_is_named(
    configure: Configure, rows_alone_url: str, postgresql_url: str
) -> None:
    owner = Database(postgresql_url)
    role = Database(rows_alone_url).url.username
    async with owner.engine.begin() as connection:
        await connection.execute(text(f"REVOKE DELETE ON received FROM {role}"))
    await owner.close()
    finding = (await found(configure(f'database = "{rows_alone_url}"')))["database rights"]
    assert (finding.result, finding.text) == (Result.WRONG, "we may not DELETE received")


async def test_a25_an_upgrade_by_a_role_without_the_right_says_whose_it_is(
    configure: Configure, postgres_server: PostgresServer, empty_postgresql_url: str
) -> None:
    url = make_url(empty_postgresql_url)
    role = f"rows_alone_{url.database}"
    await postgres_server.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'secret'")
    try:
        theirs = url.set(username=role, password="secret").render_as_string(hide_password=False)
        config = configure(f'database = "{theirs}"')
        words = ["--config", str(config.file), "db", "upgrade"]
        result = await asyncio.to_thread(CliRunner().invoke, app, words)
        assert (result.exit_code, "as the tables' owner" in result.stderr) == (2, True), result.stderr
    finally:
        await postgres_server.execute(f"DROP ROLE {role}")
