"""One received mail, from its bytes to its effects. Understanding is pure; the rest is one savepoint."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.desk.apply import apply
from gateway.desk.came_back import report_in
from gateway.desk.decide import decide
from gateway.desk.effects import Decision, OpenInquiry
from gateway.desk.load import load
from gateway.desk.post import Office
from gateway.desk.replay import forget_unreadable
from gateway.desk.rule_facts import standing
from gateway.desk.ruling import Known, RuleFailedError, bounded, under_rules
from gateway.desk.situation import Incoming, Report, Situation
from gateway.desk.unreadable import decide_unreadable
from gateway.mail.addresses import normalise_address, parse_local_part
from gateway.mail.authentication import Knowledge
from gateway.mail.parse import parse
from gateway.mail.values import Machine, Mail
from gateway.rules.from_mail import header_block
from gateway.rules.ruleset import RuleSet
from gateway.store import inquiries, seen_mails
from gateway.store import received as received_rows
from gateway.store.states import Origin, ReceivedState
from gateway.store.tables import Received
from gateway.worker.copies import body_digest, digest_of

ERROR_LENGTH = 300  # characters of an error that is kept: its kind and place, not mail content

log = structlog.get_logger()

Guard = Callable[[Received], AbstractContextManager[None]]


@dataclass(frozen=True)
class Understood:
    """A mail that was read without touching the database."""

    received: Received
    mail: Mail
    report: Report | None
    body_digest: str
    header: bytes  # for rules that ask for one of its fields


def understand(received: Received, raw: bytes, known: Knowledge) -> Understood:
    """Pure, and bounded by the limits of its process."""
    mail = parse(raw, known)
    report = report_in(raw) if mail.machine in (Machine.BOUNCE, Machine.DELIVERY_REPORT) else None
    return Understood(received, mail, report, body_digest(raw), header_block(raw))


async def take_effect(
    session: AsyncSession,
    office: Office,
    worker: str,
    understood: Understood,
    now: datetime,
    guard: Guard,
    rules: RuleSet | None = None,
) -> list[dict[str, Any]]:
    """Writes what the mail does, for each of its recipients, and its final account, which it returns. Its content is at
    work only inside `guard`."""
    received, mail = understood.received, understood.mail
    accounts = []
    for recipient in dict.fromkeys(normalise_address(address) for address in received.rcpt_to):
        if received.prior_state is ReceivedState.SET_ASIDE:
            await forget_unreadable(session, received.queue_id, recipient, now)
        digest = digest_of(received.mail_from, recipient, mail, understood.body_digest)
        if (before := await seen_mails.earlier(session, digest, received.queue_id, now)) is not None:
            accounts.append(_account(recipient, "duplicate", f"the same mail came before: {before}"))
            continue
        incoming = _incoming(received, recipient, mail, understood.report)
        if incoming is None:
            accounts.append(_account(recipient, "recorded", "the address means nothing any more"))
            continue
        incoming, situation = await load(session, office.keyring, incoming, now)
        situation = replace(situation, file_limits=office.file_limits)
        with guard(received):
            decision = decide(incoming, situation)
        if rules is not None and decision.new_text is not None:
            decision = await _ruled(session, rules, incoming, situation, decision, understood.header, guard(received))
        accounts.append(await apply(session, office, incoming, situation, decision))
    duplicate = all(account["result"] == "duplicate" for account in accounts)
    await received_rows.finish(
        session,
        received.queue_id,
        worker,
        ReceivedState.DUPLICATE if duplicate else ReceivedState.DONE,
        outcome=accounts,
        message_id=mail.message_id,
        header_from=normalise_address(mail.from_[0].address)[:320] if mail.from_ else None,
        authentication=mail.authentication,
    )
    return accounts


async def _ruled(
    session: AsyncSession,
    rules: RuleSet,
    incoming: Incoming,
    situation: Situation,
    decision: Decision,
    header: bytes,
    guard: AbstractContextManager[None],
) -> Decision:
    """The decision as the rules change it; as it was, for a human, when a rule fails."""
    known = await _known(session, incoming, situation, decision)
    try:
        with guard:
            return under_rules(rules, incoming, situation, decision, known, header)
    except Exception as error:  # noqa: BLE001  no mistake in judging a rule may lose a mail, or silence it
        rule = str(error) if isinstance(error, RuleFailedError) else None
        why = error_of(error.__cause__ or error)
        log.error("rules.failed", queue_id=incoming.queue_id, rule=rule, version=rules.version, error=why)
        return decision


async def _known(session: AsyncSession, incoming: Incoming, situation: Situation, decision: Decision) -> Known:
    if situation.store is None:
        raise AssertionError("a customer writes to a store")
    joined = await inquiries.with_customer(session, decision.inquiry) if decision.inquiry is not None else None
    opened = next((effect for effect in decision.effects if isinstance(effect, OpenInquiry)), None)
    facts = await standing(
        session,
        store=situation.store,
        inquiry=joined[0] if joined else None,
        author=incoming.author,
        at=situation.now,
        text=bounded(decision.new_text or ""),
        subject=incoming.mail.subject,
        product_code=opened.product_code if opened else None,
        order_number=opened.order_number if opened else None,
        origin=opened.origin if opened else Origin.DIRECT,
    )
    return Known(joined, facts)


async def set_aside(session: AsyncSession, office: Office, worker: str, received: Received, now: datetime) -> None:
    """Makes an unreadable mail an inquiry 「読めないメール」 from its envelope alone; the raw mail stays."""
    nothing = Mail(None, "", (), (), (), None, (), (), None, "", (), None, False, "", False)
    accounts = []
    for recipient in dict.fromkeys(normalise_address(address) for address in received.rcpt_to):
        incoming = _incoming(received, recipient, nothing, None)
        if incoming is None:
            accounts.append(_account(recipient, "unparsed", "the address means nothing any more"))
            continue
        incoming, situation = await load(session, office.keyring, incoming, now)
        accounts.append(await apply(session, office, incoming, situation, decide_unreadable(incoming, situation)))
    await received_rows.finish(
        session, received.queue_id, worker, ReceivedState.SET_ASIDE, outcome=accounts, error=received.error
    )


async def give_up(session: AsyncSession, worker: str, received: Received) -> None:
    """Sets a mail aside without an inquiry: the operator finds it in `mail list --state set_aside` and the log."""
    recipients = dict.fromkeys(normalise_address(address) for address in received.rcpt_to)
    accounts = [_account(recipient, "unparsed", "not even a stand-in could be made") for recipient in recipients]
    await received_rows.finish(
        session, received.queue_id, worker, ReceivedState.SET_ASIDE, outcome=accounts, error=received.error
    )


def error_of(error: BaseException) -> str:
    """Kind and place of an error, without its text, which may quote the mail (A23)."""
    places, trace = [], error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        places.append(f"{code.co_filename.rpartition('gateway/')[2]}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return f"{type(error).__name__} at {' < '.join(reversed(places[-4:]))}"[:ERROR_LENGTH]


def _incoming(received: Received, recipient: str, mail: Mail, report: Report | None) -> Incoming | None:
    address = parse_local_part(recipient.rpartition("@")[0] or recipient)
    if address is None:
        return None
    return Incoming(
        queue_id=received.queue_id,
        received_at=received.received_at,
        mail_from=received.mail_from,
        recipient=recipient,
        address=address,
        mail=mail,
        bounce=report,
    )


def _account(recipient: str, result: str, why: str) -> dict[str, Any]:
    return {"recipient": recipient, "result": result, "message": None, "inquiry": None, "matched_by": None, "why": why}
