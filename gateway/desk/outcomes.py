"""What the desk does when delivery tells how a mail fared. Called inside the transaction that records it."""

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.desk.failures import answer_failed, answer_late, answered_after_all, outcome_unknown
from gateway.desk.post import Office
from gateway.store import outbox
from gateway.store.answers import TO_CUSTOMER
from gateway.store.tables import Outbox


class Outcomes:
    """The desk's side of delivery: receipts after the 250, never before; failures told once."""

    def __init__(self, office: Office) -> None:
        self.office = office

    async def delivered(self, session: AsyncSession, row: Outbox, now: datetime) -> None:
        if row.kind in TO_CUSTOMER:
            await outbox.release_receipts(session, [row.id], now)
        if row.warned_at is not None:
            await outbox.cancel_late_notices(session, row)
        if row.kind in TO_CUSTOMER and row.attempts > 1:  # only then it may have failed before
            await answered_after_all(session, row, now)

    async def failed(
        self, session: AsyncSession, row: Outbox, reply: str | None, now: datetime, *, dead: bool = False
    ) -> None:
        await answer_failed(session, self.office, row, reply, now, dead=dead)

    async def unknown(self, session: AsyncSession, row: Outbox, now: datetime) -> None:
        await outcome_unknown(session, self.office, row, now)

    async def late(self, session: AsyncSession, row: Outbox, hours: int, now: datetime) -> None:
        await answer_late(session, self.office, row, hours, now)
