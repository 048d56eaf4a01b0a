"""What came of one attempt, and how a server's reply or a broken connection is read.

RFC 5321 4.2.1: the first digit decides (N08). Only a reply about *this* mail can fail it; trouble with the server,
the connection, TLS or our own login never does (N24).
"""

from dataclasses import dataclass

from aiosmtplib import (
    SMTPAuthenticationError,
    SMTPConnectResponseError,
    SMTPDataError,
    SMTPException,
    SMTPRecipientRefused,
    SMTPResponseException,
    SMTPSenderRefused,
)

LOGIN_WANTED = 530  # RFC 4954 6: "Authentication required", told at MAIL
TOO_MANY_RECIPIENTS = 552  # to RCPT it is an old server's 452 (RFC 5321 4.5.3.1.10, N05)


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
    """Never: trying again would change nothing."""

    code: int | None
    reply: str


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
        case SMTPSenderRefused() | SMTPRecipientRefused() | SMTPDataError():
            return from_reply(error.code, error.message)
        case SMTPResponseException(code=code, message=message):
            return Deferred(code, said(code, message))
        case SMTPException() | OSError():
            return Deferred(None, f"4.4.2 {error}"[:500])
        case _:
            return Failed(None, f"5.1.3 {error}"[:500])  # an address that no SMTP command can hold


def said(code: int, reply: str) -> str:
    """A reply as one line of printable text, its code in front; a negative code stands for what was no reply."""
    line = " ".join("".join(character if character.isprintable() else " " for character in reply).split())
    return f"{code} {line}" if code > 0 else line
