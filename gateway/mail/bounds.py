"""How much structure a mail may have before any parser sees it (A15): a linear scan of the bytes.

It follows multipart boundaries and enclosed messages just closely enough to count what would make a parser slow or
recurse. It decodes nothing and judges no content.
"""

import re
from dataclasses import dataclass
from itertools import islice, pairwise

MAX_LEVELS = 100  # Postfix: mime_nesting_limit
MAX_PARTS = 1000
MAX_FIELDS = 1000  # in one header block
MAX_FIELD = 100 * 1024  # octets of one field, Postfix: header_size_limit
MAX_PARAMETER_FIELD = 8 * 1024  # octets of a Content-* field: reading parameters costs the square of their number
MAX_PARAMETERS = 64
MAX_LINE_VISITS = 5_000_000  # lines times levels: the standard parser compares each line with every open boundary

_HEADER_END = re.compile(rb"(?:\r\n|\r(?!\n)|\n)(?=[\r\n])|\A(?=[\r\n])")
_FIELD_START = re.compile(rb"(?:\A|(?<=[\r\n]))(?=[^ \t\r\n])")
_DELIMITER = re.compile(rb"(?:\A|(?<=[\r\n]))--([^\r\n]+)")
_CONTENT_TYPE = re.compile(rb"content-type[ \t]*:\s*(multipart|message)/", re.IGNORECASE)
_BOUNDARY = re.compile(rb"boundary(?:\*0?\*?)?\s*=\s*(?:\"([^\"]*)\"|([^\s;\"]+))", re.IGNORECASE)


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
    starts = [match.start() for match in _FIELD_START.finditer(raw, 0, header_end)][: MAX_FIELDS + 1]
    fields = pairwise([*starts, header_end])
    return b"".join(raw[start:end] for start, end in islice(fields, MAX_FIELDS) if end - start <= MAX_PARAMETER_FIELD)


def _header_end(raw: bytes, start: int) -> int:
    match = _HEADER_END.search(raw, start)
    return match.end() if match else len(raw)


class _Scan:
    """The open boundaries while the delimiters of one mail go by."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.open: list[bytes | None] = []  # None for an enclosed message, which has no boundary of its own
        self.depth = 0
        self.parts = 0

    def first_excess(self, header_end: int) -> str | None:
        excess = self._enter(0, header_end)
        for match in _DELIMITER.finditer(self.raw, header_end):
            if excess:
                return excess
            level = self._level_of(match[1])
            if level is None:
                continue
            self.parts += 1
            if self.parts > MAX_PARTS:
                return "too many parts"
            del self.open[level + 1 :]
            excess = self._enter(match.end(), _header_end(self.raw, match.end()))
        return excess or self._line_excess()

    def _level_of(self, line: bytes) -> int | None:
        """Which open multipart a delimiter line belongs to; an end delimiter counts as one more part, and may."""
        name = line.rstrip(b" \t")
        for level in range(len(self.open) - 1, -1, -1):
            boundary = self.open[level]
            if boundary is not None and name in (boundary, boundary + b"--"):
                return level
        return None

    def _enter(self, start: int, end: int) -> str | None:
        """Count a header block and all blocks of messages enclosed right below it."""
        while True:
            kind, excess = self._read_block(start, end)
            if excess:
                return excess
            self.depth = max(self.depth, len(self.open))
            if self.depth > MAX_LEVELS:
                return "nested too deeply"
            if kind != b"message" or end >= len(self.raw):
                return None
            start = _after_blank_line(self.raw, end)
            end = _header_end(self.raw, start)

    def _read_block(self, start: int, end: int) -> tuple[bytes, str | None]:
        kind = b""
        starts = [match.start() for match in _FIELD_START.finditer(self.raw, start, end)]
        if len(starts) > MAX_FIELDS:
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
            kind = self._open(field) or kind
        return kind, None

    def _open(self, field: bytes) -> bytes:
        match = _CONTENT_TYPE.match(field)
        if match is None:
            return b""
        kind = match[1].lower()
        boundary = _BOUNDARY.search(field)
        if kind == b"message":
            self.open.append(None)
        elif boundary:
            self.open.append((boundary[1] or boundary[2] or b"").rstrip(b" \t"))
        return kind

    def _line_excess(self) -> str | None:
        lines = self.raw.count(b"\n") + self.raw.count(b"\r") - self.raw.count(b"\r\n")
        return "too many lines" if lines * (self.depth + 1) > MAX_LINE_VISITS else None


def _after_blank_line(raw: bytes, end: int) -> int:
    return end + (2 if raw.startswith(b"\r\n", end) else 1)
