"""Held drafts come to their end: the owner is told a day before, with the text, and then the address works no more."""

from datetime import datetime, timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.desk import hold_letters
from gateway.desk.drafts import as_written, reply_of, sends
from gateway.desk.load import sellers_of
from gateway.desk.post import Office
from gateway.store import drafts, inquiries
from gateway.store.states import DraftState
from gateway.store.tables import Customer, Draft, History, Inquiry, Message, Seller
from gateway.texts import Texts

BEFORE = timedelta(days=1)  # of a life shorter than two days, its last half


async def due_to_warn(session: AsyncSession, now: datetime) -> list[int]:
    """The entries of the drafts that go soon, the first to go first."""
    unwarned = await drafts.unwarned(session, now + BEFORE)
    return [draft.message_id for draft in unwarned if draft.expires_at - _time_left(draft) <= now]


async def due_to_expire(session: AsyncSession, now: datetime) -> list[int]:
    """The entries of the drafts whose time is over."""
    return [draft.message_id for draft in await drafts.over(session, now)]


async def warn(session: AsyncSession, office: Office, entry: int, now: datetime) -> bool:
    """Tells the owner of a draft that goes soon, once. One that should have been told while the gateway was away has
    its last day from now. True when somebody is told."""
    held = await _held(session, entry)
    if held is None or held[0].warned_at is not None:
        return False
    draft, inquiry, customer = held
    draft.warned_at, draft.expires_at = now, max(draft.expires_at, now + _time_left(draft))
    message = await session.get_one(Message, entry)
    file = await office.file(session, inquiry, customer, None)
    reply, _ = reply_of(message.text, draft.reading)
    owners = _owners(message, await sellers_of(session, file.store.id or 0)) if file.store.active else []
    address = office.draft_address(file.inquiry, draft.nonce)
    for seller in owners:
        await office.to_seller(
            session,
            now,
            file,
            hold_letters.going(
                file, as_written(reply), sends(reply), address, draft.expires_at, Texts(seller.language)
            ),
            kind="draft_going",
            cause=f"draft:{draft.id}",
            to=seller.address,
            language=seller.language,
            name=seller.name,
        )
    return bool(owners)


async def expire(session: AsyncSession, _office: Office, entry: int, now: datetime) -> bool:
    """Ends a draft whose time is over; the thread keeps its text. Nobody is told again."""
    held = await _held(session, entry)
    if held is not None and held[0].expires_at <= now:
        await drafts.settle(session, held[0].id, DraftState.EXPIRED)
        session.add(History(inquiry_number=held[1].number or 0, at=now, event="draft_expired", why=held[0].id))
    return False


async def _held(session: AsyncSession, entry: int) -> tuple[Draft, Inquiry, Customer] | None:
    """The draft with its inquiry, whose row is locked first, as by every mail."""
    draft = await drafts.held_with(session, entry)
    found = await inquiries.with_customer(session, draft.inquiry_number) if draft is not None else None
    draft = await drafts.held_with(session, entry)
    return (draft, *found) if draft is not None and found is not None else None


def _time_left(draft: Draft) -> timedelta:
    """From the warning to the end."""
    return min(BEFORE, (draft.expires_at - draft.created_at) / 2)


def _owners(message: Message, sellers: tuple[Seller, ...]) -> list[Seller]:
    """Who wrote it; everybody where nobody is known to have."""
    return [seller for seller in sellers if seller.id == message.seller_id] or list(sellers)
