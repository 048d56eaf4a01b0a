"""How a store did in the last days, in numbers, from its inquiries of that time and nothing older."""

from dataclasses import dataclass
from datetime import datetime
from statistics import median

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.store.states import Author, Direction, InquiryStatus, Origin
from gateway.store.tables import Inquiry, Message


@dataclass(frozen=True)
class Report:
    """All of inquiries that were opened at or after `since`."""

    since: datetime
    opened: int
    statuses: dict[str, int]
    origins: dict[str, int]
    categories: dict[str, int]  # the most frequent first
    answered_by_seller: int
    answered_by_rule: int
    first_answer_minutes: float | None  # median, from the first mail to a seller's first answer


async def of_store(session: AsyncSession, store_id: int, since: datetime) -> Report:
    """Of what was asked since then, mail that came since to older inquiries left out."""
    recent = (Inquiry.store_id == store_id, col(Inquiry.received_at) >= since, col(Inquiry.created_at) >= since)

    async def counted(column: object) -> dict[str, int]:
        query = select(column, func.count()).where(*recent).group_by(column)  # type: ignore[call-overload]
        rows = [(str(value), number) for value, number in await session.exec(query)]
        return dict(sorted(rows, key=lambda row: (-row[1], row[0])))

    answered = (
        select(Message.inquiry_number, Message.author, func.min(Message.at), func.min(Inquiry.created_at))
        .join(Inquiry, col(Inquiry.number) == col(Message.inquiry_number))
        .where(*recent, Message.direction == Direction.OUT)
        .group_by(col(Message.inquiry_number), col(Message.author))
    )
    rows = (await session.exec(answered)).all()
    waited = [(first - asked).total_seconds() / 60 for _, author, first, asked in rows if author is Author.SELLER]
    statuses = {status.value: 0 for status in InquiryStatus} | await counted(col(Inquiry.status))
    return Report(
        since=since,
        opened=sum(statuses.values()),
        statuses=statuses,
        origins={origin.value: 0 for origin in Origin} | await counted(col(Inquiry.origin)),
        categories=await counted(col(Inquiry.category)),
        answered_by_seller=len(waited),
        answered_by_rule=sum(author is Author.RULE for _, author, _, _ in rows),
        first_answer_minutes=round(median(waited), 1) if waited else None,
    )
