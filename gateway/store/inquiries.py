"""Questions about inquiries and their customers."""

from datetime import datetime

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.store.states import INQUIRY, InquiryStatus, Origin, sources
from gateway.store.tables import Customer, Inquiry


async def with_customer(session: AsyncSession, number: int) -> tuple[Inquiry, Customer] | None:
    """The inquiry and its customer. On PostgreSQL the inquiry's row is locked: its mails take effect one by one."""
    query = (
        select(Inquiry, Customer)
        .join(Customer, col(Customer.id) == col(Inquiry.customer_id))
        .where(col(Inquiry.number) == number)
        .with_for_update(of=Inquiry)
        .execution_options(populate_existing=True)  # as it is behind the lock
    )
    row = (await session.exec(query)).first()
    return (row[0], row[1]) if row else None


async def in_force(session: AsyncSession, number: int) -> tuple[Inquiry, Customer] | None:
    """The same of the inquiry that a number means now: the one that it was merged into, or itself."""
    row = await with_customer(session, number)
    if row is None or row[0].merged_into is None:
        return row
    return await with_customer(session, row[0].merged_into)


async def shown(session: AsyncSession, number: int) -> tuple[Inquiry, Customer] | None:
    """The same, for who only looks."""
    query = (
        select(Inquiry, Customer)
        .join(Customer, col(Customer.id) == col(Inquiry.customer_id))
        .where(col(Inquiry.number) == number)
    )
    row = (await session.exec(query)).first()
    return (row[0], row[1]) if row else None


async def recent_of(session: AsyncSession, store_id: int, address_key: str, since: datetime) -> list[Inquiry]:
    """One person's inquiries with one store that were opened after `since`, newest first."""
    query = (
        select(Inquiry)
        .join(Customer, col(Customer.id) == col(Inquiry.customer_id))
        .where(
            Customer.store_id == store_id,
            Customer.address_key == address_key,
            col(Inquiry.created_at) >= since,
            col(Inquiry.merged_into).is_(None),
        )
        .order_by(col(Inquiry.number).desc())
        .limit(50)
    )
    return list((await session.exec(query)).all())


async def of_customer(session: AsyncSession, customer_id: int, last: int) -> dict[int, Origin]:
    """Numbers and origins of a customer's last inquiries that were not merged into others."""
    query = (
        select(Inquiry.number, Inquiry.origin)
        .where(Inquiry.customer_id == customer_id, col(Inquiry.merged_into).is_(None))
        .order_by(col(Inquiry.received_at).desc())
        .limit(last)
    )
    return {number: Origin(origin) for number, origin in (await session.exec(query)).all() if number is not None}


async def customer_of(session: AsyncSession, customer: Customer) -> Customer:
    """The store's row for this person: the one that is there, else the given one, now stored."""
    query = select(Customer).where(Customer.store_id == customer.store_id, Customer.address_key == customer.address_key)
    known = (await session.exec(query)).first()
    if known is not None:
        if customer.name and known.name != customer.name:
            known.name = customer.name
        return known
    session.add(customer)
    await session.flush()
    return customer


async def set_status(session: AsyncSession, number: int, status: InquiryStatus, now: datetime) -> bool:
    """Takes the one legal step to `status`. False when it has that status already."""
    step = (
        update(Inquiry)
        .where(col(Inquiry.number) == number, col(Inquiry.status).in_(sources(INQUIRY, status)))
        .values(
            prior_status=col(Inquiry.status),
            status=status,
            closed_at=now if status is InquiryStatus.DONE else None,
        )
        .execution_options(synchronize_session="fetch")
    )
    return bool((await session.exec(step)).rowcount)
