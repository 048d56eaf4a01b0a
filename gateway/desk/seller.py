"""What a seller's mail does: an answer, a state, a button, a confirmation; held when in doubt who wrote it."""

from dataclasses import replace

from gateway.desk.acts import Written, effects_of
from gateway.desk.attachments import within
from gateway.desk.breaker import goes_on_by_itself
from gateway.desk.doubt import asked_for, doubt, may_ask, not_asked
from gateway.desk.drafts import as_written, reply_of
from gateway.desk.effects import AddMessage, Decision, Effect, Record, ReturnDraft, SettleDraft
from gateway.desk.from_shown import senders
from gateway.desk.hold_effects import HoldDraft
from gateway.desk.intent import Intent, Refusal
from gateway.desk.matching import expired
from gateway.desk.overtaken import came_since, kind_of, overtaken
from gateway.desk.personal_data_guard import found_in
from gateway.desk.reading import intent_of
from gateway.desk.situation import Candidate, Incoming, Situation
from gateway.mail.reply import divide_seller
from gateway.mail.values import AttachedFile, Machine, Reply
from gateway.store.states import Author, Direction, DraftState
from gateway.store.tables import Message, Seller

MACHINES = frozenset({Machine.BOUNCE, Machine.AUTO_REPLY, Machine.DELIVERY_REPORT, Machine.FEEDBACK})


def writes(incoming: Incoming, situation: Situation, named: Candidate, action: str | None) -> Decision:
    """A mail to q<number>-s-…@, or to a button's address: `action` is progress, done, auto …"""
    if is_machine(incoming):
        return _machine(incoming, named)
    seller = written_by(incoming, situation)
    reply = divide_seller(incoming.mail.text, _known_texts(incoming, action), [incoming.author])
    reason = doubt(incoming, seller, situation)
    if seller is not None and not reason:
        return carried_out(incoming, situation, named, seller, reply, action)
    to = (seller.address,) if seller else tuple(registered.address for registered in situation.sellers)
    if not may_ask(reason, situation):
        return not_asked(reason, to, named.inquiry.number)
    asked = _read(reply, situation, action, incoming.mail.attachments)
    if isinstance(asked, Intent) and asked.act in ("send", "help"):
        return asked_for(asked, situation, seller, reason, to, named.inquiry.number, senders(incoming))
    return _held(incoming, reply, action, reason, to, seller, named.inquiry.number)


def carried_out(
    incoming: Incoming, situation: Situation, named: Candidate, seller: Seller, reply: Reply, action: str | None
) -> Decision:
    """What words do of which nobody doubts that the seller wrote them: a reply's, or those under a number of a list."""
    number = named.inquiry.number
    if expired(named.inquiry, situation.now):
        reason = "erased" if named.inquiry.erased_at else "expired"
        returned = ReturnDraft(seller.address, reason, as_written(reply))
        return Decision((returned,), "returned", f"the inquiry is {reason}", "address", number)
    outcome = _read(reply, situation, action, incoming.mail.attachments)
    if isinstance(outcome, Refusal):
        returned = ReturnDraft(seller.address, outcome.reason, as_written(reply), outcome.detail)
        return Decision((returned,), "returned", outcome.reason, "address", number)
    if outcome.act == "send":
        return _send_held(situation, named, seller, reply)
    if outcome.act == "answer" and goes_on_by_itself(outcome.text, situation.thread, situation.now):
        return _held(incoming, reply, action, "repeated", (seller.address,), seller, number)
    if outcome.act in ("answer", "auto") and (since := overtaken(reply, situation, seller)):
        return _held(incoming, reply, action, kind_of(since), (seller.address,), seller, number, since)
    if found_in(outcome, situation):
        return _held(incoming, reply, action, "personal_data", (seller.address,), seller, number)
    mail = incoming.mail
    written = Written(mail.subject, mail.message_id, mail.attachments, seller, (seller.address,))
    effects = effects_of(outcome, situation, written)
    return Decision(effects, "command" if outcome.act != "answer" else "message", outcome.act, "address", number)


