"""Who may no longer ask about which product (お問い合わせの制限)."""

from datetime import datetime

from sqlalchemy import delete
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.store.public_tables import Restriction
from gateway.store.tables import Customer, Inquiry


async def of_person(session: AsyncSession, store_id: int, address_key: str) -> dict[str, Restriction]:
    """By the address of who writes, without case; each by its product's code, in lower case."""
    query = (
        select(Restriction)
        .join(Customer, col(Customer.id) == col(Restriction.customer_id))
        .where(Customer.store_id == store_id, Customer.address_key == address_key)
    )
    return {restriction.product_code: restriction for restriction in await session.exec(query)}


async def add(session: AsyncSession, inquiry: Inquiry, now: datetime) -> bool:
    """The inquiry's customer may no longer ask about its product. False when that was so before."""
    code = (inquiry.product_code or "").lower()
    known = select(Restriction.id).where(
        Restriction.customer_id == inquiry.customer_id, Restriction.product_code == code
    )
    if (await session.exec(known)).first() is not None:
        return False
    row = Restriction(customer_id=inquiry.customer_id, product_code=code, inquiry_number=inquiry.number or 0, at=now)
    session.add(row)
    await session.flush()
    return True


async def lift(session: AsyncSession, inquiry: Inquiry) -> bool:
    """Ends what restricts the inquiry's customer in its product, whichever inquiry it was set with."""
    ends = delete(Restriction).where(
        col(Restriction.customer_id) == inquiry.customer_id,
        col(Restriction.product_code) == (inquiry.product_code or "").lower(),
    )
    return bool((await session.exec(ends)).rowcount)
