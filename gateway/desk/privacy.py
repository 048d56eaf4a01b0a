"""Neither side ever sees the other's address (product.md, beyond the guide 10).

A person's own words are passed on as written; what we add, and what a client or a display name carries along, is not.
"""

import re

from gateway.mail.redact import SIGNED
from gateway.store.tables import Message

_SIGNED = re.compile(SIGNED, re.IGNORECASE)
_LINK = re.compile(r"\b(?:https?://|www\.)[^\s/?#]+", re.IGNORECASE)
NAME_LENGTH = 60  # characters
LINKS_DEAD = ("automatic", "other_address")  # remarks on what may be a mail that somebody had sent to us, to be opened
UNVERIFIED_STAFF = "unverified_staff"  # remark on a mail in a registered staff member's name that nothing vouches for


def shown_name(name: str, forbidden: tuple[str, ...] = ()) -> str:
    """A person's name as the other side may see it: "" when it is an address or names one of `forbidden` (A21)."""
    folded = name.casefold()
    if "@" in name or "＠" in name or any(word and word.casefold() in folded for word in forbidden):
        return ""
    return " ".join(name.split())[:NAME_LENGTH]


def without_signed_addresses(text: str) -> str:
    """The text with every signed address of ours cut out: it would let its reader act as the other side."""
    return _SIGNED.sub("…", text)


def as_read(entry: Message) -> str:
    """A mail's words as the seller reads them. Sign-up mails to an address of the desk, which a stranger asked some
    service for, have no link that a press would open (A05)."""
    text = without_signed_addresses(entry.text)
    if entry.remark not in LINKS_DEAD:
        return text
    return _LINK.sub(lambda link: link[0].replace("://", "[://]").replace(".", "[.]"), text)
