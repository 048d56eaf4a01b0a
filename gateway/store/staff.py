"""Questions about the marketplace's own staff addresses."""

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.store.tables import Staff
from gateway.store.whose_address import has_address


async def listing(session: AsyncSession) -> list[Staff]:
    return list((await session.exec(select(Staff).order_by(Staff.address))).all())


async def find(session: AsyncSession, address: str) -> Staff | None:
    """The person with this normalised address, whatever its case."""
    return (await session.exec(select(Staff).where(has_address(col(Staff.address), address)))).first()


async def add(session: AsyncSession, person: Staff) -> Staff:
    session.add(person)
    await session.flush()
    return person


async def remove(session: AsyncSession, person: Staff) -> None:
    await session.delete(person)
    await session.flush()
