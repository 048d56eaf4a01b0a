"""The past under other rules: every customer's mail, as it was decided then, against what these rules would decide.

The decision is the desk's own, with the facts of then; nothing is written. Limits of number (one answer in 7 days, and
the like) are not rehearsed: each mail is judged as if no answer but the real ones had gone before it.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.desk.customer import divided
from gateway.desk.effects import Decision, Notify, OpenInquiry, SetStatus
from gateway.desk.load import TO_CUSTOMER, known_texts, sellers_of, staff_who_wrote
from gateway.desk.rule_effects import FollowRules
from gateway.desk.rule_facts import standing
from gateway.desk.ruling import Known, RuleFailedError, under_rules
from gateway.desk.situation import Incoming, Situation
from gateway.mail.addresses import StoreAddress, parse_local_part
from gateway.mail.authentication import Knowledge, passes
from gateway.mail.body import SHORTENED
from gateway.mail.parse import parse
from gateway.mail.values import Mail, Mailbox
from gateway.rules.from_mail import header_block
from gateway.rules.ruleset import RuleSet
from gateway.store import past_mail
from gateway.store.past_mail import PastMail
from gateway.store.received import load_raw
from gateway.store.states import Author, Direction, InquiryStatus, RuleOutcome
from gateway.store.tables import Inquiry, Message

Aftermath = Literal["seller", "auto_response", "rule", "closed", "open"]
NEEDS_NOBODY = (RuleOutcome.ANSWERED, RuleOutcome.WITHHELD, RuleOutcome.FILED, RuleOutcome.QUARANTINED)


@dataclass(frozen=True)
class Result:
    """What rules made of a mail. `rule` is the one that answered, filed or quarantined; `acted` are all, `shadowed`
    those that would have. `held` is what kept the answer back or the rules from more."""

    outcome: RuleOutcome
    rule: str | None = None
    words: tuple[str, ...] = ()
    held: str | None = None
    acted: tuple[str, ...] = ()
    shadowed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rehearsed:
    """One mail. `then` is None where no rules looked at it; `undone`: a seller said that a human was needed.
    `from_mail`: judged by the mail as it came, else by the text that was kept."""

    entry: int
    inquiry: int
    store: str
    at: datetime
    text: str
    then: Result | None
    now: Result
    undone: bool
    from_mail: bool

    @property
    def differs(self) -> bool:
        """Whether somebody would notice: the outcome, or the rules that acted; an undone one that is done again."""
        if self.then is None:
            return self.now.outcome in NEEDS_NOBODY
        if self.undone and self.now.outcome in NEEDS_NOBODY:
            return True
        return _compared(self.then) != _compared(self.now)


async def rehearse(
    session: AsyncSession, rules: RuleSet, since: datetime, store_id: int | None, authserv_id: str | None
) -> AsyncIterator[Rehearsed]:
    """Every customer's mail since then, the oldest first; it reads only, and one mail at a time."""
    async for past in past_mail.in_order(session, since, store_id):
        yield await _rehearsed(session, rules, past, authserv_id)


async def aftermath(session: AsyncSession, entry: int, number: int) -> Aftermath:
    """What followed the customer's entry: who wrote to the customer next, before the customer wrote again."""
    query = (
        select(Message.direction, Message.author, Message.remark)
        .where(Message.inquiry_number == number, col(Message.id) > entry, col(Message.direction) != Direction.INTERNAL)
        .order_by(col(Message.id))
        .limit(1)
    )
    following = (await session.exec(query)).first()
    if following is None:
        inquiry = await session.get(Inquiry, number)
        return "closed" if inquiry is not None and inquiry.status is InquiryStatus.DONE else "open"
    direction, author, remark = following
    if direction is Direction.IN:
        return "open"
    if author is Author.RULE:
        return "rule"
    return "auto_response" if remark == "auto_response" else "seller"


async def _rehearsed(session: AsyncSession, rules: RuleSet, past: PastMail, authserv_id: str | None) -> Rehearsed:
    entry, number = past.entry, past.inquiry.number or 0
    incoming, header, from_mail = await _incoming(session, past, authserv_id)
    if from_mail and past.entry.matched_by in ("address", "message_id"):
        incoming = replace(incoming, sent=await known_texts(session, number, TO_CUSTOMER, before=entry.at))
    text = divided(incoming).text if from_mail else entry.text
    at = past.decision.at if past.decision else entry.at
    facts = await standing(
        session,
        store=past.store,
        inquiry=None if past.opened else past.inquiry,
        author=incoming.author,
        at=at,
        before=entry.id,
        text=text,
        subject=incoming.mail.subject,
        product_code=past.inquiry.product_code,
        order_number=past.inquiry.order_number,
        origin=past.inquiry.origin,
    )
    if past.decision is not None:
        facts = replace(facts, inquiry=replace(facts.inquiry, status=past.decision.prior_status))
    known = Known(None if past.opened else (past.inquiry, past.customer), facts)
    situation = Situation(
        now=at,
        store=past.store,
        sellers=await sellers_of(session, past.store.id or 0),
        staff=await staff_who_wrote(session, incoming),
    )
    return Rehearsed(
        entry=entry.id or 0,
        inquiry=number,
        store=past.store.name,
        at=entry.at,
        text=text,
        then=_then(past),
        now=_now(rules, incoming, situation, _decision(past, text), known, header),
        undone=past.decision is not None and past.decision.undone_at is not None,
        from_mail=from_mail,
    )


