"""The parts of a bounce: what the server says, the delivery statuses, and what it returns of our mail.

Only the report's own parts: a returned mail may be a bounce itself, and says nothing about this one.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message

from gateway.mail import charset, html, parts
from gateway.mail.fields import Fields, message_id

MAX_TEXT = 64 * 1024  # characters: what a server writes in its own words stands at the top

_STATUS_TYPE = re.compile(
    rb"^(Content-Type:[ \t]*(?:\r?\n[ \t]+)?)message/((?:global-)?delivery-status)", re.IGNORECASE | re.MULTILINE
)
_STATUSES = ("text/delivery-status", "text/global-delivery-status")
_ENCLOSED = ("message/rfc822", "message/global")
_HEADERS = ("text/rfc822-headers", "message/rfc822-headers", "text/rfc822-header", "message/global-headers")
_RETURNED = re.compile(
    r"^(?:Received|Return-Path|DKIM-Signature|X-Received|MIME-Version|Delivered-To):"
    r"|^[^\n@]{0,40}\b(?:is|are) (?:a )?copy of (?:the |your )?(?:original |first part of the )?(?:message|mail)"
    r"|^[^\n@]{0,20}\bbelow this line|^[-=_*|> \t]{0,60}(?:the |your )?(?:original|returned|unsent|old|bounced)"
    r" (?:message|mail|e-?mail)(?: text| headers?| below| follows?| following| attached| is (?:attached|below)){0,4}"
    r"[ \t:.*|-]{0,60}$"
    r"|^[^\n@]{0,40}\b(?:(?:message|original) (?:headers?|text) (?:is )?follow|header of the original|start of returned"
    r"|message reads|mensaje original|listed the initial part of the message)"
    r"|^[-=_*| \t]{2,60}(?:元の(?:メッセージ|メール)|オリジナルメッセージ|返送|原始邮件|原始郵件|원본)",
    re.IGNORECASE | re.MULTILINE,
)
_FIELD = re.compile(r"^[A-Za-z][A-Za-z0-9-]{1,60}:", re.MULTILINE)
_MESSAGE_ID = re.compile(
    r"^[ \t>]*(?:Original-)?Message-ID:[\s>]{0,9}(<[!-;=?-~]{1,900}>)", re.IGNORECASE | re.MULTILINE
)


@dataclass(frozen=True)
class Notice:
    """`text`: the server's words with "\\n" line ends, up to a returned mail that stands in them; `rest`: from there
    on; `statuses`: the text of each delivery status; `returned`: the fields of our mail, enclosed or in `rest`."""

    report: Message
    text: str
    rest: str
    statuses: tuple[str, ...]
    returned: Fields


def read(raw: bytes) -> Notice:
    """The parts of `raw`, which is within bounds.py's limits."""
    # As text, or the parser would take a status apart, and lose what follows a line that it cannot read.
    report = message_from_bytes(_STATUS_TYPE.sub(rb"\1text/\2", raw))
    texts: list[str] = []
    pages: list[str] = []
    statuses: list[str] = []
    returned = None
    for part in _own_parts(report):
        kind = part.get_content_type()
        if kind in _STATUSES:
            statuses.append(_text(part))
        elif kind in _ENCLOSED or kind in _HEADERS:
            returned = returned or _fields(part)
        elif kind == "text/html" and not returned:
            pages.append(html.to_text(_text(part)))
        elif not returned and (kind.startswith("text/") or kind.startswith("multipart/")):
            texts.append(_text(part))
    text = "\n".join(texts)[:MAX_TEXT]
    if "@" not in text:
        text = "\n".join([text, *pages])[:MAX_TEXT]
    cut = _RETURNED.search(text)
    end = cut.start() if cut else len(text)
    rest = text[end:]
    return Notice(report, text[:end], rest, tuple(statuses), returned or _quoted_fields(rest))


def inner_statuses(notice: Notice) -> list[str]:
    """Every delivery status in the mail, those in enclosed mails too: a bounce that was passed on."""
    return [_text(part) for part in notice.report.walk() if part.get_content_type() in _STATUSES]


def enclosed(notice: Notice) -> bytes:
    """The returned mail, where it is enclosed whole, or b""."""
    part = next((part for part in _own_parts(notice.report) if part.get_content_type() in _ENCLOSED), None)
    return parts.enclosed_octets(part) if part is not None else b""


def original_message_id(notice: Notice, raw: bytes) -> str | None:
    """Of our mail: as it is enclosed, as it stands in the words, or as the report answers it; never the report's."""
    fields = Fields.of(notice.report)
    own = message_id(fields)
    returned = message_id(notice.returned)
    if returned and returned != own:
        return returned
    quoted = (match[1] for text in (notice.rest, notice.text) for match in _MESSAGE_ID.finditer(text))
    found = next((told for told in quoted if told != own), None)
    if found:
        return found
    body = raw[:MAX_TEXT].decode("latin-1")
    written = (match[1] for match in _MESSAGE_ID.finditer(body) if match[1].isascii())
    answered = (message_id(Fields([("message-id", value)])) for value in fields.all("in-reply-to"))
    return next((told for told in (*written, *answered) if told and told != own), None)


def _own_parts(message: Message) -> Iterator[Message]:
    """The leaves of the tree, enclosed mails unopened."""
    waiting = [message]
    while waiting:
        part = waiting.pop()
        if parts.is_multipart(part):
            waiting.extend(reversed(parts.children(part)))
        else:
            yield part


def _text(part: Message) -> str:
    decoded = charset.decode(parts.octets(part), parts.parameter(part, "content-type", "charset"))
    return decoded.text.replace("\r\n", "\n").replace("\r", "\n")


def _fields(part: Message) -> Fields:
    enclosed = next(iter(parts.children(part)), None)
    return Fields.of(enclosed or message_from_bytes(parts.enclosed_octets(part).lstrip()))


def _quoted_fields(rest: str) -> Fields:
    """The header of a returned mail that stands in the text: from the first line on that is a field."""
    start = _FIELD.search(rest)
    return Fields.of(message_from_bytes(rest[start.start() :].encode("utf-8", "replace"))) if start else Fields(())
