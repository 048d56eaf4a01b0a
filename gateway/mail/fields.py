"""The header fields of a mail as octets, and the identification fields among them (RFC 5322 3.6.4).

Addresses and dates are read in mailboxes.py, text in words.py.
"""

import re
from collections.abc import Iterable
from email.message import Message

MAX_REFERENCES = 200  # ids kept of one field: the newest, which stand last

_STRAY_LINE = re.compile(rb"(?:\A(?!>?From )|(?<=\n))(?![!-9;-~]+[ \t]*:)[^ \t\r\n]")
_USUAL_FIELD = re.compile(
    rb"^(?:From|To|Cc|Subject|Date|Message-ID|MIME-Version|Content-(?:Type|Transfer-Encoding)|Received"
    rb"|Auto-Submitted|Authentication-Results)[ \t]*:",
    re.IGNORECASE | re.MULTILINE,
)
_BLANK_BEFORE_COLON = re.compile(rb"^([!-9;-~]++)[ \t]++(?=:)", re.MULTILINE)
_BRACKETED = re.compile(rb"<([\x21-\x3b\x3d\x3f-\x7e]{1,900})>")
_BARE = re.compile(rb"[\x21-\x3b\x3d\x3f-\x7e]{1,900}")


def repair(header: bytes) -> bytes:
    """`header` with stray lines made continuations, and no blank before a colon (RFC 5322 4.5): the standard parser
    would end the header at the first of either, and a second author below it would be nobody (N40).

    Only down to the last usual field, since a line like that may also be the text of a mail without a blank line.
    """
    if _BLANK_BEFORE_COLON.search(header):
        last = max((match.end() for match in _USUAL_FIELD.finditer(header)), default=0)
        header = _BLANK_BEFORE_COLON.sub(rb"\1", header[:last]) + header[last:]
    stray = _STRAY_LINE.search(header)
    if stray is None or not _USUAL_FIELD.search(header, stray.end()):
        return header
    return _STRAY_LINE.sub(rb" \g<0>", header)


def is_regular(header: bytes) -> bool:
    """Whether every line of it is a field or continues one, so that there is nothing to repair."""
    return _STRAY_LINE.search(header) is None and _BLANK_BEFORE_COLON.search(header) is None


class Fields:
    """Header fields in their order, names compared case-blind, values as the octets that were sent."""

    def __init__(self, items: Iterable[tuple[str, bytes]]) -> None:
        self._values: dict[str, list[bytes]] = {}
        for name, value in items:
            self._values.setdefault(name.lower(), []).append(value)

    @classmethod
    def of(cls, message: Message) -> "Fields":
        """The fields of a message that the standard parser made from bytes."""
        return cls((name, str(value).encode("utf-8", "surrogateescape")) for name, value in message.raw_items())

    def all(self, name: str) -> list[bytes]:
        """Every field of that name (given in lower case), topmost first."""
        return self._values.get(name, [])

    def first(self, name: str) -> bytes | None:
        """The topmost field of that name, or None."""
        return next(iter(self.all(name)), None)

    def are_ascii(self, *names: str) -> bool:
        """Whether no field of these names has 8-bit octets."""
        return all(value.isascii() for name in names for value in self.all(name))

    def ascii(self, name: str) -> str:
        """The topmost field of that name for looking up keywords: lower case, one line, foreign octets as `?`."""
        return _keywords(self.first(name) or b"")

    def all_ascii(self, name: str) -> list[str]:
        """Every field of that name, likewise."""
        return [_keywords(value) for value in self.all(name)]

    def names(self) -> Iterable[str]:
        """The names that occur, in lower case."""
        return self._values.keys()


def _keywords(value: bytes) -> str:
    return " ".join(value.decode("ascii", "replace").replace("\ufffd", "?").lower().split())


def message_id(fields: Fields) -> str | None:
    """The first plausible id with its brackets; one that was sent without brackets gets them."""
    for value in fields.all("message-id"):
        match = _BRACKETED.search(value)
        if match:
            return match[0].decode("ascii")
        bare = value.strip()
        if b"@" in bare and _BARE.fullmatch(bare):
            return f"<{bare.decode('ascii')}>"
    return None


def message_ids(fields: Fields, name: str) -> tuple[str, ...]:
    """The ids in every field of that name, oldest first, each once, the last MAX_REFERENCES of them."""
    found = [match.decode("ascii") for value in fields.all(name) for match in _ids(value)]
    return tuple(dict.fromkeys(found[-MAX_REFERENCES:]))


def _ids(value: bytes) -> list[bytes]:
    return [match[0] for match in _BRACKETED.finditer(value)]
