"""Sellers' answers: the entry of the thread, and the mail that takes it to the customer. A hide notice is none: what it
tells of is done, and is undone by #再表示."""

from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import Select

from gateway.store.states import Author, Direction, OutboxState
from gateway.store.tables import Message, Outbox

Answer = tuple[Message, Outbox]
KINDS = ("answer", "auto_response")
TO_CUSTOMER = (*KINDS, "hide_notice")  # the sellers are told when one is lost; a refusal is nobody's loss


async def newest_by(session: AsyncSession, number: int, seller_id: int | None) -> Answer | None:
    """What a seller last sent to the customer of an inquiry; an answer that nobody is known to have written is
    everybody's. None when all of them were taken back."""
    theirs = col(Message.seller_id).is_(None) | (col(Message.seller_id) == seller_id)
    query = _answers().where(Message.inquiry_number == number, Message.direction == Direction.OUT, theirs)
    return (await session.exec(query.order_by(col(Message.id).desc()).limit(1))).first()


async def of_entry(session: AsyncSession, number: int, message_id: int) -> Answer | None:
    """The answer of this entry of the inquiry, taken back or not."""
    return (await session.exec(_answers().where(Message.inquiry_number == number, Message.id == message_id))).first()


async def of_mail(session: AsyncSession, outbox_id: str) -> Message | None:
    """The entry of the answer, a seller's or a rule's, that this mail takes to the customer."""
    query = select(Message).join(Outbox, col(Outbox.id) == col(Message.outbox_id))
    return (await session.exec(query.where(Outbox.id == outbox_id, col(Outbox.kind).in_(KINDS)))).first()


async def first_in_hold(session: AsyncSession, number: int, at: datetime) -> Message | None:
    """The oldest of a seller's answers that wait, at this time, for their hold window to end."""
    found = await in_hold(session, number, at)
    return found[0][0] if found else None


async def in_hold(session: AsyncSession, number: int, at: datetime) -> list[Answer]:
    """The sellers' answers that wait, at this time, for their hold window to end, the oldest first."""
    waits = _answers().where(
        Message.inquiry_number == number,
        Outbox.state == OutboxState.QUEUED,
        Outbox.attempts == 0,
        col(Outbox.next_at) > at,
    )
    return list((await session.exec(waits.order_by(col(Message.id)))).all())


async def next_after(session: AsyncSession, number: int, message_id: int) -> Message | None:
    """The seller's answer that followed an entry of the inquiry."""
    later = _answers().where(
        Message.inquiry_number == number, col(Message.id) > message_id, Message.direction == Direction.OUT
    )
    found = (await session.exec(later.order_by(col(Message.id)).limit(1))).first()
    return found[0] if found else None


def _answers() -> Select[Message, Outbox]:
    return (
        select(Message, Outbox)
        .join(Outbox, col(Outbox.id) == col(Message.outbox_id))
        .where(Message.author == Author.SELLER, col(Outbox.kind).in_(KINDS))
    )
