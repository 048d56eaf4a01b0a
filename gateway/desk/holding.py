"""What waits: a seller's mail that is held with a question, and an answer in its store's hold window."""

from dataclasses import replace

import structlog

from gateway.desk import hold_letters, letters
from gateway.desk.doubt import ASKED_WITHIN, MOST_ASKED
from gateway.desk.drafts import as_written, reading_of, reply_of, sends
from gateway.desk.effects import AddMessage, SendAnswer
from gateway.desk.from_shown import from_shown
from gateway.desk.hold_effects import AskAgain, HoldDraft, NotAsked
from gateway.desk.hold_letters import Came
from gateway.desk.intent import Intent, Refusal
from gateway.desk.personal_data_guard import found_in
from gateway.desk.reading import intent_of
from gateway.desk.return_letters import NOTHING_TO_MEND
from gateway.desk.seen import QUESTION
from gateway.desk.situation import Situation
from gateway.desk.work import Work
from gateway.ids import new_id, new_nonce
from gateway.store import messages
from gateway.store.states import Author, Direction, InquiryStatus
from gateway.store.tables import Draft, Message, Outbox
from gateway.texts import Texts

log = structlog.get_logger()


async def note_of_hold(
    work: Work, file: letters.File, entry: Message, row: Outbox, effect: SendAnswer, names: list[str]
) -> None:
    """At once, and whether or not the store wants receipts: it is how an answer is taken back."""
    address = work.office.address(file.inquiry, f"cancel{entry.id}")
    for seller in await work.registered(effect.receipt.to, file.store):
        texts = Texts(seller.language)
        letter = hold_letters.holding(
            file, effect.receipt, entry.text, effect.status, names, row.next_at, address, texts, work.results
        )
        await work.to_seller(file, letter, "holding", f"answer:{row.id}", seller, reply_presses=address)


async def hold(work: Work, effect: HoldDraft) -> None:
    inquiry, customer = work.file()
    entry = await work.add(
        AddMessage(
            direction=Direction.INTERNAL,
            author=Author.SELLER,
            subject=effect.subject,
            text=effect.reply.text,
            quoted=effect.reply.quoted,
            message_id=effect.message_id,
            attachments=effect.attachments,
            seller_id=effect.seller_id,
            matched_by="address",
            remark="draft",
        )
    )
    undoable, answer = work.situation.undoable, work.situation.answer
    draft = Draft(
        id=new_id(),
        reason=effect.reason,
        inquiry_number=inquiry.number or 0,
        message_id=entry.id or 0,
        reading=reading_of(
            effect.reply,
            effect.action,
            undoable.message_id if undoable else None,
            answer[0].id if answer else None,
        ),
        nonce=new_nonce(),
        created_at=work.now,
        expires_at=work.now + work.office.draft_life,
    )
    work.session.add(draft)
    file = await work.office.file(work.session, inquiry, customer, None)
    address = work.office.draft_address(inquiry, draft.nonce)
    has_attachments = bool(effect.attachments)
    intent = intent_of(effect.reply, work.situation, action=effect.action, has_attachments=has_attachments)
    would, found = _would(intent), found_in(intent, work.situation)
    shown = effect
    if isinstance(intent, Intent) and intent.text:  # with its template, as the customer would get it
        shown = replace(effect, reply=replace(effect.reply, text=intent.text))
    since = [_told(entry, work.situation) for entry in work.situation.thread if entry.id in effect.since]
    kind = QUESTION if since else "confirmation"
    sender = await from_shown(work.session, inquiry, effect.reason, effect.senders)
    for seller in await work.registered(effect.to, file.store):
        letter = hold_letters.confirmation(
            file, shown, would, since, found, address, work.office.draft_life.days, Texts(seller.language), sender
        )
        enclosed = entry.id if effect.attachments else None
        await work.to_seller(file, letter, kind, f"draft:{draft.id}", seller, attachments_of=enclosed)
    work.history("draft_held", "gateway", effect.reason)


async def ask_again(work: Work, effect: AskAgain) -> None:
    """The one-time button of a draft that is held, once more; nothing new is held."""
    inquiry, customer = work.file()
    draft = await work.session.get_one(Draft, effect.draft_id)
    entry = await work.session.get_one(Message, draft.message_id)
    file = await work.office.file(work.session, inquiry, customer, None)
    reply, _ = reply_of(entry.text, draft.reading)
    address = work.office.draft_address(inquiry, draft.nonce)
    cause = messages.cause_of(work.incoming.queue_id, inquiry.number)
    sender = await from_shown(work.session, inquiry, effect.reason, effect.senders)
    for seller in await work.registered(effect.to, file.store):
        texts = Texts(seller.language)
        letter = hold_letters.going(
            file, as_written(reply), sends(reply), address, draft.expires_at, texts, effect.reason, sender
        )
        await work.to_seller(file, letter, "confirmation", cause, seller)


async def tell_not_asked(work: Work, effect: NotAsked) -> None:
    """Once an hour for an inquiry and a reason, however many come; the operator sees each."""
    inquiry, customer = work.file()
    file = await work.office.file(work.session, inquiry, customer, None)
    cause = f"unasked:{inquiry.number}:{effect.reason}:{work.now.timestamp() // ASKED_WITHIN.total_seconds():.0f}"
    for seller in await work.registered(effect.to, file.store):
        letter = hold_letters.not_asked(file, effect.reason, MOST_ASKED, Texts(seller.language))
        await work.to_seller(file, letter, "unasked", cause, seller)
    log.warning("seller not asked", queue_id=work.incoming.queue_id, inquiry=inquiry.number, why=effect.reason)


def _told(entry: Message, situation: Situation) -> Came:
    """With the name of the colleague who wrote it, as the store's sellers know them."""
    return Came(entry, next((one.name for one in situation.sellers if one.id == entry.seller_id), ""))


def _would(intent: Intent | Refusal) -> tuple[str, InquiryStatus | None]:
    """What a held mail would do if it were confirmed now: the key of its description, and the status after it."""
    if isinstance(intent, Refusal) and intent.reason in NOTHING_TO_MEND:
        return "nothing", None
    if isinstance(intent, Refusal) or intent.act in ("send", "help"):
        return "returned", None
    return intent.act, intent.status
