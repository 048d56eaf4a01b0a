"""The standard parser's message tree of a mail, without that parser's way through the lines of big bodies.

It compares every line with every open boundary and keeps each for itself: most of the time and the memory that a mail
with a file takes. So it sees a placeholder for each long run of lines that no boundary can be among.
"""

import re
from email.feedparser import BytesFeedParser
from email.message import Message
from email.policy import compat32

from gateway.mail import bounds
from gateway.mail.fields import repair

_BLOCK = 64 * 1024  # octets fed at once: the standard parser copies what it is fed
_LONG = 4 * 1024  # octets of a run: a shorter one is not worth it
# A header field by its form: where the parser still reads a header it takes it for one, and not for the body's.
_PLACEHOLDER = b"X-Toiawase-Long-Run: "
_FOUND = re.compile(rf"{_PLACEHOLDER.decode()}([0-9]+)")
_DASHES = re.compile(rb"--(?<=[\r\n]--)")  # at the begin of a line


_MEANT_TYPES = {
    "plain/text": "text/plain", "text/text": "text/plain", "text/txt": "text/plain", "txt/plain": "text/plain",
    "test/plain": "text/plain", "html/text": "text/html", "text/htm": "text/html", "test/html": "text/html",
}  # fmt: skip
_PREFACE = re.compile(  # of saved mail: a byte order mark, blank lines, the envelope's line of an mbox
    rb"(?:\xef\xbb\xbf)?(?:[ \t]{0,80}\r?\n){0,20}(?:>?From (?![ \t]*:)[^\r\n]{1,1000}\r?\n)?"
    rb"(?=(?:From|To|Cc|Subject|Date|Message-ID|MIME-Version|Received|Return-Path|Delivered-To|Reply-To|Sender|"
    rb"(?:Content|X|ARC|DKIM|Authentication)-[A-Za-z-]{1,70})[ \t]?:)",
    re.IGNORECASE,
)


class _Part(Message):
    """A part that reads its type once, since it is asked again and again, and whose body can be completed. A body that
    is one long run stays where it is, in the octets of the mail, until its text is asked for."""

    long_run: memoryview | None = None
    _stated: object = None
    _type: str | None = None

    @property
    def _payload(self) -> object:
        """As it was parsed; get_payload() would decode 8-bit text."""
        if self.long_run is not None:
            self._payload = _text(self.long_run)
        return self._stated

    @_payload.setter
    def _payload(self, value: object) -> None:
        self._stated, self.long_run = value, None

    def is_multipart(self) -> bool:
        return self.long_run is None and super().is_multipart()

    def get_content_type(self) -> str:
        """As `email.message` reads it, but for types that only plain text or HTML can be meant by."""
        if self._type is None:
            given = super().get_content_type()
            self._type = _MEANT_TYPES.get(given, given)
        return self._type

    def replace_header(self, _name: str, _value: str) -> None:
        self._type = None
        super().replace_header(_name, _value)

    def put_back(self, runs: dict[str, memoryview]) -> None:
        """Takes the runs that its body holds placeholders of out of `runs`."""
        if not isinstance(self._payload, str) or len(pieces := _FOUND.split(self._payload)) == 1:
            return
        if pieces[::2] == ["", ""]:
            self.long_run = runs.pop(pieces[1])
        else:
            pieces[1::2] = [_text(runs.pop(number)) for number in pieces[1::2]]
            self._payload = "".join(pieces)


def _text(run: memoryview) -> str:
    return str(run, "ascii", "surrogateescape")


def without_preface(raw: bytes) -> bytes:
    """`raw` from its first header field on, whatever a program put before that when it saved the mail."""
    match = _PREFACE.match(raw)
    return raw[match.end() :] if match and match.end() else raw


def read(raw: bytes, header_end: int) -> Message:
    """The message that `raw` is, its stray header lines repaired; `raw` is within bounds.measure(), `header_end` its.

    Raises what the standard parser raises.
    """
    short, runs = _without_long_runs(raw, header_end)
    message = _parsed(short, header_end)
    for part in message.walk() if runs else ():
        if isinstance(part, _Part):
            part.put_back(runs)
    return _parsed(raw, header_end) if runs else message  # one stood in a header, a preamble or an epilogue


def _parsed(raw: bytes, header_end: int) -> Message:
    parser = BytesFeedParser(_Part, policy=compat32)
    parser.feed(repair(raw[:header_end]))
    for start in range(header_end, len(raw), _BLOCK):
        parser.feed(raw[start : start + _BLOCK])
    return parser.close()


def _without_long_runs(raw: bytes, header_end: int) -> tuple[bytes, dict[str, memoryview]]:
    """`raw` with placeholders, and the runs by number: what stands between a blank line and the next "--"."""
    kept: list[bytes] = []
    runs: dict[str, memoryview] = {}
    done, start = 0, header_end
    if len(raw) - header_end < _LONG or _PLACEHOLDER in raw:
        return raw, runs
    for end in [*(match.start() for match in _DASHES.finditer(raw, header_end)), len(raw)]:
        begin, last = bounds.body_start(raw, start, end), _without_line_end(raw, end)
        if last - begin >= _LONG:
            number = str(len(runs))
            kept += [raw[done:begin], _PLACEHOLDER, number.encode()]
            runs[number] = memoryview(raw)[begin:last]
            done = last
        start = end
    return b"".join([*kept, raw[done:]]), runs


def _without_line_end(raw: bytes, end: int) -> int:
    if raw.endswith(b"\r\n", 0, end):
        return end - 2
    return end - 1 if raw.endswith((b"\r", b"\n"), 0, end) else end
