"""What the database knows that rules may ask about, as it stood when a mail came: for the desk and for the rehearsal.

A mail costs a handful of short questions, each answered by an index; no thread and no history is read whole. Looking
back (`before`), category and kind are today's, for nothing keeps what they were.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import case
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.desk.business_hours import is_holiday, is_open
from gateway.desk.duplicates import Earlier, Question, repeats_handled
from gateway.desk.goods import find_order
from gateway.mail.addresses import address_key
from gateway.rules.asked import asks
from gateway.rules.facts import WEEKDAYS, CustomerFacts, InquiryFacts, StoreFacts, TimeFacts
from gateway.store import answers
from gateway.store.rule_tables import AutoAnswer
from gateway.store.states import Author, Direction, InquiryStatus, Origin
from gateway.store.tables import Customer, History, Inquiry, Message, Store

LOOKED_AT = 200  # of a customer's inquiries the newest
MAY_HAVE_ASKED = 5  # of a customer's inquiries those in which a question of ours may be what a first mail answers
ENTRIES_READ = 50
# An answer that did not arrive opens its inquiry again, under an event of its own.
_STATES = {str(status): status for status in InquiryStatus} | {"delivery_text": InquiryStatus.UNANSWERED}
_NONE = timedelta()


@dataclass(frozen=True)
class Standing:
    """The facts beside those of the mail itself."""

    inquiry: InquiryFacts
    customer: CustomerFacts
    store: StoreFacts
    time: TimeFacts


async def standing(
    session: AsyncSession,
    *,
    store: Store,
    inquiry: Inquiry | None,
    author: str,
    at: datetime,
    before: int | None = None,
    text: str = "",
    subject: str = "",
    product_code: str | None = None,
    order_number: str | None = None,
    origin: Origin = Origin.DIRECT,
) -> Standing:
    """The facts at `at`, before a mail of `author` (normalised) that joins `inquiry`, or opens one (None).

    `before` is the mail's own entry when it is looked back at: what came after it is left out. `text` is the mail's new
    text; it, `subject`, `product_code`, `order_number` and `origin` tell what a first mail is about."""
    past = at if before is not None else None
    customer_id = inquiry.customer_id if inquiry else await _customer(session, store, author)
    known = await _inquiries(session, customer_id, past) if customer_id else []
    others = [one for one in known if inquiry is None or one.number != inquiry.number]
    customer = CustomerFacts(
        domain=author.rpartition("@")[2].lower(),
        country=await _country(session, store, inquiry, order_number),
        first_time=inquiry is None and not known,
        open_inquiries=sum(one.status is not InquiryStatus.DONE for one in others),
    )
    if inquiry is None:
        question = Question(text, subject, product_code, order_number)
        repeated = await repeats_handled(session, question, others, at, before)
        facts = InquiryFacts(
            origin=str(origin),
            product_code=product_code,
            order_number=order_number,
            asked=await _asked(session, [one.number for one in known[:MAY_HAVE_ASKED]], before),
            duplicate_of_handled=(f"Q-{repeated}",) if repeated else (),
        )
    else:
        facts = await _of_inquiry(session, inquiry, at, before)
    local = at.astimezone(ZoneInfo(store.timezone))
    return Standing(
        facts,
        customer,
        StoreFacts(store.name, is_open(store, at)),
        TimeFacts(local.hour, WEEKDAYS[local.weekday()], is_holiday(store, at)),
    )


async def _of_inquiry(session: AsyncSession, inquiry: Inquiry, at: datetime, before: int | None) -> InquiryFacts:
    number = inquiry.number or 0
    status = inquiry.status
    if before is not None:
        status = (await _states(session, [number], at)).get(number, (InquiryStatus.UNANSWERED, at))[0]
    else:
        waits = await answers.first_in_hold(session, number, at)
        if waits is not None:  # nobody has read it: what the customer writes meanwhile knows nothing of it
            status, before = waits.status_before or status, waits.id
    last_reply = await _last_reply(session, number, before)
    automatic = await session.get(AutoAnswer, number)
    return InquiryFacts(
        status=str(status),
        answered=last_reply is not None,
        asked=last_reply is not None and await _asked(session, [number], before),
        origin=str(inquiry.origin),
        category=inquiry.category,
        kind=inquiry.kind,
        product_code=inquiry.product_code,
        order_number=inquiry.order_number,
        age=max(at - inquiry.created_at, _NONE),
        since_reply=max(at - last_reply, _NONE) if last_reply else None,
        auto_responses=int(automatic is not None and (before is None or automatic.at < at)),
    )


async def _customer(session: AsyncSession, store: Store, author: str) -> int | None:
    query = select(Customer.id).where(Customer.store_id == store.id, Customer.address_key == address_key(author))
    return (await session.exec(query)).first() if author else None


async def _inquiries(session: AsyncSession, customer_id: int, past: datetime | None) -> list[Earlier]:
    """The customer's newest inquiries, as they are, or as they were at `past`."""
    query = (
        select(Inquiry)
        .where(Inquiry.customer_id == customer_id)
        .order_by(col(Inquiry.received_at).desc())
        .limit(LOOKED_AT)
    )
    if past is not None:
        query = query.where(col(Inquiry.created_at) < past)
    rows = (await session.exec(query)).all()
    now = {row.number or 0: (row.status, row.closed_at) for row in rows}
    then = now if past is None else await _states(session, list(now), past)
    return [
        Earlier(
            row.number or 0,
            *then.get(row.number or 0, (InquiryStatus.UNANSWERED, None)),
            origin=row.origin,
            product_code=row.product_code,
            order_number=row.order_number,
        )
        for row in rows
    ]


