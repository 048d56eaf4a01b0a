"""Takes away what is kept of inquiries and their customers, and leaves the proof that it was done.

Of an inquiry its row stays, with its number, store, state and days, so that no number is given twice and what was
signed for it still means it; of a received mail its row, with when it came and how large it was, so that every 250
keeps its one account.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import delete, exists, func, text, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.store import inquiries, search
from gateway.store.list_tables import NumberedMail
from gateway.store.public_tables import Publication, Restriction
from gateway.store.rule_tables import AutoAnswer, RuleDecision
from gateway.store.states import InquiryStatus, OutboxState
from gateway.store.suppression_tables import Suppression
from gateway.store.tables import (
    CATEGORY,
    KIND,
    Attachment,
    Blob,
    Customer,
    Draft,
    History,
    Message,
    Outbox,
    OutboxAttempt,
    Received,
    ReceivedChunk,
)
from gateway.store.traces import Traces, parts

EVENT = "erased"  # in the history, and what a received mail became
NOBODY = "erased"

_OF_INQUIRY: tuple[Any, ...] = (RuleDecision, AutoAnswer, Draft, History)
_OF_MESSAGE: tuple[Any, ...] = (Publication, Attachment)


class BeingSentError(Exception):
    """A mail about the inquiry is on its way at this moment."""


@dataclass
class Erased:
    """How much went. `left` is what others have: how many of our mails each address was sent."""

    numbers: tuple[int, ...] = ()
    entries: int = 0  # of threads
    files: int = 0
    mails: int = 0  # received ones whose octets were kept
    letters: int = 0
    left: dict[str, int] = field(default_factory=dict)

    def __str__(self) -> str:
        return (
            f"{self.entries} entries, {self.files} files, {self.mails} received mails, {self.letters} outgoing mails; "
            f"{sum(self.left.values())} mails had left before"
        )


async def erase(session: AsyncSession, traces: Traces, now: datetime, by: str, why: str) -> Erased:
    """All of it in the caller's transaction. Raises BeingSentError: what is on its way would be recorded after it is
    gone."""
    rows = [row for number in traces.numbers if (row := await inquiries.with_customer(session, number))]
    done = Erased(tuple(inquiry.number or 0 for inquiry, _ in rows))
    await _letters(session, traces, done)
    await _threads(session, traces, done)
    await _mails(session, traces, done)
    await _people(session, traces)
    for inquiry, _ in rows:
        await inquiries.set_status(session, inquiry.number or 0, InquiryStatus.DONE, now)
        inquiry.kind, inquiry.category = KIND, CATEGORY  # free labels: a seller may have written whose it is
        inquiry.title, inquiry.tags, inquiry.country = "", [], None
        inquiry.order_number, inquiry.product_code = None, None  # as the mail named them
        inquiry.last_rule, inquiry.unread, inquiry.remind_at, inquiry.snoozed_until = None, False, None, None
        inquiry.erased_at = now
        session.add(History(inquiry_number=inquiry.number or 0, at=now, event=EVENT, by=by, why=f"{why}: {done}"))
    await session.flush()
    return done


async def _letters(session: AsyncSession, traces: Traces, done: Erased) -> None:
    ids = select(Outbox.id).where(col(Outbox.inquiry_number).in_(traces.numbers))
    every = sorted(traces.letters | set(await session.exec(ids)))
    for some in parts(every):
        query = select(Outbox.to_address, Outbox.state).where(col(Outbox.id).in_(some)).with_for_update()
        for address, state in (await session.exec(query)).all():
            if state is OutboxState.SENDING:
                raise BeingSentError
            if state in (OutboxState.SENT, OutboxState.UNCERTAIN):
                done.left[address] = done.left.get(address, 0) + 1
        await session.exec(delete(OutboxAttempt).where(col(OutboxAttempt.outbox_id).in_(some)))
        await session.exec(delete(NumberedMail).where(col(NumberedMail.outbox_id).in_(some)))
        await session.exec(delete(Suppression).where(col(Suppression.outbox_id).in_(some)))
        done.letters += (await session.exec(delete(Outbox).where(col(Outbox.id).in_(some)))).rowcount


async def _threads(session: AsyncSession, traces: Traces, done: Erased) -> None:
    entries = select(Message.id).where(col(Message.inquiry_number).in_(traces.numbers))
    shas = await session.exec(select(Attachment.sha256).where(col(Attachment.message_id).in_(entries)))
    contents = sorted(set(shas))
    for number in traces.numbers:
        await search.forget(session, number)
    for model in _OF_MESSAGE:
        gone = await session.exec(delete(model).where(col(model.message_id).in_(entries)))
        done.files += gone.rowcount if model is Attachment else 0
    for model in _OF_INQUIRY:
        await session.exec(delete(model).where(col(model.inquiry_number).in_(traces.numbers)))
    thread = delete(Message).where(col(Message.inquiry_number).in_(traces.numbers))
    done.entries = (await session.exec(thread)).rowcount
    for some in parts(contents):
        unused = ~exists().where(col(Attachment.sha256) == col(Blob.sha256))
        await session.exec(delete(Blob).where(col(Blob.sha256).in_(some), unused))


async def _mails(session: AsyncSession, traces: Traces, done: Erased) -> None:
    """The octets of all; the envelope of those that were about nothing else. Others keep the accounts of the rest."""
    for some in parts(sorted(traces.mails | traces.raw)):
        kept = select(func.count(func.distinct(col(ReceivedChunk.queue_id)))).where(
            col(ReceivedChunk.queue_id).in_(some)
        )
        done.mails += (await session.exec(kept)).one()
        await session.exec(delete(ReceivedChunk).where(col(ReceivedChunk.queue_id).in_(some)))
        for mail in await session.exec(select(Received).where(col(Received.queue_id).in_(some))):
            if mail.queue_id in traces.mails:
                mail.rcpt_to = [NOBODY]
                mail.mail_from, mail.helo, mail.remote_address, mail.authentication = "", "", "", ""
                mail.header_from = mail.message_id = mail.error = None
                mail.outcome = [_account(NOBODY)]
            else:
                mail.outcome = [
                    _account(account["recipient"]) if account.get("inquiry") in traces.numbers else account
                    for account in mail.outcome
                ]


def _account(recipient: str) -> dict[str, Any]:
    nothing = {"message": None, "inquiry": None, "matched_by": None}
    return {"recipient": recipient, "result": EVENT, **nothing, "why": "toiawase inquiry erase, or retention"}


async def _people(session: AsyncSession, traces: Traces) -> None:
    await session.exec(delete(Restriction).where(col(Restriction.customer_id).in_(traces.customers)))
    keys = select(Customer.address_key).where(col(Customer.id).in_(traces.customers))
    await session.exec(delete(Suppression).where(col(Suppression.address_key).in_(keys)))
    for key in traces.customers:
        nobody = {"address": "", "address_key": f"{NOBODY}:{key}", "name": "", "silenced_at": None}
        await session.exec(update(Customer).where(col(Customer.id) == key).values(nobody))


async def overwrite_deleted(session: AsyncSession) -> None:
    """SQLite: what this connection deletes is overwritten with zeros, not only taken off the books."""
    connection = await session.connection()
    if connection.dialect.name == "sqlite":
        await connection.execute(text("PRAGMA secure_delete = ON"))
