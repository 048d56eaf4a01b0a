"""Carries out what the rules made of a customer's mail, within the limits of number, and takes it back when asked to.

Everything is in the transaction of the mail: its state, the answer in the outbox, the count that it adds to, and the
record by which a seller, the digest and the rehearsal know what was done and by which words.
"""

from dataclasses import dataclass

import structlog
from sqlmodel import select

from gateway.desk import letters, rule_letters
from gateway.desk.answer_limits import reached
from gateway.desk.called_back import call_back
from gateway.desk.filling import values_of
from gateway.desk.intent import character_count
from gateway.desk.load import sellers_of
from gateway.desk.privacy import without_signed_addresses
from gateway.desk.rule_effects import FollowRules, Label
from gateway.desk.unreadable import NOT_WHOLE
from gateway.desk.withdrawal import withdraw
from gateway.desk.work import Work
from gateway.mail.addresses import address_key
from gateway.rules.merge_fields import MissingFieldError, fill
from gateway.rules.ruleset import Match
from gateway.store import answers, auto_answers, messages, outbox, rule_decisions
from gateway.store.rule_tables import AutoAnswer, RuleDecision
from gateway.store.states import Author, Direction, InquiryStatus, OutboxState, RuleOutcome
from gateway.store.tables import Message, Outbox, Seller
from gateway.texts import Texts

log = structlog.get_logger()
ANSWERED: letters.Note = ("notification.answered", {})
NO_VALUE, TOO_LONG = "no value for ", "the answer is too long"  # what stops an answer
HAS_LEFT = (OutboxState.SENDING, OutboxState.SENT, OutboxState.UNCERTAIN)  # it may at least
STORES_OWN = "handled"  # the reply for which a store may have a text of its own: the guide's 自動応答


@dataclass(frozen=True)
class _Result:
    outcome: RuleOutcome
    withheld: str | None = None
    text: str | None = None  # what was sent


def label(work: Work, effect: Label) -> None:
    """What is a column's own word stands in one place; tags are added to those that are there."""
    inquiry, _ = work.file()
    inquiry.category = effect.category or inquiry.category
    inquiry.kind = effect.kind or inquiry.kind
    inquiry.tags = list(dict.fromkeys((*inquiry.tags, *effect.tags)))


async def follow_rules(work: Work, effect: FollowRules) -> None:
    """The answer or what stops it, the state, the mails to people, and the record."""
    inquiry, _ = work.file()
    result = await _answered(work, effect) if effect.answer is not None else _Result(effect.outcome, effect.bar)
    stopped = result.outcome is not effect.outcome and result.outcome is RuleOutcome.HUMAN
    status = effect.otherwise if stopped else effect.status
    decisive = effect.decisive
    if status is not None:
        await _set_status(work, effect, status)
    if result.outcome not in rule_decisions.UNDOABLE:
        await call_back(work)
    told = await _tell(work, effect, result, stopped=stopped)
    _record(work, effect, result)
    work.session.add(
        RuleDecision(
            message_id=work.added().id or 0,
            inquiry_number=inquiry.number or 0,
            store_id=inquiry.store_id,
            at=work.now,
            version=effect.version,
            outcome=result.outcome,
            rule=decisive.rule.name if decisive else None,
            words=list(decisive.words) if decisive else [],
            prior_status=effect.prior_status,
            withheld=result.withheld,
            matched=[_as_json(match) for match in effect.matches],
            shadowed=[_as_json(match) for match in effect.shadowed],
            told_at=work.now if told else None,
        )
    )
    work.ruled = {
        "rule": decisive.rule.name if decisive else None,
        "ruled": str(result.outcome),
        "withheld": result.withheld,
    }


async def undo_rules(work: Work, message_id: int, by: str) -> None:
    """未回答 was set before; the sellers get the customer's mail as if no rule had been, and an answer that has not
    left is stopped."""
    if not await rule_decisions.undo(work.session, message_id, by, work.now):
        return
    decision = await work.session.get_one(RuleDecision, message_id)
    entry = await work.session.get_one(Message, message_id)
    queued = select(Outbox).where(Outbox.cause == f"message:{message_id}", Outbox.kind == "auto_response")
    answer = (await work.session.exec(queued)).first()
    has_left = answer is not None and answer.state in HAS_LEFT
    if answer is not None:
        await _take_back(work, answer, by)
    files = await messages.file_names(work.session, message_id)
    work.history("reopened", by, f"a human was needed: {decision.outcome}, version {decision.version}", decision.rule)
    await work.notify(entry, files, raw=entry.remark in NOT_WHOLE, notes=[ANSWERED] if has_left else [])