def confirms(incoming: Incoming, situation: Situation, named: Candidate) -> Decision:
    """A mail to q<number>-send-…@, the one-time address of one draft: to have it is enough (mail-interface.md)."""
    if is_machine(incoming):  # a vacation responder must not confirm
        return _machine(incoming, named)
    draft, number = situation.draft, named.inquiry.number
    seller = written_by(incoming, situation)
    to = (seller.address,) if seller else tuple(registered.address for registered in situation.sellers)
    if draft is None or draft.state is not DraftState.HELD:
        return _settled_before(situation, seller, number)
    return _execute(situation, named, seller, to)


def _send_held(situation: Situation, named: Candidate, seller: Seller, reply: Reply) -> Decision:
    """#送信 in an authenticated reply: the newest held draft of the inquiry that is surely the seller's own."""
    if situation.draft is None:
        returned = ReturnDraft(seller.address, "no_draft", as_written(reply))
        return Decision((returned,), "returned", "no_draft", "address", named.inquiry.number)
    return _execute(situation, named, seller, (seller.address,))


def _execute(situation: Situation, named: Candidate, seller: Seller | None, to: tuple[str, ...]) -> Decision:
    draft, message, number = situation.draft, situation.draft_message, named.inquiry.number
    if draft is None or message is None:
        raise AssertionError("a draft was named without its text")
    reply, action = reply_of(message.text, draft.reading)
    since = came_since(draft.message_id, situation, seller)
    situation = replace(situation, undoable=situation.draft_undoable, draft=None)
    outcome = _read(reply, situation, action, situation.draft_files)
    settle: tuple[Effect, ...] = (SettleDraft(draft.id),)
    if isinstance(outcome, Refusal) or outcome.act in ("send", "help"):
        reason = outcome.reason if isinstance(outcome, Refusal) else "no_draft"
        detail = outcome.detail if isinstance(outcome, Refusal) else ()
        back = tuple(ReturnDraft(address, reason, as_written(reply), detail) for address in to)
        return Decision((*settle, *back), "returned", reason, "address", number)
    came = kind_of(since) if since else ""
    written = Written(message.subject, message.message_id, situation.draft_files, seller, to, came)
    effects = effects_of(outcome, situation, written)
    if found := found_in(outcome, situation):
        why = f"sent all the same: {', '.join(found.kinds)}"
        settle = (*settle, Record("personal_data", seller.address if seller else "confirmed", why))
    return Decision((*settle, *effects), "command", f"confirmed: {outcome.act}", "address", number)


def _settled_before(situation: Situation, seller: Seller | None, number: int | None) -> Decision:
    """The address works once, and while its draft is kept; the seller still gets a text whose time is over."""
    draft, message = situation.draft, situation.draft_message
    reason, text = "draft_settled", ""
    if draft is not None and draft.state is DraftState.CANCELLED:
        reason = "draft_cancelled"
    elif draft is not None and draft.state is DraftState.EXPIRED:
        reason, text = "draft_expired", as_written(reply_of(message.text, draft.reading)[0]) if message else ""
    returns = (ReturnDraft(seller.address, reason, text),) if seller else ()
    return Decision(returns, "recorded", "the confirmation is over", "address", number)


def _read(reply: Reply, situation: Situation, action: str | None, files: tuple[AttachedFile, ...]) -> Intent | Refusal:
    outcome = intent_of(reply, situation, action=action, has_attachments=bool(files))
    return within(outcome, files, situation.file_limits)


def _held(
    incoming: Incoming,
    reply: Reply,
    action: str | None,
    reason: str,
    to: tuple[str, ...],
    seller: Seller | None,
    number: int | None,
    since: tuple[Message, ...] = (),
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
        since=tuple(entry.id or 0 for entry in since),
        senders=senders(incoming),
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


def is_machine(incoming: Incoming) -> bool:
    return incoming.mail.machine in MACHINES or not incoming.mail_from


def written_by(incoming: Incoming, situation: Situation) -> Seller | None:
    """The registered seller who wrote it; two From fields or several authors are never a seller (N26, N40)."""
    if len(incoming.mail.from_) != 1:
        return None
    return next((seller for seller in situation.sellers if incoming.wrote(seller.address)), None)


def _known_texts(incoming: Incoming, action: str | None) -> tuple[str, ...]:
    return incoming.sent if action is None else (*incoming.sent, *incoming.button_texts)
