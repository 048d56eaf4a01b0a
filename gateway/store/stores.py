"""Questions about stores."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.store.tables import Customer, Order, Outbox, Product, Seller, Store
from gateway.store.template_tables import Template


async def named(session: AsyncSession, name: str) -> Store | None:
    return (await session.exec(select(Store).where(Store.name == name))).first()


async def all_stores(session: AsyncSession) -> list[Store]:
    """Closed ones too, by name."""
    return list((await session.exec(select(Store).order_by(Store.name))).all())


async def ids_by_name(session: AsyncSession) -> dict[str, int]:
    return {store.name: store.id for store in await all_stores(session) if store.id is not None}


async def timezones(session: AsyncSession) -> list[str]:
    """Every zone that a store keeps its days in."""
    return list((await session.exec(select(Store.timezone).distinct())).all())


async def add(session: AsyncSession, store: Store) -> Store:
    """Stores it and gives it its id; its name is not there yet."""
    session.add(store)
    await session.flush()
    return store


async def change(session: AsyncSession, name: str, values: Mapping[str, Any]) -> Store | None:
    """Sets columns. None when there is no such store."""
    store = await named(session, name)
    if store is not None:
        for column, value in values.items():
            setattr(store, column, value)
        await session.flush()
    return store


async def remove(session: AsyncSession, store: Store) -> bool:
    """Deletes a store that never had mail, and says True; any other is closed, since its inquiries stay."""
    if await _has_mail(session, store.id):
        store.active = False
        await session.flush()
        return False
    for table in (Seller, Order, Product, Template):
        await session.exec(delete(table).where(col(table.store_id) == store.id))
    await session.delete(store)
    await session.flush()
    return True


async def _has_mail(session: AsyncSession, store_id: int | None) -> bool:
    customers = select(func.count()).select_from(Customer).where(Customer.store_id == store_id)
    letters = select(func.count()).select_from(Outbox).where(Outbox.store_id == store_id)
    return bool((await session.exec(customers)).one() or (await session.exec(letters)).one())
