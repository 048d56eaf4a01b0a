"""Whom a mail names as its sender, as the seller may read it who is asked whether it is theirs."""

from collections.abc import Sequence

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.desk.privacy import without_signed_addresses
from gateway.desk.situation import Incoming
from gateway.mail.addresses import address_key
from gateway.mail.headers import safe_header
from gateway.mail.normal_forms import nfkc
from gateway.store.tables import Customer, Inquiry

NAMED_FOR = ("unregistered", "unauthenticated")  # doubts that the address bears on
CUSTOMERS = "customers"  # instead of an address that no seller may see
LENGTH = 100  # characters of an address; the middle of a longer one goes, since its end says whose it is
MOST = 3  # addresses; an honest mail has one


def senders(incoming: Incoming) -> tuple[str, ...]:
    """The addresses of From as they stand there, or that of the envelope."""
    return tuple(mailbox.address for mailbox in incoming.mail.from_) or (incoming.mail_from,)


async def from_shown(session: AsyncSession, inquiry: Inquiry, reason: str, addresses: Sequence[str]) -> str:
    """One line of the addresses, safe to show; CUSTOMERS where one is a customer's of the store; "" where there
    is nothing to say. In `unauthenticated` it is the seller's own, and only they read it."""
    shown = [address for address in map(_safe, addresses) if address]
    if reason not in NAMED_FOR or not shown or inquiry.erased_at:
        return ""
    if reason == "unregistered" and await _is_customers(session, inquiry.store_id, [*addresses, *shown]):
        return CUSTOMERS
    return ", ".join(map(_short, shown[:MOST])) + (" …" if len(shown) > MOST else "")


def _safe(address: str) -> str:
    return without_signed_addresses(safe_header(address, len(address)))


def _short(address: str) -> str:
    half = LENGTH // 2
    return address if len(address) <= LENGTH else f"{address[: half - 1]}…{address[-half:]}"


async def _is_customers(session: AsyncSession, store_id: int, addresses: Sequence[str]) -> bool:
    keys = {address_key(form) for address in addresses for form in (address, nfkc(address))}
    query = select(Customer.id).where(Customer.store_id == store_id, col(Customer.address_key).in_(keys - {""}))
    return (await session.exec(query.limit(1))).first() is not None
