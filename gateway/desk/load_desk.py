"""What the desk knows about a mail to desk@: the author's stores, the list that it answers, and what its lines name."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.desk.business_hours import local_day
from gateway.desk.desk_mail_words import Request, read
from gateway.desk.list_answer import items_of, written_in
from gateway.desk.seen import newest_at
from gateway.desk.sent_texts import both_parts
from gateway.desk.situation import WHOLE, Incoming, Seat, Situation, Told
from gateway.desk.subject import list_tag
from gateway.mail.addresses import InquiryAddress
from gateway.store import numbered_mails
from gateway.store.list_tables import NumberedMail
from gateway.store.tables import Seller, Staff, Store
from gateway.store.whose_address import has_address

REFERENCES_READ = 40  # newest Message-IDs of a References field that are looked up

Inquiries = Callable[[Incoming, Situation, InquiryAddress], Awaitable[tuple[Incoming, Situation]]]


async def for_desk(
    session: AsyncSession, incoming: Incoming, situation: Situation, inquiry: Inquiries
) -> tuple[Incoming, Situation]:
    """`inquiry` loads what a mail to an inquiry's seller's side meets: a line of a list means the same."""
    mail = incoming.mail
    query = (
        select(Seller, Store)
        .join(Store, col(Store.id) == col(Seller.store_id))
        .where(has_address(col(Seller.address), incoming.author))
        .order_by(col(Store.name))
    )
    seats = tuple(Seat(seller, store) for seller, store in await session.exec(query))
    if not seats or not mail.authenticated:
        return incoming, situation
    staff = (await session.exec(select(Staff).order_by(col(Staff.id)).limit(1))).first()
    situation = replace(situation, seats=seats, sellers=tuple(seat.seller for seat in seats), staff=staff)
    request = read(mail.subject, written_in(incoming), local_day(seats[0].store, situation.now))
    if isinstance(request, Request) and request.number is not None:
        _, item = await inquiry(incoming, Situation(situation.now), InquiryAddress(request.number, "s", ""))
        if item.store is not None and any(seat.store.id == item.store.id for seat in seats):
            situation = replace(situation, items={WHOLE: item})
    named = list(dict.fromkeys([*mail.in_reply_to, *reversed(mail.references[-REFERENCES_READ:])]))
    answered = await numbered_mails.answered(session, incoming.author, named) if named else None
    if answered is None and (tag := list_tag(mail.subject)):
        answered = await numbered_mails.tagged(session, incoming.author, tag)
    if answered is None:
        return incoming, situation
    numbered, row = answered
    incoming = replace(incoming, sent=both_parts([(row.text, row.html)]))
    if any(seat.store.id == numbered.store_id for seat in seats):
        situation = replace(situation, items=await _items(session, incoming, situation, numbered, inquiry))
    return incoming, replace(situation, numbered=numbered)


async def _items(
    session: AsyncSession, incoming: Incoming, situation: Situation, numbered: NumberedMail, inquiry: Inquiries
) -> dict[int, Situation]:
    """The inquiries that the lines of an answer to a list name, by their place in it. What a seller has been told of
    them is what there was when the list was made."""
    positions = {item.position for item in items_of(written_in(incoming), numbered.numbers) if item.position}
    found = {}
    for position in sorted(positions, key=lambda place: numbered.numbers[place - 1]):  # locked in one order by all
        number = numbered.numbers[position - 1]
        _, item = await inquiry(incoming, Situation(situation.now), InquiryAddress(number, "s", ""))
        if item.named is not None and item.named.inquiry.store_id == numbered.store_id:
            known = await newest_at(session, number, numbered.at)
            told = replace(item.told, named=known) if item.told else Told(known, known, frozenset())
            found[position] = replace(item, told=told)
    return found
