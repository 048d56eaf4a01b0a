"""The order and the product that a mail or an inquiry names."""

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.store import products
from gateway.store.tables import Order, Product


async def find_order(session: AsyncSession, store_id: int, number: str | None) -> Order | None:
    """The order of the store, its number compared without case: mail addresses have none."""
    if not number:
        return None
    query = select(Order).where(Order.store_id == store_id, func.lower(col(Order.number)) == number.lower())
    return (await session.exec(query)).first()


async def find_product(session: AsyncSession, store_id: int, code: str | None) -> Product | None:
    """The store's product, else the one that any store may sell; its code compared without case."""
    if not code:
        return None
    return await products.of_store(session, store_id, code)
