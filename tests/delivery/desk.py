"""A desk that remembers what delivery told it, and releases receipts as the real one does."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.store import outbox
from gateway.store.tables import Outbox


@dataclass
class Desk:
    told: list[tuple[str, str]] = field(default_factory=list)
    dead: list[str] = field(default_factory=list)  # addresses
    fails_at: str | None = None

    async def delivered(self, session: AsyncSession, row: Outbox, now: datetime) -> None:
        self._told("delivered", row)
        await outbox.release_receipts(session, [row.id], now)

    async def failed(self, session: AsyncSession, row: Outbox, reply: str | None, now: datetime, *, dead: bool) -> None:
        self._told("failed", row)
        if dead:
            self.dead.append(row.to_address)

    async def unknown(self, session: AsyncSession, row: Outbox, now: datetime) -> None:
        self._told("unknown", row)

    async def late(self, session: AsyncSession, row: Outbox, hours: int, now: datetime) -> None:
        self._told(f"late {hours}", row)

    def _told(self, what: str, row: Outbox) -> None:
        if row.id == self.fails_at:
            raise RuntimeError("a bug of the desk's")
        self.told.append((what, row.id))
