"""Text made comparable: how rules see it, whatever the width and case that a customer's phone wrote (UAX #15)."""

import re

from gateway.mail.normal_forms import nfkc

LARGEST = 65_536  # octets of a text that rules look at (A17)

_FOREIGN = re.compile(r"\\[^\x00-\x7f]|\\.|[^\x00-\x7f]+", re.DOTALL)
_SPECIAL = re.compile(r"([^\w\s\x80-\U0010ffff])")


def fold(text: str) -> bytes:
    """The text in NFKC (full-width letters narrow, half-width kana wide), as UTF-8 of at most LARGEST octets."""
    folded = nfkc(text[:LARGEST]).encode("utf-8", "replace")
    return folded if len(folded) <= LARGEST else folded[:LARGEST].decode("utf-8", "ignore").encode()


def same(text: str) -> str:
    """What two texts have in common that are the same word: NFKC, without case and surrounding space."""
    return nfkc(text[:LARGEST]).casefold().strip()


def fold_pattern(pattern: str) -> str:
    """The pattern for folded text: what is full-width in it, `？` too, stays a letter and becomes no operator."""
    return _FOREIGN.sub(_folded, pattern)


def _folded(match: re.Match[str]) -> str:
    written = match[0]
    if written.startswith("\\"):
        if written[1:].isascii():
            return written  # an escape of the pattern's own
        written = written[1:]
    return _SPECIAL.sub(r"\\\1", nfkc(written))