async def _states(
    session: AsyncSession, numbers: Sequence[int], past: datetime
) -> dict[int, tuple[InquiryStatus, datetime | None]]:
    """The state that each inquiry had before `past`, by its history, and when it was closed; who has no entry yet was
    never set to any."""
    query = (
        select(History.inquiry_number, History.event, History.at)
        .where(col(History.inquiry_number).in_(numbers), col(History.event).in_(tuple(_STATES)), col(History.at) < past)
        .order_by(col(History.id))
    )
    found = (await session.exec(query)).all()
    return {
        number: (_STATES[event], at if _STATES[event] is InquiryStatus.DONE else None) for number, event, at in found
    }


async def _last_reply(session: AsyncSession, number: int, before: int | None) -> datetime | None:
    """When the shop, or a rule for it, last wrote to the customer."""
    query = (
        select(Message.at)
        .where(
            Message.inquiry_number == number,
            Message.direction == Direction.OUT,
            col(Message.author).in_((Author.SELLER, Author.RULE)),
        )
        .order_by(col(Message.id).desc())
        .limit(1)
    )
    if before is not None:
        query = query.where(col(Message.id) < before)
    return (await session.exec(query)).first()


async def _asked(session: AsyncSession, numbers: Sequence[int], before: int | None) -> bool:
    """Whether the shop's last word in one of these inquiries asks something, be it in several mails. What a rule
    answered since, and what the customer wrote, takes no question back: only a person knows whether it was settled."""
    if not numbers:
        return False
    words = case((col(Message.direction) == Direction.OUT, col(Message.text)), else_="")
    query = (
        select(Message.inquiry_number, Message.direction, Message.author, words)
        .where(col(Message.inquiry_number).in_(numbers), col(Message.direction) != Direction.INTERNAL)
        .order_by(col(Message.id).desc())
        .limit(ENTRIES_READ)
    )
    if before is not None:
        query = query.where(col(Message.id) < before)
    spoken: set[int] = set()
    over: set[int] = set()  # the inquiries of whose last words the first is found
    for number, direction, author, text in (await session.exec(query)).all():
        if number in over:
            continue
        if direction is Direction.IN:
            over |= {number} & spoken
        elif author is not Author.RULE:
            spoken.add(number)
            if asks(text):
                return True
    return False


async def _country(
    session: AsyncSession, store: Store, inquiry: Inquiry | None, order_number: str | None
) -> str | None:
    if inquiry is not None and inquiry.country:
        return inquiry.country
    order = await find_order(session, store.id or 0, inquiry.order_number if inquiry else order_number)
    return order.country or None if order else None
