"""Inquiries as `inquiry export` writes them: one flat row each, in the order of the listing."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.store.inquiry_filter import Filter, Row, find
from gateway.store.inquiry_views import iso, views
from gateway.store.states import Author, Direction, InquiryStatus
from gateway.store.tables import Message

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


async def rows(session: AsyncSession, wanted: Filter) -> AsyncIterator[list[dict[str, Any]]]:
    """All inquiries that fit, page by page. `asked_at` and `question` are of the first mail, `answered_at` and
    `answer` of the last one that went to the customer, `received_at` of the last mail."""
    page = replace(wanted, limit=PAGE)
    while found := await find(session, page):
        yield await _flat(session, found)
        page = replace(page, before=found[-1][0].number)
        session.expunge_all()  # a page is in memory, not all before it


async def _flat(session: AsyncSession, found: Sequence[Row]) -> list[dict[str, Any]]:
    numbers = [inquiry.number for inquiry, _, _ in found]
    entries = select(Message).where(
        col(Message.inquiry_number).in_(numbers), col(Message.direction) != Direction.INTERNAL
    )
    questions: dict[int, Message] = {}
    answers: dict[int, Message] = {}
    for entry in await session.exec(entries.order_by(col(Message.id))):
        if entry.direction is Direction.IN:
            questions.setdefault(entry.inquiry_number, entry)
        elif entry.author is not Author.GATEWAY:  # a notice of ours answers nothing
            answers[entry.inquiry_number] = entry
    flat = []
    for (inquiry, store, _), view in zip(found, await views(session, found), strict=True):
        number, customer = inquiry.number or 0, view.pop("customer")
        question, answer = questions.get(number), answers.get(number)
        row = view | {
            "status": CODES[inquiry.status],
            "customer_name": customer["name"],
            "customer_address": customer["address"],
            "asked_at": iso(inquiry.created_at, store.timezone),
            "answered_at": iso(answer.at, store.timezone) if answer else None,
            "question": question.text if question else "",
            "answer": answer.text if answer else "",
        }
        flat.append({column: row[column] for column in COLUMNS})
    return flat
