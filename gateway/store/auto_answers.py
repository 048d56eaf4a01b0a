"""What the limits of number of automatic answers count (RFC 3834 2, N30, A12, A13), and the turn to count and answer.

Everything is in the tables, so a restart forgets nothing, and every count is up to `at` and beyond: a clock that was
set back lets nobody be answered twice.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy
from sqlalchemy import func, text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.store.rule_tables import AutoAnswer
from gateway.store.states import Author, Direction
from gateway.store.tables import Customer, Inquiry, Message

WEEK, DAY, HOUR = timedelta(days=7), timedelta(days=1), timedelta(hours=1)
EXCHANGE = timedelta(minutes=10)
_TURN = 0x746F6961  # any number that nobody else takes for an advisory lock
_TAKEN = "auto_answers.turn"


@dataclass(frozen=True)
class Counts:
    """Answers so far, and what was said lately."""

    in_inquiry: int  # ever
    by_rule: int  # to this customer, from this store, in a week
    to_address: int  # from all stores, in a day
    of_store: int  # in an hour
    of_gateway: int
    exchanged: int  # mails between customer and store in ten minutes, none of them a seller's


async def take_turn(session: AsyncSession) -> None:
    """From here to the end of the transaction nobody else counts or answers; it should end soon (`turn_is_taken`).
    SQLite has one writer anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.info[_TAKEN] = True
        connection = await session.connection()
        await connection.execute(text(f"SELECT pg_advisory_xact_lock({_TURN})"))


def turn_is_taken(session: AsyncSession) -> bool:
    """True when this session holds the turn: whoever waits for it may hold what this one would wait for."""
    return bool(session.info.get(_TAKEN))


async def counts(
    session: AsyncSession, inquiry: Inquiry, customer: Customer, rule: str, received_at: datetime, now: datetime
) -> Counts:
    """What bears on one more answer by this rule to this customer."""
    same_store = col(AutoAnswer.store_id) == inquiry.store_id
    same_address = col(AutoAnswer.address_key) == customer.address_key
    at = col(AutoAnswer.at)
    questions = {
        "in_inquiry": (col(AutoAnswer.inquiry_number) == inquiry.number,),
        "by_rule": (same_address, at > now - WEEK, same_store, col(AutoAnswer.rule) == rule),
        "to_address": (same_address, at > now - DAY),
        "of_store": (same_store, at > now - HOUR),
        "of_gateway": (at > now - HOUR,),
    }
    columns = [
        select(func.count()).select_from(AutoAnswer).where(*which).scalar_subquery().label(name)
        for name, which in questions.items()
    ]
    await session.flush()
    found = (await (await session.connection()).execute(sqlalchemy.select(*columns))).mappings().one()
    return Counts(**found, exchanged=await _exchanged(session, customer, received_at - EXCHANGE))


async def _exchanged(session: AsyncSession, customer: Customer, since: datetime) -> int:
    """Mails of one customer's threads since then, up to the last thing that a seller did there."""
    query = (
        select(Message.author, Message.direction)
        .join(Inquiry, col(Inquiry.number) == col(Message.inquiry_number))
        .where(Inquiry.customer_id == customer.id, col(Inquiry.received_at) >= since, col(Message.at) >= since)
        .order_by(col(Message.id).desc())
        .limit(50)
    )
    count = 0
    for author, direction in (await session.exec(query)).all():
        if author is Author.SELLER:
            break
        count += direction is not Direction.INTERNAL
    return count
