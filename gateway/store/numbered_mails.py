"""Questions about the mails whose lines have numbers."""

from collections.abc import Sequence

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.mail.addresses import same_address
from gateway.store.list_tables import NumberedMail
from gateway.store.tables import Outbox


async def answered(
    session: AsyncSession, address: str, message_ids: Sequence[str]
) -> tuple[NumberedMail, Outbox] | None:
    """The first of these mails that is one to this address, with what was sent."""
    query = (
        select(NumberedMail, Outbox)
        .join(Outbox, col(Outbox.id) == col(NumberedMail.outbox_id))
        .where(col(Outbox.message_id).in_(message_ids))
    )
    found = {row.message_id: (numbered, row) for numbered, row in await session.exec(query)}
    first = next((found[message_id] for message_id in message_ids if message_id in found), None)
    return first if first and same_address(first[0].to_address, address) else None


async def tagged(session: AsyncSession, address: str, tag: int) -> tuple[NumberedMail, Outbox] | None:
    """The one with this tag in its subject, if it went to this address."""
    query = (
        select(NumberedMail, Outbox)
        .join(Outbox, col(Outbox.id) == col(NumberedMail.outbox_id))
        .where(col(NumberedMail.id) == tag)
    )
    row = (await session.exec(query)).first()
    return (row[0], row[1]) if row and same_address(row[0].to_address, address) else None
