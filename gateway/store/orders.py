"""Questions about orders."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import insert, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.store.tables import Order


async def upsert(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> int:
    """Adds orders, or changes those that are there with the same number and store; returns how many are new.

    A row has number, cart_number, product_code, ordered_at, country and store_id. A number stands once for each store.
    """
    numbers = {row["number"] for row in rows}
    query = select(Order.id, Order.number, Order.store_id).where(col(Order.number).in_(numbers))
    known = {(number, store_id): key for key, number, store_id in (await session.exec(query)).all()}
    fresh = [row for row in rows if (row["number"], row["store_id"]) not in known]
    changed = [
        {**row, "id": known[row["number"], row["store_id"]]}
        for row in rows
        if (row["number"], row["store_id"]) in known
    ]
    if fresh:
        await session.exec(insert(Order), params=fresh)
    if changed:
        await session.exec(update(Order), params=changed)
    return len(fresh)


async def by_number(session: AsyncSession, numbers: set[str], store_ids: set[int]) -> dict[tuple[str, int], Order]:
    """Orders with these numbers of these stores, by number and store."""
    query = select(Order).where(col(Order.number).in_(numbers), col(Order.store_id).in_(store_ids))
    return {(order.number, order.store_id): order for order in (await session.exec(query)).all()}
