"""#全文: everything that was said in an inquiry, with the customer's mails as they came (F4)."""

from collections.abc import Sequence

from sqlalchemy import exists
from sqlmodel import col, select

from gateway.desk import letters
from gateway.desk.page import Page
from gateway.desk.privacy import as_read
from gateway.desk.work import Work
from gateway.store import messages
from gateway.store.states import Direction
from gateway.store.tables import Message, Received, ReceivedChunk, Seller
from gateway.texts import Texts

MOST_ENTRIES = 1000  # the newest
MOST_OCTETS = 10 << 20  # of originals in one mail, which base64 makes a third larger: more, and mail servers refuse it


async def send_thread(work: Work, to: tuple[str, ...]) -> None:
    """To the sellers who asked, in the inquiry's thread: a reply goes to the customer as one to a notification does."""
    inquiry, customer = work.file()
    number = inquiry.number or 0
    file = await work.office.file(work.session, inquiry, customer, None)
    entries = await messages.thread(work.session, number, MOST_ENTRIES)  # a draft is no part of it until it is sent
    files = {entry.id or 0: await messages.file_names(work.session, entry.id or 0) for entry in entries}
    came = [entry.received_id for entry in entries if entry.direction is Direction.IN and entry.received_id]
    originals = await _that_fit(work, came)
    cause = messages.cause_of(work.incoming.queue_id, number)
    for seller in await work.registered(to, file.store):
        letter = _letter(file, entries, files, len(originals), len(came), Texts(seller.language))
        await work.to_seller(file, letter, "thread", cause, seller, originals=originals)
        for entry in entries:
            await _send_rest(work, file, entry, cause, seller)
    work.history("thread_sent", to[0] if to else "seller", f"{len(entries)} entries, {len(originals)} originals")


async def _send_rest(work: Work, file: letters.File, entry: Message, cause: str, seller: Seller) -> None:
    """The files of a customer's mail that were too much for its notification, in a mail of their own."""
    names = await messages.left_out(work.session, entry.id or 0)
    if not names:
        return
    texts = file.worded(Texts(seller.language))
    page = Page(texts.language).words(
        texts("thread.rest", at=letters.when(entry.at, file.store, texts), names=", ".join(names))
    )
    letters.tell_renamed(page, names, "receipt.renamed", texts)
    letter = letters.Letter(letters.subject(file, "thread.rest_subject", texts), page.text, page.html)
    await work.to_seller(file, letter, "rest", f"{cause}:{entry.id}", seller, attachments_of=entry.id)


async def _that_fit(work: Work, queue_ids: Sequence[str]) -> list[str]:
    """The newest of the mails that are kept (retention) and that one mail can carry, oldest first."""
    kept = exists().where(col(ReceivedChunk.queue_id) == col(Received.queue_id))
    query = select(Received.queue_id, Received.size).where(col(Received.queue_id).in_(queue_ids), kept)
    sizes = dict((await work.session.exec(query)).all())
    room, taken = MOST_OCTETS, list[str]()
    for queue_id in [one for one in reversed(queue_ids) if one in sizes]:
        room -= sizes[queue_id]
        if room < 0:
            break
        taken.insert(0, queue_id)
    return taken


def _letter(
    file: letters.File, entries: Sequence[Message], files: dict[int, list[str]], enclosed: int, came: int, texts: Texts
) -> letters.Letter:
    texts = file.worded(texts)
    page = Page(texts.language).rule(texts("marker.line"))
    page.muted(texts("thread.intro", number=file.inquiry.number, count=len(entries)))
    if entries:
        page.facts(letters.facts(file, entries[-1], (), texts))
    for entry in reversed(entries):
        names = files[entry.id or 0]
        attached = f"\n{texts('receipt.attachments', names=', '.join(names))}" if names else ""
        who = texts("thread.note") if entry.direction is Direction.INTERNAL else letters.writer(entry, file, texts)
        text = as_read(entry).strip() or texts("notification.empty")
        page.quotation(f"{letters.when(entry.at, file.store, texts)} {who}", text + attached)
    if enclosed:
        page.muted(texts("thread.originals"))
    if enclosed < came:
        page.muted(texts("thread.left_out", count=came - enclosed))
    return letters.Letter(letters.subject(file, "notification.subject", texts), page.text, page.html)
