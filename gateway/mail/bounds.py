"""How much structure a mail may have before any parser sees it (A15): a linear scan of the bytes.

It follows multipart boundaries and enclosed messages just closely enough to count what would make a parser slow or
recurse. It decodes nothing and judges no content.
"""

import re
from dataclasses import dataclass
from email.message import Message
from itertools import islice, pairwise

MAX_LEVELS = 100  # Postfix: mime_nesting_limit
MAX_PARTS = 1000
MAX_FIELDS = 1000  # in one header block
MAX_ALL_FIELDS = 20_000  # in all header blocks together: a digest of hundreds of mails
MAX_HEADER = 1024 * 1024  # octets of one header block
MAX_FIELD = 100 * 1024  # octets of one field, Postfix: header_size_limit
MAX_PARAMETER_FIELD = 8 * 1024  # octets of a Content-* field: reading parameters costs the square of their number
MAX_PARAMETERS = 64
MAX_LINE_VISITS = 5_000_000  # lines times levels: the standard parser compares each line with every open boundary

# Each begins with an octet that is searched for fast.
_HEADER_END = re.compile(rb"(?:\r\n|\r(?!\n)|\n)(?=[\r\n])")
_NEXT_FIELD = re.compile(rb"[\r\n](?=[^ \t\r\n])")
_DELIMITER = re.compile(rb"--(?<![^\r\n]--)([^\r\n]*)")
_SPACE = b" \t\r\n\v\f\x1c\x1d\x1e\x1f"  # what the parser takes off a value
_CONTENT_TYPE = re.compile(rb"content-type[ \t]*:[ \t\r\n]*([^;]*)", re.IGNORECASE)


@dataclass(frozen=True)
class Bounds:
    """Where the top header block ends (an offset), and the name of the first bound that was passed, if any."""

    header_end: int
    exceeded: str | None


def measure(raw: bytes) -> Bounds:
    """The structure of `raw` against the limits above; linear in its length, never raises."""
    header_end = _header_end(raw, 0)
    return Bounds(header_end, _Scan(raw).first_excess(header_end))


def safe_header(raw: bytes, header_end: int) -> bytes:
    """The first fields of a mail over its bounds: at most MAX_FIELDS, the overlong ones left out."""
    fields = pairwise([*_field_starts(raw, 0, header_end)[: MAX_FIELDS + 1], header_end])
    kept = (raw[start:end] for start, end in islice(fields, MAX_FIELDS) if end - start <= MAX_PARAMETER_FIELD)
    return b"".join(field for field in kept if field.count(b";") <= MAX_PARAMETERS)


def body_start(raw: bytes, start: int, end: int) -> int:
    """Behind the blank line that ends the header block which begins at `start`, or `end`."""
    return min(_after_blank_line(raw, _header_end(raw, start, end)), end)


def _header_end(raw: bytes, start: int, end: int | None = None) -> int:
    end = len(raw) if end is None else end
    if start == 0 and raw.startswith((b"\r", b"\n")):
        return 0
    match = _HEADER_END.search(raw, start, end)
    return match.end() if match else end


def _field_starts(raw: bytes, start: int, end: int) -> list[int]:
    """Where the fields of a header block begin; `start` is in the line above it, or at the begin of a line."""
    first = [start] if start < end and raw[start] not in b" \t\r\n" else []
    return first + [match.end() for match in _NEXT_FIELD.finditer(raw, start, end)]


@dataclass(frozen=True)
class _Level:
    """An open multipart (its boundary, and whether its parts are messages by default) or an enclosed message."""

    boundary: bytes | None
    is_digest: bool = False


