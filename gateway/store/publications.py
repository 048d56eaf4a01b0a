"""What is public of a product's inquiries, and whose product a code is."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, func, or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.store.public_tables import Publication
from gateway.store.states import Direction, Origin
from gateway.store.tables import Customer, Inquiry, Message, Outbox, Product, Store


@dataclass(frozen=True)
class PublicEntry:
    """One question or answer of an inquiry that may be shown, as the rows have it."""

    number: int
    at: datetime
    is_question: bool
    text: str
    waits: str | None
    has_left: bool  # an answer's 250 is recorded
    language: str  # the customer's


async def active_store(session: AsyncSession, name: str) -> Store | None:
    query = select(Store).where(Store.name == name, col(Store.active).is_(True))
    return (await session.exec(query)).first()


async def owner_of(session: AsyncSession, code: str) -> Store | None:
    """The active store that the product belongs to: the one that it is registered for, None where those are several;
    else the first that was asked about it. So nobody empties or takes a page with a question to another store."""
    registered = select(Product.store_id).where(func.lower(col(Product.code)) == code.lower())
    ids = {store_id for store_id in await session.exec(registered.distinct().limit(3)) if store_id is not None}
    if ids:
        store = await session.get(Store, ids.pop()) if len(ids) == 1 else None
        return store if store is not None and store.active else None
    asked = (
        select(Store)
        .join(Inquiry, col(Inquiry.store_id) == col(Store.id))
        .where(col(Inquiry.product_code).in_(_spellings(code)), Inquiry.origin == Origin.PRODUCT_PAGE)
        .where(col(Store.active).is_(True))
        .order_by(col(Inquiry.number))
        .limit(1)
    )
    return (await session.exec(asked)).first()


async def of_product(
    session: AsyncSession, store_id: int, code: str, *, before: int | None, limit: int
) -> list[PublicEntry]:
    """The entries of the newest `limit` inquiries below the number `before` that show anything, the newest inquiry
    first, each inquiry's entries oldest first."""
    found: list[int] = []
    for spelling in _spellings(code):  # one by one, so that an index gives the newest first
        found += await _newest(session, store_id, spelling, before, limit)
    wanted = sorted(found, reverse=True)[:limit]
    entries = (
        select(Publication, Message, Outbox.sent_at, Customer.language)
        .join(Message, col(Message.id) == col(Publication.message_id))
        .join(Inquiry, col(Inquiry.number) == col(Message.inquiry_number))
        .join(Customer, col(Customer.id) == col(Inquiry.customer_id))
        .join(Outbox, col(Outbox.id) == col(Message.outbox_id), isouter=True)
        .where(col(Message.inquiry_number).in_(wanted))
        .order_by(col(Message.inquiry_number).desc(), col(Message.id))
    )
    return [
        PublicEntry(
            number=message.inquiry_number,
            at=message.at,
            is_question=message.direction is Direction.IN,
            text=publication.text,
            waits=publication.waits,
            has_left=sent_at is not None,
            language=language,
        )
        for publication, message, sent_at, language in await session.exec(entries)
    ]


async def _newest(session: AsyncSession, store_id: int, code: str, before: int | None, limit: int) -> list[int]:
    """The numbers of the newest inquiries about a product that show anything."""
    numbers = (
        select(Inquiry.number)
        .join(Customer, col(Customer.id) == col(Inquiry.customer_id))
        .where(
            Inquiry.store_id == store_id,
            Inquiry.product_code == code,
            Inquiry.origin == Origin.PRODUCT_PAGE,
            col(Inquiry.hidden).is_(False),
            col(Customer.silenced_at).is_(None),
            _shows_anything(),
        )
        .order_by(col(Inquiry.number).desc())
        .limit(limit)
    )
    if before is not None:
        numbers = numbers.where(col(Inquiry.number) < before)
    return [number for number in await session.exec(numbers) if number is not None]


async def of_question(session: AsyncSession, number: int) -> Publication | None:
    """The inquiry's first question, if it is one of those that the public may be shown."""
    query = (
        select(Publication)
        .join(Message, col(Message.id) == col(Publication.message_id))
        .where(Message.inquiry_number == number, Message.direction == Direction.IN)
        .order_by(col(Message.id))
        .limit(1)
    )
    return (await session.exec(query)).first()


async def is_shown(session: AsyncSession, number: int) -> bool:
    """Whether the product's page shows anything of an inquiry, were it not hidden."""
    query = (
        select(Inquiry.number)
        .join(Customer, col(Customer.id) == col(Inquiry.customer_id))
        .where(Inquiry.number == number, col(Customer.silenced_at).is_(None), _shows_anything())
    )
    return (await session.exec(query)).first() is not None


def _shows_anything() -> ColumnElement[bool]:
    """A question that waits for nothing, or an answer that has left: it shows what it answers."""
    return exists(
        select(Publication.message_id)
        .join(Message, col(Message.id) == col(Publication.message_id))
        .join(Outbox, col(Outbox.id) == col(Message.outbox_id), isouter=True)
        .where(
            col(Message.inquiry_number) == col(Inquiry.number),
            or_(
                and_(col(Message.direction) == Direction.IN, col(Publication.waits).is_(None)),
                col(Outbox.sent_at).is_not(None),
            ),
        )
    )


def _spellings(code: str) -> set[str]:
    """What came by a mail address is in lower case, what came from an import as imported."""
    return {code, code.lower(), code.upper()}
