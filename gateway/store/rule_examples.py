"""Messages from which sellers say that a human was needed: what the writer of the rules learns from."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.store.rule_tables import RuleDecision
from gateway.store.tables import Attachment, Message, Store


@dataclass(frozen=True)
class Example:
    """A customer's message, and the decision that a seller undid."""

    decision: RuleDecision
    message: Message
    store: Store
    attachments: int


async def undone(session: AsyncSession, since: date | None = None) -> list[Example]:
    """In the order in which they came; `since` is the day on which the seller said so, in the store's time zone."""
    query = (
        select(RuleDecision, Message, Store)
        .join(Message, col(Message.id) == col(RuleDecision.message_id))
        .join(Store, col(Store.id) == col(RuleDecision.store_id))
        .where(col(RuleDecision.undone_at).is_not(None))
        .order_by(col(RuleDecision.message_id))
    )
    rows = (await session.exec(query)).all()
    counted = (
        select(Attachment.message_id, func.count())
        .join(RuleDecision, col(RuleDecision.message_id) == col(Attachment.message_id))
        .where(col(RuleDecision.undone_at).is_not(None))
        .group_by(col(Attachment.message_id))
    )
    files: Mapping[int, int] = dict((await session.exec(counted)).all())

    def wanted() -> Iterator[Example]:
        for decision, message, store in rows:
            said_on = decision.undone_at and decision.undone_at.astimezone(ZoneInfo(store.timezone)).date()
            if since is None or (said_on and said_on >= since):
                yield Example(decision, message, store, files.get(message.id or 0, 0))

    return list(wanted())
