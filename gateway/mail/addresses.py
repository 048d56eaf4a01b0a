"""Addresses: what each local part of ours means, and other people's.

Pure. It knows no store, inquiry or configuration; whether a name exists is the admission's question.
"""

import re
import unicodedata
from dataclasses import dataclass, field

from gateway.mail.domains import DOMAIN_LIMIT, ascii_domain, readable_domain
from gateway.mail.normal_forms import nfc

LOCAL_PART_LIMIT = 64  # octets (RFC 5321 4.5.3.1.1)
STORE_NAME_LIMIT = 40  # octets; leaves room for +o<order number>
ACTIONS = ("auto", "hide", "done", "progress", "cancel", "reopen", "send")  # a seller's buttons
PURPOSES = ("c", "s", *ACTIONS)  # c: the customer's side, s: the seller's
PRACTICE_PURPOSES = ("s", "auto", "hide", "done", "progress")  # what a first question offers
OF_AN_ENTRY = ("cancel", "reopen")  # may name the entry of the thread that they are about: reopen57
OPERATOR_NAMES = ("postmaster", "abuse")  # RFC 5321 4.5.1, RFC 2142 4
# Never a shop: the desk, and names that mail software takes for a machine or the operator (RFC 2142, N29).
RESERVED_NAMES = frozenset({"desk", *OPERATOR_NAMES, "hostmaster", "mailer-daemon", "noreply", "no-reply", "root"})

# Nine digits: a number fits PostgreSQL's INTEGER, so that a guess is an unknown address and never a database error.
_STORE = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")
PURPOSE = re.compile(rf"{'|'.join(PURPOSES)}|(?:{'|'.join(OF_AN_ENTRY)})[1-9][0-9]{{0,9}}")
_INQUIRY = re.compile(rf"q([1-9][0-9]{{0,8}})-({PURPOSE.pattern})-([a-z2-7]{{24}})")
_BOUNCE = re.compile(r"b([0-9a-z]{18})-([a-z2-7]{24})")
_SIGNED_FORM = re.compile(r"q[0-9]+(-.*)?|b[0-9a-z]{18}-.*")
_PRACTICE = re.compile(rf"t([1-9][0-9]{{0,8}})-({'|'.join(PRACTICE_PURPOSES)})-([a-z2-7]{{24}})")
_FACT = re.compile(r"[a-z0-9][a-z0-9._-]*")


@dataclass(frozen=True)
class StoreAddress:
    """`<store>`, `<store>+p<product_code>`, `<store>+o<order_number>` or `<store>+staff`; all in lower case."""

    store: str
    product_code: str | None = None
    order_number: str | None = None
    staff: bool = False


@dataclass(frozen=True)
class InquiryAddress:
    """`q<number>-<purpose>-<signature>`; `purpose` is one of PURPOSES, or `reopen<entry>`, `cancel<entry>`. Worth
    nothing until a Keyring verifies it."""

    number: int
    purpose: str
    signature: str = field(repr=False)

    @property
    def action(self) -> str:
        """The purpose without the entry that it names."""
        return self.purpose.rstrip("0123456789")

    @property
    def entry(self) -> int | None:
        """The entry of the thread that it is about; None where it names none."""
        digits = self.purpose[len(self.action) :]
        return int(digits) if digits else None


@dataclass(frozen=True)
class BounceAddress:
    """`b<outbox_id>-<signature>`: the envelope sender of a mail of ours."""

    outbox_id: str
    signature: str = field(repr=False)


@dataclass(frozen=True)
class PracticeAddress:
    """`t<seller>-<purpose>-<signature>`: the pretend inquiry that one seller tries the desk with."""

    seller: int
    purpose: str
    signature: str = field(repr=False)


@dataclass(frozen=True)
class DeskAddress:
    """`desk`: sellers' lists, searches and settings."""


@dataclass(frozen=True)
class OperatorAddress:
    """`postmaster` or `abuse`."""

    local: str


Address = StoreAddress | InquiryAddress | BounceAddress | PracticeAddress | DeskAddress | OperatorAddress


def parse_local_part(local: str) -> Address | None:
    """What a local part of ours means, case-blind (N16), or None for what is never an address here.

    Detail begins at the first `+` (RFC 5233 4, N43); an unknown detail is no address.
    """
    if len(local) > LOCAL_PART_LIMIT or not local.isascii():
        return None
    local = local.lower()
    if local in OPERATOR_NAMES:
        return OperatorAddress(local)
    if local == "desk":
        return DeskAddress()
    if match := _INQUIRY.fullmatch(local):
        return InquiryAddress(int(match[1]), match[2], match[3])
    if match := _BOUNCE.fullmatch(local):
        return BounceAddress(match[1], match[2])
    if match := _PRACTICE.fullmatch(local):
        return PracticeAddress(int(match[1]), match[2], match[3])
    name, plus, detail = local.partition("+")
    if store_name_problem(name) is not None:
        return None
    return _with_detail(name, detail) if plus else StoreAddress(name)


