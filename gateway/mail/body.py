"""Which parts of a mail are its text, and which are files; the text as one string.

Plain text is preferred to HTML of the same `multipart/alternative` (RFC 2046 5.1.4) unless it says nothing.
The new text of a reply is told from its quote elsewhere.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from email.message import Message
from functools import cached_property

from gateway.mail import charset, files, flowed, html, parts
from gateway.mail.pictograms import Carrier
from gateway.mail.values import AttachedFile

_LINE_ENDS = re.compile(r"\r\n?|[\x85\u2028\u2029]")
_NEEDS_HTML = re.compile("html", re.IGNORECASE)
_LONGEST_NOTICE = 300  # characters of "this mail needs an HTML reader" in its various forms
_SENTENCE_END = re.compile(r"[。．!！\n]+|\.(?:\s|\Z)")
_MOST_SENTENCES = 6
_OF_DISPLAY = re.compile(
    r"html|メール(?:ソフト|クライアント|アプリ)|メーラー|表示|閲覧|ブラウザ|mail (?:client|reader|program|app)|display"
    r"|\bview|browser|rendered|邮件客户端|郵件軟體|邮箱|浏览|瀏覽|显示|顯示|메일|브라우저|표시",
    re.IGNORECASE,
)
_READABLE = ("text/plain", "text/html", "text/enriched", "text/richtext", "text/x-amp-html")
_MARKUP = ("text/html", "text/enriched", "text/richtext")
_NEVER_SHOWN = "text/x-amp-html"  # a third form of the same text

TEXT_LIMIT = 1 << 20  # octets of text parts that are read: more would make letters that no server takes
SHORTENED = "only the beginning of the text is read"  # a defect
NOT_READ = "nothing of the text is read"  # a defect


@dataclass(frozen=True)
class Text:
    """One readable part; `source` as it was sent."""

    source: str
    charset: str
    is_html: bool

    @cached_property
    def text(self) -> str:
        """As it is read: HTML is put into text only where it is wanted, which takes longer than all else."""
        return html.to_text(self.source) if self.is_html else self.source


@dataclass
class Body:
    """What a mail, or a part of it, holds: readable parts in order, files, and what was odd."""

    texts: list[Text] = field(default_factory=list)
    attachments: list[AttachedFile] = field(default_factory=list)
    defects: list[str] = field(default_factory=list)
    room: int = TEXT_LIMIT  # octets of text that are still read
    carrier: Carrier | None = None  # whose pictograms the texts are written with

    @property
    def text(self) -> str:
        """The whole readable body, "\\n" line ends."""
        return "\n".join(text.text.strip("\n") for text in self.texts if text.text.strip())

    @property
    def is_html(self) -> bool:
        """Whether any readable part is HTML."""
        return any(text.is_html for text in self.texts)

    @property
    def charset(self) -> str | None:
        """What the first readable part was read as."""
        return next((text.charset for text in self.texts if text.text.strip()), None)


def read(message: Message, carrier: Carrier | None = None) -> Body:
    """The body of a message that parts.prepare() has seen; content of files is moved out of the message."""
    body = Body(carrier=carrier)
    _read_part(message, body, is_root=True)
    return body


def html_rendering(message: Message) -> str:
    """The first HTML part as text, or "": what a reply quotes where its writer's client reads HTML."""
    for part in message.walk():
        if part.get_content_type() == "text/html" and not parts.is_multipart(part):
            return html.to_text(_decode(parts.octets(part), part, None).text)
    return ""


def _read_part(part: Message, body: Body, *, is_root: bool = False) -> None:
    body.defects += [type(defect).__name__ for defect in part.defects]
    if parts.is_multipart(part):
        children = parts.children(part)
        if part.get_content_subtype() == "alternative":
            _read_alternative(children, body)
        else:
            for child in children:
                _read_part(child, body)
    elif _is_text(part, is_root=is_root):
        _read_text(part, body)
    elif not _is_empty(part):
        _read_file(part, body)


