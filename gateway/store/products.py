"""Questions about products."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, insert, update
from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.store.tables import Product


async def upsert(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> int:
    """Adds products, or changes those that are there with the same code and store; returns how many are new.

    A row has code, name, category, page and store_id (None: any store's). A code stands once for each store.
    """
    codes = {row["code"] for row in rows}
    query = select(Product.id, Product.code, Product.store_id).where(col(Product.code).in_(codes))
    # Not ON CONFLICT: where store_id is NULL, no UNIQUE constraint takes two rows for the same.
    known = {(code, store_id): key for key, code, store_id in (await session.exec(query)).all()}
    fresh = [row for row in rows if (row["code"], row["store_id"]) not in known]
    changed = [
        {**row, "id": known[row["code"], row["store_id"]]} for row in rows if (row["code"], row["store_id"]) in known
    ]
    if fresh:
        await session.exec(insert(Product), params=fresh)
    if changed:
        await session.exec(update(Product), params=changed)
    return len(fresh)


async def by_code(session: AsyncSession, codes: set[str], store_ids: set[int]) -> dict[tuple[str, int | None], Product]:
    """Products with these codes, of these stores or of any store, by code and store."""
    query = select(Product).where(
        col(Product.code).in_(codes), or_(col(Product.store_id).in_(store_ids), col(Product.store_id).is_(None))
    )
    return {(product.code, product.store_id): product for product in (await session.exec(query)).all()}


async def of_store(session: AsyncSession, store_id: int, code: str) -> Product | None:
    """The store's product, else the one that any store may sell; its code compared without case."""
    query = (
        select(Product)
        .where(
            or_(col(Product.store_id) == store_id, col(Product.store_id).is_(None)),
            func.lower(col(Product.code)) == code.lower(),
        )
        .order_by(col(Product.store_id).is_(None))
    )
    return (await session.exec(query)).first()
