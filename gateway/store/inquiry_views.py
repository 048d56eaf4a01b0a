"""Inquiries as the contract's JSON shows them: `inquiry list` and `inquiry show`.

Values are ready for JSON; times are ISO 8601 in the zone of the inquiry's store.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import Select

from gateway.store import orders, products
from gateway.store.inquiry_filter import Filter, Row, find
from gateway.store.states import Direction, OutboxState
from gateway.store.tables import Attachment, Customer, History, Inquiry, Message, Order, Outbox, Product, Store

NO_STORE = "UTC"  # the zone of what concerns no store
WAITING = (OutboxState.QUEUED, OutboxState.SENDING, OutboxState.UNCERTAIN)  # states in which `next_at` says something


def iso(at: datetime | None, zone: str) -> str | None:
    """ISO 8601 to the second, in an IANA zone."""
    return None if at is None else at.astimezone(ZoneInfo(zone)).isoformat(timespec="seconds")


async def listing(session: AsyncSession, wanted: Filter) -> list[dict[str, Any]]:
    """Inquiries that fit, in the order of the listing."""
    return await views(session, await find(session, wanted))


async def shown(session: AsyncSession, number: int) -> dict[str, Any] | None:
    """One inquiry with its thread and history, or None."""
    row = (await session.exec(_with_parties().where(col(Inquiry.number) == number))).first()
    if row is None:
        return None
    [view] = await views(session, [row])
    zone = row[1].timezone
    view |= {"snoozed_until": iso(row[0].snoozed_until, zone), "merged_into": row[0].merged_into}
    view["erased_at"] = iso(row[0].erased_at, zone)
    view["thread"] = await _thread(session, number, zone)
    history = select(History).where(History.inquiry_number == number).order_by(col(History.id))
    view["history"] = [
        {"at": iso(entry.at, zone), "event": entry.event, "by": entry.by, "rule": entry.rule, "why": entry.why}
        for entry in (await session.exec(history)).all()
    ]
    return view


def _with_parties() -> Select[Inquiry, Store, Customer]:
    return (
        select(Inquiry, Store, Customer)
        .join(Store, col(Store.id) == col(Inquiry.store_id))
        .join(Customer, col(Customer.id) == col(Inquiry.customer_id))
    )


async def views(session: AsyncSession, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Each with what is known of its product and order."""
    store_ids = {inquiry.store_id for inquiry, _, _ in rows}
    codes = {code for inquiry, _, _ in rows if inquiry.product_code for code in _cases(inquiry.product_code)}
    numbers = {number for inquiry, _, _ in rows if inquiry.order_number for number in _cases(inquiry.order_number)}
    goods = await products.by_code(session, codes, store_ids) if codes else {}
    sales = await orders.by_number(session, numbers, store_ids) if numbers else {}
    counts = await _counts(session, [inquiry.number for inquiry, _, _ in rows if inquiry.number is not None])
    return [
        _view(row, _product(goods, row[0]), _order(sales, row[0]), counts.get(row[0].number or 0, 0)) for row in rows
    ]


def _cases(value: str) -> tuple[str, str]:
    return value, value.upper()


def _product(goods: dict[tuple[str, int | None], Product], inquiry: Inquiry) -> Product | None:
    keys = [(code, store) for store in (inquiry.store_id, None) for code in _cases(inquiry.product_code or "")]
    return next((goods[key] for key in keys if key in goods), None)


def _order(sales: dict[tuple[str, int], Order], inquiry: Inquiry) -> Order | None:
    keys = [(number, inquiry.store_id) for number in _cases(inquiry.order_number or "")]
    return next((sales[key] for key in keys if key in sales), None)


async def _counts(session: AsyncSession, numbers: list[int]) -> dict[int, int]:
    """How many mails each thread has, both ways."""
    query = (
        select(Message.inquiry_number, func.count())
        .where(col(Message.inquiry_number).in_(numbers), col(Message.direction) != Direction.INTERNAL)
        .group_by(col(Message.inquiry_number))
    )
    return dict((await session.exec(query)).all())


def _view(row: Row, product: Product | None, order: Order | None, messages: int) -> dict[str, Any]:
    inquiry, store, customer = row
    return {
        "number": inquiry.number,
        "store": store.name,
        "status": inquiry.status.value,
        "kind": inquiry.kind,
        "category": inquiry.category,
        "origin": inquiry.origin.value,
        "product_code": inquiry.product_code,
        "product_name": product.name or None if product else None,
        "product_category": product.category or None if product else None,
        "product_page": product.page or None if product else None,
        "order_number": inquiry.order_number,
        "cart_number": order.cart_number or None if order else None,
        "ordered_at": iso(order.ordered_at, store.timezone) if order else None,
        "country": inquiry.country or (order.country or None if order else None),
        "unread": inquiry.unread,
        "title": inquiry.title,
        "customer": {"name": customer.name, "address": customer.address},
        "received_at": iso(inquiry.received_at, store.timezone),
        "hidden": inquiry.hidden,
        "messages": messages,
        "last_rule": inquiry.last_rule,
        "tags": inquiry.tags,
    }


async def _thread(session: AsyncSession, number: int, zone: str) -> list[dict[str, Any]]:
    entries = (
        await session.exec(select(Message).where(Message.inquiry_number == number).order_by(col(Message.id)))
    ).all()
    files = defaultdict(list)
    query = select(Attachment).join(Message, col(Message.id) == col(Attachment.message_id))
    for file in (await session.exec(query.where(Message.inquiry_number == number).order_by(col(Attachment.id)))).all():
        files[file.message_id].append({"name": file.name, "type": file.type, "size": file.size})
    letters = {
        letter.id: letter
        for letter in (await session.exec(select(Outbox).where(Outbox.inquiry_number == number))).all()
    }
    return [
        {
            "id": entry.id,
            "direction": entry.direction.value,
            "author": entry.author.value,
            "at": iso(entry.at, zone),
            "subject": entry.subject,
            "text": entry.text,
            "quoted": entry.quoted,
            "attachments": files[entry.id or 0],
            "message_id": entry.message_id,
            "delivery": _delivery(letters.get(entry.outbox_id or ""), zone),
            "matched_by": entry.matched_by,
        }
        for entry in entries
    ]


def _delivery(letter: Outbox | None, zone: str) -> dict[str, Any] | None:
    if letter is None:
        return None
    return {
        "state": letter.state.value,
        "attempts": letter.attempts,
        "next_at": iso(letter.next_at, zone) if letter.state in WAITING else None,
        "reply": letter.reply,
    }
