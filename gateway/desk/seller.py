"""What a seller's mail does: an answer, a state, a button, a confirmation; held when in doubt who wrote it."""

from dataclasses import replace

from gateway.desk.breaker import goes_on_by_itself
from gateway.desk.drafts import reply_of
from gateway.desk.effects import (
    AddMessage,
    Decision,
    Effect,
    Help,
    HoldDraft,
    Receipt,
    Record,
    ReturnDraft,
    SendAnswer,
    SetStatus,
    SettleDraft,
    UndoRules,
)
from gateway.desk.intent import Intent, Refusal, intent_of
from gateway.desk.matching import expired
from gateway.desk.situation import Candidate, Incoming, Situation
from gateway.mail.reply import divide_seller
from gateway.mail.values import AttachedFile, Machine, Reply
from gateway.store.states import Author, Direction, DraftState, InquiryStatus
from gateway.store.tables import Seller

MACHINES = frozenset({Machine.BOUNCE, Machine.AUTO_REPLY, Machine.DELIVERY_REPORT, Machine.FEEDBACK})


def writes(incoming: Incoming, situation: Situation, named: Candidate, action: str | None) -> Decision:
    """A mail to q<number>-s-…@, or to a button's address: `action` is progress, done, auto …"""
    if is_machine(incoming):
        return _machine(incoming, named)
    seller = written_by(incoming, situation)
    reply = divide_seller(incoming.mail.text, _known_texts(incoming, action), [incoming.author])
    number = named.inquiry.number
    if seller is None:
        everyone = tuple(registered.address for registered in situation.sellers)
        return _held(incoming, reply, action, "unregistered", everyone, None, number)
    if not incoming.mail.authenticated:
        return _held(incoming, reply, action, "unauthenticated", (seller.address,), seller, number)
    if incoming.mail.auto_submitted:  # marked, but known as no machine: a person may still say that it is theirs
        return _held(incoming, reply, action, "automatic", (seller.address,), seller, number)
    if expired(named.inquiry, situation.now):
        returned = ReturnDraft(seller.address, "expired", as_written(reply))
        return Decision((returned,), "returned", "the inquiry was closed long ago", "address", number)
    outcome = _read(reply, situation, named, action, bool(incoming.mail.attachments))
    if isinstance(outcome, Refusal):
        returned = ReturnDraft(seller.address, outcome.reason, as_written(reply), outcome.detail)
        return Decision((returned,), "returned", outcome.reason, "address", number)
    if outcome.act == "send":
        return _send_held(situation, named, seller, reply)
    if outcome.act == "answer" and goes_on_by_itself(outcome.text, situation.thread, situation.now):
        return _held(incoming, reply, action, "repeated", (seller.address,), seller, number)
    effects = _carry_out(
        outcome,
        situation,
        seller,
        (seller.address,),
        incoming.mail.attachments,
        incoming.mail.message_id,
        incoming.mail.subject,
    )
    return Decision(effects, "command" if outcome.act != "answer" else "message", outcome.act, "address", number)


def confirms(incoming: Incoming, situation: Situation, named: Candidate) -> Decision:
    """A mail to q<number>-send-…@, the one-time address of one draft: to have it is enough (mail-interface.md)."""
    if is_machine(incoming):  # a vacation responder must not confirm
        return _machine(incoming, named)
    draft, number = situation.draft, named.inquiry.number
    seller = written_by(incoming, situation)
    to = (seller.address,) if seller else tuple(registered.address for registered in situation.sellers)
    if draft is None or draft.state is not DraftState.HELD:
        returns = tuple(ReturnDraft(address, "draft_settled", "") for address in to if seller)
        return Decision(returns, "recorded", "the confirmation was used before", "address", number)
    return _execute(situation, named, seller, to)


def _send_held(situation: Situation, named: Candidate, seller: Seller, reply: Reply) -> Decision:
    """#送信 in an authenticated reply: the newest held draft of the inquiry."""
    if situation.draft is None or situation.draft.state is not DraftState.HELD:
        returned = ReturnDraft(seller.address, "no_draft", as_written(reply))
        return Decision((returned,), "returned", "no_draft", "address", named.inquiry.number)
    return _execute(situation, named, seller, (seller.address,))