class _Scan:
    """The open multiparts while the delimiters of one mail go by."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.open: list[_Level] = []
        self.levels: dict[bytes, int] = {}  # which open multipart a delimiter line belongs to, without its "--"
        self.depth = 0
        self.parts = 0
        self.fields = 0
        self.blank_line = -1  # the last that was searched for
        self.status_start: int | None = None  # of a delivery status being passed: a message for each blank line

    def first_excess(self, header_end: int) -> str | None:
        excess = self._enter(0, header_end)
        for match in _DELIMITER.finditer(self.raw):  # the header may end for the parser before its blank line
            if excess:
                return excess
            level = self.levels.get(match[1].rstrip(b" \t"))
            if level is None:
                continue
            self._count_status_blocks(match.start())
            self.parts += 1
            if self.parts > MAX_PARTS:
                return "too many parts"
            self._close_above(level)
            excess = self._enter(match.end(), self._block_end(match.end()))
        self._count_status_blocks(len(self.raw))
        return excess or self._total_excess()

    def _open_level(self, boundary: bytes | None, *, is_digest: bool = False) -> None:
        self.open.append(_Level(boundary, is_digest))
        self._name_levels()

    def _close_above(self, level: int) -> None:
        del self.open[level + 1 :]
        self._name_levels()

    def _name_levels(self) -> None:
        """An end delimiter counts as one more part, and may; of two with one name the inner one is meant."""
        boundaries = [(level.boundary, number) for number, level in enumerate(self.open) if level.boundary is not None]
        self.levels = {name + end: number for name, number in boundaries for end in (b"", b"--")}

    def _block_end(self, start: int) -> int:
        """Where the header block below `start` ends: at a blank line, or before it at the delimiter that the parser
        stops at. No octets are searched twice, whatever the mail lacks."""
        if self.blank_line < start:
            self.blank_line = _header_end(self.raw, start)
        stops = (
            match.start()
            for match in _DELIMITER.finditer(self.raw, start, self.blank_line)
            if match[1].rstrip(b" \t") in self.levels
        )
        return next(stops, self.blank_line)

    def _count_status_blocks(self, end: int) -> None:
        if self.status_start is not None:
            self.parts += len(_HEADER_END.findall(self.raw, self.status_start, end))
            self.fields += max(self.raw.count(line_end, self.status_start, end) for line_end in (b"\n", b"\r"))
            self.status_start = None

    def _enter(self, start: int, end: int) -> str | None:
        """Count a header block and all blocks of messages enclosed right below it."""
        while True:
            kind, excess = self._read_block(start, end)
            if excess:
                return excess
            self.depth = max(self.depth, len(self.open))
            if self.depth > MAX_LEVELS:
                return "nested too deeply"
            if kind == b"message/delivery-status":
                self.status_start = end
            if not kind.startswith(b"message/") or not self.raw.startswith((b"\r", b"\n"), end):
                return None  # or there is nothing enclosed
            start = _after_blank_line(self.raw, end)
            end = self._block_end(start)

    def _read_block(self, start: int, end: int) -> tuple[bytes, str | None]:
        """The block's content type, with its level opened, or the bound that it passes."""
        kind = b""
        if end - start > MAX_HEADER:
            return kind, "header too long"
        starts = _field_starts(self.raw, start, end)
        self.fields += len(starts)
        if len(starts) > MAX_FIELDS or self.fields > MAX_ALL_FIELDS:
            return kind, "too many header fields"
        for field_start, field_end in pairwise([*starts, end]):
            size = field_end - field_start
            if size > MAX_FIELD:
                return kind, "header field too long"
            if self.raw[field_start : field_start + 8].lower() != b"content-":
                continue
            field = self.raw[field_start:field_end]
            if size > MAX_PARAMETER_FIELD or field.count(b";") > MAX_PARAMETERS:
                return kind, "too many parameters"
            kind = kind or self._open(field)
        if not kind and self.open and self.open[-1].is_digest and start:  # RFC 2046 5.1.5
            self._open_level(None)
            kind = b"message/rfc822"
        return kind, None

    def _open(self, field: bytes) -> bytes:
        match = _CONTENT_TYPE.match(field)
        if match is None:
            return b""
        kind = match[1].strip(_SPACE).lower()
        if kind.startswith(b"message/"):
            self._open_level(None)
        elif kind.startswith(b"multipart/") and (boundary := _boundary(field)) is not None:
            self._open_level(boundary, is_digest=kind == b"multipart/digest")
        return kind

    def _total_excess(self) -> str | None:
        if self.parts > MAX_PARTS:
            return "too many parts"
        if self.fields > MAX_ALL_FIELDS:
            return "too many header fields"
        lines = self.raw.count(b"\n") + self.raw.count(b"\r") - self.raw.count(b"\r\n")
        return "too many lines" if lines * (self.depth + 1) > MAX_LINE_VISITS else None


def _boundary(field: bytes) -> bytes | None:
    """Read by the parser that will use it, or a boundary in pieces (RFC 2231) would pass unseen."""
    message = Message()
    message["content-type"] = field.partition(b":")[2].strip().decode("ascii", "surrogateescape")
    try:
        boundary = message.get_boundary()
    except (ValueError, LookupError, TypeError, AttributeError):
        return None
    return None if boundary is None else boundary.encode("utf-8", "surrogateescape")  # "" is one too, for the parser


def _after_blank_line(raw: bytes, end: int) -> int:
    return end + (2 if raw.startswith(b"\r\n", end) else 1)
