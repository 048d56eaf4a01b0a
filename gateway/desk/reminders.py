"""The sellers are told once more, in the inquiry's thread: of a customer who still waits, or because they snoozed it.

When to remind stands in `Inquiry.remind_at`, set by a rule; an answer, or a state that a person set, takes it away.
When an inquiry comes back stands in `Inquiry.snoozed_until`, set by a seller; only a seller who is done takes it away.
Telling takes either away in its own transaction: once for each time that was set, whoever looks.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.desk import letters
from gateway.desk.business_hours import after_open_time
from gateway.desk.load import sellers_of
from gateway.desk.post import Office, last_asked
from gateway.desk.privacy import UNVERIFIED_STAFF
from gateway.store import inquiries, messages
from gateway.store.states import Author, Direction, InquiryStatus
from gateway.store.tables import Customer, History, Inquiry, Message, Store
from gateway.texts import Texts

About = tuple[Inquiry, Customer, Message]  # the message: what the sellers were last asked


def remind_at(store: Store, now: datetime, after: timedelta) -> datetime:
    """When the sellers are to be reminded `after` so much time in which the store was open."""
    return after_open_time(store, now, after)


async def due(session: AsyncSession, now: datetime) -> list[int]:
    """The inquiries whose time has come, the longest due first."""
    query = select(Inquiry.number).where(col(Inquiry.remind_at) <= now).order_by(col(Inquiry.remind_at))
    return [number for number in await session.exec(query) if number is not None]


async def remind(session: AsyncSession, office: Office, number: int, now: datetime) -> bool:
    """Posts the reminder of an inquiry that is due still, and of no other. True when somebody gets one."""
    found = await _come_due(session, number, "remind_at", now)
    if found is None or found[1][0].status is InquiryStatus.DONE:
        return False
    at, about = found
    inquiry, _, entry = about
    since = await _waits_since(session, inquiry, entry)

    def heading(file: letters.File, texts: Texts) -> str:
        return texts(f"reminder.{inquiry.status}", since=letters.when(since, file.store, texts))

    told = await tell_again(session, office, now, about, heading, f"reminder:{number}:{_at(at)}")
    if told:
        why = f"{inquiry.status} since {since:%Y-%m-%d %H:%M} UTC"
        session.add(History(inquiry_number=number, at=now, event="reminded", why=why))
    return told


async def due_snoozed(session: AsyncSession, now: datetime) -> list[int]:
    """The inquiries that a seller wants back by now, the longest due first."""
    query = select(Inquiry.number).where(col(Inquiry.snoozed_until) <= now).order_by(col(Inquiry.snoozed_until))
    return [number for number in await session.exec(query) if number is not None]


async def come_back(session: AsyncSession, office: Office, number: int, now: datetime) -> bool:
    """Posts the snoozed inquiry again if its time has come still, whatever its state. True when somebody gets it."""
    found = await _come_due(session, number, "snoozed_until", now)
    if found is None:
        return False
    at, about = found
    inquiry, _, entry = about

    def heading(file: letters.File, texts: Texts) -> str:
        received = letters.when(entry.at, file.store, texts)
        return texts("reminder.snoozed", since=received, status=texts(f"status.{inquiry.status}"))

    told = await tell_again(session, office, now, about, heading, f"snooze:{number}:{_at(at)}")
    if told:
        session.add(
            History(inquiry_number=number, at=now, event="came_back", why=f"snoozed until {at:%Y-%m-%d %H:%M} UTC")
        )
    return told


async def tell_again(
    session: AsyncSession,
    office: Office,
    now: datetime,
    about: About,
    heading: Callable[[letters.File, Texts], str],
    cause: str,
) -> bool:
    """Posts an entry that the sellers know, under a heading that says why, in its thread. False when nobody gets it."""
    inquiry, customer, entry = about
    file = await office.file(session, inquiry, customer, None)
    sellers = await sellers_of(session, inquiry.store_id) if file.store.active else ()
    thread = [message for message in file.thread if message.id != entry.id]
    file = replace(file, thread=thread, unverified=file.unverified or entry.remark == UNVERIFIED_STAFF)
    files = await messages.file_names(session, entry.id or 0)
    for seller in sellers:
        texts = file.worded(Texts(seller.language))
        await office.to_seller(
            session,
            now,
            file,
            letters.notification(file, entry, files, texts, reminder=heading(file, texts)),
            kind="reminder",
            cause=cause,
            to=seller.address,
            language=seller.language,
            name=seller.name,
        )
    return bool(sellers)


async def _come_due(
    session: AsyncSession, number: int, alarm: Literal["remind_at", "snoozed_until"], now: datetime
) -> tuple[datetime, About] | None:
    """The time that an inquiry's alarm was set to, which is off now, and what it is about; None when it is not due."""
    row = await inquiries.with_customer(session, number)
    at: datetime | None = getattr(row[0], alarm) if row else None
    if row is None or at is None or at > now:
        return None
    setattr(row[0], alarm, None)
    entry = await last_asked(session, number)
    return (at, (*row, entry)) if entry is not None else None


def _at(at: datetime) -> str:
    return f"{at.timestamp():.0f}"


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
