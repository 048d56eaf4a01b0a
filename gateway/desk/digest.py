"""The daily digest (F1): what waits for an answer, and what rules did without a human and told nobody of.

Once a day at `digest_at`, in the store's time zone, one mail to each seller in their language, which can be answered by
its numbers. Which day's was sent stands in `Store.digest_on`, set in the same transaction, so that it goes out once
whoever looks; a day with nothing to tell is done with in silence. `digest send` asks for one at once.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from sqlalchemy import update
from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.desk import digest_letters, numbered, rule_digest
from gateway.desk.business_hours import last_time
from gateway.desk.desk_mail_letters import Row
from gateway.desk.load import sellers_of
from gateway.desk.post import GENERATED, Office
from gateway.store import counters
from gateway.store.states import InquiryStatus
from gateway.store.tables import Customer, Inquiry, Store
from gateway.texts import Texts

KIND = "digest"
NEVER = "off"  # `digest_at` of a store that wants none
MOST = 30  # inquiries of each state: the list has the others


async def due(session: AsyncSession, now: datetime) -> list[int]:
    """The stores whose time of day has come and whose digest of the day is not settled, and those asked for."""
    asked = select(Store.id).where(col(Store.digest_asked_at).is_not(None))
    ids = [store_id for store_id in await session.exec(asked) if store_id is not None]
    clocks = select(Store.timezone, Store.digest_at).where(col(Store.active), Store.digest_at != NEVER).distinct()
    for timezone, clock in (await session.exec(clocks)).all():
        day = last_time(Store(name="", title="", timezone=timezone, created_at=now), clock, now).date()
        waiting = select(Store.id).where(
            col(Store.active), Store.timezone == timezone, Store.digest_at == clock, col(Store.digest_on) < str(day)
        )
        ids += [store_id for store_id in await session.exec(waiting) if store_id is not None]
    return list(dict.fromkeys(ids))


async def send(session: AsyncSession, office: Office, store_id: int, now: datetime) -> bool:
    """Posts the store's digest to each of its sellers if it is due still. True when somebody gets one."""
    store = await session.get(Store, store_id)
    if store is None or not store.active:
        return False
    asked, end = store.digest_asked_at, last_time(store, store.digest_at, now)
    day = str(end.date())
    claim = update(Store).where(col(Store.id) == store_id, col(Store.active))
    if asked is not None:
        claim = claim.where(col(Store.digest_asked_at) == asked).values(digest_asked_at=None)
    else:
        claim = claim.where(col(Store.digest_on) < day).values(digest_on=day)
    if not (await session.exec(claim)).rowcount:
        return False
    if asked is not None:
        end, day = now.astimezone(end.tzinfo), asked.isoformat()
    return await _send(session, office, store, end, now, day)


async def _send(
    session: AsyncSession, office: Office, store: Store, end: datetime, now: datetime, occasion: str
) -> bool:
    sellers = [seller for seller in await sellers_of(session, store.id or 0) if seller.digest]
    told: list[rule_digest.Told] = []
    if store.auto_notice in rule_digest.WITH_DIGEST:
        told = await rule_digest.to_tell(session, office, store, end - rule_digest.LOOKED_BACK, end)
    rows = [
        row
        for status in (InquiryStatus.UNANSWERED, InquiryStatus.IN_PROGRESS)
        for row in await _waiting(session, office, store, status, end, now)
    ]
    if not sellers or not (rows or told):
        return False
    counted = await counters.of_store(session, store.id or 0, now)
    numbers = [row.file.inquiry.number or 0 for row in rows]
    for seller in sellers:
        letter = partial(digest_letters.digest, store, rows, counted, told, end, Texts(seller.language))
        await numbered.post(
            session,
            office,
            now,
            store,
            seller,
            numbers,
            letter,
            kind=KIND,
            cause=f"digest:{store.id}:{occasion}",
            auto_submitted=GENERATED,
            unsubscribe=f"mailto:desk@{office.domain}?subject=settings%20digest%20off%20@{store.name}",
        )
    for one in told[: rule_digest.MOST]:
        one.decision.told_at = now
    await session.flush()
    return True


async def _waiting(
    session: AsyncSession, office: Office, store: Store, status: InquiryStatus, end: datetime, now: datetime
) -> Sequence[Row]:
    """Open inquiries of this state, the longest waiting first; none that a seller wants back later."""
    query = (
        select(Inquiry, Customer)
        .join(Customer, col(Customer.id) == col(Inquiry.customer_id))
        .where(
            Inquiry.store_id == store.id,
            Inquiry.status == status,
            col(Inquiry.received_at) < end,
            or_(col(Inquiry.snoozed_until).is_(None), col(Inquiry.snoozed_until) <= now),
        )
        .order_by(col(Inquiry.received_at), col(Inquiry.number))
        .limit(MOST)
    )
    found = [(inquiry, store, customer) for inquiry, customer in await session.exec(query)]
    return await numbered.rows_of(session, office, found)
