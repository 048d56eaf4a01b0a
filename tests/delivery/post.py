"""A database, a smarthost and a clock that stands still: what delivery is watched with."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.delivery.schedule import Schedule
from gateway.delivery.sender import Delivery, DeliverySettings
from gateway.delivery.smarthost import Smarthost
from gateway.store import outbox
from gateway.store.database import Database
from gateway.store.states import OutboxState
from gateway.store.tables import Outbox, OutboxAttempt
from tests.delivery.desk import Desk
from tests.delivery.sink import Sink
from tests.store import outgoing
from tests.store.outgoing import HOUR, MINUTE, NOW

__all__ = ["HOUR", "MINUTE", "NOW"]

SETTINGS = DeliverySettings(
    Schedule((MINUTE, 5 * MINUTE), chance=lambda: 0.5), settle=timedelta(0), hold=timedelta(seconds=30), poll=0.05
)


def mail(**values: object) -> Outbox:
    row = outgoing.mail(
        to_name="山田",
        from_name="テストショップ",
        subject="Re: テスト2",
        text="お問い合わせありがとうございます。\n",
    )
    row.cause, row.mail_from = f"message:{row.id}", f"b{row.id}-x@q.example.jp"
    for name, value in values.items():
        setattr(row, name, value)
    return row


class WritingDesk(Desk):
    """Writes a letter about each failure, as the desk does."""

    async def failed(self, session: AsyncSession, row: Outbox, reply: str | None, now: datetime, *, dead: bool) -> None:
        await super().failed(session, row, reply, now, dead=dead)
        await outbox.enqueue(session, mail(cause=f"answer:{row.id}:{row.attempts}", kind="failure_text"))


@dataclass
class Post:
    """A database, a smarthost and a clock that stands still until a test moves it."""

    database: Database
    smarthost: Smarthost
    sink: Sink
    desk: Desk = field(default_factory=WritingDesk)
    now: datetime = NOW
    settings: DeliverySettings = SETTINGS

    @asynccontextmanager
    async def running(self, node: str = "node") -> AsyncIterator[Delivery]:
        delivery = Delivery(self.database, self.smarthost, self.desk, self.settings, node=node, now=lambda: self.now)
        await delivery.start()
        try:
            yield delivery
        finally:
            await delivery.stop()

    async def add(self, *rows: Outbox) -> None:
        async with self.database.write() as session:
            for row in rows:
                await outbox.enqueue(session, row)

    async def get(self, row: Outbox) -> Outbox:
        async with self.database.read() as session:
            found = await session.get(Outbox, row.id)
        assert found is not None
        return found

    async def attempts(self, row: Outbox) -> list[OutboxAttempt]:
        async with self.database.read() as session:
            return await outbox.attempts_of(session, row.id)

    async def until(self, row: Outbox, holds: Callable[[Outbox], bool]) -> Outbox:
        """The row once it is as wanted: other processes would look at the table as well."""
        async with asyncio.timeout(20):
            while not holds(found := await self.get(row)):
                await asyncio.sleep(0.01)
        return found

    async def until_state(self, row: Outbox, state: OutboxState, attempts: int = 1) -> Outbox:
        return await self.until(row, lambda found: found.state is state and found.attempts == attempts)
