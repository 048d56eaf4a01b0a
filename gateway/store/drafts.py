"""Questions about held drafts."""

from datetime import datetime

from sqlalchemy import func, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from gateway.store.states import DRAFT, DraftState, sources
from gateway.store.tables import Draft, History, Message

ASKED = ("repeated", "newer", "colleague", "personal_data")  # reasons that doubt a text, and never who wrote it

DOUBTED, CONFIRMED = ("draft_held", "doubted"), "draft_confirmed"  # events of an inquiry's history


async def of_inquiry(session: AsyncSession, number: int) -> list[Draft]:
    """Every draft of an inquiry, newest first."""
    query = select(Draft).where(Draft.inquiry_number == number).order_by(col(Draft.id).desc())
    return list((await session.exec(query)).all())


async def newest_held(session: AsyncSession, number: int, seller_id: int | None) -> Draft | None:
    """The newest draft of an inquiry that waits for this seller's word and is surely theirs: what may be forged goes by
    its one-time address alone."""
    query = (
        select(Draft)
        .join(Message, col(Message.id) == col(Draft.message_id))
        .where(Draft.inquiry_number == number, Draft.state == DraftState.HELD)
        .where(Message.seller_id == seller_id, col(Draft.reason).in_(ASKED))
        .order_by(col(Draft.id).desc())
        .limit(1)
    )
    return (await session.exec(query)).first()


async def doubted(session: AsyncSession, number: int, since: datetime) -> dict[str, int]:
    """How many mails about an inquiry had sellers asked since one of them confirmed any, by the reason. Up to now and
    beyond: a clock that was set back lets nobody ask more."""
    of_inquiry = History.inquiry_number == number
    confirmed = select(func.max(History.id)).where(of_inquiry, History.event == CONFIRMED).scalar_subquery()
    query = (
        select(History.why, func.count())
        .where(of_inquiry, col(History.event).in_(DOUBTED), col(History.at) > since)
        .where(col(History.id) > func.coalesce(confirmed, 0))
        .group_by(col(History.why))
    )
    return dict((await session.exec(query)).all())


async def settle(session: AsyncSession, draft_id: str, state: DraftState) -> bool:
    """Takes the draft from held to `state`. False when it was not held any more."""
    step = (
        update(Draft)
        .where(col(Draft.id) == draft_id, col(Draft.state).in_(sources(DRAFT, state)))
        .values(prior_state=col(Draft.state), state=state)
        .execution_options(synchronize_session="fetch")  # the same transaction may read it again
    )
    return bool((await session.exec(step)).rowcount)


async def unwarned(session: AsyncSession, until: datetime) -> list[Draft]:
    """The held drafts whose time is over at `until` and whose owners do not know it, the first to go first."""
    return list(await session.exec(_ending(until).where(col(Draft.warned_at).is_(None))))


async def over(session: AsyncSession, now: datetime) -> list[Draft]:
    """The held drafts whose time is over, and whose owners were told so."""
    return list(await session.exec(_ending(now).where(col(Draft.warned_at).is_not(None))))


async def held_with(session: AsyncSession, message_id: int) -> Draft | None:
    """The held draft with this entry of a thread, as it is now."""
    query = select(Draft).where(Draft.message_id == message_id, Draft.state == DraftState.HELD)
    return (await session.exec(query.execution_options(populate_existing=True))).first()


def _ending(until: datetime) -> SelectOfScalar[Draft]:
    held = select(Draft).where(Draft.state == DraftState.HELD, col(Draft.expires_at) <= until)
    return held.order_by(col(Draft.expires_at))
