"""#取消: an answer that has not left is stopped, and its inquiry is as if it had not been written.

Delivery may claim the same mail at the same time. Which of the two was first is decided where the mail's row is
changed, and nowhere else: what the desk says and undoes follows from that.
"""

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.desk import hold_letters
from gateway.desk.drafts import as_written, reply_of
from gateway.desk.effects import DropDraft, TakeBack
from gateway.desk.letters import File
from gateway.desk.load import sellers_of
from gateway.desk.post import Office
from gateway.desk.work import Work
from gateway.store import answers, drafts, inquiries, messages, outbox
from gateway.store.states import Direction, DraftState
from gateway.store.tables import Draft, History, Inquiry, Message, Outbox, Seller
from gateway.texts import Texts

REMARK = "cancelled"  # of the entry, which the shop still sees


async def take_back(work: Work, effect: TakeBack) -> None:
    """Stops the answer if it has not left, and tells whether it had."""
    inquiry, customer = work.file()
    found = await answers.of_entry(work.session, inquiry.number or 0, effect.message_id)
    if found is None:
        raise AssertionError("an answer that is taken back is there")
    entry, row = found
    done = await withdraw(work.session, inquiry, entry, row, effect.by, work.now)
    if not done:
        await work.session.refresh(row)  # as delivery left it
    file = await work.office.file(work.session, inquiry, customer, None)
    cause = messages.cause_of(work.incoming.queue_id, inquiry.number)
    for seller in await work.registered(effect.to, file.store):
        texts = Texts(seller.language)
        if done:
            names = await messages.file_names(work.session, entry.id or 0)
            letter = hold_letters.taken_back(file, entry.text, names, "seller", effect.ignored, texts)
            enclosed = entry.id if names else None
            await work.to_seller(file, letter, "taken_back", cause, seller, attachments_of=enclosed)
        else:
            letter = hold_letters.too_late(file, row.state, row.sent_at, entry.text, effect.ignored, texts)
            await work.to_seller(file, letter, "too_late", cause, seller)


async def drop_draft(work: Work, effect: DropDraft) -> None:
    """Ends a held draft. One that is not held any more was sent or dropped by a mail before."""
    inquiry, customer = work.file()
    draft = await work.session.get_one(Draft, effect.draft_id)
    if not await drafts.settle(work.session, draft.id, DraftState.CANCELLED):
        raise AssertionError("the inquiry's mails take effect one by one")
    entry = await work.session.get_one(Message, draft.message_id)
    file = await work.office.file(work.session, inquiry, customer, None)
    text = as_written(reply_of(entry.text, draft.reading)[0])
    names = await messages.file_names(work.session, entry.id or 0)
    cause = messages.cause_of(work.incoming.queue_id, inquiry.number)
    for seller in await work.registered(effect.to, file.store):
        letter = hold_letters.taken_back(file, text, names, "draft", effect.ignored, Texts(seller.language))
        enclosed = entry.id if names else None
        await work.to_seller(file, letter, "taken_back", cause, seller, attachments_of=enclosed)
    work.history("draft_cancelled", effect.by, draft.id)


async def withdraw(
    session: AsyncSession, inquiry: Inquiry, entry: Message, row: Outbox, by: str, now: datetime
) -> bool:
    """Stops an answer that has certainly not left: the thread keeps it for the shop's eyes, and the state is as before
    it. False when it is too late, and nothing is changed. The inquiry's row is locked."""
    if not await outbox.withdraw(session, row.id):
        return False
    entry.direction, entry.remark = Direction.INTERNAL, REMARK
    await session.flush()
    session.add(History(inquiry_number=inquiry.number or 0, at=now, event="cancelled", by=by, why=f"entry {entry.id}"))
    await _put_back(session, inquiry, entry, by, now)
    return True


async def _put_back(session: AsyncSession, inquiry: Inquiry, entry: Message, by: str, now: datetime) -> None:
    """Where a later answer begins with the state that this one left, it begins with the one before; any other change
    since then, a customer's mail first of all, stays."""
    if entry.status is None or entry.status_before is None:
        return
    later = await answers.next_after(session, inquiry.number or 0, entry.id or 0)
    if later is not None:
        if later.status_before is entry.status:
            later.status_before = entry.status_before
            later.remind_before = later.remind_before or entry.remind_before
        return
    if inquiry.status is not entry.status:
        return
    number, status = inquiry.number or 0, entry.status_before
    inquiry.remind_at = inquiry.remind_at or entry.remind_before
    if await inquiries.set_status(session, number, status, now):
        session.add(History(inquiry_number=number, at=now, event=str(status), by=by, why="its answer was taken back"))


async def cancelled_by_operator(session: AsyncSession, office: Office, entry: Message, now: datetime) -> bool:
    """`outbox cancel` of the mail of a seller's answer: its writer gets the text. What may have left already only goes
    no further. False when it is on its way, gone, or failed."""
    found = await inquiries.with_customer(session, entry.inquiry_number)
    row = await session.get_one(Outbox, entry.outbox_id)
    if found is None or not await withdraw(session, found[0], entry, row, "operator", now):
        return await outbox.cancel(session, row.id)
    file = await office.file(session, *found, None)
    names = await messages.file_names(session, entry.id or 0)
    for seller in await writers(session, entry, file):
        letter = hold_letters.taken_back(file, entry.text, names, "operator", "", Texts(seller.language))
        await office.to_seller(
            session,
            now,
            file,
            letter,
            kind="taken_back",
            cause=f"answer:{row.id}",
            to=seller.address,
            language=seller.language,
            name=seller.name,
            attachments_of=entry.id if names else None,
        )
    return True


async def writers(session: AsyncSession, entry: Message, file: File) -> list[Seller]:
    """Who wrote the answer; everybody where nobody is known to have."""
    sellers = await sellers_of(session, file.store.id or 0)
    return [seller for seller in sellers if seller.id == entry.seller_id] or list(sellers)
