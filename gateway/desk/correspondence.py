"""The letters that an effect sends: to the customer, to the seller who wrote, to the colleagues."""

from dataclasses import replace
from datetime import timedelta

from gateway.desk import letters
from gateway.desk.effects import Bounced, Receipt, ReturnDraft, SendAnswer
from gateway.desk.failures import answer_failed
from gateway.desk.help_letter import usage
from gateway.desk.holding import note_of_hold
from gateway.desk.load import sellers_of
from gateway.desk.post import REPLIED, last_asked
from gateway.desk.privacy import without_signed_addresses
from gateway.desk.publishing import publish_answer
from gateway.desk.return_letters import returned
from gateway.desk.work import Work
from gateway.store import messages, outbox, templates
from gateway.store.states import Author, Direction, InquiryStatus
from gateway.store.tables import Message, Outbox
from gateway.texts import Texts

HELP_PAUSE = 600  # seconds


async def answer(work: Work, effect: SendAnswer) -> None:
    inquiry, customer = work.file()
    file = await work.office.file(work.session, inquiry, customer, None)
    texts = Texts(customer.language)
    text = letters.auto_response(file.store, texts)
    if effect.kind == "answer":  # a client's own words over a quotation may name the seller's side
        text = without_signed_addresses(effect.text)
    asked = await last_asked(work.session, inquiry.number or 0)
    entry = Message(
        inquiry_number=inquiry.number or 0,
        direction=Direction.OUT,
        author=Author.SELLER,
        at=work.now,
        text=text,
        message_id=effect.message_id,
        received_id=work.incoming.queue_id,
        recipient=work.incoming.recipient,
        seller_id=effect.seller_id,
        matched_by="address",
        remark="auto_response" if effect.kind == "auto_response" else None,
        status=effect.status,
        status_before=inquiry.status,
        remind_before=inquiry.remind_at,
    )
    work.session.add(entry)
    await work.session.flush()
    names = await work.attach(entry, effect.attachments)
    work.message = entry.id
    await publish_answer(work, entry, asked)
    letter = letters.answer(file, text, asked, texts, names)
    enclosed = entry.id if effect.attachments else None
    letter = replace(letter, subject=without_signed_addresses(effect.title))
    hold = timedelta(seconds=file.store.hold_seconds)
    row = await work.office.to_customer(work.session, work.now, file, entry, letter, effect.kind, enclosed, hold)
    if effect.template is not None:
        await templates.count_use(work.session, effect.template)
    entry.outbox_id, entry.subject = row.id, row.subject
    work.history(effect.kind, effect.receipt.to[0] if effect.receipt.to else "seller", "sent by a seller")
    if hold:
        await note_of_hold(work, file, entry, row, effect, names)
    if file.store.receipts:
        await receipt(work, effect.receipt, text, names, row, effect.status)
    if file.store.copies:
        await copies(work, file, entry, effect.receipt.to, effect.status, enclosed=bool(effect.attachments))


async def copies(
    work: Work, file: letters.File, entry: Message, to: tuple[str, ...], status: InquiryStatus, *, enclosed: bool
) -> None:
    """What went to the customer, to all sellers but `to`: they learn of it when it has left, as its writer does."""
    sellers = await sellers_of(work.session, file.store.id or 0)
    name = next((seller.name for seller in sellers if seller.id == entry.seller_id), "")
    for seller in sellers:
        if seller.id != entry.seller_id and seller.address not in to:
            letter = letters.copy(file, entry, name, status, Texts(seller.language))
            files = entry.id if enclosed else None
            cause = f"message:{entry.id}"
            await work.to_seller(file, letter, "copy", cause, seller, attachments_of=files, held=True)


async def receipt(
    work: Work,
    done: Receipt,
    sent: str | None,
    files: list[str],
    answer: Outbox | None,
    state: InquiryStatus | None = None,
) -> None:
    """A receipt for an answer waits, held, until the smarthost's 250 for that answer is recorded."""
    inquiry, customer = work.file()
    await work.session.flush()  # or what this mail changed would be forgotten
    await work.session.refresh(inquiry)
    file = await work.office.file(work.session, inquiry, customer, None)
    for seller in await work.registered(done.to, file.store):
        letter = letters.receipt(file, done, sent, state or inquiry.status, files, Texts(seller.language), work.results)
        cause = f"answer:{answer.id}" if answer else messages.cause_of(work.incoming.queue_id, inquiry.number)
        await work.to_seller(file, letter, "receipt", cause, seller, held=answer is not None)


async def return_draft(work: Work, effect: ReturnDraft) -> None:
    inquiry, customer = work.file()
    file = await work.office.file(work.session, inquiry, customer, None)
    for seller in await work.registered((effect.to,), file.store):
        letter = returned(file, effect.reason, dict(effect.detail), effect.text, Texts(seller.language))
        cause = messages.cause_of(work.incoming.queue_id, inquiry.number)
        await work.to_seller(file, letter, "returned", cause, seller)
    work.history("returned", "gateway", effect.reason)


async def send_help(work: Work, to: str) -> None:
    """Once in ten minutes to one address: an answer of its own to every mail would else go on for ever (A13)."""
    language = next((seller.language for seller in work.situation.sellers if seller.address == to), "ja")
    texts = Texts(language)
    letter = usage(texts)
    sender = (texts("name.desk"), f"desk@{work.office.domain}")
    cause = f"help:{int(work.now.timestamp() // HELP_PAUSE)}"
    row = work.office.row(work.now, cause=cause, kind="help", to=to, letter=letter, sender=sender)
    row.auto_submitted, row.in_reply_to = REPLIED, work.incoming.mail.message_id
    row.references = [row.in_reply_to] if row.in_reply_to else []
    await outbox.enqueue(work.session, row)


async def bounced(work: Work, effect: Bounced) -> None:
    row = await work.session.get(Outbox, effect.outbox_id)
    if row is not None and await outbox.bounced(work.session, row.id, effect.diagnostic):
        await answer_failed(work.session, work.office, row, effect.diagnostic, work.now, dead=effect.dead)
