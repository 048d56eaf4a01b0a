"""Text from a header made safe to show on one line (A04, A21): no controls, no bidi overrides, nothing invisible."""

import re

_LINE_BREAKS = re.compile("[\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029]+")
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufff9-\ufffb]")
_INVISIBLE = re.compile("[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200d\u2060-\u2064\u3164\ufeff\uffa0]")
_DIRECTIONS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_SPACES = re.compile(" {2,}")


def one_line(text: str) -> str:
    """Line breaks become spaces, controls and direction marks go; joiners stay, since emoji are made with them."""
    return _CONTROLS.sub("", _LINE_BREAKS.sub(" ", text)).strip()


def without_directions(text: str) -> str:
    """Several lines without the marks that would show them, or what stands after them, in another order (UAX 9)."""
    return _DIRECTIONS.sub("", text)


def safe_name(text: str) -> str:
    """A display name: one line, and without any character that shows as nothing."""
    return _SPACES.sub(" ", _INVISIBLE.sub("", one_line(text))).strip().strip("\"'").strip()
