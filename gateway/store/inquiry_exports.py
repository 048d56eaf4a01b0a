"""Inquiries as `inquiry export` writes them: one flat row each, store by store, the order of the listing in each."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.store import stores
from gateway.store.inquiry_filter import Filter, Row, find
from gateway.store.inquiry_views import iso, views
from gateway.store.states import Author, Direction, InquiryStatus
from gateway.store.tables import Message, Outbox

PAGE = 500  # inquiries read at once
CODES: Mapping[str, str] = {
    InquiryStatus.UNANSWERED: "S1",
    InquiryStatus.IN_PROGRESS: "S2",
    InquiryStatus.DONE: "S3",
}  # QAPI's names of the states
COLUMNS = (
    *("number", "store", "status", "kind", "category", "origin", "title", "customer_name", "customer_address"),
    *("country", "product_code", "product_name", "product_category", "product_page"),
    *("order_number", "cart_number", "ordered_at", "asked_at", "received_at", "answered_at"),
    *("messages", "unread", "hidden", "last_rule", "tags", "question", "answer"),
)

Said = tuple[datetime, str]


async def rows(session: AsyncSession, wanted: Filter) -> AsyncIterator[list[dict[str, Any]]]:
    """All inquiries that fit, page by page, as they are at one moment. `asked_at` and `question` are of the first mail,
    `received_at` of the customer's last, `answered_at` and `answer` of the last one that left for the customer."""
    if session.get_bind().dialect.name == "postgresql":
        await session.rollback()  # of what was asked before: the level is a transaction's from its beginning
        await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    names = [wanted.store] if wanted.store else [store.name for store in await stores.all_stores(session)]
    for name in names:
        page = replace(wanted, store=name, limit=PAGE)
        while found := await find(session, page):
            yield await _flat(session, found)
            page = replace(page, before=found[-1][0].number)
            session.expunge_all()  # a page is in memory, not all before it


async def _flat(session: AsyncSession, found: Sequence[Row]) -> list[dict[str, Any]]:
    questions, answers = await _said(session, [inquiry.number or 0 for inquiry, _, _ in found])
    flat = []
    for (inquiry, store, customer), view in zip(found, await views(session, found), strict=True):
        number = inquiry.number or 0
        asked_at, question = questions.get(number, (inquiry.created_at, ""))
        answered_at, answer = answers.get(number, (None, ""))
        row = view | {
            "status": CODES[inquiry.status],
            "customer_name": customer.name,
            "customer_address": customer.address,
            "asked_at": iso(asked_at, store.timezone),
            "answered_at": iso(answered_at, store.timezone),
            "question": question,
            "answer": answer,
        }
        flat.append({column: row[column] for column in COLUMNS})
    return flat


async def _said(session: AsyncSession, numbers: Sequence[int]) -> tuple[dict[int, Said], dict[int, Said]]:
    """Of each inquiry the first question and the last answer; a notice of ours answers nothing."""
    query = (
        select(Message.inquiry_number, Message.direction, Message.at, Message.text)
        .outerjoin(Outbox, col(Outbox.id) == col(Message.outbox_id))
        .where(
            col(Message.inquiry_number).in_(numbers),
            col(Message.direction) != Direction.INTERNAL,
            Message.author != Author.GATEWAY,
            or_(Message.direction == Direction.IN, col(Outbox.sent_at).is_not(None)),
        )
        .order_by(col(Message.id))
    )
    questions: dict[int, Said] = {}
    answers: dict[int, Said] = {}
    for number, direction, at, text in await session.exec(query):
        if direction is Direction.IN:
            questions.setdefault(number, (at, text))
        else:
            answers[number] = (at, text)
    return questions, answers
