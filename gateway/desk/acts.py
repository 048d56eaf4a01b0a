"""What carrying out a seller's intent does, act by act. Pure."""

from dataclasses import dataclass

from gateway.desk.effects import (
    AddMessage,
    DropDraft,
    Effect,
    Help,
    Hide,
    MakePublic,
    Receipt,
    Restrict,
    ReturnDraft,
    SendAnswer,
    SetStatus,
    ShowAgain,
    TakeBack,
)
from gateway.desk.intent import Intent, customers_mails
from gateway.desk.rule_effects import Label, UndoRules
from gateway.desk.situation import Situation
from gateway.desk.upkeep import Merge, SendThread, Silence, Snooze, Split, Unsilence
from gateway.mail.values import AttachedFile
from gateway.store.states import Author, Direction, InquiryStatus
from gateway.store.tables import Seller


@dataclass(frozen=True)
class Written:
    """What beside its words counts of the seller's mail, now or when it was held."""

    subject: str
    message_id: str | None
    attachments: tuple[AttachedFile, ...]
    seller: Seller | None  # None for a draft confirmed by whoever had its address
    to: tuple[str, ...]  # who is told
    overtaken: str = ""  # what came while it was held: newer, colleague


def effects_of(intent: Intent, situation: Situation, written: Written) -> tuple[Effect, ...]:
    """The effects of one mail, in order; with an answer its receipt waits for the smarthost's 250 (F9)."""
    if intent.act == "help":
        return (*(Help(address) for address in written.to), *_words_beside(intent, written))
    if intent.act == "full":
        return (SendThread(written.to), *_words_beside(intent, written))
    by = written.seller.address if written.seller else "confirmed"
    if intent.act == "cancel":
        return (_cancel(intent, situation, by, written.to),)
    receipt = Receipt(written.to, intent.commands, intent.ignored, written.overtaken)
    effects: list[Effect] = []
    if intent.category is not None:
        effects.append(Label(intent.category, None, ()))
    if intent.snooze is not None or _ends_snooze(intent, situation):
        effects.append(Snooze(intent.snooze, by))
    match intent.act:
        case "answer" | "auto":
            effects.append(_answer(intent, written, receipt))
        case "note":
            effects.append(_note(intent, written))
        case "hide":
            effects.append(_hide(intent, written, receipt))
        case "restrict":
            effects.append(Restrict(by))
        case "unhide":
            effects.append(ShowAgain(by))
        case "publish":
            effects.append(MakePublic(by))
        case "spam":
            effects.append(Silence(by))
        case "split":
            effects.append(Split(customers_mails(situation.thread)[-1].id or 0, by))
        case "merge":
            effects.append(Merge(intent.into or 0, by))
    if intent.status is not None:
        is_handled = any(command.name == "handled" for command in intent.commands)
        effects.append(SetStatus(intent.status, by, "handled" if is_handled else intent.act))
    if intent.act == "reopen":
        effects += _reopened(situation, by)
    if intent.act not in ("answer", "auto", "hide"):
        effects.append(receipt)
    return tuple(effects)


def _words_beside(intent: Intent, written: Written) -> tuple[ReturnDraft, ...]:
    """What came with a command that sends nothing goes back, each time: it was meant for the customer."""
    if not intent.ignored and not written.attachments:
        return ()
    detail = (("line", intent.commands[0].line),)
    return tuple(ReturnDraft(address, "words_beside", intent.ignored, detail) for address in written.to)


def _cancel(intent: Intent, situation: Situation, by: str, to: tuple[str, ...]) -> Effect:
    """Whichever is newer: the last answer, or the draft that is held."""
    answer, draft = situation.answer, situation.draft
    if draft is not None and (answer is None or draft.created_at > answer[0].at):
        return DropDraft(draft.id, by, to, intent.ignored)
    if answer is None:
        raise AssertionError("there is something to cancel")
    return TakeBack(answer[0].id or 0, by, to, intent.ignored)


def _answer(intent: Intent, written: Written, receipt: Receipt) -> SendAnswer:
    return SendAnswer(
        kind="answer" if intent.act == "answer" else "auto_response",
        text=intent.text,
        status=intent.status or InquiryStatus.DONE,
        attachments=written.attachments,
        seller_id=written.seller.id if written.seller else None,
        message_id=written.message_id,
        receipt=receipt,
        title=intent.title,
        template=intent.template,
    )


def _reopened(situation: Situation, by: str) -> list[Effect]:
    """Both an automatic answer and a silence are undone, whichever there is."""
    effects: list[Effect] = []
    if situation.named is not None and situation.named.customer.silenced_at is not None:
        effects.append(Unsilence(by))
    if situation.undoable is not None and situation.undoable.undone_at is None:
        effects.append(UndoRules(situation.undoable.message_id, by))
    return effects


def _hide(intent: Intent, written: Written, receipt: Receipt) -> Hide:
    return Hide(
        title=intent.title,
        reason=intent.text,
        restrict=intent.restrict,
        status=intent.status,
        template=intent.template,
        attachments=written.attachments,
        seller_id=written.seller.id if written.seller else None,
        message_id=written.message_id,
        receipt=receipt,
    )


def _ends_snooze(intent: Intent, situation: Situation) -> bool:
    """Nothing is left to come back to: the seller says so, not only the state that any answer has."""
    if situation.named is None or situation.named.inquiry.snoozed_until is None:
        return False
    said = {command.name for command in intent.commands}
    return intent.status is InquiryStatus.DONE and (intent.act == "status" or bool(said & {"done", "handled", "spam"}))


def _note(intent: Intent, written: Written) -> AddMessage:
    return AddMessage(
        direction=Direction.INTERNAL,
        author=Author.SELLER,
        subject=written.subject,
        text=intent.text,
        message_id=written.message_id,
        attachments=written.attachments,
        seller_id=written.seller.id if written.seller else None,
        remark="note",
    )
