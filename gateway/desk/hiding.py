"""Takes a question off its product's page and tells the customer, in one transaction (F11); takes that back; and
answers who may no longer ask there. By mail and by command it is the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.desk import hide_letters
from gateway.desk.answer_limits import reached
from gateway.desk.correspondence import copies, receipt
from gateway.desk.effects import Hide
from gateway.desk.letters import File
from gateway.desk.post import Office
from gateway.desk.privacy import without_signed_addresses
from gateway.desk.work import Work
from gateway.store import auto_answers, messages, publications, restrictions, templates
from gateway.store.rule_tables import AutoAnswer
from gateway.store.states import Author, Direction
from gateway.store.tables import History, Inquiry, Message, Outbox
from gateway.texts import Texts

RESTRICTED = "#制限"  # stands for a rule's name where automatic answers are counted


@dataclass(frozen=True)
class Notice:
    """What the customer is told."""

    title: str
    reason: str
    restrict: bool
    by: str  # a seller's address, or operator


async def hide(work: Work, effect: Hide) -> None:
    inquiry, customer = work.file()
    if inquiry.hidden:
        work.results["hide"] = {"key": "hide_again"}
    file = await work.office.file(work.session, inquiry, customer, None)
    by = effect.receipt.to[0] if effect.receipt.to else "seller"
    notice = Notice(effect.title, effect.reason, effect.restrict, by)
    entry = _entry(inquiry, notice, work.now)
    entry.message_id, entry.seller_id, entry.matched_by = effect.message_id, effect.seller_id, "address"
    entry.received_id, entry.recipient = work.incoming.queue_id, work.incoming.recipient
    work.session.add(entry)
    await work.session.flush()
    names = await work.attach(entry, effect.attachments)
    work.message = entry.id
    row = await hide_and_tell(work.session, work.office, work.now, file, entry, notice, names)
    if effect.template is not None:
        await templates.count_use(work.session, effect.template)
    status = effect.status or inquiry.status
    if file.store.receipts:
        await receipt(work, effect.receipt, entry.text, names, row, status)
    if file.store.copies:
        await copies(work, file, entry, effect.receipt.to, status, enclosed=bool(names))


async def hide_by_command(session: AsyncSession, office: Office, file: File, notice: Notice, now: datetime) -> None:
    """The operator's: the same, with nobody to send a receipt to."""
    entry = _entry(file.inquiry, notice, now)
    session.add(entry)
    await session.flush()
    await hide_and_tell(session, office, now, file, entry, notice)


async def hide_and_tell(
    session: AsyncSession,
    office: Office,
    now: datetime,
    file: File,
    entry: Message,
    notice: Notice,
    files: Sequence[str] = (),
) -> Outbox:
    """The state stays as it is: a hide answers nothing. An answer to the notice comes to this inquiry."""
    inquiry, texts = file.inquiry, Texts(file.customer.language)
    asked = await messages.first_question(session, inquiry.number or 0)
    was_shown = await publications.is_shown(session, inquiry.number or 0)
    inquiry.hidden = True
    _history(session, inquiry, now, "hidden", notice.by, notice.title)
    restricted = notice.restrict and await restrictions.add(session, inquiry, now)
    if restricted:
        _history(session, inquiry, now, "restricted", notice.by, f"product {inquiry.product_code}")
    letter = hide_letters.notice(
        file,
        entry,
        asked,
        texts,
        title=notice.title,
        restricts=notice.restrict,
        was_shown=was_shown,
        files=files,
    )
    enclosed = entry.id if files else None
    row = await office.to_customer(session, now, file, entry, letter, "hide_notice", enclosed)
    entry.outbox_id, entry.subject = row.id, row.subject
    session.add(inquiry)
    await session.flush()
    return row


async def restrict(work: Work, by: str) -> None:
    """The customer of a question that is hidden already may ask no more; of the hiding they were told with it."""
    inquiry, _ = work.file()
    if await restrictions.add(work.session, inquiry, work.now):
        work.history("restricted", by, f"product {inquiry.product_code}")
    work.results["hide"] = {"key": "hidden_before"}


async def unhide(work: Work, by: str) -> None:
    """By mail; the receipt tells what the product's page shows of it now."""
    inquiry, _ = work.file()
    was_hidden, number = inquiry.hidden, inquiry.number or 0
    await show_again(work.session, inquiry, by, work.now)
    if not was_hidden:
        work.results["unhide"] = {"key": "restriction_lifted"}
    elif not await publications.is_shown(work.session, number):
        question = await publications.of_question(work.session, number)
        work.results["unhide"] = {"key": "unhide_waits" if question else "unhide_never"}


async def show_again(session: AsyncSession, inquiry: Inquiry, by: str, now: datetime) -> bool:
    """Undoes what hiding did, the restriction too. Nothing is mailed to the customer. False when there was nothing."""
    was_hidden, was_restricted = inquiry.hidden, await restrictions.lift(session, inquiry)
    if was_hidden:
        inquiry.hidden = False
        session.add(inquiry)
        _history(session, inquiry, now, "shown_again", by, "on the product's page")
    if was_restricted:
        _history(session, inquiry, now, "restriction_lifted", by, f"product {inquiry.product_code}")
    await session.flush()  # the receipt reads the row again
    return was_hidden or was_restricted


async def refuse(work: Work, bar: str | None) -> None:
    """One refusal where the bars and the limits of number of rules' answers allow it (RFC 3834 2); the mail is recorded
    in any case."""
    inquiry, customer = work.file()
    stop = bar
    if stop is None:
        await auto_answers.take_turn(work.session)
        received = work.incoming.received_at
        counts = await auto_answers.counts(work.session, inquiry, customer, RESTRICTED, received, work.now)
        stop = reached(counts, work.office.limits)
    if stop is not None:
        work.history("refusal_withheld", "gateway", stop)
        return
    file = await work.office.file(work.session, inquiry, customer, None, new=work.opened)
    texts = Texts(customer.language)
    letter = hide_letters.refusal(file, texts)
    entry = Message(
        inquiry_number=inquiry.number or 0,
        direction=Direction.OUT,
        author=Author.GATEWAY,
        at=work.now,
        text=letter.text.strip(),
        remark="refusal",
    )
    counted = AutoAnswer(
        inquiry_number=inquiry.number or 0,
        store_id=inquiry.store_id,
        address_key=customer.address_key,
        rule=RESTRICTED,
        at=work.now,
    )
    work.session.add_all((entry, counted))
    row = await work.office.automatic(work.session, work.now, file, work.added(), letter, "refusal")
    entry.outbox_id, entry.subject, entry.message_id = row.id, row.subject, row.message_id
    work.history("refused", "gateway", "the customer may not ask about this product")


def _entry(inquiry: Inquiry, notice: Notice, now: datetime) -> Message:
    """By the gateway, whoever gave the reason: it is no seller's answer, so nothing that follows answers does."""
    return Message(
        inquiry_number=inquiry.number or 0,
        direction=Direction.OUT,
        author=Author.GATEWAY,
        at=now,
        text=without_signed_addresses(notice.reason),
        remark="hide_notice",
    )


def _history(session: AsyncSession, inquiry: Inquiry, now: datetime, event: str, by: str, why: str) -> None:
    session.add(History(inquiry_number=inquiry.number or 0, at=now, event=event, by=by, why=why))
