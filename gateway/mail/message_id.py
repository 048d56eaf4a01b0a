"""Message-IDs: making ours, and continuing a thread by RFC 5322 3.6.4 (N27)."""

import re
from collections.abc import Iterable

from gateway.ids import ALPHABET, new_id, new_nonce

KEPT_AT_EACH_END = 20  # of a long References: the root and the newest are what clients thread by
MESSAGE_ID_LIMIT = 996  # octets: a space before it and its CRLF must fit one line (RFC 5322 2.1.1)

_OURS = re.compile(rf"<[{ALPHABET}]{{18}}\.[{ALPHABET}]{{16}}@[^@<>\s]+>")
_MESSAGE_ID = re.compile(rf"<[!-;=?-~]{{1,{MESSAGE_ID_LIMIT - 2}}}>")


def new_message_id(domain: str) -> str:
    """`<…@domain>`, unique, and with 125 random bits: who names it has seen the mail."""
    return f"<{new_id()}.{new_nonce()}@{domain}>"


def is_of_a_gateway(text: str) -> bool:
    """True when `new_message_id` made it, here or in another gateway."""
    return _OURS.fullmatch(text) is not None


def is_message_id(text: str) -> bool:
    """True for a msg-id in angle brackets that may stand in a field of ours: printable ASCII, no spaces."""
    return _MESSAGE_ID.fullmatch(text) is not None


def references_for(
    parent_references: Iterable[str], parent_in_reply_to: tuple[str, ...] | None, parent_id: str | None
) -> tuple[str, ...]:
    """The References of an answer: the parent's, or else its In-Reply-To if that names one mail, then the parent.

    What is no msg-id is left out, each stays once, and of a long list the first and last KEPT_AT_EACH_END stay.
    """
    chain = tuple(filter(is_message_id, parent_references))
    if not chain and parent_in_reply_to and len(parent_in_reply_to) == 1:
        chain = tuple(filter(is_message_id, parent_in_reply_to))
    if parent_id is not None and is_message_id(parent_id):
        chain = (*(earlier for earlier in chain if earlier != parent_id), parent_id)
    chain = tuple(dict.fromkeys(chain))
    if len(chain) > 2 * KEPT_AT_EACH_END:
        chain = chain[:KEPT_AT_EACH_END] + chain[-KEPT_AT_EACH_END:]
    return chain
