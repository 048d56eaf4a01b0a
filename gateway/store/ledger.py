"""The proof that nothing is lost: every mail that was answered 250 has exactly one final account.

Read from the tables alone, so that it can be asked of any database at any time. What is only on its way is counted,
what contradicts itself is listed.
"""

import unicodedata
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import exists, func
from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.store.rule_tables import RuleDecision
from gateway.store.states import Direction, OutboxState, ReceivedState, RuleOutcome
from gateway.store.tables import Inquiry, Message, Outbox, OutboxAttempt, Received, ReceivedChunk, Seller

PAGE = 1000  # received mails looked at in one go
# What a recipient's copy can have become. A copy that made no entry of a thread has its reason in words instead.
WITH_MESSAGE = {"message"}
WITHOUT_MESSAGE = {"command", "draft", "duplicate", "erased", "operator", "recorded", "returned", "unparsed"}
TOLD = ("message", "unparsed")  # results whose entry, when it is the customer's, every seller is told of
KEPT_BY_RULES = (RuleOutcome.ANSWERED, RuleOutcome.WITHHELD, RuleOutcome.FILED, RuleOutcome.QUARANTINED)


@dataclass
class Ledger:
    """What was found. `problems` must be empty; each is one sentence that names its mail."""

    received: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    outbox: Counter[str] = field(default_factory=Counter)
    customer_messages: int = 0
    notifications: int = 0
    kept_by_rules: int = 0  # of customer_messages: answered, filed or set aside by a rule
    problems: list[str] = field(default_factory=list)
    uncertain: list[Outbox] = field(default_factory=list)  # a process died while it was sent: maybe sent twice

    @property
    def waiting(self) -> int:
        """Mails that were answered 250 and are not yet understood."""
        return self.received[ReceivedState.RECEIVED.value]


async def check(session: AsyncSession) -> Ledger:
    """Goes through every received mail and every outgoing one."""
    ledger = Ledger()
    async for mails in _pages(session):
        await _check_page(session, ledger, mails)
    await _check_raw(session, ledger)
    await _check_outbox(session, ledger)
    return ledger


async def _pages(session: AsyncSession) -> AsyncIterator[Sequence[Received]]:
    last = ""
    while True:
        query = select(Received).where(Received.queue_id > last).order_by(col(Received.queue_id)).limit(PAGE)
        page = (await session.exec(query)).all()
        if not page:
            return
        yield page
        last = page[-1].queue_id
        session.expunge_all()


async def _check_page(session: AsyncSession, ledger: Ledger, mails: Sequence[Received]) -> None:
    query = select(Message).where(col(Message.received_id).in_([mail.queue_id for mail in mails]))
    entries: dict[str, dict[int | None, Message]] = {mail.queue_id: {} for mail in mails}
    for entry in (await session.exec(query)).all():
        entries[entry.received_id or ""][entry.id] = entry
    told, sent = [], []
    for mail in mails:
        ledger.received[mail.state.value] += 1
        if mail.state is ReceivedState.RECEIVED:
            continue
        _check_mail(ledger, mail, entries[mail.queue_id])
        named = [entries[mail.queue_id].get(a.get("message")) for a in mail.outcome if a.get("result") in TOLD]
        told += [entry for entry in named if entry and entry.direction is Direction.IN]
        sent += [entry for entry in entries[mail.queue_id].values() if entry.direction is Direction.OUT]
    await _check_notified(session, ledger, told)
    await _check_answered(session, ledger, sent)


def _check_mail(ledger: Ledger, mail: Received, entries: Mapping[int | None, Message]) -> None:
    """One account for each recipient, and an entry of a thread for each account that says so."""
    accounts = [str(account.get("recipient")) for account in mail.outcome]
    recipients = dict.fromkeys(normalised(address) for address in mail.rcpt_to)
    for recipient in recipients.keys() - set(accounts):
        ledger.problems.append(f"mail {mail.queue_id}: no account of its copy for {recipient}")
    for recipient, times in Counter(accounts).items():
        if times > 1 or recipient not in recipients:
            ledger.problems.append(f"mail {mail.queue_id}: {times} accounts of a copy for {recipient}")
    for account in mail.outcome:
        result = str(account.get("result"))
        ledger.outcomes[result] += 1
        if result not in WITH_MESSAGE | WITHOUT_MESSAGE:
            ledger.problems.append(f"mail {mail.queue_id}: an account that means nothing: {result}")
        elif account.get("message") is None and (result in WITH_MESSAGE or not account.get("why")):
            ledger.problems.append(f"mail {mail.queue_id}: {result} without an entry of a thread or a reason")
        elif account.get("message") is not None and account["message"] not in entries:
            ledger.problems.append(
                f"mail {mail.queue_id}: {result} names entry {account['message']}, which is not there"
            )
    if mail.state is ReceivedState.DUPLICATE and entries:
        ledger.problems.append(f"mail {mail.queue_id}: a duplicate that made an entry of a thread")


