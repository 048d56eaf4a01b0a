"""The customers' mail of the past, a page at a time: a long rehearsal holds neither the mails nor a transaction."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import ColumnElement, func
from sqlalchemy.orm import QueryableAttribute, defer
from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.store.rule_tables import RuleDecision
from gateway.store.states import Direction
from gateway.store.tables import Customer, Inquiry, Message, Received, Store

PAGE = 50  # mails
NOT_READ = ("machine", "unreadable", "restricted")  # remarks of entries that rules never looked at


@dataclass(frozen=True)
class PastMail:
    """A mail in the thread that it joined or opened, and what rules made of it, if there were any."""

    received: Received
    entry: Message
    inquiry: Inquiry
    customer: Customer
    store: Store
    decision: RuleDecision | None

    @property
    def opened(self) -> bool:
        return self.entry.matched_by == "new"


async def number_of(session: AsyncSession, since: datetime, store_id: int | None) -> int:
    query = (
        select(func.count())
        .select_from(Received)
        .join(Message, col(Message.received_id) == col(Received.queue_id))
        .join(Inquiry, col(Inquiry.number) == col(Message.inquiry_number))
        .where(col(Received.received_at) >= since, *_looked_at(store_id))
    )
    return (await session.exec(query)).one()


async def in_order(session: AsyncSession, since: datetime, store_id: int | None) -> AsyncIterator[PastMail]:
    """Each mail that came in `since` then, the oldest first. Ends the session's transaction after every page."""
    last: Received | None = None
    came, queue_id = col(Received.received_at), col(Received.queue_id)
    while True:
        since = last.received_at if last else since
        page = select(Received).where(came >= since).order_by(came, queue_id).limit(PAGE)
        if last is not None:
            page = page.where(or_(came > since, queue_id > last.queue_id))
        mails = {mail.queue_id: mail for mail in (await session.exec(page)).all()}
        for past in await _of(session, mails, store_id):
            yield past
        await session.commit()
        session.expunge_all()
        if len(mails) < PAGE:
            return
        last = list(mails.values())[-1]


async def _of(session: AsyncSession, mails: dict[str, Received], store_id: int | None) -> list[PastMail]:
    query = (
        select(Message, Inquiry, Customer, Store)
        .join(Inquiry, col(Inquiry.number) == col(Message.inquiry_number))
        .join(Customer, col(Customer.id) == col(Inquiry.customer_id))
        .join(Store, col(Store.id) == col(Inquiry.store_id))
        .where(col(Message.received_id).in_(list(mails)), *_looked_at(store_id))
        .options(defer(cast(QueryableAttribute[str], Message.quoted), raiseload=True))
    )
    rows = (await session.exec(query)).all()
    made = select(RuleDecision).where(col(RuleDecision.message_id).in_([entry.id for entry, *_ in rows]))
    decisions = {decision.message_id: decision for decision in (await session.exec(made)).all()}
    found = [PastMail(mails[row[0].received_id or ""], *row, decisions.get(row[0].id or 0)) for row in rows]
    return sorted(found, key=lambda past: (past.received.received_at, past.received.queue_id, past.entry.id or 0))


def _looked_at(store_id: int | None) -> tuple[ColumnElement[bool], ...]:
    """The entries that rules look at, of one store or of all."""
    theirs = col(Message.direction) == Direction.IN
    read = or_(col(Message.remark).is_(None), col(Message.remark).not_in(NOT_READ))
    return (theirs, read) if store_id is None else (theirs, read, col(Inquiry.store_id) == store_id)
