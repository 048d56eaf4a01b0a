"""What a seller who writes about an inquiry has been told of it, as far as our own mails tell."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.desk.situation import Told
from gateway.store import messages, rule_decisions
from gateway.store.states import OutboxState
from gateway.store.tables import Message, Outbox, Seller

SELLERS_THREAD = (
    "notification",
    "copy",
    "rule_notice",
    "reminder",
    "thread",
)  # what a seller may answer, and the customer gets it
QUESTION = "question"  # what an answer left out of account: it is told by this
ARRIVED = (OutboxState.SENT, OutboxState.SENDING, OutboxState.UNCERTAIN)  # a reply may be quicker than our record
NEWEST_READ = 5  # mails to one seller: of a few at once the last to leave need not be about the newest entry


async def told_to(session: AsyncSession, number: int, seller: Seller, named: Sequence[str]) -> Told:
    """What was told by the first of the mails `named`, Message-IDs, that is ours, and by the newest that was sent."""
    about_inquiry = select(Outbox).where(
        Outbox.inquiry_number == number, col(Outbox.kind).in_((*SELLERS_THREAD, QUESTION))
    )
    ours = {row.message_id: row for row in await session.exec(about_inquiry.where(col(Outbox.message_id).in_(named)))}
    sent = about_inquiry.where(Outbox.to_address == seller.address, col(Outbox.state).in_(ARRIVED))
    newest = (await session.exec(sent.order_by(col(Outbox.id).desc()).limit(NEWEST_READ))).all()
    answered = next((ours[message_id] for message_id in named if message_id in ours), None)
    return Told(
        named=await _entry(session, number, answered) if answered is not None else None,
        newest=max([await _entry(session, number, row) for row in newest], default=None),
        settled=frozenset(
            [*await rule_decisions.standing(session, number), *await messages.lost_answers(session, number)]
        ),
    )


async def _entry(session: AsyncSession, number: int, row: Outbox) -> int:
    """The entry that a mail of ours told: its cause; what tells of no single one shows the thread as it was then."""
    kind, _, entry = row.cause.partition(":")
    return int(entry) if kind == "message" else await newest_at(session, number, row.date)


async def newest_at(session: AsyncSession, number: int, at: datetime) -> int:
    """The newest entry of the thread at that time."""
    query = select(Message.id).where(Message.inquiry_number == number, col(Message.at) <= at)
    return (await session.exec(query.order_by(col(Message.id).desc()).limit(1))).first() or 0