def normalised(recipient: str) -> str:
    """A recipient of ours, as accounts name it: NFC, with its domain in lower case."""
    local, at, domain = unicodedata.normalize("NFC", recipient.strip()).rpartition("@")
    return f"{local}{at}{domain.rstrip('.').lower()}"


async def _check_notified(session: AsyncSession, ledger: Ledger, entries: Sequence[Message]) -> None:
    """Every mail of a customer is told to the sellers that the store had when it came, or was kept from them by a rule
    that is named; a rule's answer has its outgoing mail."""
    letters = select(Outbox.cause, Outbox.kind).where(
        col(Outbox.kind).in_(("notification", "auto_response")), col(Outbox.cause).in_(map(_cause, entries))
    )
    written = Counter((await session.exec(letters)).all())
    kept = select(RuleDecision).where(
        col(RuleDecision.message_id).in_([entry.id for entry in entries]), col(RuleDecision.outcome).in_(KEPT_BY_RULES)
    )
    by_rules = {decision.message_id: decision for decision in (await session.exec(kept)).all()}
    ledger.customer_messages += len(entries)
    ledger.notifications += sum(count for (_, kind), count in written.items() if kind == "notification")
    ledger.kept_by_rules += len(by_rules)
    untold = [entry for entry in entries if not written[_cause(entry), "notification"] and entry.id not in by_rules]
    seller_since = await _first_sellers(session, [entry.inquiry_number for entry in untold])
    for entry in untold:
        since = seller_since.get(entry.inquiry_number)
        if since is not None and since <= entry.at:
            ledger.problems.append(
                f"mail {entry.received_id}: no seller was told of entry {entry.id} in Q-{entry.inquiry_number}"
            )
    for entry in entries:
        decision = by_rules.get(entry.id or 0)
        answered = decision is not None and decision.outcome is RuleOutcome.ANSWERED
        if answered and not written[_cause(entry), "auto_response"]:
            ledger.problems.append(f"mail {entry.received_id}: the rule's answer to it has no outgoing mail")


def _cause(entry: Message) -> str:
    return f"message:{entry.id}"


async def _first_sellers(session: AsyncSession, numbers: Sequence[int]) -> dict[int, datetime]:
    """Since when the store of each inquiry has a seller."""
    query = (
        select(Inquiry.number, func.min(Seller.created_at))
        .join(Seller, col(Seller.store_id) == col(Inquiry.store_id))
        .where(col(Inquiry.number).in_(numbers))
        .group_by(col(Inquiry.number))
    )
    return {number or 0: since for number, since in (await session.exec(query)).all()}


async def _check_answered(session: AsyncSession, ledger: Ledger, entries: Sequence[Message]) -> None:
    """Every answer that a mail caused has its outgoing mail."""
    ids = [entry.outbox_id for entry in entries if entry.outbox_id]
    known = set((await session.exec(select(Outbox.id).where(col(Outbox.id).in_(ids)))).all())
    for entry in entries:
        if entry.outbox_id not in known:
            ledger.problems.append(f"mail {entry.received_id}: answer {entry.id} has no outgoing mail")


async def _check_raw(session: AsyncSession, ledger: Ledger) -> None:
    """What is not understood yet, or never was, must still be there as it came."""
    query = select(Received.queue_id, Received.outcome).where(
        col(Received.state).in_((ReceivedState.RECEIVED, ReceivedState.SET_ASIDE)),
        ~exists().where(col(ReceivedChunk.queue_id) == col(Received.queue_id)),
    )
    for queue_id, accounts in (await session.exec(query)).all():
        if accounts and all(account.get("result") == "erased" for account in accounts):
            continue
        ledger.problems.append(f"mail {queue_id}: its raw octets are gone before it was understood")


async def _check_outbox(session: AsyncSession, ledger: Ledger) -> None:
    """Every outgoing mail is final or has its next time, each attempt was written, and no two share a Message-ID."""
    states = select(Outbox.state, func.count()).group_by(col(Outbox.state))
    ledger.outbox.update({str(state): count for state, count in (await session.exec(states)).all()})
    written = select(func.count()).where(col(OutboxAttempt.outbox_id) == col(Outbox.id)).scalar_subquery()
    for outbox_id in (await session.exec(select(Outbox.id).where(written != col(Outbox.attempts)))).all():
        ledger.problems.append(f"outgoing mail {outbox_id}: its attempts were not all written")
    unsent = select(Outbox.id).where(Outbox.state == OutboxState.SENT, col(Outbox.sent_at).is_(None))
    for outbox_id in (await session.exec(unsent)).all():
        ledger.problems.append(f"outgoing mail {outbox_id}: sent, but nobody took it")
    shared = select(Outbox.message_id).group_by(col(Outbox.message_id)).having(func.count() > 1)
    for message_id in (await session.exec(shared)).all():
        ledger.problems.append(f"Message-ID {message_id} was given to more than one outgoing mail")
    uncertain = select(Outbox).where(or_(col(Outbox.uncertain_attempts) > 0, Outbox.state == OutboxState.UNCERTAIN))
    ledger.uncertain += (await session.exec(uncertain.order_by(col(Outbox.id)))).all()
