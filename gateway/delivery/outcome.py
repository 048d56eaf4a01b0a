"""What came of one attempt, and how a server's reply or a broken connection is read.

RFC 5321 4.2.1: the first digit decides (N08). Only a reply about *this* mail can fail it; trouble with the server,
the connection, TLS or our own login never does (N24).
"""

import re
from dataclasses import dataclass, field

from aiosmtplib import (
    SMTPAuthenticationError,
    SMTPConnectResponseError,
    SMTPDataError,
    SMTPException,
    SMTPRecipientRefused,
    SMTPResponseException,
    SMTPSenderRefused,
)

from gateway.mail import bounce_reason

TRANSACTION_FAILED = 554  # without a status it tells no reason (RFC 5321 4.2.2)
LOGIN_WANTED = 530  # RFC 4954 6: "Authentication required", told at MAIL
TOO_MANY_RECIPIENTS = 552  # to RCPT it is an old server's 452 (RFC 5321 4.5.3.1.10, N05)

_OF_THE_SENDER = re.compile(r"\bsender\b|mail from|return[- ]path|reverse[- ]path", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Delivered:
    """The next server answers for it now."""

    code: int | None
    reply: str


@dataclass(frozen=True, slots=True)
class Deferred:
    """Not now: to be tried again."""

    code: int | None
    reply: str


@dataclass(frozen=True, slots=True)
class Failed:
    """Never: trying again would change nothing. `dead`: nor would any other mail to that address arrive."""

    code: int | None
    reply: str
    dead: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Held:
    """Our own login was refused: no mail is at fault, the operator must act."""

    code: int | None
    reply: str


@dataclass(frozen=True, slots=True)
class Uncertain:
    """The connection ended after the final dot and before the answer (RFC 1047): it may or may not have left."""

    code: int | None
    reply: str


Outcome = Delivered | Deferred | Failed | Held | Uncertain


def from_reply(code: int, reply: str) -> Outcome:
    """The outcome of a reply to MAIL, RCPT, DATA or the final dot."""
    if code == LOGIN_WANTED:
        return Held(code, said(code, reply))
    return (Failed if 500 <= code <= 599 else Deferred)(code, said(code, reply))


def from_error(error: SMTPException | OSError | ValueError) -> Outcome:
    """The outcome of an attempt that ended before the final dot."""
    match error:
        case SMTPAuthenticationError(code=code, message=message) if code >= 500:
            return Held(code, said(code, message))
        case SMTPConnectResponseError(code=code, message=message):
            return Deferred(code, said(code, message))
        case SMTPRecipientRefused(code=code, message=message) if code == TOO_MANY_RECIPIENTS:
            return Deferred(code, said(code, message))
        case SMTPRecipientRefused(code=code, message=message) if 550 <= code <= 599:
            return Failed(code, said(code, message), dead=is_dead(code, message))
        case SMTPSenderRefused() | SMTPRecipientRefused() | SMTPDataError():
            return from_reply(error.code, error.message)
        case SMTPResponseException(code=code, message=message):
            return Deferred(code, said(code, message))
        case SMTPException() | OSError():
            return Deferred(None, f"4.4.2 {error}"[:500])
        case _:
            return Failed(None, f"5.1.3 {error}"[:500])  # an address that no SMTP command can hold


def is_dead(code: int, reply: str) -> bool:
    """Whether a refusal of RCPT means that the recipient's address is no good, by status (RFC 3463 3.2) and words. Many
    servers refuse our sender as late as here."""
    status = bounce_reason.status_in(reply)
    if _OF_THE_SENDER.search(reply) or (code == TRANSACTION_FAILED and not status.startswith("5.1.")):
        return False
    return bounce_reason.is_gone(status, reply, "")


def said(code: int, reply: str) -> str:
    """A reply as one line of printable text, its code in front; a negative code stands for what was no reply."""
    line = " ".join("".join(character if character.isprintable() else " " for character in reply).split())
    return f"{code} {line}" if code > 0 else line
