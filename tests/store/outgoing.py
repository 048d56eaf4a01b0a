"""A mail that we send, and what senders and the database do to it."""

from datetime import UTC, datetime, timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.ids import new_id
from gateway.store import attempts, outbox
from gateway.store.attempts import Finished
from gateway.store.database import Database
from gateway.store.states import OutboxState
from gateway.store.tables import Outbox, OutboxAttempt

NOW = datetime(2026, 11, 20, 5, 3, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
LEASE = 2 * MINUTE


def mail(cause: str = "message:1", **values: object) -> Outbox:
    outbox_id = new_id()
    row = Outbox(
        id=outbox_id,
        cause=cause,
        kind="answer",
        message_id=f"<{outbox_id}@q.example.jp>",
        to_address="yamada@example.jp",
        from_address="q1-c-x@q.example.jp",
        date=NOW,
        next_at=NOW,
        expires_at=NOW + timedelta(days=5),
    )
    for name, value in values.items():
        setattr(row, name, value)
    return row


async def add(database: Database, *rows: Outbox) -> None:
    async with database.write() as session:
        for row in rows:
            await outbox.enqueue(session, row)


async def get(database: Database, row: Outbox) -> Outbox:
    async with database.read() as session:
        found = await session.get(Outbox, row.id)
    assert found is not None
    return found


async def claim(database: Database, now: datetime = NOW, sender: str = "one", resend: bool = True) -> list[Outbox]:
    return (await claimed_and_expired(database, now, sender, resend))[0]


async def claimed_and_expired(
    database: Database, now: datetime, sender: str = "one", resend: bool = True
) -> tuple[list[Outbox], list[Outbox]]:
    async with database.write() as session:
        return await attempts.claim_due(
            session, sender, limit=10, now=now, lease=LEASE, wait=lambda count: count * MINUTE, resend=resend
        )


async def finish(database: Database, row: Outbox, state: OutboxState, sender: str = "one") -> list[Outbox]:
    names = {OutboxState.SENT: "sent", OutboxState.QUEUED: "deferred", OutboxState.FAILED: "failed"}
    claimed = await get(database, row)
    claimed.state = OutboxState.SENDING  # as it was then
    one = Finished(claimed, state, names[state], NOW, 250, "2.0.0 Ok")
    async with database.write() as session:
        return await attempts.record(session, sender, [one])


async def recover(database: Database, now: datetime) -> list[Outbox]:
    async with database.write() as session:
        return await attempts.recover(session, now, "node", "node:living")


async def attempts_of(session: AsyncSession, row: Outbox) -> list[OutboxAttempt]:
    return await outbox.attempts_of(session, row.id)
