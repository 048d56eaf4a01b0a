"""Questions about customers whom a seller silenced (#迷惑)."""

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.store.tables import Customer, Store


async def listing(session: AsyncSession, store: str | None = None) -> list[tuple[Customer, Store]]:
    """Silenced customers with their stores, by store, the last silenced first."""
    query = (
        select(Customer, Store)
        .join(Store, col(Store.id) == col(Customer.store_id))
        .where(col(Customer.silenced_at).is_not(None))
        .order_by(col(Store.name), col(Customer.silenced_at).desc())
    )
    if store is not None:
        query = query.where(Store.name == store)
    return [(customer, of) for customer, of in (await session.exec(query)).all()]


async def find(session: AsyncSession, store_id: int, address_key: str) -> Customer | None:
    """The store's silenced customer of this address, its case folded."""
    query = select(Customer).where(
        Customer.store_id == store_id, Customer.address_key == address_key, col(Customer.silenced_at).is_not(None)
    )
    return (await session.exec(query)).first()
