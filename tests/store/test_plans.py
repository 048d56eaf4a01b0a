"""No question of lists, searches and digests walks through a table that grows: what each database itself says of it."""

import json
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event

from gateway.desk import digest, numbered
from gateway.desk.post import Office
from gateway.mail.keyring import Key, Keyring
from gateway.store import counters, numbered_mails, reports, search
from gateway.store.database import Database
from gateway.store.inquiry_filter import Filter, find
from gateway.store.states import Author, Direction, InquiryStatus, Origin
from gateway.store.tables import Customer, Inquiry, Message, Seller, Store

NOW = datetime(2026, 11, 26, 0, 30, tzinfo=UTC)
OFFICE = Office("q.example.jp", "ops@example.jp", Keyring([Key("k", b"s" * 32, NOW)]), timedelta(days=5))
PARTIAL = ("ix_message_unsearchable",)  # indexes that hold only what is to be done
GROWING = ("inquiry", "message", "customer", "outbox", "history", "numbered_mail", "rule_decision", "search_entry")
SHOP = Filter(store="testshop", limit=20)
LISTS = (
    SHOP,
    replace(SHOP, before=5),
    Filter(status=InquiryStatus.UNANSWERED),
    replace(SHOP, status=InquiryStatus.UNANSWERED),
    replace(SHOP, origin=Origin.MARKETPLACE, before=5),
    replace(SHOP, kind="緊急"),
    replace(SHOP, category="送料"),
    replace(SHOP, product="x-1"),
    replace(SHOP, order="B-7788", status=InquiryStatus.DONE),
    replace(SHOP, since=date(2026, 11, 1), until=date(2026, 11, 20)),
    replace(SHOP, since=date(2026, 11, 1), status=InquiryStatus.DONE, before=5),
    replace(SHOP, tag="VIP"),
    replace(SHOP, words="送料"),
    replace(SHOP, words="配送料 東京", status=InquiryStatus.UNANSWERED),
    replace(SHOP, words="配送料", product="x-1", before=5),
)


@pytest.fixture
async def shop(database: Database) -> AsyncIterator[Database]:
    """A store with a few inquiries. A planner takes a small table as it is: PostgreSQL's is told not to."""
    if not database.is_sqlite:

        @event.listens_for(database.engine.sync_engine, "connect")
        def _no_small_tables(connection: Any, _record: Any) -> None:
            connection.cursor().execute("SET enable_seqscan = off")

    async with database.write() as session:
        session.add(Store(name="testshop", title="T", auto_notice="digest", created_at=NOW))
        await session.flush()
        session.add(Seller(store_id=1, address="suzuki@shop.example", created_at=NOW))
        session.add(Customer(store_id=1, address="a@b.example", address_key="a@b.example", created_at=NOW))
        await session.flush()
        for number in range(1, 9):
            values: dict[str, Any] = {"received_at": NOW - timedelta(days=1), "created_at": NOW, "product_code": "x-1"}
            session.add(Inquiry(store_id=1, customer_id=1, origin=Origin.DIRECT, nonce="n", tags=["VIP"], **values))
            await session.flush()
            said: dict[str, Any] = {"direction": Direction.IN, "author": Author.CUSTOMER, "at": NOW}
            session.add(Message(inquiry_number=number, text="東京への配送料は？", **said))
    yield database


async def test_no_question_walks_through_a_table_that_grows(shop: Database) -> None:
    with asked(shop) as statements:
        async with shop.read() as session:
            for wanted in LISTS:
                found = await find(session, wanted)
                await numbered.rows_of(session, OFFICE, found)
            await counters.of_store(session, 1, NOW)
            await reports.of_store(session, 1, NOW - timedelta(days=30))
            await numbered_mails.answered(session, "suzuki@shop.example", ["<a@b>", "<c@d>"])
            await numbered_mails.tagged(session, "suzuki@shop.example", 1)
            assert await search.is_behind(session) is False
            assert await digest.due(session, NOW) == [1]
        async with shop.write() as session:
            assert await digest.send(session, OFFICE, 1, NOW)
    questions = {statement: parameters for statement, parameters in statements if _reads(statement)}
    assert len(questions) > 20
    walks = [walk for question in questions.items() for walk in await _walks(shop, *question)]
    assert walks == []


async def test_a_walk_is_found(shop: Database) -> None:
    walks = await _walks(shop, "SELECT title FROM inquiry WHERE title = 'x'", ())
    assert len(walks) == 1


@contextmanager
def asked(database: Database) -> Iterator[list[tuple[str, Any]]]:
    """Every statement as the driver gets it."""
    statements: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        statements.append((statement, parameters))

    event.listen(database.engine.sync_engine, "before_cursor_execute", note)
    yield statements
    event.remove(database.engine.sync_engine, "before_cursor_execute", note)


def _reads(statement: str) -> bool:
    return statement.lstrip().upper().startswith(("SELECT", "UPDATE", "DELETE"))


async def _walks(database: Database, statement: str, parameters: Any) -> list[str]:
    explain = "EXPLAIN QUERY PLAN " if database.is_sqlite else "EXPLAIN (FORMAT JSON) "
    async with database.engine.connect() as connection:
        rows: list[Any] = list(await connection.exec_driver_sql(explain + statement, parameters))
    if database.is_sqlite:
        return [f"{row[3]}: {statement}" for row in rows if _is_walk(row[3])]
    plan = rows[0][0]
    (top,) = json.loads(plan) if isinstance(plan, str) else plan
    return [
        f"{node['Node Type']} on {node['Relation Name']}: {statement}" for node in _nodes(top["Plan"]) if _all_of(node)
    ]


def _is_walk(line: str) -> bool:
    """SQLite: a table, or all of an index. The index of words is asked by what it holds (M) or by a range of ids."""
    match = re.match(r"SCAN (\w+)( VIRTUAL TABLE INDEX \d+:(\S*))?", line)
    is_partial = any(line.endswith(f" {name}") for name in PARTIAL)
    return match is not None and match[1] in GROWING and not match[3] and not is_partial


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("Plans", ()):
        yield from _nodes(child)


def _all_of(node: dict[str, Any]) -> bool:
    """PostgreSQL: a sequential scan, or an index that is read from end to end."""
    conditions = ("Index Cond", "Recheck Cond", "TID Cond")
    bounded = any(name in node for name in conditions) or node.get("Index Name") in PARTIAL
    return node.get("Relation Name") in GROWING and not bounded