async def _take_back(work: Work, answer: Outbox, by: str) -> None:
    """What has certainly not left was never said."""
    entry = await answers.of_mail(work.session, answer.id)
    if entry is None or not await withdraw(work.session, work.file()[0], entry, answer, by, work.now):
        await outbox.cancel(work.session, answer.id)


async def _set_status(work: Work, effect: FollowRules, status: InquiryStatus) -> None:
    """By the lowest rule that sets one, unless that is what the mail alone would have done."""
    setting = [match for match in effect.matches if match.rule.then.status or match.rule.then.quarantine]
    if status is effect.otherwise or not setting:
        await work.set_status(status, "customer", "the customer wrote")
    else:
        await work.set_status(status, "rule", f"version {effect.version}", setting[-1].rule.name)


async def _answered(work: Work, effect: FollowRules) -> _Result:
    """Queues the answer, or says what keeps it back: a field without a value stops all, a limit of number only it."""
    inquiry, customer = work.file()
    file = await work.office.file(work.session, inquiry, customer, None, new=work.opened)
    text, problem = _filled(work, effect, file)
    if problem:
        return _Result(RuleOutcome.HUMAN, problem)
    rule = effect.decisive.rule.name if effect.decisive else ""
    await auto_answers.take_turn(work.session)
    counts = await auto_answers.counts(work.session, inquiry, customer, rule, work.incoming.received_at, work.now)
    limit = reached(counts, work.office.limits)
    if limit:
        return _Result(RuleOutcome.WITHHELD, limit)
    entry = Message(
        inquiry_number=inquiry.number or 0,
        direction=Direction.OUT,
        author=Author.RULE,
        at=work.now,
        text=text,
        remark="auto_response",
        status=effect.status,
        status_before=effect.otherwise or inquiry.status,
    )
    work.session.add(entry)
    work.session.add(
        AutoAnswer(
            inquiry_number=inquiry.number or 0,
            store_id=inquiry.store_id,
            address_key=customer.address_key,
            rule=rule,
            at=work.now,
        )
    )
    letter = rule_letters.automatic(text, Texts(customer.language))
    row = await work.office.automatic(work.session, work.now, file, work.added(), letter, "auto_response")
    entry.outbox_id, entry.subject, entry.message_id = row.id, row.subject, row.message_id
    await work.session.flush()
    return _Result(RuleOutcome.ANSWERED, text=text)


def _filled(work: Work, effect: FollowRules, file: letters.File) -> tuple[str, str | None]:
    """The text to send, or why it cannot be sent. The customer's own words are no merge field (A12); a store's own text
    goes out as it stands, as it does by a seller's #自動応答."""
    inquiry, product, order = file.inquiry, file.product, file.order
    if effect.reply == STORES_OWN and file.store.auto_response:
        return file.store.auto_response, _excess(file.store.auto_response, file)
    values = values_of(inquiry, file.customer, file.store, product, order, work.added().at)
    try:
        text = fill(effect.answer or "", values)
    except MissingFieldError as missing:
        return "", f"{NO_VALUE}{missing}"
    return text, _excess(text, file)


def _excess(text: str, file: letters.File) -> str | None:
    return TOO_LONG if character_count(text) > file.store.max_chars else None


