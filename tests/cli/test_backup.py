"""`db backup` and `db restore`: the same rows, from each kind of database into each, and nothing goes out twice."""

import asyncio
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Connection, text
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.keys import create
from gateway.store import backup, key_fingerprints, ledger, migrate, outbox, restoring, search
from gateway.store.all_tables import TABLES
from gateway.store.backup import Notes
from gateway.store.database import Database
from gateway.store.states import OutboxState
from gateway.store.tables import Inquiry, Outbox, OutboxAttempt, Store
from tests.cli import rows
from tests.cli.conftest import Cli

CHANGED = {"message.searchable", "outbox.state", "outbox.prior_state", "outbox.reply", "outbox.claimed_by"}
CHANGED |= {"outbox.lease_until", "outbox_attempt.finished_at", "outbox_attempt.outcome"}
RULES = "rules: []\n"


@pytest.fixture
def shop_of_old(shop: Cli) -> Cli:
    """A day's rows, mail in every state, its keys and rules."""
    entry = create(shop.folder / "keys.toml", datetime.now(UTC))
    (shop.folder / "rules").mkdir()
    (shop.folder / "rules" / "10-mine.yaml").write_text(RULES)

    async def work(session: AsyncSession) -> None:
        await rows.conversation(session)
        await rows.received(session)
        for state, prior in (("queued", None), ("sending", "queued"), ("uncertain", "sending"), ("failed", "sending")):
            mail = rows.letter("answer", f"of:{state}", "yamada@customer.example", 1)
            mail.state, mail.prior_state = OutboxState(state), OutboxState(prior) if prior else None
            mail.attempts, mail.claimed_by = int(prior is not None), "gone" if state == "sending" else None
            session.add(mail)
            await session.flush()
            if prior:
                session.add(OutboxAttempt(outbox_id=mail.id, started_at=rows.AT))
        await key_fingerprints.add(session, {entry.id: "1" * 16}, rows.AT)

    shop.write(work)
    return shop


async def _rows(url: str) -> dict[str, list[dict[str, Any]]]:
    database = Database(url)
    async with database.read() as session:
        connection = await session.connection()
        found = {}
        for table in TABLES:
            every = (await connection.execute(table.select().order_by(*table.primary_key))).mappings()
            found[table.name] = [
                {name: value for name, value in row.items() if f"{table.name}.{name}" not in CHANGED} for row in every
            ]
    await database.close()
    return found


def test_every_row_comes_back_on_each_kind_of_database(shop_of_old: Cli, new: Cli) -> None:
    file = shop_of_old.folder / "monday.backup"
    said = shop_of_old("db", "backup", str(file)).stdout
    assert "keys.toml" in said
    assert (file.stat().st_mode & 0o777, [path.name for path in file.parent.glob("monday*")]) == (0o600, [file.name])
    shutil.copy(shop_of_old.folder / "keys.toml", new.folder)
    said = new("db", "restore", str(file)).stdout
    before, after = asyncio.run(_rows(shop_of_old.database_url)), asyncio.run(_rows(new.database_url))
    assert before == after
    assert sum(map(len, after.values())) > 20
    assert (new.folder / "rules" / "10-mine.yaml").read_text() == RULES
    assert "3 outgoing mails are held" in said
    assert "1 received mails were not understood" in said
    assert "lacks the keys" not in said
    assert new.json("ledger", "check")["problems"] == []
    assert {row["state"] for row in new.json("outbox", "list")} == {"held", "sent", "failed"}
    held = new.json("outbox", "list", "--state", "held")
    assert all(row["reply"].startswith("held by a restore: after 20") for row in held)
    new("outbox", "retry", *[row["id"] for row in held])
    assert len(new.json("outbox", "list", "--state", "queued")) == 3


def test_numbers_since_the_backup_are_not_given_again(shop_of_old: Cli, new: Cli) -> None:
    file = shop_of_old.folder / "backup"
    shop_of_old("db", "backup", str(file))
    assert "Inquiries go on at Q-502" in new("db", "restore", str(file), "--jump", "500").stdout
    asked = new.write(rows.question)
    assert asked.number == 502
    new("store", "add", "second", "--title", "2", "--seller", "b@shop.example")
    found = new.write(lambda session: _found(session, "送料"))
    assert found == [502]
    new.write(lambda session: search.index_some(session, 100))
    assert sorted(new.write(lambda session: _found(session, "送料"))) == [1, 502]


async def _found(session: AsyncSession, word: str) -> list[int]:
    from gateway.store.search_tokens import phrases

    return [number async for page in search.holding(session, 1, phrases(word)) for number in page]


def test_what_is_in_use_is_never_overwritten(shop_of_old: Cli, new: Cli) -> None:
    file = shop_of_old.folder / "backup"
    shop_of_old("db", "backup", str(file))
    octets = file.read_bytes()
    assert "is there already" in shop_of_old("db", "backup", str(file), code=1).stderr
    assert "in use" in shop_of_old("db", "restore", str(file), code=1).stderr
    assert file.read_bytes() == octets
    new("store", "add", "mine", "--title", "1", "--seller", "b@shop.example")
    assert "in use" in new("db", "restore", str(file), code=1).stderr
    assert [store["name"] for store in new.json("store", "list")] == ["mine"]


