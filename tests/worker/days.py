"""A shop whose time passes: questions, what rules did with them, and what the clock brings."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import col, select

from gateway.desk.post import Office
from gateway.ids import new_nonce
from gateway.mail.keyring import Key, Keyring
from gateway.store.database import Database
from gateway.store.rule_tables import RuleDecision
from gateway.store.states import Author, Direction, InquiryStatus, Origin, RuleOutcome
from gateway.store.tables import Customer, Inquiry, Message, Outbox, Seller, Store
from gateway.worker import periodic
from tests.worker.hands import COLLEAGUE, DOMAIN, SELLER

ASKED = datetime(2026, 11, 26, 5, 3, tzinfo=UTC)  # Thursday, 14:03 in Japan
HOUR = timedelta(hours=1)
OFFICE = Office(DOMAIN, "ops@example.jp", Keyring([Key("k", b"s" * 32, ASKED)]), timedelta(days=5))
IN, OUT = Direction.IN, Direction.OUT


class Shop:
    """A store with a Japanese and an English speaking seller, and hands that make rows and look at them."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def set(self, **values: Any) -> None:
        async with self.database.write() as session:
            await session.exec(update(Store).values(**values))

    async def inquiry(self, *said: tuple[Direction, str], **values: Any) -> int:
        """What was said in it, an hour apart from each other."""
        async with self.database.write() as session:
            address = f"{new_nonce()}@customer.example"
            customer = Customer(store_id=1, address=address, address_key=address, name="山田", created_at=ASKED)
            session.add(customer)
            await session.flush()
            fields: dict[str, Any] = {
                "status": InquiryStatus.UNANSWERED,
                "title": "発送について",
                "origin": Origin.DIRECT,
                "received_at": ASKED,
            } | values
            inquiry = Inquiry(
                store_id=1,
                customer_id=customer.id or 0,
                nonce=new_nonce(),
                created_at=ASKED,
                **fields,
            )
            session.add(inquiry)
            await session.flush()
            for hours, (direction, words) in enumerate(said):
                author = Author.CUSTOMER if direction is IN else Author.SELLER
                entry = Message(
                    inquiry_number=inquiry.number or 0,
                    direction=direction,
                    author=author,
                    at=ASKED + hours * HOUR,
                    text=words,
                )
                session.add(entry)
                await session.flush()
            return inquiry.number or 0

    async def decides(self, number: int, **values: Any) -> None:
        """The rules on the inquiry's first mail."""
        async with self.database.write() as session:
            first = (await session.exec(select(Message).where(Message.inquiry_number == number))).first()
            assert first is not None
            fields: dict[str, Any] = {
                "outcome": RuleOutcome.ANSWERED,
                "at": ASKED,
                "rule": "お礼",
                "words": ["ありがとうございました"],
            }
            decision = RuleDecision(
                message_id=first.id or 0,
                inquiry_number=number,
                store_id=1,
                version="0123456789ab",
                prior_status="done",
                **(fields | values),
            )
            session.add(decision)

    async def comes_to(self, now: datetime) -> int:
        return await periodic.do_due(self.database, OFFICE, now)

    async def sent(self, kind: str, to: str | None = None) -> list[Outbox]:
        async with self.database.read() as session:
            query = select(Outbox).where(Outbox.kind == kind).order_by(col(Outbox.id))
            return [row for row in await session.exec(query) if to is None or row.to_address == to]

    async def found(self, number: int) -> Inquiry:
        async with self.database.read() as session:
            return (await session.exec(select(Inquiry).where(Inquiry.number == number))).one()


@pytest.fixture
async def shop(database: Database) -> Shop:
    async with database.write() as session:
        session.add(Store(name="testshop", title="テストショップ", created_at=ASKED))
        await session.flush()
        for address, language in ((SELLER, "ja"), (COLLEAGUE, "en")):
            session.add(Seller(store_id=1, address=address, name="", language=language, created_at=ASKED))
    return Shop(database)


@asynccontextmanager
async def another_node(database: Database) -> AsyncIterator[Database]:
    node = Database(database.url.render_as_string(hide_password=False))
    yield node
    await node.close()
