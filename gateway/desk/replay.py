"""A mail that was unreadable is read after all: its stand-in entry gives way to the real one."""

from datetime import datetime

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.store import inquiries
from gateway.store.states import InquiryStatus
from gateway.store.tables import History, Message


async def forget_unreadable(session: AsyncSession, queue_id: str, recipient: str, now: datetime) -> None:
    """Frees the mail's place in the thread; an inquiry that held nothing else is closed, with the reason."""
    query = select(Message).where(Message.received_id == queue_id, Message.recipient == recipient)
    stand_in = (await session.exec(query)).first()
    if stand_in is None:
        return
    stand_in.received_id = None
    await session.flush()
    others = select(Message.id).where(Message.inquiry_number == stand_in.inquiry_number, Message.id != stand_in.id)
    if (await session.exec(others)).first() is None:
        await inquiries.set_status(session, stand_in.inquiry_number, InquiryStatus.DONE, now)
    why = f"mail {queue_id} was read after all"
    session.add(History(inquiry_number=stand_in.inquiry_number, at=now, event="replayed", why=why))