async def _incoming(session: AsyncSession, past: PastMail, authserv_id: str | None) -> tuple[Incoming, bytes, bool]:
    """The mail as it came and its header block; where it is not kept any more, what the thread has of it."""
    received, entry = past.received, past.entry
    recipient = entry.recipient or ""
    address = parse_local_part(recipient.rpartition("@")[0]) or StoreAddress(past.store.name)
    try:
        raw = await load_raw(session, received.queue_id)
        mail, header = parse(raw, Knowledge(authserv_id, received.trusted_relay)), header_block(raw)
        if received.authentication:  # the key of that day may be gone from DNS
            mail = replace(mail, authenticated=passes(received.authentication))
    except LookupError:
        mail, header = _kept(past), b""
    incoming = Incoming(received.queue_id, received.received_at, received.mail_from, recipient, address, mail)
    return incoming, header, bool(header)


def _kept(past: PastMail) -> Mail:
    """The mail as far as its entry tells: nothing of its header, and that its author was believed."""
    entry, automatic = past.entry, past.entry.remark == "automatic"
    author = Mailbox(past.customer.name, past.received.header_from or past.customer.address)
    return Mail(
        message_id=entry.message_id,
        subject=entry.subject,
        from_=(author,) if author.address and entry.remark != "several_authors" else (),
        to=(Mailbox("", entry.recipient or ""),),
        cc=(),
        date=entry.at,
        in_reply_to=(),
        references=tuple(entry.references),
        charset=None,
        text=entry.text,
        attachments=(),
        machine=None,
        auto_submitted=automatic,
        language=past.customer.language,
        authenticated=True,
        defects=(SHORTENED,) if entry.remark == SHORTENED else (),
    )


def _decision(past: PastMail, text: str) -> Decision:
    """What the mail alone led to: it joined its inquiry, or opened it."""
    inquiry, customer = past.inquiry, past.customer
    if not past.opened:
        joined = SetStatus(InquiryStatus.UNANSWERED, "customer", "")
        return Decision((joined, Notify()), "message", "", past.entry.matched_by, inquiry.number, text)
    opened = OpenInquiry(
        customer_address=customer.address,
        customer_name=customer.name,
        language=customer.language,
        origin=inquiry.origin,
        title=inquiry.title,
        product_code=inquiry.product_code,
        order_number=inquiry.order_number,
    )
    return Decision((opened, Notify()), "message", "", "new", new_text=text)


def _then(past: PastMail) -> Result | None:
    decision = past.decision
    if decision is None:
        return None
    return Result(
        outcome=decision.outcome,
        rule=decision.rule,
        words=tuple(decision.words),
        held=decision.withheld,
        acted=tuple(match["name"] for match in decision.matched),
        shadowed=tuple(match["name"] for match in decision.shadowed),
    )


def _now(
    rules: RuleSet, incoming: Incoming, situation: Situation, decision: Decision, known: Known, header: bytes
) -> Result:
    try:
        ruled = under_rules(rules, incoming, situation, decision, known, header)
    except RuleFailedError as error:
        return Result(RuleOutcome.HUMAN, held=f"the rule failed: {error}")
    follow = next(effect for effect in ruled.effects if isinstance(effect, FollowRules))
    decisive = follow.decisive
    return Result(
        outcome=follow.outcome,
        rule=decisive.rule.name if decisive else None,
        words=decisive.words if decisive else (),
        held=follow.bar,
        acted=tuple(match.rule.name for match in follow.matches),
        shadowed=tuple(match.rule.name for match in follow.shadowed),
    )


def _compared(result: Result) -> tuple[object, ...]:
    outcome = RuleOutcome.ANSWERED if result.outcome is RuleOutcome.WITHHELD else result.outcome
    rule = result.rule if outcome in NEEDS_NOBODY else None  # a rule that was barred did nothing
    return outcome, rule, result.acted, result.shadowed
