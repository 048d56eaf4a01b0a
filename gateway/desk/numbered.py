"""Inquiries as the lines of a mail to a seller; the numbers are kept with it, so that an answer can name them."""

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.desk.desk_mail_letters import Row
from gateway.desk.letters import File, Letter
from gateway.desk.post import Office
from gateway.desk.privacy import UNVERIFIED_STAFF
from gateway.store import inquiry_filter, outbox
from gateway.store.inquiry_views import views
from gateway.store.list_tables import NumberedMail
from gateway.store.states import Direction
from gateway.store.tables import Inquiry, Message, Seller, Store
from gateway.texts import Texts


async def rows_of(session: AsyncSession, office: Office, found: Sequence[inquiry_filter.Row]) -> list[Row]:
    """The inquiries with all that a list shows of them."""
    entries = await _newest(session, [inquiry.number or 0 for inquiry, _, _ in found])
    shown = await views(session, found)
    rows = []
    for (inquiry, store, customer), view in zip(found, shown, strict=True):
        entry = entries.get(inquiry.number)
        unverified = entry is not None and entry.remark == UNVERIFIED_STAFF
        file = File(inquiry, customer, store, None, None, (), _buttons(office, inquiry), unverified)
        rows.append(Row(file, view, entry))
    return rows


async def post(
    session: AsyncSession,
    office: Office,
    now: datetime,
    store: Store,
    seller: Seller,
    numbers: Sequence[int],
    letter: Callable[[int], Letter],
    *,
    kind: str,
    cause: str,
    auto_submitted: str,
    answers: str | None = None,
    unsubscribe: str | None = None,
) -> None:
    """Puts a mail whose line n is about the n-th of these inquiries into the outbox; `letter` makes it for its tag."""
    sender = (Texts(seller.language)("name.desk"), f"desk@{office.domain}")
    row = office.row(now, cause=cause, kind=kind, to=seller.address, letter=Letter("", "", None), sender=sender)
    numbered = NumberedMail(
        outbox_id=row.id, store_id=store.id or 0, to_address=seller.address, numbers=list(numbers), at=now
    )
    session.add(numbered)
    await session.flush()
    made = letter(numbered.id or 0)
    row.subject, row.text, row.html = made.subject, made.text, made.html
    row.store_id, row.to_name, row.auto_submitted = store.id, seller.name, auto_submitted
    row.unsubscribe = unsubscribe
    row.in_reply_to, row.references = answers, [answers] if answers else []
    await outbox.enqueue(session, row)


def _buttons(office: Office, inquiry: Inquiry) -> dict[str, str]:
    signed = {name: office.address(inquiry, name) for name in ("s", "done", "progress", "auto")}
    return {**signed, "desk": f"desk@{office.domain}"}


async def _newest(session: AsyncSession, numbers: Sequence[int]) -> dict[int | None, Message]:
    """The newest mail of each inquiry's other side."""
    ids = (
        select(func.max(Message.id))
        .where(col(Message.inquiry_number).in_(numbers), Message.direction == Direction.IN)
        .group_by(col(Message.inquiry_number))
    )
    entries = await session.exec(select(Message).where(col(Message.id).in_(list(await session.exec(ids)))))
    return {entry.inquiry_number: entry for entry in entries}
