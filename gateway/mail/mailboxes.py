"""Address and date fields, read with mail-parser: the one file that imports it.

It gets single field values, not the mail: its bodies come undecoded for most Japanese mail, and a big mail would be
held and decoded twice. Names are decoded here, since its decoder knows no ISO-2022-JP-MS and no split characters.
"""

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from mailparser.dates import parse_mail_date
from mailparser.utils import get_addresses

from gateway.mail import addresses, bounds, charset, display, words
from gateway.mail.fields import Fields
from gateway.mail.pictograms import Carrier
from gateway.mail.values import Mailbox

logging.getLogger("mailparser").setLevel(logging.CRITICAL)  # it logs header text, which is a customer's

MAX_OCTETS = bounds.MAX_FIELD  # of all fields of a name together
_FEW = 100  # mailboxes that are looked up again in their field
_MAX_LOOSE = 2000  # characters of one mailbox that breaks the grammar

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_ADDR_SPEC = rf"{_ATOM}(?:\.{_ATOM})*@{_ATOM}(?:\.{_ATOM})*"
_WORD = r"[A-Za-z0-9!#$%&'*+./=?^_`{|}~-]+"  # with the dot of obs-phrase
_USUAL = re.compile(rf'(?:(?:"([^"\\\x00-\x1f]*)"|({_WORD}(?: {_WORD})*)) )?<({_ADDR_SPEC})>|({_ADDR_SPEC})')
_Q_WORD = re.compile(rb"(=\?[A-Za-z0-9_.*-]{1,40}\?[Qq]\?)([^?\r\n]{0,1000})(\?=)")
_SPECIALS = re.compile(rb'[,;:<>()\[\]@"\\]')
_QUOTED_OR_COMMENT = re.compile(r'"(?:[^"\\]|\\.)*"|\([^()]*\)')
_ANGLE = re.compile(r"<\s*(?:mailto:)?([^<>\s@]+@[^<>\s@]+?)\s*(?:>|$)")
_BARE = re.compile(r"([^\s<>()\[\]\",;:@]+@[^\s<>()\[\]\",;:@]+)")
_DAEMON = re.compile(r"(?:\A\s*|<)(mailer-daemon|postmaster|root)(?=\s*>?\s*\Z)", re.IGNORECASE)  # of this very host
_COMMENT = re.compile(r"\s*>?\s*\(([^()]*)\)")
_ESCAPED = re.compile(r"\\(.)")
_FULL_WIDTH = str.maketrans("＜＞＠", "<>@")


@dataclass(frozen=True)
class Mailboxes:
    """The mailboxes of one or more fields, in order, and what was odd about them."""

    found: tuple[Mailbox, ...]
    defects: tuple[str, ...] = ()


def read(fields: Fields, name: str, hint: str | None = None, carrier: Carrier | None = None) -> Mailboxes:
    """Every mailbox of every field of that name (RFC 5322 3.4, 4.4, RFC 6532); `hint` is for raw 8-bit names."""
    found: list[Mailbox] = []
    defects: list[str] = []
    octets = 0
    for value in fields.all(name):
        octets += len(value)
        if octets > MAX_OCTETS:
            defects.append("too long")
            break
        field_found, field_defects = _read_value(value, hint, carrier)
        found += field_found
        defects += [f"{name}: {defect}" for defect in field_defects]
    return Mailboxes(tuple(found), tuple(dict.fromkeys(defects)))


def _read_value(value: bytes, hint: str | None, carrier: Carrier | None) -> tuple[list[Mailbox], list[str]]:
    text = charset.decode(_protect_specials(words.unfold(value)), hint, carrier).text.replace("\0", "")
    evidence: list[dict[str, object]] = []
    pairs: Sequence[tuple[str, str]]
    try:
        pairs = _usual(text) or get_addresses(text, defects=evidence)
    except (ValueError, IndexError, AttributeError, TypeError, LookupError, RecursionError):
        pairs, evidence = [], [{"reason": "unreadable address", "recovered": False, "raw": text}]
    given = [(name, address) for name, address in pairs if address]
    lost = [str(item["raw"]) for item in evidence if not item["recovered"]]
    for raw in lost:
        given += _loose_mailboxes(raw)
    if lost and len(given) < _FEW:  # back in the order in which they were written
        given.sort(key=lambda pair: text.find(pair[1]))
    found = [_mailbox(name, address, carrier) for name, address in given]
    # `Yamada, Taro <yamada@example.jp>` is one name, though its comma wanted quotes.
    if lost and len(found) == 1 and text.count("<") == 1:
        whole = _loose_mailboxes(text)
        found = [_mailbox(name, address, carrier) for name, address in whole] if len(whole) == 1 else found
    return found, [str(item["reason"]) for item in evidence]


def _usual(text: str) -> list[tuple[str, str]]:
    """The one mailbox of a field in the form that nearly all have, as mail-parser reads it, which takes its time."""
    match = _USUAL.fullmatch(text)
    return [(match[1] or match[2] or "", match[3] or match[4])] if match else []


def _protect_specials(value: bytes) -> bytes:
    """`=?utf-8?Q?Suzuki,_Shop?=` is one name, though RFC 2047 5(3) wanted the comma encoded."""
    return _Q_WORD.sub(lambda word: word[1] + _SPECIALS.sub(_encoded, word[2]) + word[3], value)


def _encoded(special: re.Match[bytes]) -> bytes:
    return b"=%02X" % special[0][0]


def _loose_mailboxes(text: str) -> list[tuple[str, str]]:
    """Mailboxes that break the grammar but work: old carrier addresses such as `a..b@` and `abc.@`, lost brackets.

    No address is taken from quotes or comments, or a display name could pose as the address.
    """
    text = text[:_MAX_LOOSE].translate(_FULL_WIDTH)
    bare = _QUOTED_OR_COMMENT.sub(lambda match: " " * len(match[0]), text)
    matches = list(_ANGLE.finditer(bare)) or list(_BARE.finditer(bare)) or list(_DAEMON.finditer(bare))
    found = []
    end = 0
    for match in matches:
        found.append((_loose_name(text[end : match.start()]) or _comment(text[match.end(1) :]), match[1]))
        end = match.end()
    return found


def _loose_name(text: str) -> str:
    return _ESCAPED.sub(r"\1", text.removesuffix("mailto:").strip(" \t,;<>[]")).replace('"', "")


def _comment(text: str) -> str:
    match = _COMMENT.match(text)
    return match[1] if match else ""


def _mailbox(name: str, address: str, carrier: Carrier | None) -> Mailbox:
    if words.has_encoded_word(name):
        name = words.decode(name.encode("utf-8"), None, carrier)
    address = display.one_line(address)
    if len(address) > 2 and address[0] == address[-1] == "'":  # Outlook's own quotes
        address = address[1:-1]
    return Mailbox(display.safe_name(name), addresses.without_needless_quotes(address))


def date(value: bytes | None) -> datetime | None:
    """RFC 5322 3.3, 4.3: the moment in UTC, or None where the field names none that can be known."""
    if value is None:
        return None
    text = words.unfold(value).decode("ascii", "replace")
    try:
        moment: datetime = parse_mail_date(text).value or parsedate_to_datetime(text)  # type: ignore[no-untyped-call]
        return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError, AttributeError):
        return None
