"""Attached files: which name a part has, and a name that is safe to hand on (A22). Nothing is unpacked (A16)."""

import re
from email.message import Message
from mimetypes import MimeTypes
from urllib.parse import unquote_to_bytes

from gateway.mail import display, fields, parts, words
from gateway.mail.normal_forms import nfc
from gateway.mail.pictograms import Carrier
from gateway.mail.values import AttachedFile

MAX_NAME = 100
MAX_EXTENSION = 20
INSTEAD = "_"  # of an address in a name

_TYPES = MimeTypes()  # the built-in table alone: names must not depend on the machine
_EXTENSIONS = {"message/rfc822": ".eml", "message/global": ".eml", "text/plain": ".txt", "image/jpeg": ".jpg",
               "text/calendar": ".ics", "application/ms-tnef": ".dat", "audio/mpeg": ".mp3"}  # fmt: skip
_TYPE = re.compile(r"[a-z0-9!#$%&'*+^_`{|}~.-]{1,127}/[a-z0-9!#$%&'*+^_`{|}~.-]{1,127}")  # RFC 2045 5.1, RFC 6838 4.2
_PERCENT = re.compile(r"%[C-Fc-f][0-9A-Fa-f]%[89ABab][0-9A-Fa-f]")  # a character of two or more octets
_ADDRESS = re.compile(  # not `icon@2x.png`
    r"(?:[A-Za-z0-9.!#$&'*+=^_`{}~-]{1,64}|[\w.-]{1,64})(?:[@＠]|%40)(?![1-4]x\.)"
    r"(?:[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+|\w[\w-]{0,62}(?:\.[\w-]{1,63})+)"
)
_ENDINGS = (".eml", ".unsafe")
_FORBIDDEN = re.compile(r'[<>:"|?*]')
_RESERVED = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?=\.|\Z)", re.IGNORECASE)


def attached(part: Message, number: int, carrier: Carrier | None = None) -> AttachedFile:
    """The part as a file; one without a name is called after its place (`number`) and type."""
    kind = part.get_content_type()
    if not is_type(kind):
        kind = "application/octet-stream"
    content = parts.enclosed_octets(part) if part.get_content_maintype() == "message" else parts.octets(part)
    name = (
        part_name(part, carrier)
        or _enclosed_name(part)
        or _content_id_name(part)
        or f"attachment-{number}{_extension(kind)}"
    )
    return AttachedFile(name, kind, content)


def part_name(part: Message, carrier: Carrier | None = None) -> str | None:
    """The name that the sender gave (RFC 2183 2.3, else RFC 2045's `name`), made safe, or None."""
    for value in given_names(part, carrier):
        if name := safe_file_name(value):
            return name
    return None


def given_names(part: Message, carrier: Carrier | None = None) -> list[str]:
    """As they were given, best first: `filename` counts for more than `name`, unless it is the same with what its
    charset lacked lost."""
    filenames, names = (
        [_decoded(value, carrier) for value in parts.parameters(part, field, parameter, carrier)]
        for field, parameter in (("content-disposition", "filename"), ("content-type", "name"))
    )
    if filenames and names and "?" in filenames[0] and "?" not in names[0]:  # no system's files are called so
        return names
    return filenames + names


def has_conflicting_names(part: Message) -> bool:
    """Whether `filename` and `filename*` disagree, which hides a type from a scanner (N37, Exim CVE-2024-39929)."""
    values = parts.parameters(part, "content-disposition", "filename")
    names = {safe_file_name(_decoded(value)) for value in values}
    return len({extension_of(name) for name in names if name}) > 1


def safe_file_name(text: str) -> str | None:
    """`text` without path, controls, direction marks and reserved names, at most 100 characters, or None."""
    name = nfc(display.safe_name(text))
    name = re.split(r"[/\\]", name)[-1]
    name = _FORBIDDEN.sub("_", name).strip(" .")
    if _RESERVED.match(name):
        name = f"_{name}"
    extension = extension_of(name)
    stem = name.removesuffix(extension)[: MAX_NAME - len(extension)].rstrip(" .")
    return stem + extension or None


def name_without_address(name: str) -> str:
    """A file's name with every mail address in it cut out: neither side sees the other's. Its ending stays."""
    return _ADDRESS.sub(lambda found: INSTEAD + _ending(found[0]), name)


def _ending(name: str) -> str:
    extension = extension_of(name)
    is_known = extension.lower() in _ENDINGS or _TYPES.guess_type(f"x{extension}")[0] is not None
    return extension if is_known else ""


def is_type(kind: str) -> bool:
    """Whether it is a media type by its form."""
    return _TYPE.fullmatch(kind) is not None


def extension_of(name: str) -> str:
    """The last dot and what follows, or "" where that is no extension."""
    stem, dot, extension = name.rpartition(".")
    return dot + extension if stem and 0 < len(extension) < MAX_EXTENSION and " " not in extension else ""


def _decoded(value: str, carrier: Carrier | None = None) -> str:
    """Encoded words in a parameter (against RFC 2047 5 (3)), or the mere percents of browsers and web mail."""
    text = words.decode(value.encode("utf-8", "replace"), None, carrier)
    if _PERCENT.search(text):
        try:
            return unquote_to_bytes(text).decode("utf-8")
        except UnicodeDecodeError:
            pass
    return text


def _enclosed_name(part: Message) -> str | None:
    """A forwarded mail is called after its subject."""
    if part.get_content_type() not in ("message/rfc822", "message/global"):
        return None
    subject = next((fields.Fields.of(message).first("subject") for message in parts.children(part)), None)
    return (
        safe_file_name(re.sub(r"[/\\]", "_", words.decode(subject)) + ".eml") if subject and subject.strip() else None
    )


def _content_id_name(part: Message) -> str | None:
    """Outlook leaves images in a text nameless but for their Content-ID, such as `image001.jpg@01CDB132.D8A510F0`."""
    name = safe_file_name(str(part.get("content-id", "")).strip().strip("<>").partition("@")[0])
    return name if name and _TYPES.guess_type(name)[0] == part.get_content_type() else None


def _extension(kind: str) -> str:
    return _EXTENSIONS.get(kind) or _TYPES.guess_extension(kind) or ".bin"
