"""What a bounce says: who was not reached, how finally, and which of our mails it was about.

RFC 3464 parts first, then the wordings that flufl.bounce knows. Consequences are drawn elsewhere.
"""

import logging
import re
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message

from flufl.bounce import all_failures

from gateway.mail import bounds, display, parts, words
from gateway.mail.fields import Fields, message_id

MAX_RECIPIENTS = 100
_WORDS_END = 64 * 1024  # octets: what a server writes in its own words stands at the top

logging.getLogger("flufl.bounce").setLevel(logging.CRITICAL + 1)  # it logs each detector's attempt and failure

_STATUS = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_DEAD = frozenset(("5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"))  # RFC 3463, RFC 7505: it will never work
_HEADERS_ONLY = ("text/rfc822-headers", "message/rfc822-headers")
_QUOTED_ID = re.compile(rb"^[ \t>]*Message-ID:\s*(<[\x21-\x3b\x3d\x3f-\x7e]{1,900}>)", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True)
class Failure:
    """One recipient of a report: `action` failed, delayed, delivered ...; `dead` where the address is no good."""

    address: str
    status: str
    action: str
    permanent: bool
    dead: bool
    diagnostic: str


@dataclass(frozen=True)
class Bounce:
    """A report's recipients, and the Message-ID of the mail it is about, or None."""

    recipients: tuple[Failure, ...]
    original_message_id: str | None


def read(raw: bytes) -> Bounce:
    """What `raw` reports; without recipients when it names none. Never raises."""
    if bounds.measure(raw).exceeded:
        return Bounce((), None)
    message = message_from_bytes(raw)
    reported = _reported(message) or _recognised(message_from_bytes(raw[:_WORDS_END]))
    return Bounce(tuple(reported[:MAX_RECIPIENTS]), _original_message_id(message, raw[:_WORDS_END]))


def _reported(message: Message) -> list[Failure]:
    statuses = (part for part in message.walk() if part.get_content_type() == "message/delivery-status")
    blocks = (block for status in statuses for block in parts.children(status))
    named = ((block, block["final-recipient"] or block["original-recipient"]) for block in blocks)
    return [_failure(block, _address(str(recipient))) for block, recipient in named if recipient is not None]


def _failure(block: Message, address: str) -> Failure:
    diagnostic = display.one_line(words.decode(str(block["diagnostic-code"] or "").encode("utf-8", "surrogateescape")))
    found = _STATUS.search(str(block["status"] or "")) or _STATUS.search(diagnostic)
    status = found[1] if found else ""
    action = str(block["action"] or "").split(";")[0].strip().lower() or "failed"
    permanent = action == "failed" and not status.startswith("4")
    return Failure(address, status, action, permanent, permanent and status in _DEAD, diagnostic)


def _recognised(message: Message) -> list[Failure]:
    try:
        temporary, permanent = all_failures(message)
    except Exception:  # noqa: BLE001 - its detectors raise whatever odd bytes make them raise
        return []
    failed = [_worded(octets, "failed", permanent=True) for octets in sorted(permanent)]
    return failed + [_worded(octets, "delayed", permanent=False) for octets in sorted(temporary)]


def _worded(octets: bytes, action: str, *, permanent: bool) -> Failure:
    return Failure(_address(octets.decode("utf-8", "replace")), "", action, permanent, dead=False, diagnostic="")


def _address(value: str) -> str:
    """`rfc822; <a@b>` as `a@b`."""
    return display.one_line(value.rpartition(";")[2]).strip("<>").strip()


def _original_message_id(message: Message, raw: bytes) -> str | None:
    for part in message.walk():
        if part is not message and part.get_content_type() == "message/rfc822":
            original = next(iter(parts.children(part)), None) or message_from_bytes(parts.octets(part))
        elif part.get_content_type() in _HEADERS_ONLY:
            original = message_from_bytes(parts.enclosed_octets(part).lstrip())
        else:
            continue
        found = message_id(Fields.of(original))
        if found:
            return found
    own = message_id(Fields.of(message))
    ids = (match[1].decode("ascii") for match in _QUOTED_ID.finditer(raw))
    return next((found for found in ids if found != own), None)
