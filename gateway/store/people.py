"""Questions about everybody who is registered, sellers and the marketplace's staff."""

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.store.tables import Seller, Staff


async def at_domain(session: AsyncSession, domain: str) -> int:
    """How many of them read mail at the domain itself, in lower case."""
    found = 0
    for address in (col(Seller.address), col(Staff.address)):
        query = select(func.count(address)).where(func.lower(address).endswith(f"@{domain}", autoescape=True))
        found += (await session.exec(query)).one()
    return found
