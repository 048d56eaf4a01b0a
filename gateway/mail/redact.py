"""A mail or file as the other side may have it: without what tells its sender's address or lets its reader act for
another. Pure.

The words in it are their writer's own and stay as they came, but for the signed addresses of ours: a mail of ours that
somebody saved and attached has the address of that side in its header, its buttons and its quotations.
"""

import re
from email.message import Message
from hashlib import sha256

from gateway.mail import bounds, parts, redact_fields, tree, words

_AT = r"(?:@|%40|=40|&#0*64;|&#x0*40;)"
SIGNED = rf"(?<![A-Za-z0-9])(?:[qt][0-9]+-[a-z]+[0-9]*|b[0-9a-z]{{18}})-[a-z2-7]{{16,32}}{_AT}[A-Za-z0-9_.-]+"
INSTEAD = b"..."
MOST_ENCLOSED = 8  # mails in mails that are followed: what lies deeper is left out

_FIELD = re.compile(rb"[!-9;-~]{1,200}[ \t]*:")
_SIGNED = re.compile(SIGNED.encode(), re.IGNORECASE)
_MAILS = ("message/rfc822", "message/global")
_WRITTEN = (".txt", ".html", ".htm", ".xhtml", ".mht", ".mhtml", ".md", ".csv", ".ics", ".vcf", ".svg", ".xml")


def is_mail(kind: str, name: str) -> bool:
    """Whether a file is a mail, by its type or its name."""
    return kind.lower() in _MAILS or name.lower().removesuffix(".unsafe").endswith(".eml")


def file_without_addresses(kind: str, name: str, content: bytes) -> bytes:
    """An attached file: a mail is cleared of all that `without_addresses` takes out, a text of signed addresses."""
    if is_mail(kind, name):
        return without_addresses(content)
    if kind.lower().startswith("text/") or name.lower().removesuffix(".unsafe").endswith(_WRITTEN):
        return _unsigned(content)
    return content


def without_addresses(raw: bytes, enclosed_in: int = 0) -> bytes:
    """The mail with only Subject, Date and the MIME fields that a reader needs in its header, and in those of its parts
    and of mails that it encloses, these without a host or address of its sender's, and without signed addresses,
    however they are encoded. A mail of one part that holds none keeps its octets. Over the bounds of A15
    only what stands there in plain sight is taken out. Linear; any bytes."""
    plain = _unsigned(_bare(raw))
    limits = bounds.measure(plain)
    if limits.exceeded is not None:
        return plain
    try:
        message = tree.read(plain, limits.header_end)
        return parts.flat(message) if _clear(message, sha256(plain).hexdigest()[:24], enclosed_in) else plain
    except (*parts.UNPARSABLE, RecursionError):
        return plain


def _bare(raw: bytes) -> bytes:
    raw = tree.without_preface(raw)
    if not _FIELD.match(raw):
        return raw  # no mail, whatever it is called
    body = bounds.body_start(raw, 0, len(raw))
    kept: list[bytes] = []
    keeping = False
    for line in raw[:body].splitlines(keepends=True):
        if line[:1] not in b" \t":
            keeping = redact_fields.KEPT.match(line) is not None
        if keeping:
            kept.append(line)
    return b"".join([*kept, b"\r\n", memoryview(raw)[body:]])  # a big one is copied once


def _unsigned(octets: bytes) -> bytes:
    return _SIGNED.sub(INSTEAD, octets) if _SIGNED.search(octets) else octets


def _clear(message: Message, digest: str, enclosed_in: int) -> bool:
    """Takes out of a message's tree what is not to be passed on. True when there was anything. With `digest` boundaries
    are in no text, and the same each time."""
    changed = False
    ids = redact_fields.renamed_ids(message)
    for number, part in enumerate(message.walk()):
        changed |= redact_fields.clear(part, ids, f"=_{digest}_{number:04d}")
        changed |= _clear_header(part, is_enclosed=part is not message)
        kind, name = part.get_content_type(), parts.parameter(part, "content-disposition", "filename") or ""
        is_encoded = "base64" in str(part.get("content-transfer-encoding", "")).lower()
        if parts.is_multipart(part) or (parts.children(part) and not is_encoded):
            continue
        octets = parts.enclosed_octets(part)
        if not is_mail(kind, name):
            cleared = _unsigned(octets)
            if part.get_content_maintype() == "text":
                cleared = redact_fields.with_new_ids(cleared, ids)
        else:
            cleared = without_addresses(octets, enclosed_in + 1) if enclosed_in < MOST_ENCLOSED else b""
        if cleared != octets:
            parts.replace(part, cleared)
            changed = True
    return changed


def _clear_header(part: Message, *, is_enclosed: bool) -> bool:
    """In a part of its own only the MIME fields are kept, in an enclosed mail Subject and Date as well."""
    taken = [
        name
        for name, value in part.raw_items()
        if (is_enclosed and not redact_fields.KEPT.match(f"{name}:".encode("ascii", "replace"))) or _tells(str(value))
    ]
    for name in taken:
        del part[name]
    return bool(taken)


def _tells(value: str) -> bool:
    """Whether a field's value holds a signed address, encoded or not."""
    return _SIGNED.search(words.decode(value.encode("utf-8", "surrogateescape")).encode("utf-8", "replace")) is not None
