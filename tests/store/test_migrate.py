"""The migrated schema is the schema that the code believes in, on a new database and from many processes at once."""

import asyncio
import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, insert, inspect, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlmodel import select

from gateway.store import migrate
from gateway.store.columns import Base
from gateway.store.database import Database
from gateway.store.migrate import upgrade
from gateway.store.states import ReceivedState
from gateway.store.suppression_tables import Suppression
from gateway.store.tables import Customer, Received, Seller, Store
from tests.torture.t19_releases import migrate_to

SEARCH = "search_entry"  # each database has an index of words of its own kind
NOW = datetime(2026, 11, 20, 14, 3, tzinfo=UTC)


@pytest.fixture
async def empty(empty_database_url: str) -> AsyncIterator[Database]:
    database = Database(empty_database_url)
    yield database
    await database.close()


def _schema(connection: Connection) -> dict[str, Any]:
    """Everything the database itself says about our tables."""
    inspector = inspect(connection)
    return {
        name: {
            "columns": {
                column["name"]: (str(column["type"]), column["nullable"], column["default"])
                for column in inspector.get_columns(name)
            },
            "primary key": inspector.get_pk_constraint(name)["constrained_columns"],
            "foreign keys": _sorted(inspector.get_foreign_keys(name)),
            "unique": _sorted(inspector.get_unique_constraints(name)),
            "checks": _sorted(inspector.get_check_constraints(name)),
            "indexes": _sorted(inspector.get_indexes(name)),
            "options": inspector.get_table_options(name),
        }
        for name in inspector.get_table_names()
        if name != "alembic_version" and not name.startswith(SEARCH)
    }


def _is_declared(name: str | None, kind: str, _parents: object) -> bool:
    return kind != "table" or not (name or "").startswith(SEARCH)


def _sorted(rows: Any) -> list[Any]:
    named = [{k: v for k, v in row.items() if k != "comment"} for row in rows]
    for row in named:  # a condition compares by its text
        row["dialect_options"] = {name: str(option) for name, option in row.get("dialect_options", {}).items()}
    return sorted(named, key=lambda row: str(row["name"]))


async def test_the_migrated_schema_is_the_one_the_code_declares(database: Database, empty: Database) -> None:
    async with empty.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
        declared = await connection.run_sync(_schema)
    async with database.engine.connect() as connection:
        migrated = await connection.run_sync(_schema)
        difference = await connection.run_sync(
            lambda sync: compare_metadata(
                MigrationContext.configure(sync, opts={"include_name": _is_declared}), Base.metadata
            )
        )
    assert migrated == declared, "run `make migration M='what changed'`"
    assert difference == []
    assert sum(len(table["checks"]) for table in migrated.values()) >= 8


async def test_an_illegal_step_is_refused_by_the_migrated_database(database: Database) -> None:
    never = Received(
        queue_id="1",
        state=ReceivedState.RECEIVED,
        prior_state=ReceivedState.DONE,
        mail_from="",
        received_at=NOW,
        remote_address="127.0.0.1",
    )
    with pytest.raises(IntegrityError, match="ck_received_state_step"):
        async with database.write() as session:
            session.add(never)


async def test_many_processes_start_on_one_new_database_at_once(empty: Database, empty_database_url: str) -> None:
    nodes = [Database(empty_database_url) for _ in range(4)]
    async with asyncio.TaskGroup() as started:
        for node in nodes:
            started.create_task(upgrade(node))
    async with empty.write() as session:
        session.add(_store())
    await asyncio.gather(*(node.close() for node in nodes))


async def test_an_upgrade_of_a_current_database_changes_nothing(database: Database) -> None:
    async with database.write() as session:
        session.add(_store())
    await upgrade(database)
    async with database.read() as session:
        assert [store.name for store in await session.exec(select(Store))] == ["testshop"]


async def test_an_old_node_leaves_the_schema_of_a_newer_release_alone(database: Database) -> None:
    async with database.engine.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = 'from_a_newer_release'"))
    await upgrade(database)
    async with database.engine.connect() as connection:
        version = await connection.execute(text("SELECT version_num FROM alembic_version"))
    assert version.scalar_one() == "from_a_newer_release"


