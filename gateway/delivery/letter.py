"""From an outbox row to the mail it stands for: its attachments are read only while it is being sent."""

import asyncio
import contextlib
from dataclasses import replace

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.delivery.envelope import Envelope
from gateway.mail.headers import addr_spec
from gateway.mail.redact import file_without_addresses, without_addresses
from gateway.mail.values import AttachedFile, Mailbox, OutgoingMail
from gateway.store import messages, received
from gateway.store.tables import Attachment, Outbox, Received

REST = "rest"  # the kind of a mail with those files of an entry that were too much for the notification


async def attached_octets(session: AsyncSession, row: Outbox) -> int:
    """How many octets `attached_files` would read, to know a big mail before it is in memory."""
    octets = 0
    if row.attachments_of is not None:
        sizes = select(func.coalesce(func.sum(Attachment.size), 0)).where(
            col(Attachment.message_id) == row.attachments_of, col(Attachment.left_out).is_(row.kind == REST)
        )
        octets += int((await session.exec(sizes)).one())
    if raw := _raw_mails(row):
        sizes = select(func.coalesce(func.sum(Received.size), 0)).where(col(Received.queue_id).in_(raw))
        octets += int((await session.exec(sizes)).one())
    return octets


async def attached_files(session: AsyncSession, row: Outbox) -> tuple[AttachedFile, ...]:
    """What is sent along. A raw mail that is not kept any more (retention) is left out: the text stands without it."""
    files: list[AttachedFile] = []
    if row.attachments_of is not None:
        passed = await messages.files_of(session, row.attachments_of, left_out=row.kind == REST)
        files += [await asyncio.to_thread(_passed_on, AttachedFile(*file)) for file in passed]
    for queue_id in _raw_mails(row):
        with contextlib.suppress(LookupError):
            # As message/rfc822 it could not be in base64 (RFC 2046 5.2.1), and an unreadable mail is not 7-bit text.
            raw = await received.load_raw(session, queue_id)
            if row.inquiry_number is not None:  # to a seller, who must not see the customer's address
                raw = await asyncio.to_thread(without_addresses, raw)
            files.append(AttachedFile(f"{queue_id}.eml", "application/octet-stream", raw))
    return tuple(files)


def _raw_mails(row: Outbox) -> list[str]:
    return [*([row.raw_of] if row.raw_of is not None else []), *row.originals]


def _passed_on(file: AttachedFile) -> AttachedFile:
    """An attached mail goes to the other side without what tells its people's addresses."""
    content = file_without_addresses(file.type, file.name, file.content)
    return file if content is file.content else replace(file, content=content)


def outgoing(row: Outbox, files: tuple[AttachedFile, ...] = ()) -> OutgoingMail:
    """The mail, the same at each attempt."""
    return OutgoingMail(
        message_id=row.message_id,
        date=row.date,
        from_=Mailbox(row.from_name, row.from_address),
        to=Mailbox(row.to_name, row.to_address),
        subject=row.subject,
        text=row.text,
        html=row.html,
        in_reply_to=row.in_reply_to,
        references=tuple(row.references),
        auto_submitted=row.auto_submitted,
        unsubscribe=row.unsubscribe,
        attachments=files,
    )


def envelope_of(row: Outbox) -> Envelope:
    """Its envelope: addresses as SMTP writes them, and whether they need SMTPUTF8 (N21)."""
    mail_from = addr_spec(row.mail_from) if row.mail_from else ""
    rcpt_to = addr_spec(row.to_address)
    return Envelope(row.id, mail_from, rcpt_to, not (mail_from + rcpt_to + addr_spec(row.from_address)).isascii())
