"""The relay that hands mail in, over one connection for many mails, and ways to wait until all has come of them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import aiosmtplib
from sqlalchemy import func
from sqlmodel import col, select

from gateway.store.states import OutboxState, ReceivedState
from gateway.store.tables import Outbox, Received
from tests.integration.house import PATIENCE, House

HandsIn = Callable[[bytes, str, str], Awaitable[str]]


@asynccontextmanager
async def relay(house: House) -> AsyncIterator[HandsIn]:
    """Yields what sends a mail as it is: (raw, envelope sender, recipient) to the queue id of its 250."""
    async with aiosmtplib.SMTP(hostname="127.0.0.1", port=house.port, use_tls=False, start_tls=False) as client:

        async def hands_in(raw: bytes, mail_from: str, recipient: str) -> str:
            _, answer = await client.sendmail(mail_from, [recipient], raw)
            return answer.split()[-1]

        yield hands_in


async def at_rest(house: House) -> None:
    """Until everything that came in is understood, and everything that goes out is out. Fails when it stands still."""
    waiting = (OutboxState.QUEUED, OutboxState.SENDING, OutboxState.UNCERTAIN)
    received = select(func.count()).where(col(Received.state) == ReceivedState.RECEIVED)
    outgoing = select(func.count()).where(col(Outbox.state).in_(waiting))
    left = (-1, -1)
    async with asyncio.timeout(PATIENCE) as patience:
        while left != (0, 0):
            async with house.database.read() as session:
                now = (await session.exec(received)).one(), (await session.exec(outgoing)).one()
            if now != left:
                left = now
                patience.reschedule(asyncio.get_running_loop().time() + PATIENCE)
            await asyncio.sleep(0.02)
