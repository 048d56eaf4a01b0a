"""Reminders: the sellers are told once more, in the inquiry's thread, of a customer who still waits.

When to remind stands in `Inquiry.remind_at`, set by a rule. An answer, or a state that a person set, takes it away; so
does the reminder itself, in the transaction that posts it: one for each time that was set, whoever looks.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.desk import letters
from gateway.desk.business_hours import after_open_time
from gateway.desk.load import sellers_of
from gateway.desk.post import Office, last_asked
from gateway.store import inquiries, messages
from gateway.store.states import Author, Direction, InquiryStatus
from gateway.store.tables import History, Inquiry, Message, Store
from gateway.texts import Texts


def remind_at(store: Store, now: datetime, after: timedelta) -> datetime:
    """When the sellers are to be reminded `after` so much time in which the store was open."""
    return after_open_time(store, now, after)


async def due(session: AsyncSession, now: datetime) -> list[int]:
    """The inquiries whose time has come, the longest due first."""
    query = select(Inquiry.number).where(col(Inquiry.remind_at) <= now).order_by(col(Inquiry.remind_at))
    return [number for number in await session.exec(query) if number is not None]


async def remind(session: AsyncSession, office: Office, number: int, now: datetime) -> bool:
    """Posts the reminder of an inquiry that is due still, and of no other. True when somebody gets one."""
    found = await inquiries.with_customer(session, number)
    if found is None:
        return False
    inquiry, customer = found
    at = inquiry.remind_at
    if at is None or at > now:
        return False
    inquiry.remind_at = None
    entry = await last_asked(session, number)
    if entry is None or inquiry.status is InquiryStatus.DONE:
        return False
    file = await office.file(session, inquiry, customer, None)
    sellers = await sellers_of(session, inquiry.store_id) if file.store.active else ()
    file = replace(file, thread=[message for message in file.thread if message.id != entry.id])
    since = await _waits_since(session, inquiry, entry)
    files = await messages.file_names(session, entry.id or 0)
    for seller in sellers:
        texts = Texts(seller.language)
        heading = texts(f"reminder.{inquiry.status}", since=letters.when(since, file.store, texts))
        await office.to_seller(
            session,
            now,
            file,
            letters.notification(file, entry, files, texts, reminder=heading),
            kind="reminder",
            cause=f"reminder:{number}:{at.timestamp():.0f}",
            to=seller.address,
            language=seller.language,
            name=seller.name,
        )
    if sellers:
        why = f"{inquiry.status} since {since:%Y-%m-%d %H:%M} UTC"
        session.add(History(inquiry_number=number, at=now, event="reminded", why=why))
    return bool(sellers)


async def _waits_since(session: AsyncSession, inquiry: Inquiry, entry: Message) -> datetime:
    """未回答: since the first mail that nobody answered. 処理中: since our last answer, which promised more."""
    of_inquiry = Message.inquiry_number == inquiry.number
    by_seller = (Message.direction == Direction.OUT, Message.author == Author.SELLER)
    answered = select(func.max(Message.id)).where(of_inquiry, *by_seller)
    last = (await session.exec(answered)).one()
    if last is not None and inquiry.status is InquiryStatus.IN_PROGRESS:
        return (await session.exec(select(Message.at).where(Message.id == last))).one()
    asked = select(func.min(Message.at)).where(
        of_inquiry,
        Message.direction == Direction.IN,
        col(Message.author).in_((Author.CUSTOMER, Author.STAFF)),
        col(Message.id) > (last or 0),
    )
    return (await session.exec(asked)).one() or entry.at
