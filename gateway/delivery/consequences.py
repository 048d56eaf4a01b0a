"""Telling the desk what came of mails, inside the transaction that records it, so that both stand or fall together.

A fault of the desk's with one mail must not undo the record of any: a mail that was sent would be sent again.
"""

from collections.abc import Callable, Coroutine, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Protocol

import structlog
from sqlalchemy.exc import DBAPIError
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.delivery.fault import where
from gateway.delivery.outcome import Delivered, Failed, Outcome, Uncertain
from gateway.store.attempts import is_uncertain_for_good
from gateway.store.tables import Outbox
from gateway.store.trouble import is_outage

log = structlog.get_logger("delivery")

Telling = Callable[[], Coroutine[Any, Any, None]]


class Consequences(Protocol):
    """What the desk does about each mail; `row` is in its new state."""

    async def delivered(self, session: AsyncSession, row: Outbox, now: datetime) -> None: ...
    async def failed(
        self, session: AsyncSession, row: Outbox, reply: str | None, now: datetime, *, dead: bool
    ) -> None: ...
    async def unknown(self, session: AsyncSession, row: Outbox, now: datetime) -> None: ...
    async def late(self, session: AsyncSession, row: Outbox, hours: int, now: datetime) -> None: ...


async def tell_outcomes(
    desk: Consequences, session: AsyncSession, outcomes: Sequence[tuple[Outbox, Outcome]], now: datetime
) -> None:
    """Tells what is final; a mail that will be tried again is no news."""
    tellings: list[Telling] = []
    for row, outcome in outcomes:
        match outcome:
            case Delivered():
                tellings.append(partial(desk.delivered, session, row, now))
            case Failed():
                tellings.append(partial(desk.failed, session, row, outcome.reply or None, now, dead=outcome.dead))
            case Uncertain() if is_uncertain_for_good(row):
                tellings.append(partial(desk.unknown, session, row, now))
    await _tell(session, tellings)


async def tell_late(desk: Consequences, session: AsyncSession, rows: Sequence[Outbox], now: datetime) -> None:
    """Tells which mails are late, and for how many whole hours."""
    hour = timedelta(hours=1)
    await _tell(session, [partial(desk.late, session, row, (now - row.date) // hour, now) for row in rows])


async def _tell(session: AsyncSession, tellings: Sequence[Telling]) -> None:
    if not tellings:
        return
    try:
        async with session.begin_nested():
            for telling in tellings:
                await telling()
    except Exception as error:
        if isinstance(error, DBAPIError) and is_outage(error):
            raise  # the database's trouble, not the desk's: the whole transaction is tried again
        if len(tellings) == 1:
            log.error("consequences.failed", error=type(error).__name__, where=where(error))
        else:
            for telling in tellings:
                await _tell(session, [telling])