async def test_foreign_keys_hold_after_an_upgrade(empty: Database) -> None:
    await upgrade(empty)
    orphan = Seller(store_id=404, address="owner@shop.example", created_at=NOW)
    with pytest.raises(IntegrityError):
        async with empty.write() as session:
            session.add(orphan)


COPYING_REVISION = """
import sqlalchemy as sa
from alembic import op

revision = "later"
down_revision = "{head}"


def upgrade() -> None:
    with op.batch_alter_table("store") as batch:
        batch.alter_column("title", existing_type=sa.String(200), nullable=True)
        batch.add_column(sa.Column("mood", sa.String(20), nullable=True))
    {then}
"""


async def _upgrade_further(database: Database, then: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """To a next release, whose revision makes SQLite copy the table `store`, and does `then`."""
    script = ScriptDirectory.from_config(migrate.config())
    (folder / "rlater.py").write_text(COPYING_REVISION.format(head=script.get_current_head(), then=then))

    def config() -> Config:
        settings = shipped()
        settings.set_main_option("version_locations", f"{script.versions}{os.pathsep}{folder}")
        return settings

    shipped = migrate.config
    monkeypatch.setattr(migrate, "config", config)
    await upgrade(database)


async def test_rows_that_point_to_a_copied_table_stay(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with database.write() as session:
        session.add(store := _store())
        await session.flush()
        assert store.id is not None
        session.add(Seller(store_id=store.id, address="owner@shop.example", created_at=NOW))
    await _upgrade_further(database, "pass", tmp_path, monkeypatch)
    async with database.read() as session:
        assert len((await session.exec(select(Seller))).all()) == 1
    async with database.engine.connect() as connection:
        assert (await connection.execute(text("SELECT name, mood FROM store"))).all() == [("testshop", None)]


async def test_an_upgrade_that_fails_leaves_everything_as_it_was(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(DBAPIError, match="nowhere"):
        await _upgrade_further(database, "op.execute('DELETE FROM nowhere')", tmp_path, monkeypatch)
    async with database.engine.connect() as connection:
        schema = await connection.run_sync(_schema)
    assert "mood" not in schema["store"]["columns"]


def _store() -> Store:
    return Store(name="testshop", title="テストショップ", created_at=NOW)


async def test_addresses_get_one_spelling_of_their_domain_and_two_people_two_keys(empty: Database) -> None:
    """By revision 0016; where another row has the new spelling already, the old one stays."""
    weiss = Customer(
        id=1, store_id=1, address="Weiß@straße.example", address_key="weiss@strasse.example", created_at=NOW
    )
    long = "a" * 220 + "@" + ".".join(["é"] * 31)  # 469 characters in ASCII
    dead = (long, "b@例え.jp", "c@例え.jp", "c@xn--r8jz45g.jp")
    rows: list[tuple[str, dict[str, Any]]] = [
        ("store", _store().model_dump() | {"id": 1}),
        ("seller", Seller(id=1, store_id=1, address="a@例え.jp", created_at=NOW).model_dump()),
        ("customer", weiss.model_dump()),
        *(("suppression", {"address_key": key, "at": NOW, "outbox_id": "o", "reply": ""}) for key in dead),
    ]
    async with empty.engine.begin() as connection:
        await connection.run_sync(migrate_to, "0015")
        for table, row in rows:
            await connection.execute(insert(Base.metadata.tables[table]).values(row))
    await upgrade(empty)
    async with empty.read() as session:
        assert [seller.address for seller in await session.exec(select(Seller))] == ["a@xn--r8jz45g.jp"]
        (customer,) = await session.exec(select(Customer))
        assert (customer.address, customer.address_key) == ("Weiß@xn--strae-oqa.example", "weiß@xn--strae-oqa.example")
        keys = set(await session.exec(select(Suppression.address_key)))
    assert keys == {long, "b@xn--r8jz45g.jp", "c@xn--r8jz45g.jp", "c@例え.jp"}
