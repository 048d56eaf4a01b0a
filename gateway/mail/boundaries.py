"""Multiparts whose boundary parameter is missing, untrue or the enclosing multipart's, which the standard parser leaves
whole: the delimiters in their body tell the parts (RFC 2046 5.1.1).
"""

import re
from email import message_from_bytes
from email.message import Message

from gateway.mail import bounds

MAX_REPAIRS = 3  # in one mail: each reads a part once more
_DELIMITER = re.compile(
    rb"(?:\A|(?<=\n))--([!-~](?:[ -~]{0,68}[!-~])?)[ \t]{0,80}\r?\nContent-[A-Za-z-]{2,30}[ \t]*:", re.IGNORECASE
)


def repair(message: Message) -> None:
    """Give each multipart without parts the parts that its body holds, as far as they are within the bounds of A15."""
    repairs = 0
    pending: list[tuple[Message, Message | None]] = [(message, None)]
    while pending:
        part, parent = pending.pop()
        if part.get_content_maintype() == "multipart" and not part.is_multipart() and repairs < MAX_REPAIRS:
            repairs += 1
            if not _divide(part) and parent is not None and _boundary(part) == _boundary(parent):
                _take_in(part, parent)
        if part.is_multipart():
            pending += [(child, part) for child in part.get_payload() if isinstance(child, Message)]


def _divide(part: Message) -> bool:
    """Cut the body of `part` at the first delimiter that a Content-* field follows; False where there is none."""
    payload: object = part._payload  # type: ignore[attr-defined]  # get_payload() would decode 8-bit text
    children = _parts_of(payload if isinstance(payload, str) else "", type(part))
    if children:
        part.set_payload([*children])
    return bool(children)


def _take_in(part: Message, parent: Message) -> None:
    """Of a boundary that two levels share, the first end is the inner one's: what follows `part` there is its own, and
    what stands behind, which the parser takes for the outer epilogue, is the outer one's."""
    siblings = parent.get_payload()
    if not isinstance(siblings, list):
        return
    at = next(index for index, sibling in enumerate(siblings) if sibling is part)
    if inner := siblings[at + 1 :]:
        part.set_payload(inner)
        parent.set_payload([*siblings[: at + 1], *_parts_of(parent.epilogue or "", type(part))])
        parent.epilogue = None


def _parts_of(body: str, kind: type[Message]) -> list[Message]:
    octets = body.encode("utf-8", "surrogateescape")
    delimiter = _DELIMITER.search(octets)
    if delimiter is None:
        return []
    boundary = delimiter[1].decode("ascii").replace("\\", "\\\\").replace('"', '\\"')
    raw = f'Content-Type: multipart/mixed; boundary="{boundary}"\n\n'.encode() + octets[delimiter.start() :]
    if bounds.measure(raw).exceeded:
        return []
    found = message_from_bytes(raw, kind).get_payload()
    return [child for child in found if isinstance(child, Message)] if isinstance(found, list) else []


def _boundary(part: Message) -> str | None:
    try:
        return part.get_boundary()
    except (ValueError, LookupError, TypeError, AttributeError):
        return None
