"""What a mail is, once understood, and what a mail is, before it is composed. Values only."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import sha256


@dataclass(frozen=True)
class Mailbox:
    """RFC 5322 3.4: a display name (decoded, safe to show, may be empty) and an addr-spec."""

    name: str
    address: str


@dataclass(frozen=True)
class AttachedFile:
    """A part that is not the text. `name` is decoded, without a path, at most 100 characters, never empty."""

    name: str
    type: str
    content: bytes = field(repr=False)

    @property
    def size(self) -> int:
        return len(self.content)

    @property
    def sha256(self) -> str:
        return sha256(self.content).hexdigest()


class Machine(StrEnum):
    """Who wrote it, when it was no person."""

    BOUNCE = "bounce"
    AUTO_REPLY = "auto_reply"
    DELIVERY_REPORT = "delivery_report"
    LIST = "list"
    FEEDBACK = "feedback"


@dataclass(frozen=True)
class Mail:
    """One mail, understood. No field raises, whatever the bytes were; `defects` tells what was odd."""

    message_id: str | None  # with its angle brackets
    subject: str
    from_: tuple[Mailbox, ...]  # every author of every From field; exactly one is the only trustworthy number
    to: tuple[Mailbox, ...]
    cc: tuple[Mailbox, ...]
    date: datetime | None
    in_reply_to: tuple[str, ...]
    references: tuple[str, ...]  # oldest first
    charset: str | None  # of the text part that was read
    text: str  # the whole readable body, "\n" line ends
    attachments: tuple[AttachedFile, ...]
    machine: Machine | None
    auto_submitted: bool  # marked as automatic (RFC 3834 or a vendor's mark): a mark suppresses an answer, never intake
    language: str  # ja, ko, zh, en or "" when nothing tells
    authenticated: bool  # From is aligned with a pass, a trusted relay's or our own DKIM check's (RFC 7489 3.1)
    defects: tuple[str, ...] = ()
    silenced_by: str = ""  # the header field that forbids every automatic answer (N29), "" for none
    # Of "to" and "cc", what every DKIM signature of the author's organisation covers; None without one. Who was sent
    # a signed mail can hand it in again with others than these.
    covered: frozenset[str] | None = None
    authentication: str = ""  # why it is authenticated or not, as authentication.judge says it


@dataclass(frozen=True)
class Command:
    """A line that begins with # at the top of a seller's new text; `name` is the canonical English word."""

    name: str
    argument: str
    line: str  # as written, safe to show


@dataclass(frozen=True)
class Reply:
    """A mail's text, divided: what its writer newly wrote, the commands above it, and the rest."""

    text: str
    quoted: str
    commands: tuple[Command, ...] = ()
    refused: tuple[str, ...] = ()  # command-like lines that stop the whole mail
    suggestion: str | None = None  # the known command nearest to the first refused line


@dataclass(frozen=True)
class OutgoingMail:
    """What `compose` makes bytes from. Text fields may hold anything: composing makes them safe."""

    message_id: str
    date: datetime
    from_: Mailbox
    to: Mailbox
    subject: str
    text: str
    html: str | None = None
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    auto_submitted: str | None = None  # auto-generated or auto-replied (RFC 3834 5)
    unsubscribe: str | None = None  # a mailto URL (RFC 2369 3.2), of what comes again and again (N42)
    attachments: tuple[AttachedFile, ...] = ()
