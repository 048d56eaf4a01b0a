"""Questions about the entries of a thread and their attachments."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Table, insert, or_, true
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.store.states import Author, Direction, OutboxState
from gateway.store.tables import Attachment, Blob, Inquiry, Message, Outbox, Received

BIG = 1 << 20  # octets of a file: no copy of more is left in memory
PROOFS_READ = 20  # mails; the first, which nobody can push out by writing more

_blob: Table = Blob.__table__  # type: ignore[attr-defined]
_KEEP = {
    "sqlite": sqlite.insert(_blob).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(_blob).on_conflict_do_nothing(),
}


async def thread(session: AsyncSession, number: int, last: int) -> list[Message]:
    """The last entries of an inquiry that were said or noted, oldest first. What is only kept, held drafts above all,
    which anybody with a seller's address can make, pushes none of them out."""
    told = or_(col(Message.direction) != Direction.INTERNAL, col(Message.remark) == "note")
    query = select(Message).where(Message.inquiry_number == number, told).order_by(col(Message.id).desc()).limit(last)
    return list(reversed((await session.exec(query)).all()))


async def first_question(session: AsyncSession, number: int) -> Message | None:
    """The mail that began the inquiry."""
    query = (
        select(Message)
        .where(Message.inquiry_number == number, Message.direction == Direction.IN)
        .order_by(col(Message.id))
        .limit(1)
    )
    return (await session.exec(query)).first()


async def inquiry_of_ours(session: AsyncSession, message_ids: list[str]) -> dict[str, int]:
    """Which inquiries the mails that we sent under these Message-IDs belong to."""
    query = select(Outbox.message_id, Outbox.inquiry_number).where(
        col(Outbox.message_id).in_(message_ids), col(Outbox.inquiry_number).is_not(None)
    )
    return {message_id: number for message_id, number in (await session.exec(query)).all() if number is not None}


async def inquiry_of_customers(session: AsyncSession, store_id: int, message_ids: list[str]) -> dict[str, int]:
    """Which inquiries of the store hold mails that came in under these Message-IDs."""
    query = (
        select(Message.message_id, Message.inquiry_number)
        .join(Inquiry, col(Inquiry.number) == col(Message.inquiry_number))
        .where(col(Message.message_id).in_(message_ids), Inquiry.store_id == store_id)
    )
    return {message_id: number for message_id, number in (await session.exec(query)).all() if message_id}


async def sent_texts(
    session: AsyncSession, number: int, kinds: tuple[str, ...], last: int, before: datetime | None = None
) -> list[tuple[str, str | None]]:
    """Text and HTML of the last mails of these kinds that we sent about an inquiry (before a time), newest first, each
    once."""
    query = (
        select(Outbox.text, Outbox.html)
        .where(Outbox.inquiry_number == number, col(Outbox.kind).in_(kinds))
        .order_by(col(Outbox.id).desc())
        .limit(last)
    )
    if before is not None:
        query = query.where(col(Outbox.date) < before)
    return list(dict.fromkeys((await session.exec(query)).all()))


async def lost_answers(session: AsyncSession, number: int) -> Sequence[int]:
    """The entries of the inquiry whose mail did not reach the customer."""
    query = (
        select(Message.id)
        .join(Outbox, col(Outbox.id) == col(Message.outbox_id))
        .where(Message.inquiry_number == number, Outbox.state == OutboxState.FAILED)
    )
    return [entry for entry in (await session.exec(query)).all() if entry is not None]


async def proofs(session: AsyncSession, numbers: Sequence[int], before: int) -> list[str]:
    """What showed who sent the customer's mails of these inquiries: the first ones, before an entry."""
    query = (
        select(Received.authentication)
        .join(Message, col(Message.received_id) == col(Received.queue_id))
        .where(col(Message.inquiry_number).in_(numbers), col(Message.id) < before)
        .where(Message.direction == Direction.IN, Message.author == Author.CUSTOMER)
        .where(or_(col(Message.remark).is_(None), col(Message.remark) != "other_address"))
        .order_by(col(Message.id))
        .limit(PROOFS_READ)
    )
    return list(await session.exec(query))


def cause_of(queue_id: str, number: int | None) -> str:
    """What a letter about an inquiry has for its cause when a mail made no entry: one mail may be for several."""
    return f"mail:{queue_id}:{number}"


async def is_ours(session: AsyncSession, message_id: str) -> bool:
    """True when a mail that we sent has this Message-ID."""
    return (await session.exec(select(Outbox.id).where(Outbox.message_id == message_id))).first() is not None


async def add_files(
    session: AsyncSession, message_id: int, files: Sequence[tuple[str, str, str, bytes]], passed: Sequence[bool] = ()
) -> None:
    """Stores attachments (name, type, sha256, content) of a message; equal content is stored once. `passed` tells which
    of them go to the other side, all when it is empty."""
    if not files:
        return
    dialect = session.get_bind().dialect.name
    connection = await session.connection()
    for (name, content_type, sha256, content), goes in zip(files, passed or [True] * len(files), strict=True):
        # Not as values of the statement: SQLAlchemy keeps the first of its form, and them with it.
        await connection.execute(_KEEP[dialect], {"sha256": sha256, "data": content})
        if len(content) > BIG and dialect == "sqlite":
            # Its driver keeps a statement, with a copy of what was bound to it last. This adds nothing, but is that.
            await connection.execute(_KEEP[dialect], {"sha256": sha256, "data": b""})
        row = {"message_id": message_id, "name": name, "type": content_type, "size": len(content), "sha256": sha256}
        await session.exec(insert(Attachment).values(**row, left_out=not goes))


async def copy_files(session: AsyncSession, source: int, target: int) -> None:
    """Gives the message `target` the same attachments as `source`."""
    for file in (await session.exec(select(Attachment).where(Attachment.message_id == source))).all():
        session.add(
            Attachment(
                message_id=target,
                name=file.name,
                type=file.type,
                size=file.size,
                sha256=file.sha256,
                left_out=file.left_out,
            )
        )


async def file_names(session: AsyncSession, message_id: int) -> list[str]:
    """The names of those attachments of a message that go to the other side, in order."""
    query = select(Attachment.name).where(Attachment.message_id == message_id, col(Attachment.left_out).is_(False))
    return list(await session.exec(query.order_by(col(Attachment.id))))


async def left_out(session: AsyncSession, message_id: int) -> list[str]:
    """The names of those that were too much to go to the other side."""
    query = select(Attachment.name).where(Attachment.message_id == message_id, col(Attachment.left_out).is_(True))
    return list(await session.exec(query.order_by(col(Attachment.id))))


async def files_of(
    session: AsyncSession, message_id: int, *, left_out: bool | None = None
) -> list[tuple[str, str, bytes]]:
    """Name, type and content of a message's attachments, in order: all, or those that were or were not left out."""
    query = (
        select(Attachment.name, Attachment.type, Blob.data)
        .join(Blob, col(Blob.sha256) == col(Attachment.sha256))
        .where(
            Attachment.message_id == message_id, true() if left_out is None else col(Attachment.left_out).is_(left_out)
        )
        .order_by(col(Attachment.id))
    )
    return [(name, content_type, data) for name, content_type, data in (await session.exec(query)).all()]
