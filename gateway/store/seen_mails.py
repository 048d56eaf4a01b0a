"""Which mails came before: the same one again is accepted and dropped (RFC 1047)."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.store.tables import SeenMail

WINDOW = timedelta(days=7)  # N30, RFC 1047: a sender that missed our 250 gives up within five days
ACTING = "s"  # how the digest of a mail that acts in a seller's name begins; any other is hexadecimal
ACTING_WINDOW = timedelta(days=400)  # A09: its address works as long as the inquiry is open, and 90 days more


def is_old(now: datetime) -> ColumnElement[bool]:
    """The digests that need not be remembered any more."""
    acting = col(SeenMail.digest).startswith(ACTING)
    return or_(and_(col(SeenMail.seen_at) < now - WINDOW, ~acting), col(SeenMail.seen_at) < now - ACTING_WINDOW)


async def earlier(session: AsyncSession, digest: str, queue_id: str, now: datetime) -> str | None:
    """The queue id of another mail with this digest that came within the window; else remembers this one, in one atomic
    step.

    The same mail asking again, after its worker died, is not its own duplicate.
    """
    dialect = session.get_bind().dialect.name
    statement = (postgresql.insert if dialect == "postgresql" else sqlite.insert)(SeenMail).values(
        digest=digest, queue_id=queue_id, seen_at=now
    )
    statement = statement.on_conflict_do_update(
        index_elements=["digest"],
        set_={"queue_id": statement.excluded.queue_id, "seen_at": statement.excluded.seen_at},
        where=or_(is_old(now), col(SeenMail.queue_id) == statement.excluded.queue_id),
    )
    result = await session.exec(statement.returning(col(SeenMail.digest)))
    if result.first() is not None:
        return None
    return (await session.exec(select(SeenMail.queue_id).where(SeenMail.digest == digest))).one()
