"""Questions about held drafts."""

from datetime import datetime

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.store.states import DRAFT, DraftState, sources
from gateway.store.tables import Draft, Message


async def of_inquiry(session: AsyncSession, number: int) -> list[Draft]:
    """Every draft of an inquiry, newest first."""
    query = select(Draft).where(Draft.inquiry_number == number).order_by(col(Draft.id).desc())
    return list((await session.exec(query)).all())


async def newest_held(session: AsyncSession, number: int, seller_id: int | None) -> Draft | None:
    """A seller's newest draft of an inquiry that waits for a word; one that nobody is known to have written is
    everybody's."""
    query = (
        select(Draft)
        .join(Message, col(Message.id) == col(Draft.message_id))
        .where(Draft.inquiry_number == number, Draft.state == DraftState.HELD)
        .where(col(Message.seller_id).is_(None) | (col(Message.seller_id) == seller_id))
        .order_by(col(Draft.id).desc())
        .limit(1)
    )
    return (await session.exec(query)).first()


async def settle(session: AsyncSession, draft_id: str, state: DraftState) -> bool:
    """Takes the draft from held to `state`. False when it was not held any more."""
    step = (
        update(Draft)
        .where(col(Draft.id) == draft_id, col(Draft.state).in_(sources(DRAFT, state)))
        .values(prior_state=col(Draft.state), state=state)
        .execution_options(synchronize_session="fetch")  # the same transaction may read it again
    )
    return bool((await session.exec(step)).rowcount)


async def expire(session: AsyncSession, now: datetime) -> int:
    """Ends the drafts whose time is over; returns how many."""
    step = (
        update(Draft)
        .where(col(Draft.state).in_(sources(DRAFT, DraftState.EXPIRED)), col(Draft.expires_at) <= now)
        .values(prior_state=col(Draft.state), state=DraftState.EXPIRED)
        .execution_options(synchronize_session=False)
    )
    return (await session.exec(step)).rowcount
