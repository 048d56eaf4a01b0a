"""Rows that go from one inquiry to another, where a seller mends how mails were joined."""

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.store.rule_tables import RuleDecision
from gateway.store.tables import Inquiry, Message, Outbox


async def entries(session: AsyncSession, source: int, target: int, first: int) -> None:
    """The entries of the thread from the id `first` on, with what rules decided about them and the mails that took them
    to the customer. The search index forgets `source` before."""
    moved = update(Message).where(col(Message.inquiry_number) == source, col(Message.id) >= first)
    await session.exec(moved.values(inquiry_number=target))
    decided = update(RuleDecision).where(
        col(RuleDecision.inquiry_number) == source, col(RuleDecision.message_id) >= first
    )
    await session.exec(decided.values(inquiry_number=target))
    taken = select(Message.outbox_id).where(
        col(Message.inquiry_number) == target, col(Message.id) >= first, col(Message.outbox_id).is_not(None)
    )
    carried = update(Outbox).where(col(Outbox.inquiry_number) == source, col(Outbox.id).in_(taken))
    await session.exec(carried.values(inquiry_number=target).execution_options(synchronize_session="fetch"))


async def everything_else(session: AsyncSession, source: int, target: int) -> None:
    """All mails about `source`, and what was merged into it before. Drafts stay: their addresses name it."""
    mails = update(Outbox).where(col(Outbox.inquiry_number) == source)
    await session.exec(mails.values(inquiry_number=target))
    merged = update(Inquiry).where(col(Inquiry.merged_into) == source)
    await session.exec(merged.values(merged_into=target))
