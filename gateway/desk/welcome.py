"""What a new seller is sent: the welcome with the practice inquiry, once to a person, and what became of practising.

When it is due stands in `Seller.welcome_at`, set by whoever registers the seller: the command line has no keys to sign
addresses with, the gateway has.
"""

from datetime import datetime

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.desk import letters, practice
from gateway.desk.effects import Practised
from gateway.desk.load import WELCOME
from gateway.desk.post import GENERATED, REPLIED, Office
from gateway.desk.work import Work
from gateway.mail.addresses import PRACTICE_PURPOSES
from gateway.store import outbox
from gateway.store.tables import Seller, Store
from gateway.store.whose_address import has_address
from gateway.texts import Texts


async def due(session: AsyncSession, now: datetime) -> list[int]:
    """The sellers who wait for their welcome, the longest first."""
    query = select(Seller.id).where(col(Seller.welcome_at) <= now).order_by(col(Seller.welcome_at), col(Seller.id))
    return [seller_id for seller_id in await session.exec(query) if seller_id is not None]


async def send(session: AsyncSession, office: Office, seller_id: int, now: datetime) -> bool:
    """Posts a welcome that is due still; a short note to who was welcomed before. True when something was posted."""
    claim = update(Seller).where(col(Seller.id) == seller_id, col(Seller.welcome_at) <= now).values(welcome_at=None)
    if not (await session.exec(claim)).rowcount:
        return False
    seller = await session.get(Seller, seller_id, populate_existing=True)
    store = await session.get(Store, seller.store_id) if seller else None
    if seller is None or store is None or not store.active:
        return False
    texts = Texts(seller.language)
    if await outbox.posted(session, WELCOME, WELCOME, await _spellings(session, seller.address)):
        text = texts("practice.another", store=store.title, desk=f"desk@{office.domain}")
        letter = letters.plain(texts("practice.another_subject", store=store.title), text, seller.language)
        sender, kind, cause = (
            (texts("name.desk"), f"desk@{office.domain}"),
            "registered",
            f"seller:{seller_id}:{seller.created_at.timestamp():.0f}",
        )
    else:
        addresses = {
            purpose: f"{office.keyring.practice_address(seller_id, seller.address, purpose)}@{office.domain}"
            for purpose in PRACTICE_PURPOSES
        }
        letter = practice.welcome(seller, store, now, addresses)
        sender, kind, cause = (texts("practice.customer"), addresses["s"]), WELCOME, WELCOME
    row = office.row(now, cause=cause, kind=kind, to=seller.address, letter=letter, sender=sender)
    row.store_id, row.to_name, row.auto_submitted = store.id, seller.name, GENERATED
    await outbox.enqueue(session, row)
    return True


async def _spellings(session: AsyncSession, address: str) -> list[str]:
    """The same mailbox as it is registered elsewhere, whatever its case."""
    return list(await session.exec(select(Seller.address).where(has_address(col(Seller.address), address))))


async def tell_practised(work: Work, done: Practised) -> None:
    """From the desk, where an answer of a program to it can do no harm (A13)."""
    (seller,), store = work.situation.sellers, work.situation.store
    if store is None:
        raise AssertionError("a seller has a store")
    letter = practice.practised(done, seller, store)
    sender = (Texts(seller.language)("name.desk"), f"desk@{work.office.domain}")
    cause = f"mail:{work.incoming.queue_id}"
    row = work.office.row(work.now, cause=cause, kind="practice", to=seller.address, letter=letter, sender=sender)
    row.store_id, row.to_name, row.auto_submitted = store.id, seller.name, REPLIED
    row.in_reply_to = work.incoming.mail.message_id
    row.references = [row.in_reply_to] if row.in_reply_to else []
    await outbox.enqueue(work.session, row)
