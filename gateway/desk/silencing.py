"""#迷惑: a customer whose mail is kept and told to nobody, and the telling of it when that was a mistake."""

from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.desk.post import last_asked
from gateway.desk.work import Work
from gateway.store import messages
from gateway.store.states import InquiryStatus
from gateway.store.tables import History, Inquiry

KEPT_QUIET = "kept_quiet"  # the event of a mail that nobody was told of
TOLD_AFTERWARDS = 20  # inquiries, the newest: a sender of more was surely no mistake


def silence(work: Work, by: str) -> None:
    """From now on; the address is not forgotten when the inquiry is."""
    _, customer = work.file()
    customer.silenced_at = customer.silenced_at or work.now
    work.history("silenced", by, "what this sender writes to the store is kept, and told to nobody")


async def unsilence(work: Work, by: str) -> None:
    """The sellers get the last mail of each inquiry in which something was kept quiet, as if it came now."""
    inquiry, customer = work.file()
    since, customer.silenced_at = customer.silenced_at or work.now, None
    work.history("heard_again", by, "")
    work.results["reopen"] = {"key": "heard_again"}
    await work.session.flush()
    for number in await kept_quiet(work.session, customer.id or 0, since):
        await work.open_file(number)
        entry = await last_asked(work.session, number)
        await work.set_status(InquiryStatus.UNANSWERED, by, "its sender is heard again")
        if entry is not None:
            files = await messages.file_names(work.session, entry.id or 0)
            await work.notify(entry, files, raw=entry.remark == "shortened")
    work.inquiry = inquiry


async def kept_quiet(session: AsyncSession, customer_id: int, since: datetime) -> list[int]:
    """The last inquiries of this customer in which a mail was kept quiet since then."""
    query = (
        select(History.inquiry_number)
        .join(Inquiry, col(Inquiry.number) == col(History.inquiry_number))
        .where(Inquiry.customer_id == customer_id, History.event == KEPT_QUIET, col(History.at) >= since)
        .distinct()
        .order_by(col(History.inquiry_number).desc())
        .limit(TOLD_AFTERWARDS)
    )
    return sorted(await session.exec(query))
