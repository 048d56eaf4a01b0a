"""What makes two copies the same mail (RFC 1047), and a stolen one no second command (A09). Pure."""

import re
from hashlib import sha256

from gateway.mail.addresses import DeskAddress, InquiryAddress, parse_local_part
from gateway.mail.trace import fields_of, header_length
from gateway.mail.values import Mail
from gateway.store.seen_mails import ACTING

_FIELD_NAME = re.compile(rb"[!-9;-~]+")  # RFC 5322 3.6.8
_TRACE = re.compile(rb"received|return-path|delivered-to|authentication-results|received-spf|dkim-.*|arc-.*|x-.*")
_MBOX = re.compile(rb">?From [^\r\n]*\r\n")


def digest_of(mail_from: str, recipient: str, mail: Mail, body: str) -> str:
    """64 characters. `body` is what `body_digest` says."""
    return _of_an_act(recipient, mail) if _acts(recipient) else _of_a_copy(mail_from, recipient, mail, body)


def body_digest(raw: bytes) -> str:
    """Of the body: the header of a retransmission has other trace fields. Where no empty line ends the header, or text
    stands in it, nothing tells the text's first lines from fields; then all but the trace counts."""
    length = header_length(raw)
    is_ended = raw.startswith(b"\r\n", length)
    fields = [(name, field) for name, field in fields_of(raw[:length]) if not _MBOX.fullmatch(field)]
    is_header = is_ended and all(_FIELD_NAME.fullmatch(name) for name, _ in fields)
    text = sha256()
    for name, field in fields:
        if not (is_header or _TRACE.fullmatch(name)):
            text.update(field)
    text.update(memoryview(raw)[length + 2 * is_ended :])
    return text.hexdigest()


def _acts(recipient: str) -> bool:
    """Whether a mail there does something in a seller's name."""
    match parse_local_part(recipient.rpartition("@")[0]):
        case InquiryAddress(purpose=purpose):
            return purpose != "c"
        case DeskAddress():
            return True
        case _:
            return False


def _of_a_copy(mail_from: str, recipient: str, mail: Mail, body: str) -> str:
    """Not by the Message-ID alone: some forms give all their mails one."""
    return _hashed(mail_from, mail.message_id or "", str(mail.date), mail.subject, _authors(mail), recipient, body)


def _of_an_act(recipient: str, mail: Mail) -> str:
    """What a thief of the mail cannot change without breaking its signature (RFC 6376): not the envelope, nor the
    blanks of the text, which relaxed canonicalisation leaves free (3.4.4)."""
    text = "".join(mail.text.split())
    return ACTING + _hashed(_authors(mail), mail.message_id or "", str(mail.date), mail.subject, recipient, text)[1:]


def _authors(mail: Mail) -> str:
    return str([box.address.lower() for box in mail.from_])


def _hashed(*parts: str) -> str:
    return sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
