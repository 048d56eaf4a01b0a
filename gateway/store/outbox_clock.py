"""Puts right what a wrong clock wrote into `outbox`: times that lie farther ahead than any waiting time reaches.

A clock that was ahead and is put right would else let mails wait for as long as it was wrong. One that was behind makes
everything due at once; how fast it goes then is delivery's matter.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.store.states import OutboxState
from gateway.store.tables import Outbox

SLACK = 1.2  # of a waiting time: more than its jitter
TOLERANCE = timedelta(minutes=10)  # a wait that is longer by so much is no wrong clock's

_TRIED_AGAIN = col(Outbox.state).in_((OutboxState.QUEUED, OutboxState.SENDING, OutboxState.UNCERTAIN))


async def put_right(session: AsyncSession, now: datetime, steps: Sequence[timedelta], hold: timedelta) -> int:
    """Each retry is at most one of its own `steps` away, or `hold` where that is longer; what waits for its first
    attempt waits no longer than it was to. Returns how many mails were touched."""
    done = 0
    for attempts, wait in enumerate(steps, 1):
        of_step = col(Outbox.attempts) >= attempts if attempts == len(steps) else col(Outbox.attempts) == attempts
        ahead = now + max(wait, hold) * SLACK + TOLERANCE
        nearer = update(Outbox).where(_TRIED_AGAIN, of_step, col(Outbox.next_at) > ahead).values(next_at=now + wait)
        done += (await session.exec(nearer)).rowcount
    from_the_future = select(Outbox).where(
        Outbox.state == OutboxState.QUEUED,
        Outbox.attempts == 0,
        col(Outbox.next_at) > now + TOLERANCE,
        col(Outbox.date) > now + TOLERANCE,
        col(Outbox.next_at) >= col(Outbox.date),
    )
    for row in await session.exec(from_the_future.with_for_update(skip_locked=True)):
        row.next_at = now + (row.next_at - row.date)
        done += 1
    await session.flush()
    return done


async def shorten_leases(session: AsyncSession, now: datetime, lease: timedelta) -> int:
    """Nobody is taken for living because a clock was ahead; who lives renews before this is over."""
    too_long = update(Outbox).where(col(Outbox.state) == OutboxState.SENDING, col(Outbox.lease_until) > now + 2 * lease)
    return (await session.exec(too_long.values(lease_until=now + lease))).rowcount
