"""Questions about sellers: who may answer for which store."""

from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.mail.addresses import address_key
from gateway.store import suppressions
from gateway.store.tables import Seller, Store
from gateway.store.whose_address import has_address


async def listing(session: AsyncSession, store: str | None = None) -> list[tuple[Seller, Store]]:
    """Sellers with their stores, by store and in the order they were added."""
    query = (
        select(Seller, Store)
        .join(Store, col(Store.id) == col(Seller.store_id))
        .order_by(col(Store.name), col(Seller.id))
    )
    if store is not None:
        query = query.where(Store.name == store)
    return [(seller, of) for seller, of in (await session.exec(query)).all()]


async def suppressed(session: AsyncSession, now: datetime) -> int:
    """How many sellers are not written to, since their address was found dead."""
    keys = {address_key(address) for address in await session.exec(select(Seller.address))}
    return len(keys & {row.address_key for row in await suppressions.listing(session, now)})


async def find(session: AsyncSession, store_id: int, address: str) -> Seller | None:
    """The store's seller with this normalised address, whatever its case."""
    query = select(Seller).where(Seller.store_id == store_id, has_address(col(Seller.address), address))
    return (await session.exec(query)).first()


async def add(session: AsyncSession, seller: Seller) -> Seller:
    session.add(seller)
    await session.flush()
    return seller


async def remove(session: AsyncSession, seller: Seller) -> None:
    await session.delete(seller)
    await session.flush()
