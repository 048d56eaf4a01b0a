"""What is passed on to the operator of the mail that is nobody else's: no more than a person reads, and no loop (A13).

It is accepted always (RFC 5321 4.5.1) and kept as it came; `mail list` has it all.
"""

from datetime import timedelta

import structlog

from gateway.desk import letters
from gateway.desk.effects import PassToOperator
from gateway.desk.situation import Incoming
from gateway.desk.work import Work
from gateway.mail.message_id import is_of_a_gateway
from gateway.mail.values import Machine
from gateway.store import auto_answers, outbox
from gateway.store.tables import Received
from gateway.texts import Texts

KIND, MORE = "operator", "operator_more"
MOST, WITHIN = 20, timedelta(hours=1)
REPORT_SIZE = 100_000  # octets up to which a report is attached; one that comes back with itself inside stops there
REPORTS = (Machine.BOUNCE, Machine.DELIVERY_REPORT, Machine.FEEDBACK)

log = structlog.get_logger()


async def pass_to_operator(work: Work, effect: PassToOperator) -> None:
    """Unless it could go round, or the operator got enough in the last hour, on all nodes together."""
    if not effect.automatic and is_automatic(work.incoming):
        return _keep(work, f"{effect.why}, automatic")
    await auto_answers.take_turn(work.session)
    if await outbox.made_since(work.session, KIND, work.now - WITHIN) >= MOST:
        await _tell_of_more(work)
        return _keep(work, f"{effect.why}, too many in an hour")
    await _send(work, effect.why)
    return None


def is_automatic(incoming: Incoming) -> bool:
    """Whether no mail may come of it: of what a program wrote only reports are for the operator. Never what a gateway
    wrote, however it comes: it may look like a report, for the mail that it passes on is one."""
    mail = incoming.mail
    if mail.message_id and is_of_a_gateway(mail.message_id):
        return True
    return mail.machine not in REPORTS and (mail.machine is not None or not incoming.mail_from)


async def _send(work: Work, why: str) -> None:
    texts, incoming = Texts("ja"), work.incoming
    received = await work.session.get_one(Received, incoming.queue_id)
    whole = incoming.mail.machine is None or received.size <= REPORT_SIZE
    subject = texts(
        "operator.forwarded_subject", local=incoming.recipient.partition("@")[0], subject=incoming.mail.subject
    )
    key = "operator.forwarded" if whole else "operator.forwarded_big"
    text = texts(key, recipient=incoming.recipient, queue_id=incoming.queue_id, why=why)
    raw_of = incoming.queue_id if whole else None
    letter, cause = letters.plain(subject, text, "ja"), f"mail:{incoming.queue_id}"
    await work.office.to_operator(work.session, work.now, letter, kind=KIND, cause=cause, raw_of=raw_of)


async def _tell_of_more(work: Work) -> None:
    """Once an hour."""
    texts = Texts("ja")
    letter = letters.plain(texts("operator.more_subject"), texts("operator.more", most=MOST), "ja")
    cause = f"more:{work.now.timestamp() // WITHIN.total_seconds():.0f}"
    await work.office.to_operator(work.session, work.now, letter, kind=MORE, cause=cause)


def _keep(work: Work, why: str) -> None:
    work.kept = why
    log.warning("operator not told", queue_id=work.incoming.queue_id, why=why)
