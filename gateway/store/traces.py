"""What is kept of an inquiry, wherever it is: what `erasure.erase` takes away.

Most of it hangs on the inquiry's number. Raw mails, digests, and answers to lists that tell of it are looked for among
everything that came since the inquiry began, without a lock: only an operator asks, and rarely.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import String, cast, func
from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.ids import first_id
from gateway.store.list_tables import NumberedMail
from gateway.store.states import ReceivedState
from gateway.store.tables import Customer, Inquiry, Message, Outbox, Received, Seller
from gateway.store.whose_address import has_address

EARLIER = timedelta(days=1)  # a mail is received before its inquiry is made: by how long at most
AT_ONCE = 500  # values of a question: SQLite takes at most 32766
DESK = "desk@"


@dataclass(frozen=True)
class Traces:
    """Of inquiries `numbers`; `customers` are those of whom no other inquiry is kept."""

    numbers: tuple[int, ...]
    customers: tuple[int, ...] = ()
    mails: frozenset[str] = frozenset()  # received, about these inquiries alone: their envelope goes, too
    raw: frozenset[str] = frozenset()  # received, about others as well: only their octets go
    letters: frozenset[str] = frozenset()  # outgoing
    not_understood: frozenset[str] = frozenset()  # received from these customers, and nobody knows yet what about


async def numbers_of(session: AsyncSession, address_key: str, store_id: int | None) -> list[int]:
    """The inquiries that this person's address opened, in one store or in all."""
    query = (
        select(Inquiry.number)
        .join(Customer, col(Customer.id) == col(Inquiry.customer_id))
        .where(Customer.address_key == address_key, col(Inquiry.erased_at).is_(None))
        .order_by(col(Inquiry.number))
    )
    if store_id is not None:
        query = query.where(Inquiry.store_id == store_id)
    return [number for number in await session.exec(query) if number is not None]


async def others_of(session: AsyncSession, numbers: Collection[int]) -> int:
    """How many inquiries of the same customers are kept beside these."""
    people = select(Inquiry.customer_id).where(col(Inquiry.number).in_(numbers))
    others = (col(Inquiry.number).not_in(numbers), col(Inquiry.erased_at).is_(None))
    query = select(func.count()).select_from(Inquiry).where(col(Inquiry.customer_id).in_(people), *others)
    return (await session.exec(query)).one()


async def hanging_on(session: AsyncSession, numbers: Collection[int]) -> Traces:
    """What has the inquiries' numbers, or those of others that were merged into them."""
    wanted = select(Inquiry).where(or_(col(Inquiry.number).in_(numbers), col(Inquiry.merged_into).in_(numbers)))
    inquiries = (await session.exec(wanted)).all()
    every = tuple(sorted(inquiry.number or 0 for inquiry in inquiries))
    people = {inquiry.customer_id for inquiry in inquiries}
    others = select(Inquiry.customer_id).where(
        col(Inquiry.customer_id).in_(people), col(Inquiry.number).not_in(every), col(Inquiry.erased_at).is_(None)
    )
    mails = select(Message.received_id).where(
        col(Message.inquiry_number).in_(every), col(Message.received_id).is_not(None)
    )
    letters = select(Outbox.id).where(col(Outbox.inquiry_number).in_(every))
    known: set[int] = set(await session.exec(others))
    return Traces(
        numbers=every,
        customers=tuple(sorted(people - known)),
        mails=frozenset(queue_id for queue_id in await session.exec(mails) if queue_id),
        letters=frozenset(await session.exec(letters)),
    )


async def everywhere(session: AsyncSession, numbers: Collection[int]) -> Traces:
    """The same, and what only tells of them: duplicates, buttons, answers to lists, digests, mails to the operator."""
    found = await hanging_on(session, numbers)
    began = select(func.min(Inquiry.created_at)).where(col(Inquiry.number).in_(found.numbers))
    since: datetime | None = (await session.exec(began)).one()
    if since is None:
        return found
    start = first_id(since - EARLIER)
    mails, shared, waiting = await _received(session, found, start)
    letters = await _letters(session, found, mails | shared, start)
    return replace(
        found,
        mails=mails - shared,
        raw=shared | await _to_the_desk(session, found, start),
        letters=found.letters | letters,
        not_understood=waiting,
    )


