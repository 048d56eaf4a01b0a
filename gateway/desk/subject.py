"""Subjects: reply prefixes and the base under them (the idea of RFC 5256 2.1, with the prefixes that clients write).

A subject alone never joins a mail to anything; it only confirms what shop facts suggest.
"""

import re

from gateway.mail.normal_forms import nfkc

_WORDS = "re|aw|sv|vs|antw|返信|回复|回覆|答复|답장|回信"
_PREFIX = re.compile(rf"\s*(?:{_WORDS})\s*(?:\[\d+\]|\(\d+\)|\^\d+|\d+)?\s*[:>]\s*", re.IGNORECASE)
_LEADING_RE = re.compile(r"\s*\[re\]\s*", re.IGNORECASE)  # the guide's own form
_OUR_TAG = re.compile(r"\s*\[Q-\d+\]\s*$")
_LIST_TAG = re.compile(r"\[L-([1-9][0-9]{0,8})\]", re.IGNORECASE)
MOST_PREFIXES = 50


def base_subject(subject: str) -> tuple[str, bool]:
    """The subject without reply prefixes and our tag, folded for comparing, and whether it had a reply prefix."""
    text, replied = without_prefixes(_OUR_TAG.sub("", nfkc(subject)))
    return " ".join(text.split()).casefold(), replied


def list_tag(subject: str) -> int | None:
    """The number of the list or digest of ours that a subject names, for clients that say nothing else of what they
    answer."""
    match = _LIST_TAG.search(nfkc(subject))
    return int(match[1]) if match else None


def without_prefixes(text: str) -> tuple[str, bool]:
    """A subject in NFKC without its reply prefixes, and whether it had one."""
    replied = False
    for _ in range(MOST_PREFIXES):
        match = _PREFIX.match(text) or _LEADING_RE.match(text)
        if not match:
            break
        text, replied = text[match.end() :], True
    return text, replied


def answer_subject(title: str, prefix: str) -> str:
    """What the customer sees: the store's prefix once, before the inquiry's title."""
    match = _PREFIX.match(title) or _LEADING_RE.match(title)
    return title if match else f"{prefix}{title}"
