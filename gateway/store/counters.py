"""How the gateway is doing, in numbers: what waits, what went out, and what is asked."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.store.smarthost_trouble import Trouble, trouble
from gateway.store.states import DraftState, InquiryStatus, Origin, OutboxState, ReceivedState
from gateway.store.tables import Draft, Inquiry, Outbox, Received

RECENT = timedelta(days=30)  # the guide counts inquiries of the last 30 days (F1)
_HELD_DRAFTS = select(func.count()).select_from(Draft).where(Draft.state == DraftState.HELD)


@dataclass(frozen=True)
class Counters:
    """All of one moment. A state that no row has counts 0."""

    received: dict[str, int]
    oldest_waiting: datetime | None  # received and not yet understood
    outbox: dict[str, int]
    oldest_due: datetime | None  # next_at of the outgoing mail that should have been tried longest ago
    last_delivery: datetime | None
    drafts: int  # held ones
    inquiries: dict[str, int]  # customers', last mail within RECENT
    marketplace: dict[str, int]  # CS Center's, likewise


@dataclass(frozen=True)
class StoreCounters:
    """What a store's sellers see above every list (F1), of the last RECENT days."""

    unanswered: int
    in_progress: int
    staff_unanswered: int
    staff_unread: int


async def of_store(session: AsyncSession, store_id: int, now: datetime) -> StoreCounters:
    """Customers' and the marketplace's inquiries counted apart."""
    recent = (Inquiry.store_id == store_id, col(Inquiry.received_at) >= now - RECENT)
    is_open = col(Inquiry.status).in_((InquiryStatus.UNANSWERED, InquiryStatus.IN_PROGRESS))
    grouped = select(Inquiry.status, Inquiry.origin, func.count()).where(*recent, is_open)
    customers, staff = _zeros(InquiryStatus), _zeros(InquiryStatus)
    for status, origin, number in await session.exec(grouped.group_by(col(Inquiry.status), col(Inquiry.origin))):
        of = staff if origin is Origin.MARKETPLACE else customers
        of[str(status)] += number
    unread = select(func.count()).select_from(Inquiry).where(*recent, col(Inquiry.unread))
    return StoreCounters(
        customers[InquiryStatus.UNANSWERED],
        customers[InquiryStatus.IN_PROGRESS],
        staff[InquiryStatus.UNANSWERED],
        (await session.exec(unread)).one(),
    )


@dataclass(frozen=True)
class Waiting:
    """What monitoring asks every few seconds: nothing that is done with is counted, however much there is of it."""

    received: int
    oldest_received: datetime | None
    outbox: dict[str, int]  # by state, without what has left or was cancelled
    oldest_due: datetime | None
    drafts: int  # held ones
    set_aside: int  # received mails that could not be understood
    trouble: Trouble | None  # with the smarthost


async def waiting(session: AsyncSession, now: datetime) -> Waiting:
    received = select(func.count(), func.min(Received.received_at)).where(Received.state == ReceivedState.RECEIVED)
    number, since = (await session.exec(received)).one()
    states = [state for state in OutboxState if state not in (OutboxState.SENT, OutboxState.CANCELLED)]
    outbox = select(Outbox.state, func.count()).where(col(Outbox.state).in_(states)).group_by(col(Outbox.state))
    found = {str(state): n for state, n in (await session.exec(outbox)).all()}
    aside = select(func.count()).select_from(Received).where(Received.state == ReceivedState.SET_ASIDE)
    return Waiting(
        number,
        since,
        {state.value: 0 for state in states} | found,
        await _oldest_due(session, now),
        (await session.exec(_HELD_DRAFTS)).one(),
        (await session.exec(aside)).one(),
        await trouble(session),
    )


async def _oldest_due(session: AsyncSession, now: datetime) -> datetime | None:
    due = select(func.min(Outbox.next_at)).where(Outbox.state == OutboxState.QUEUED, col(Outbox.next_at) <= now)
    return (await session.exec(due)).one()


async def count(session: AsyncSession, now: datetime) -> Counters:
    received = select(Received.state, func.count()).group_by(col(Received.state))
    outbox = select(Outbox.state, func.count()).group_by(col(Outbox.state))
    waiting = select(func.min(Received.received_at)).where(Received.state == ReceivedState.RECEIVED)
    asked = (
        select(Inquiry.status, Inquiry.origin, func.count())
        .where(col(Inquiry.received_at) >= now - RECENT)
        .group_by(col(Inquiry.status), col(Inquiry.origin))
    )
    customers, marketplace = _zeros(InquiryStatus), _zeros(InquiryStatus)
    for status, origin, number in (await session.exec(asked)).all():
        of = marketplace if origin is Origin.MARKETPLACE else customers
        of[str(status)] += number
    return Counters(
        received=_zeros(ReceivedState) | {str(state): n for state, n in (await session.exec(received)).all()},
        oldest_waiting=(await session.exec(waiting)).one(),
        outbox=_zeros(OutboxState) | {str(state): n for state, n in (await session.exec(outbox)).all()},
        oldest_due=await _oldest_due(session, now),
        last_delivery=(await session.exec(select(func.max(Outbox.sent_at)))).one(),
        drafts=(await session.exec(_HELD_DRAFTS)).one(),
        inquiries=customers,
        marketplace=marketplace,
    )


def _zeros(states: type[ReceivedState] | type[OutboxState] | type[InquiryStatus]) -> dict[str, int]:
    return {state.value: 0 for state in states}