async def _tell(work: Work, effect: FollowRules, result: _Result, *, stopped: bool) -> bool:
    """The notification, or the store's own way of telling; whether the sellers know of it now."""
    inquiry, _ = work.file()
    entry = work.added()
    sellers = await sellers_of(work.session, inquiry.store_id)
    told = effect.notify or stopped
    named = {address_key(address) for address in effect.also}
    notified = [seller for seller in sellers if told or address_key(seller.address) in named]
    notes = [ANSWERED] if result.outcome is RuleOutcome.ANSWERED else [_stop(effect, result)] if stopped else []
    await work.notify(entry, work.files, sellers=notified, raw=effect.raw, notes=notes)
    registered = {address_key(seller.address) for seller in sellers}
    others = [_reader(work, address) for address in effect.also if address_key(address) not in registered]
    readers = [reader for reader in others if not _is_ours(work, effect, reader.address)]
    await work.notify(entry, work.files, sellers=readers, raw=effect.raw, notes=notes, informed=True)
    return told or (effect.notice and await _send_notice(work, effect, result, sellers))


def _stop(effect: FollowRules, result: _Result) -> letters.Note:
    """What the sellers are told of an answer that could not be sent: the rule's writer has to mend it."""
    rule, problem = effect.decisive.rule.name if effect.decisive else "", result.withheld or ""
    if problem == TOO_LONG:
        return "notification.stopped_too_long", {"rule": rule}
    return "notification.stopped_field", {"rule": rule, "field": problem.removeprefix(NO_VALUE)}


def _is_ours(work: Work, effect: FollowRules, address: str) -> bool:
    """An address of the gateway's own would make every notification an inquiry of its own (A13)."""
    if address.rpartition("@")[2].rstrip(".").casefold() != work.office.domain.casefold():
        return False
    rules = [match.rule.name for match in effect.matches if address in (match.rule.then.notify or ())]
    log.warning("rules.notify_skipped", rules=rules, why="an address of the gateway itself")
    return True


def _reader(work: Work, address: str) -> Seller:
    """Whom an admin named in a rule, as one who is only informed: never stored, so never a seller."""
    store = work.situation.store
    return Seller(store_id=work.file()[0].store_id, address=address, language=store.language if store else "ja")


async def _send_notice(work: Work, effect: FollowRules, result: _Result, sellers: tuple[Seller, ...]) -> bool:
    inquiry, customer = work.file()
    file = await work.office.file(work.session, inquiry, customer, work.added().id, new=work.opened)
    if file.store.auto_notice != "notice" or effect.decisive is None:
        return False
    done = rule_letters.RulesWork(
        outcome=result.outcome,
        rule=effect.decisive.rule.name,
        version=effect.version,
        words=tuple(word for word in effect.decisive.words if word != effect.repeats),
        repeats=effect.repeats,
        withheld=result.withheld,
        sent=result.text,
    )
    for seller in sellers:
        letter = rule_letters.rule_notice(file, work.added(), done, work.files, Texts(seller.language))
        enclosed = work.added().id if work.files else None
        cause = f"message:{work.added().id}"
        await work.to_seller(file, letter, "rule_notice", cause, seller, attachments_of=enclosed)
    return True


def _record(work: Work, effect: FollowRules, result: _Result) -> None:
    """One line of history for each rule that matched, shadows too; one for a bar that kept some from acting."""
    inquiry, _ = work.file()
    for match in effect.matches:
        event, why = "rule", f"version {effect.version}"
        if match is effect.decisive:
            event = "rule_stopped" if result.outcome is RuleOutcome.HUMAN else f"rule_{result.outcome}"
            why += _words(match) + (f"; {result.withheld}" if result.withheld else "")
        work.history(event, "rule", why, match.rule.name)
    if effect.decisive and result.outcome in rule_decisions.UNDOABLE:
        inquiry.last_rule = effect.decisive.rule.name
    for match in effect.shadowed:
        words = _words(match) if _decides(match) else ""
        work.history("rule_shadow", "rule", f"version {effect.version}{words}", match.rule.name)
    if effect.bar and effect.decisive and effect.decisive not in effect.matches:
        work.history("rule_barred", "rule", f"version {effect.version}: {effect.bar}", effect.decisive.rule.name)


def _decides(match: Match) -> bool:
    """Whether it would keep a mail from a person: then its words matter."""
    then = match.rule.then
    return bool(then.auto_respond or then.file or then.quarantine or then.silences)


def _words(match: Match) -> str:
    return without_signed_addresses(f": {' / '.join(match.words)}") if match.words else ""


def _as_json(match: Match) -> dict[str, object]:
    return {"name": match.rule.name, "words": list(match.words)}