def looks_signed(local: str) -> bool:
    """True for what has, or once had, the form of an inquiry's or a bounce's address, whoever signed it."""
    return _SIGNED_FORM.fullmatch(local.lower()) is not None


def _with_detail(store: str, detail: str) -> StoreAddress | None:
    if detail == "staff":
        return StoreAddress(store, staff=True)
    if detail[:1] in ("p", "o") and _FACT.fullmatch(detail, 1):
        return (
            StoreAddress(store, product_code=detail[1:])
            if detail[0] == "p"
            else StoreAddress(store, order_number=detail[1:])
        )
    return None


def store_name_problem(name: str) -> str | None:
    """Why `name` cannot be a store's local part, or None: it may not look like any other form of address."""
    if not name:
        return "a store's name must not be empty"
    if len(name) > STORE_NAME_LIMIT:
        return f"a store's name has at most {STORE_NAME_LIMIT} characters"
    if not _STORE.fullmatch(name):
        return "a store's name has only a-z, 0-9 and -, and neither begins nor ends with -"
    if name in RESERVED_NAMES:
        return f"{name} is an address of the gateway itself"
    if looks_signed(name) or _PRACTICE.fullmatch(name):
        return f"{name} looks like an inquiry's or a bounce's address"
    return None


# Other people's addresses: RFC 5321's Mailbox with RFC 6531's letters, minus what could end a command or a header
# (A03), plus the dots of Japanese carriers (a..b@docomo.ne.jp, abc.@ezweb.ne.jp), which no RFC allows and many people
# have.
ADDRESS_LIMIT = 320  # octets: 64 + @ + 255 (RFC 5321 4.5.3.1), not split further since long VERP senders exist

# Plain ASCII, which nearly all are, is answered by one match.
_PLAIN = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
_ATOMS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~\x80-\U0010FFFF-]+")
_QUOTED = re.compile(r'"(?:[^"\\\x00-\x20\x7f<>]|\\[^\x00-\x20\x7f<>])*"')
_LABEL = r"[A-Za-z0-9_\x80-\U0010FFFF][A-Za-z0-9_\x80-\U0010FFFF-]*"
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})*\.?")
_LITERAL = re.compile(r"\[(?:IPv6:)?[0-9A-Fa-f:.]+\]", re.IGNORECASE)
_UNSAFE = ("Cc", "Cf", "Cs", "Zs", "Zl", "Zp")  # controls, bidi and zero-width, surrogates, every kind of space


def address_problem(address: str) -> str | None:
    """Why `address` is no addr-spec that we store or send to, or None when it is one."""
    if len(address) <= DOMAIN_LIMIT and _PLAIN.fullmatch(address) and ".." not in address.rpartition("@")[2]:
        return None
    if any(unicodedata.category(character) in _UNSAFE for character in address):
        return "an address has no spaces or control characters"
    if len(address.encode()) > ADDRESS_LIMIT:
        return f"an address has at most {ADDRESS_LIMIT} octets"
    local, at, domain = address.rpartition("@")
    if not at or not local or not domain:
        return "an address is NAME@DOMAIN"
    if not (_ATOMS.fullmatch(local) or _QUOTED.fullmatch(local)):
        return "the part before @ has characters that need quoting"
    if len(domain.encode()) > DOMAIN_LIMIT or not (_DOMAIN.fullmatch(domain) or _LITERAL.fullmatch(domain)):
        return "the part after @ is no domain"
    if not domain.isascii() and len(normalise_address(address).encode()) > ADDRESS_LIMIT:
        return f"an address has at most {ADDRESS_LIMIT} octets, its domain in ASCII"
    return None


def normalise_address(address: str) -> str:
    """The one way we store an address: NFC (N21), its domain in ASCII and lower case, needless quotes gone; local-part
    case kept. Any text is taken; only `address_problem` judges.
    """
    local, at, domain = without_needless_quotes(nfc(address.strip())).rpartition("@")
    return f"{local}{at}{ascii_domain(domain)}"


def address_key(address: str) -> str:
    """What people are compared by, and stored under: the address in lower case. No more is folded: ß is not ss.

    No provider of our customers has two people who differ by case alone, and clients change it."""
    return nfc(normalise_address(address).lower())


def readable_address(address: str) -> str:
    """With its domain as people write it, for words that may hold it."""
    local, at, domain = address.rpartition("@")
    return f"{local}{at}{readable_domain(domain)}"


def without_needless_quotes(address: str) -> str:
    """`"abc."@ezweb.ne.jp` as `abc.@ezweb.ne.jp`, which is the same mailbox (RFC 5321 4.1.2); others as they are."""
    local, at, domain = address.rpartition("@")
    if len(local) > 2 and local[0] == local[-1] == '"' and _ATOMS.fullmatch(local, 1, len(local) - 1):
        local = local[1:-1]
    return local + at + domain


def same_address(one: str, other: str) -> bool:
    """True when both reach the same mailbox as far as anyone but its domain can tell."""
    return address_key(one) == address_key(other)
