"""The MIME fields of a part as the other side may have them: no name, identifier or boundary of theirs tells an
address or a host. Pure."""

import re
from email.message import Message
from email.utils import encode_rfc2231
from urllib.parse import unquote, unquote_to_bytes

from gateway.mail import files, parts, words

KEPT = re.compile(
    rb"(?:subject|date|mime-version|content-(?:type|transfer-encoding|disposition|id))\s*:", re.IGNORECASE
)

_AT = re.compile("[@＠]")
_SUBTYPE = re.compile(r"multipart/[a-z-]{1,40}")
_CHARSET = re.compile(r"[A-Za-z0-9_.:+-]{1,40}")
_CID = re.compile(rb"\bcid:([^\"'\s<>()]{1,300})", re.IGNORECASE)


def renamed_ids(message: Message) -> dict[bytes, bytes]:
    """For each Content-ID of the tree (RFC 2392), without its brackets, one that tells no host."""
    given = [_content_id(part) for part in message.walk() if "content-id" in part]
    return {old: b"part%d@original.invalid" % number for number, old in enumerate(dict.fromkeys(given), 1)}


def with_new_ids(text: bytes, ids: dict[bytes, bytes]) -> bytes:
    """A text whose `cid:` links name the new identifiers. Linear."""
    return _CID.sub(lambda link: b"cid:" + ids.get(unquote_to_bytes(link[1]), b"none"), text) if ids else text


def clear(part: Message, ids: dict[bytes, bytes], boundary: str) -> bool:
    """Gives the part fields of our own where its sender's could tell something. True when any was changed."""
    changed = "content-id" in part
    if changed:
        _set(part, "Content-ID", f"<{ids[_content_id(part)].decode('ascii')}>")
    if part.get_content_maintype() == "multipart":
        kind = part.get_content_type()
        _set(part, "Content-Type", f'{kind if _SUBTYPE.fullmatch(kind) else "multipart/mixed"}; boundary="{boundary}"')
        part.preamble = part.epilogue = None
        changed = True
    names = files.given_names(part)
    for field in ("Content-Type", "Content-Disposition"):
        if _tells(part, field, names):
            _set(part, field, _anew(part, field))
            changed = True
    return changed


def _tells(part: Message, field: str, names: list[str]) -> bool:
    """Whether the field holds an @, in whatever encoding."""
    for key, value in part.raw_items():
        if key.lower() == field.lower():
            raw = str(value)
            decoded = words.decode(raw.encode("utf-8", "surrogateescape"))
            if any(_AT.search(text) for text in (raw, unquote(raw), decoded, *names)):
                return True
    return False


def _anew(part: Message, field: str) -> str:
    """The field with nothing but what a reader needs: the type and charset, the disposition, the name."""
    name = files.part_name(part)
    shown = encode_rfc2231(files.name_without_address(name), "utf-8") if name else ""
    if field == "Content-Disposition":
        return f"{parts.disposition(part) or 'attachment'}" + (f"; filename*={shown}" if name else "")
    kind, charset = part.get_content_type(), parts.parameter(part, "content-type", "charset") or ""
    told = f'; charset="{charset}"' if _CHARSET.fullmatch(charset) else ""
    return (kind if files.is_type(kind) else "application/octet-stream") + told + (f"; name*={shown}" if name else "")


def _content_id(part: Message) -> bytes:
    return str(part["content-id"]).strip().strip("<>").encode("utf-8", "surrogateescape")


def _set(part: Message, field: str, value: str) -> None:
    del part[field]
    part[field] = value
