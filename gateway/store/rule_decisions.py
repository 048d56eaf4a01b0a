"""What the rules made of each mail from the customers' side."""

from datetime import datetime

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.store.rule_tables import RuleDecision
from gateway.store.states import RuleOutcome

UNDOABLE = (RuleOutcome.ANSWERED, RuleOutcome.WITHHELD, RuleOutcome.FILED, RuleOutcome.QUARANTINED)


async def newest_undoable(session: AsyncSession, number: int) -> RuleDecision | None:
    """The newest decision about an inquiry by which a mail did without a human, undone or not."""
    query = (
        select(RuleDecision)
        .where(RuleDecision.inquiry_number == number, col(RuleDecision.outcome).in_(UNDOABLE))
        .order_by(col(RuleDecision.message_id).desc())
        .limit(1)
    )
    return (await session.exec(query)).first()


async def undo(session: AsyncSession, message_id: int, by: str, now: datetime) -> bool:
    """A seller says that a human was needed. False when somebody said so before."""
    undone = (
        update(RuleDecision)
        .where(col(RuleDecision.message_id) == message_id, col(RuleDecision.undone_at).is_(None))
        .values(undone_at=now, undone_by=by)
    )
    return bool((await session.exec(undone)).rowcount)