async def _received(session: AsyncSession, found: Traces, start: str) -> tuple[frozenset[str], frozenset[str], Any]:
    """The mails about these inquiries or from their customers: all, those that are about others too, and those that are
    not understood."""
    addresses = select(Customer.address).where(col(Customer.id).in_(found.customers), Customer.address != "")
    people = list(await session.exec(addresses))
    ids = select(Message.message_id).where(col(Message.inquiry_number).in_(found.numbers))
    message_ids = [message_id for message_id in await session.exec(ids) if message_id]
    told = [cast(Received.outcome, String).like(f'%"inquiry": {number},%') for number in found.numbers]
    by = [
        has_address(col(Received.header_from), *people),
        col(Received.header_from).is_(None) & has_address(col(Received.mail_from), *people),
    ]
    mails: dict[str, Received] = {}
    conditions = [
        *(or_(*part, *by) for part in parts(told)),
        *(col(Received.message_id).in_(part) for part in parts(message_ids)),
        *(col(Received.queue_id).in_(part) for part in parts(sorted(found.mails))),
    ]
    for condition in conditions:
        query = select(Received).where(col(Received.queue_id) >= start, condition)
        mails |= {mail.queue_id: mail for mail in await session.exec(query)}
    everything = frozenset(key for key, mail in mails.items() if key in found.mails or _is_about(mail, found.numbers))
    waiting = frozenset(key for key in everything if mails[key].state is ReceivedState.RECEIVED)
    shared = frozenset(key for key in everything if _inquiries(mails[key]) - set(found.numbers))
    return everything - waiting, shared, waiting


def _is_about(mail: Received, numbers: Collection[int]) -> bool:
    """Or about no inquiry at all."""
    return not _inquiries(mail) or bool(_inquiries(mail) & set(numbers))


def _inquiries(mail: Received) -> set[int]:
    return {account["inquiry"] for account in mail.outcome if account.get("inquiry")}


async def _to_the_desk(session: AsyncSession, found: Traces, start: str) -> frozenset[str]:
    """The mails by which the stores' sellers answered lists and digests: they quote them."""
    stores = select(Inquiry.store_id).where(col(Inquiry.number).in_(found.numbers))
    sellers = list(await session.exec(_sellers(set(await session.exec(stores)))))
    query = select(Received.queue_id).where(
        col(Received.queue_id) >= start,
        has_address(col(Received.header_from), *sellers),
        cast(Received.rcpt_to, String).like(f'%"{DESK}%'),
        Received.state != ReceivedState.RECEIVED,
    )
    return frozenset(await session.exec(query))


def _sellers(store_ids: Collection[int]) -> Any:
    return select(Seller.address).where(col(Seller.store_id).in_(store_ids))


async def _letters(session: AsyncSession, found: Traces, mails: frozenset[str], start: str) -> frozenset[str]:
    """Letters about no single inquiry that name one of these, and those that have one of the mails attached."""
    after = col(Outbox.id) >= start
    numbered = select(NumberedMail).where(col(NumberedMail.outbox_id) >= start)
    letters = {row.outbox_id for row in await session.exec(numbered) if set(row.numbers) & set(found.numbers)}
    for part in parts(found.numbers):
        named = or_(*(col(Outbox.text).contains(f"Q-{number}", autoescape=True) for number in part))
        query = select(Outbox.id, Outbox.text).where(after, col(Outbox.inquiry_number).is_(None), named)
        exactly = re.compile(rf"Q-(?:{'|'.join(map(str, part))})(?!\d)")
        letters |= {key for key, text in (await session.exec(query)).all() if exactly.search(text)}
    for queue_ids in parts(sorted(mails)):
        causes = [f"mail:{queue_id}" for queue_id in queue_ids]
        attached = or_(col(Outbox.raw_of).in_(queue_ids), col(Outbox.cause).in_(causes))
        letters |= set(await session.exec(select(Outbox.id).where(after, attached)))
    return frozenset(letters)


def parts(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """In pieces that one question may hold."""
    for first in range(0, len(values), AT_ONCE):
        yield values[first : first + AT_ONCE]