def test_what_is_no_backup_or_of_a_newer_release_is_refused(shop_of_old: Cli, new: Cli) -> None:
    file = shop_of_old.folder / "backup"
    for content in (b"", b"not a database" * 99):
        file.write_bytes(content)
        assert "no backup" in new("db", "restore", str(file), code=1).stderr
    file.unlink()
    shop_of_old("db", "backup", str(file))
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    assert "newer release" in new("db", "restore", str(file), code=1).stderr
    new("db", "restore", str(shop_of_old.folder / "nowhere"), code=2)


@pytest.mark.parametrize("name", ["nowhere/backup", "toiawase.toml/backup", "a" * 300])
def test_a_file_that_cannot_be_is_no_fault_of_the_database(shop: Cli, name: str) -> None:
    file = shop.folder / name
    assert f"{file} cannot be written: " in shop("db", "backup", str(file), code=2).stderr
    assert f"{file} cannot be read: " in shop("db", "restore", str(file), code=2).stderr


def test_other_keys_and_other_rules_are_told(shop_of_old: Cli, new: Cli) -> None:
    file = shop_of_old.folder / "backup"
    shop_of_old("db", "backup", str(file))
    create(new.folder / "keys.toml", datetime.now(UTC))
    (new.folder / "rules").mkdir()
    said = new("db", "restore", str(file)).stdout
    assert "lacks the keys" in said
    assert "rules.of-backup" in said
    assert (new.folder / "rules.of-backup" / "10-mine.yaml").read_text() == RULES
    assert list((new.folder / "rules").iterdir()) == []


def test_a_backup_of_an_older_release_is_brought_up(shop_of_old: Cli, new: Cli, tmp_path: Path) -> None:
    file = tmp_path / "old"
    asyncio.run(_made_at(f"sqlite:///{file}", "0012"))
    backup._finish(file, Notes(datetime.now(UTC), "0.1", "q.example.jp", {}, "", None))
    octets = file.read_bytes()
    assert "1 store" in new("db", "restore", str(file)).stdout
    assert [store["name"] for store in new.json("store", "list")] == ["old"]
    assert file.read_bytes() == octets


async def _made_at(url: str, revision: str) -> None:
    database = Database(url)

    def make(connection: Connection) -> None:
        settings = migrate.config()
        settings.attributes["connection"] = connection
        command.upgrade(settings, revision)
        connection.execute(
            text(
                "INSERT INTO store (name, title, language, timezone, max_chars, hold_seconds, receipts, copies,"
                " subject_prefix, digest_at, reminders, closed_days, auto_response, active, created_at) VALUES"
                " ('old', 't', 'ja', 'Asia/Tokyo', 1000, 0, 1, 1, '', '09:00', '', '', '', 1, '2026-11-20 05:03:00')"
            )
        )

    async with database.engine.begin() as connection:
        await connection.run_sync(make)
    await database.checkpoint()
    await database.close()


async def test_a_backup_while_the_gateway_works_is_of_one_moment(database: Database, tmp_path: Path) -> None:
    """Each transaction adds an inquiry and its question, all the time; the backup never has one without the other."""
    async with database.write() as session:
        session.add(Store(name="testshop", title="T", created_at=rows.AT))
    going, made = asyncio.Event(), asyncio.Event()

    async def works() -> int:
        done = 0
        while not made.is_set():
            async with database.write() as session:
                await rows.question(session)
            done += 1
            if done == 20:
                going.set()
        return done

    at_work = asyncio.create_task(works())
    await going.wait()
    file = tmp_path / "while"
    await backup.make(database, file, Notes(datetime.now(UTC), "0", "q.example.jp", {}, "", None))
    made.set()
    done = await at_work
    target = Database(f"sqlite:///{tmp_path / 'restored.db'}")
    restored = await restoring.restore(target, file, 0)
    await target.close()
    assert 20 <= restored.rows["inquiry"] == restored.rows["message"] == restored.rows["customer"] <= done


async def test_a_receipt_that_a_restore_held_may_go_once_its_answer_has(database: Database) -> None:
    async with database.write() as session:
        session.add(Store(name="testshop", title="T", created_at=rows.AT))
        await session.flush()
        await rows.sent(session, answer := rows.letter("answer", "message:1", "yamada@customer.example"))
        waiting = rows.letter("answer", "message:2", "yamada@customer.example", state=OutboxState.HELD)
        session.add(waiting)
        letters = [
            rows.letter("receipt", f"answer:{answer.id}", "a@shop.example", state=OutboxState.HELD),
            rows.letter("copy", "message:1", "b@shop.example", state=OutboxState.HELD),
            rows.letter("receipt", f"answer:{waiting.id}", "a@shop.example", state=OutboxState.HELD),
        ]
        session.add_all(letters)
        await session.flush()
        ids = [letter.id for letter in letters]
        assert sorted(await outbox.retry(session, rows.AT, ids)) == sorted(ids[:2])
        assert (await session.exec(select(Outbox.state).where(Outbox.id == ids[2]))).one() is OutboxState.HELD
        assert (await ledger.check(session)).problems == []
        assert (await session.exec(select(Inquiry))).all() == []
