"""Whether the smarthost takes mail at all, by the last attempts: what an operator must know when nothing leaves."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.store.tables import OutboxAttempt

LOOKED_AT = 200  # attempts: for how long it lasts at least
SERVICE_CLOSING = 421


@dataclass(frozen=True)
class Trouble:
    """Since when no attempt came so far that the mail itself mattered."""

    login: bool  # refused (N24); else no connection, or no service
    since: datetime
    reply: str


async def trouble(session: AsyncSession) -> Trouble | None:
    """None while mails get through, or none was tried."""
    query = select(OutboxAttempt).where(col(OutboxAttempt.finished_at).is_not(None))
    last: OutboxAttempt | None = None
    since: datetime | None = None
    for attempt in await session.exec(query.order_by(col(OutboxAttempt.id).desc()).limit(LOOKED_AT)):
        if not _is_the_servers(attempt):
            break
        last, since = last or attempt, attempt.started_at
    if last is None or since is None:
        return None
    return Trouble(last.outcome == "held", since, last.reply or "")


def _is_the_servers(attempt: OutboxAttempt) -> bool:
    """Not said of a mail: no answer, a refused login, a service that is closing or closed."""
    if attempt.outcome == "held":
        return True
    code = attempt.code
    return attempt.outcome == "deferred" and (code is None or code == SERVICE_CLOSING or code >= 500)
