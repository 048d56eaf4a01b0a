"""What an outcome writes: into the tables, and as one line of the log."""

import logging
import re
from datetime import datetime, timedelta

import structlog

from gateway.delivery.outcome import Deferred, Delivered, Failed, Held, Outcome, Uncertain
from gateway.log import masked
from gateway.store.attempts import Finished
from gateway.store.states import OutboxState
from gateway.store.tables import Outbox

ENHANCED = re.compile(r"(?:\d{3}[ -])?([245]\.\d{1,3}\.\d{1,3})\b")  # RFC 3463 2

log = structlog.get_logger("delivery")


def finished(row: Outbox, outcome: Outcome, now: datetime, hold: timedelta) -> Finished:
    """`hold` is the time to the next attempt while our login is refused: the mail does not grow old by a fault of ours
    (N24)."""
    code, reply = outcome.code, outcome.reply
    match outcome:
        case Delivered():
            return Finished(row, OutboxState.SENT, "sent", now, code, reply)
        case Failed():
            return Finished(row, OutboxState.FAILED, "failed", now, code, reply)
        case Uncertain():
            return Finished(row, OutboxState.UNCERTAIN, "uncertain", now, code, reply)
        case Held():
            later, life = now + hold, row.expires_at + hold
            return Finished(row, OutboxState.QUEUED, "held", now, code, reply, next_at=later, expires_at=life)
        case Deferred():
            return Finished(row, OutboxState.QUEUED, "deferred", now, code, reply)


def log_attempt(one: Finished) -> None:
    """One line of each attempt: the server's codes, not its words, which may quote an address (A23)."""
    status = ENHANCED.match(one.reply)
    log.log(
        logging.WARNING if one.outcome in ("failed", "uncertain", "held") else logging.INFO,
        "attempt",
        outbox_id=one.row.id,
        kind=one.row.kind,
        inquiry=one.row.inquiry_number,
        to=masked(one.row.to_address),
        outcome=one.outcome,
        code=one.code,
        status=status[1] if status else None,
        attempt=one.row.attempts,
    )
