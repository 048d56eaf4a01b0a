"""Which addresses are dead, and which live again.

An address that is dead costs the name of whoever goes on writing to it. It is believed for a time only: one mail tries
it again then, and so does the first after somebody wrote from it, or after a person said so.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Table, delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.mail.addresses import address_key
from gateway.store.suppression_tables import Suppression

LIFE = timedelta(days=90)
NOT_SENT = "5.1.1 not sent: this address was found dead before"  # what stands for a server's word

_suppression: Table = Suppression.__table__  # type: ignore[attr-defined]


async def add(session: AsyncSession, address: str, outbox_id: str, reply: str, now: datetime) -> None:
    """From now on nothing is sent there."""
    row = {"address_key": address_key(address), "at": now, "outbox_id": outbox_id, "reply": reply}
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    insert = sqlite.insert(_suppression) if is_sqlite else postgresql.insert(_suppression)
    again = insert.values(row).on_conflict_do_update(index_elements=["address_key"], set_=row)
    await (await session.connection()).execute(again)


async def of(session: AsyncSession, address: str, now: datetime) -> Suppression | None:
    """Why nothing is sent to the address; None when it may be tried."""
    query = select(Suppression).where(Suppression.address_key == address_key(address), _in_force(now))
    return (await session.exec(query)).first()


async def among(session: AsyncSession, addresses: Collection[str], now: datetime) -> set[str]:
    """The keys of those of the addresses that are dead."""
    keys = {address_key(address) for address in addresses}
    query = select(Suppression.address_key).where(col(Suppression.address_key).in_(keys), _in_force(now))
    return set(await session.exec(query)) if keys else set()


async def lift(session: AsyncSession, addresses: Collection[str]) -> int:
    """The addresses may be tried again. Returns how many of them were dead."""
    keys = {address_key(address) for address in addresses}
    return (await session.exec(delete(Suppression).where(col(Suppression.address_key).in_(keys)))).rowcount


async def forget_old(session: AsyncSession, now: datetime) -> int:
    """What is not in force any more."""
    return (await session.exec(delete(Suppression).where(~_in_force(now)))).rowcount


async def listing(session: AsyncSession, now: datetime) -> list[Suppression]:
    """The last found first."""
    query = select(Suppression).where(_in_force(now)).order_by(col(Suppression.at).desc())
    return list(await session.exec(query))


def _in_force(now: datetime) -> ColumnElement[bool]:
    return col(Suppression.at) > now - LIFE
