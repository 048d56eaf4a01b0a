"""Whose words an outgoing mail's `reply` is: a far server's in a session of ours, or those of a delivery report that
came after the mail had left."""

from collections.abc import Sequence

from sqlalchemy import String, and_, cast, func, or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.mail.addresses import BounceAddress, parse_local_part
from gateway.store.states import OutboxState
from gateway.store.suppressions import NOT_SENT
from gateway.store.tables import Outbox, OutboxAttempt, Received


async def reported(session: AsyncSession, letters: Sequence[Outbox]) -> set[str]:
    """The ids of those whose `reply` came in a report: they had left, and no attempt ended with these words."""
    ids = [letter.id for letter in letters if letter.state in (OutboxState.FAILED, OutboxState.QUEUED)]
    if not ids:
        return set()
    failed = or_(
        col(Outbox.state) == OutboxState.FAILED,
        and_(
            col(Outbox.state) == OutboxState.QUEUED, col(Outbox.prior_state) == OutboxState.FAILED
        ),  # to be tried anew
    )
    heard = select(OutboxAttempt.id).where(
        col(OutboxAttempt.outbox_id) == col(Outbox.id), col(OutboxAttempt.reply) == col(Outbox.reply)
    )
    query = select(Outbox.id).where(
        col(Outbox.id).between(min(ids), max(ids)),
        failed,
        Outbox.attempts > 0,
        Outbox.reply != NOT_SENT,
        ~heard.exists(),
    )
    return set((await session.exec(query)).all()) & set(ids)


async def report_of(session: AsyncSession, letter: Outbox, attempts: Sequence[OutboxAttempt]) -> str | None:
    """The queue id of the mail that brought the report, where it came to the mail's return path and is remembered."""
    if not attempts:
        return None
    query = (
        select(Received)
        .where(Received.received_at >= attempts[-1].started_at)
        .where(func.lower(cast(col(Received.rcpt_to), String)).like(f'%"b{letter.id}-%'))
        .order_by(col(Received.queue_id))
    )
    for mail in await session.exec(query):
        if any(_tells_of(letter, account) for account in mail.outcome):
            return mail.queue_id
    return None


def _tells_of(letter: Outbox, account: dict[str, object]) -> bool:
    address = parse_local_part(str(account.get("recipient")).rpartition("@")[0])
    is_its = isinstance(address, BounceAddress) and address.outbox_id == letter.id
    return is_its and account.get("why") == "bounced"
