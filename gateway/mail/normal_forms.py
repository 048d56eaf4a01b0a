"""Unicode's normal forms (UAX #15) in linear time.

To put the marks on a letter in their order takes the square of their number, and a mail can put 60,000 on one. No
word has more than 30 (UAX #15, 13): from longer runs the marks are taken out.
"""

import re
import unicodedata
from typing import Literal

MOST_MARKS = 30  # UAX #15, 13: the Stream-Safe Text Format
_MARKS = re.compile(r"[^\w\s\x00-\x7f]{31,}")
_VOICED = ("\uff9e", "\uff9f")  # half-width sound marks: letters, of which NFKC makes marks
_MARKS_AND_VOICED = re.compile(r"(?:[^\w\s\x00-\x7f]|[\uff9e\uff9f]){31,}")


def nfkc(text: str) -> str:
    """Compatibility composition: full-width letters narrow, half-width kana wide, `㍑` as its letters."""
    return _normalised("NFKC", text)


def nfc(text: str) -> str:
    """Canonical composition."""
    return _normalised("NFC", text)


def _normalised(form: Literal["NFC", "NFKC"], text: str) -> str:
    if text.isascii():
        return text
    if len(text) > MOST_MARKS:
        marks = _MARKS_AND_VOICED if any(mark in text for mark in _VOICED) else _MARKS
        text = marks.sub(_without_marks, text)
    return unicodedata.normalize(form, text)


def _without_marks(run: re.Match[str]) -> str:
    return "".join(c for c in run[0] if not unicodedata.combining(c) and c not in _VOICED)
