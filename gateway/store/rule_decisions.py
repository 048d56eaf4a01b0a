"""What the rules made of each mail from the customers' side."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from gateway.store.rule_tables import RuleDecision
from gateway.store.states import RuleOutcome
from gateway.store.tables import Message, Outbox

UNDOABLE = (RuleOutcome.ANSWERED, RuleOutcome.WITHHELD, RuleOutcome.FILED, RuleOutcome.QUARANTINED)


async def about(session: AsyncSession, queue_id: str) -> list[RuleDecision]:
    """One for each thread that the received mail came to and rules looked at."""
    query = (
        select(RuleDecision)
        .join(Message, col(Message.id) == col(RuleDecision.message_id))
        .where(Message.received_id == queue_id)
        .order_by(col(RuleDecision.message_id))
    )
    return list(await session.exec(query))


async def newest_undoable(session: AsyncSession, number: int) -> RuleDecision | None:
    """The newest decision about an inquiry by which a mail did without a human and still does; when all are undone,
    the newest of them."""
    query = _undoable(number).order_by(col(RuleDecision.undone_at).is_not(None), col(RuleDecision.message_id).desc())
    return (await session.exec(query.limit(1))).first()


async def undoable(session: AsyncSession, number: int, message_id: int) -> RuleDecision | None:
    """The decision about this entry of the inquiry, if by it a mail did without a human, undone or not."""
    return (await session.exec(_undoable(number).where(RuleDecision.message_id == message_id))).first()


async def standing(session: AsyncSession, number: int) -> Sequence[int]:
    """The entries of the inquiry that did without a human, and still do."""
    query = _undoable(number).where(col(RuleDecision.undone_at).is_(None))
    return [one.message_id for one in (await session.exec(query)).all()]


async def told_by(session: AsyncSession, number: int, mails: Sequence[str]) -> RuleDecision | None:
    """The undoable decision that a mail of ours told of; `mails` are Message-IDs, the most telling first."""
    query = select(Outbox.message_id, Outbox.cause).where(
        Outbox.inquiry_number == number, col(Outbox.message_id).in_(mails)
    )
    causes = dict((await session.exec(query)).all())
    decisions = {f"message:{one.message_id}": one for one in (await session.exec(_undoable(number))).all()}
    told = (decisions.get(causes.get(mail, "")) for mail in mails)
    return next(filter(None, told), None)


async def undo(session: AsyncSession, message_id: int, by: str, now: datetime) -> bool:
    """A seller says that a human was needed. False when somebody said so before."""
    undone = (
        update(RuleDecision)
        .where(col(RuleDecision.message_id) == message_id, col(RuleDecision.undone_at).is_(None))
        .values(undone_at=now, undone_by=by)
    )
    return bool((await session.exec(undone)).rowcount)


def _undoable(number: int) -> SelectOfScalar[RuleDecision]:
    return select(RuleDecision).where(RuleDecision.inquiry_number == number, col(RuleDecision.outcome).in_(UNDOABLE))