def _read_alternative(children: Iterable[Message], body: Body) -> None:
    versions: list[Body] = []
    for child in children:
        version = Body(room=body.room, carrier=body.carrier)
        _read_part(child, version)
        versions.append(version)
        body.attachments += version.attachments
        body.defects += version.defects
    chosen = next((v for v in versions if not v.is_html and v.text.strip()), None)
    if chosen is None or _may_be_notice(chosen.text):
        rich = next((v for v in versions if v.is_html and v.text.strip()), None)
        if chosen is None or (rich and (_is_notice(chosen.text) or len(rich.text) > 2 * len(chosen.text))):
            chosen = rich
    if chosen:
        body.texts += chosen.texts
        body.room = chosen.room


def _may_be_notice(plain: str) -> bool:
    """Whether the plain version may only say that there is an HTML version."""
    return len(plain) <= _LONGEST_NOTICE and _NEEDS_HTML.search(plain) is not None


def _is_notice(plain: str) -> bool:
    """Whether the plain version says only that the mail is HTML: each of its sentences speaks of the mail or its
    display."""
    sentences = [sentence for sentence in _SENTENCE_END.split(plain) if sentence.strip(" \t\u3000*-=<>")]
    return len(sentences) <= _MOST_SENTENCES and all(map(_OF_DISPLAY.search, sentences))


def _is_text(part: Message, *, is_root: bool) -> bool:
    if part.get_content_maintype() == "multipart":  # no boundary was found: the standard parser leaves it whole
        return True
    if parts.disposition(part) == "attachment":
        return False
    if is_root:
        return part.get_content_maintype() == "text"
    return part.get_content_type() in _READABLE and files.part_name(part) is None


def _is_empty(part: Message) -> bool:
    """A nameless part of nothing, as broken mailers and list footers leave them."""
    return not part.is_multipart() and files.part_name(part) is None and not parts.octets(part).strip()


def _read_text(part: Message, body: Body) -> None:
    kind = part.get_content_type()
    if kind == _NEVER_SHOWN:
        return
    octets = _beginning(parts.octets(part), body)
    is_html = kind in _MARKUP
    decoded = _decode(octets, part, body.carrier)
    if decoded.damaged:
        body.defects.append("undecodable octets in text")
    text = _LINE_ENDS.sub("\n", decoded.text.replace("\0", "").removeprefix("\ufeff"))
    if not is_html and (parts.parameter(part, "content-type", "format") or "").strip().lower() == "flowed":
        delsp = parts.parameter(part, "content-type", "delsp") or ""
        text = flowed.unflow(text, delsp=delsp.strip().lower() == "yes")
    body.texts.append(Text(text, decoded.charset, is_html))


def _decode(octets: bytes, part: Message, carrier: Carrier | None) -> charset.Decoded:
    """The text of a part; of HTML also by the charset that it names itself, where the field's is missing or untrue."""
    declared = parts.parameter(part, "content-type", "charset")
    if part.get_content_type() not in _MARKUP or octets.isascii() or not (named := html.charset_of(octets)):
        return charset.decode(octets, declared, carrier)
    return charset.decode_either(octets, declared, named, carrier)


def _beginning(octets: bytes, body: Body) -> bytes:
    """As many whole lines as there is room for: cut within a character, the charset could be taken for another."""
    if len(octets) > body.room:
        body.defects.append(SHORTENED)
        octets = octets[: octets.rfind(b"\n", 0, body.room) + 1]
    body.room -= len(octets)
    return octets


def _read_file(part: Message, body: Body) -> None:
    if files.has_conflicting_names(part):
        body.defects.append("conflicting file names")
    body.attachments.append(files.attached(part, len(body.attachments) + 1, body.carrier))
    if not part.is_multipart():
        part.set_payload("")  # or a big file would be held twice