def _execute(situation: Situation, named: Candidate, seller: Seller | None, to: tuple[str, ...]) -> Decision:
    draft, message, number = situation.draft, situation.draft_message, named.inquiry.number
    if draft is None or message is None:
        raise AssertionError("a draft was named without its text")
    reply, action = reply_of(message.text, draft.reading)
    situation = replace(situation, undoable=situation.draft_undoable)
    outcome = _read(reply, situation, named, action, bool(situation.draft_files))
    settle = SettleDraft(draft.id)
    if isinstance(outcome, Refusal) or outcome.act in ("send", "help"):
        reason = outcome.reason if isinstance(outcome, Refusal) else "no_draft"
        detail = outcome.detail if isinstance(outcome, Refusal) else ()
        back = tuple(ReturnDraft(address, reason, as_written(reply), detail) for address in to)
        return Decision((settle, *back), "returned", reason, "address", number)
    effects = _carry_out(outcome, situation, seller, to, situation.draft_files, message.message_id, message.subject)
    return Decision((settle, *effects), "command", f"confirmed: {outcome.act}", "address", number)


def _read(
    reply: Reply, situation: Situation, named: Candidate, action: str | None, has_attachments: bool
) -> Intent | Refusal:
    if situation.store is None:
        raise AssertionError("an inquiry was named without its store")
    return intent_of(
        reply,
        action=action,
        has_attachments=has_attachments,
        max_chars=situation.store.max_chars,
        thread=situation.thread,
        reachable=bool(named.customer.address),
        undoable=situation.undoable,
    )


def _carry_out(
    intent: Intent,
    situation: Situation,
    seller: Seller | None,
    to: tuple[str, ...],
    attachments: tuple[AttachedFile, ...],
    message_id: str | None,
    subject: str,
) -> tuple[Effect, ...]:
    by = seller.address if seller else "confirmed"
    seller_id = seller.id if seller else None
    if intent.act == "help":
        return tuple(Help(address) for address in to)
    receipt = Receipt(to, intent.commands, intent.ignored)
    effects: list[Effect] = []
    if intent.act in ("answer", "auto"):
        kind = "answer" if intent.act == "answer" else "auto_response"
        effects.append(
            SendAnswer(
                kind, intent.text, intent.status or InquiryStatus.DONE, attachments, seller_id, message_id, receipt
            )
        )
    elif intent.act == "note":
        effects.append(
            AddMessage(
                direction=Direction.INTERNAL,
                author=Author.SELLER,
                subject=subject,
                text=intent.text,
                message_id=message_id,
                attachments=attachments,
                seller_id=seller_id,
                remark="note",
            )
        )
    if intent.status is not None:
        is_handled = any(command.name == "handled" for command in intent.commands)
        effects.append(SetStatus(intent.status, by, "handled" if is_handled else intent.act))
    if intent.act == "reopen" and situation.undoable is not None:
        effects.append(UndoRules(situation.undoable.message_id, by))
    if intent.act not in ("answer", "auto"):
        effects.append(receipt)
    return tuple(effects)


def _held(
    incoming: Incoming,
    reply: Reply,
    action: str | None,
    reason: str,
    to: tuple[str, ...],
    seller: Seller | None,
    number: int | None,
) -> Decision:
    held = HoldDraft(
        reason=reason,
        to=to,
        reply=reply,
        action=action,
        subject=incoming.mail.subject,
        attachments=incoming.mail.attachments,
        message_id=incoming.mail.message_id,
        seller_id=seller.id if seller else None,
    )
    return Decision((held,), "draft", reason, "address", number)


def _machine(incoming: Incoming, named: Candidate) -> Decision:
    """A seller's vacation responder, say: kept in the thread, and nothing more."""
    mail = incoming.mail
    entry = AddMessage(
        direction=Direction.INTERNAL,
        author=Author.SELLER,
        subject=mail.subject,
        text=mail.text,
        message_id=mail.message_id,
        matched_by="address",
        remark="machine",
    )
    record = Record("machine", "machine", str(mail.machine))
    return Decision((entry, record), "recorded", "a machine wrote", "address", named.inquiry.number)


def as_written(reply: Reply) -> str:
    """The whole draft, its commands included."""
    lines = [*(command.line for command in reply.commands), *reply.refused, reply.text]
    return "\n".join(line for line in lines if line)


def is_machine(incoming: Incoming) -> bool:
    return incoming.mail.machine in MACHINES or not incoming.mail_from


def written_by(incoming: Incoming, situation: Situation) -> Seller | None:
    """The registered seller who wrote it; two From fields or several authors are never a seller (N26, N40)."""
    if len(incoming.mail.from_) != 1:
        return None
    return next((seller for seller in situation.sellers if incoming.wrote(seller.address)), None)


def _known_texts(incoming: Incoming, action: str | None) -> tuple[str, ...]:
    return incoming.sent if action is None else (*incoming.sent, *incoming.button_texts)
