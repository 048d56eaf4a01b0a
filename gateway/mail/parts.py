"""One MIME part: its type, parameters and content, whatever its header looks like (RFC 2045, RFC 2231).

Built on the standard library's message of the `compat32` policy, which never raises while parsing.
"""

import binascii
import contextlib
import re
from base64 import encodebytes
from collections.abc import Callable
from email.generator import BytesGenerator
from email.message import Message
from email.policy import Compat32
from io import BytesIO
from urllib.parse import unquote_to_bytes

from gateway.mail import charset, iso2022jp, words
from gateway.mail.charset_names import codec_of
from gateway.mail.pictograms import Carrier

_ENCODING = re.compile(r"[a-z0-9-]+")
_FIELDS_WITH_PARAMETERS = ("content-type", "content-disposition")
_SEMICOLON_LOST = re.compile(r"[ \t\r\n]{0,20}[A-Za-z0-9./+-]{1,127}[ \t\r\n]{1,20}(?=(?:file)?name[*0-9]{0,4}=)", re.I)
_WITH_BACKSLASH = ("cp932", "big5", "gb18030", "cp949")  # as the second octet of a character
_ESCAPED_HALF = re.compile(rb"(?<=[\x80-\xff])\\\\")
_SOFT_BREAK = re.compile(rb"=[ \t]+(?=\r?\n|\Z)")
_LINE = 998  # RFC 5322 2.1.1
_FEW_FOREIGN = 8  # of so many octets one may be none of base64: damage, not a text
_BEGINNING = 4096  # octets by which base64 is told from a text that only claims to be base64
_BASE64 = re.compile(
    rb"\s*(?:[ \t]*[A-Za-z0-9+/]{4,}[ \t]*\r?\n)*[ \t]*(?:[A-Za-z0-9+/]{2,}={1,2}|[A-Za-z0-9+/]{60,}(?=\s))"
)
_BLANK, _PADDING = re.compile(b" "), re.compile(b"=")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/=\s]")
_BASE64_OCTETS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=-_ \t\r\n"
UNPARSABLE = (
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    IndexError,
)  # what email.message raises on odd fields


class _AsSent(Compat32):
    """Header fields are written as they came: the standard policy folds them anew, and raises at odd ones."""

    def fold_binary(self, name: str, value: str) -> bytes:
        return f"{name}: {value}{self.linesep}".encode("ascii", "surrogateescape")


_AS_SENT = _AsSent()


def prepare(message: Message, carrier: Carrier | None = None) -> None:
    """Decode raw 8-bit and raw ISO-2022-JP in every Content-* field of the tree, before parameters are cut apart.

    ISO-2022-JP holds the octets of `"`, `;` and `\\`, Shift_JIS and Big5 that of `\\`, so that a name sent raw would
    end in its middle. Names are in the charset of the texts where nothing else tells.
    """
    hint: str | None = ""  # not looked for yet
    for part in message.walk():
        for name in _FIELDS_WITH_PARAMETERS:
            raw = next((str(value) for key, value in part.raw_items() if key.lower() == name), "")
            octets = raw.encode("utf-8", "surrogateescape")
            if not octets.isascii() or iso2022jp.has_designator(octets):
                hint = likely_charset(message) if hint == "" else hint
                raw = _raw_field(words.unfold(octets), hint, carrier)
                part.replace_header(name, raw)
            if lacking := _SEMICOLON_LOST.match(raw):
                part.replace_header(name, f"{lacking[0].rstrip()};{raw[lacking.end() :]}")


def _raw_field(octets: bytes, hint: str | None, carrier: Carrier | None) -> str:
    decoded = charset.decode(octets, hint, carrier)
    if decoded.codec in _WITH_BACKSLASH and _ESCAPED_HALF.search(octets):  # which some mailers take for a backslash
        decoded = charset.decode(_ESCAPED_HALF.sub(b"\\\\", octets), decoded.codec, carrier)
    return decoded.text


def is_multipart(part: Message) -> bool:
    """Whether the part has parts of its own and is no enclosed message."""
    return part.is_multipart() and part.get_content_maintype() != "message"


def children(part: Message) -> list[Message]:
    """The parts of a multipart, the message of a message/rfc822, the blocks of a delivery status; else none."""
    payload = part.get_payload() if part.is_multipart() else []
    return [child for child in payload if isinstance(child, Message)]


def disposition(part: Message) -> str:
    """`inline`, `attachment`, or "" (RFC 2183)."""
    value = str(part.get("content-disposition", "")).split(";", 1)[0].strip().lower()
    return value if value in ("inline", "attachment") else ""


def parameters(part: Message, field: str, name: str, carrier: Carrier | None = None) -> list[str]:
    """Every value of that parameter, an RFC 2231 one first (RFC 6266 4.3), decoded once."""
    if name not in str(part.get(field, "")).lower():
        return []  # most are not there: no need to take the field apart
    try:
        found = part.get_params([], header=field)
    except UNPARSABLE:
        return []
    values = [value for key, value in found if key.lower() == name]
    values.sort(key=lambda value: not isinstance(value, tuple))
    return [_text(value, carrier) for value in values]


def parameter(part: Message, field: str, name: str) -> str | None:
    """The best value of that parameter, or None."""
    return next(iter(parameters(part, field, name)), None)


def likely_charset(message: Message) -> str | None:
    """The codec of the first part that declares one: what raw octets of the header are likely in."""
    for part in message.walk():
        codec = codec_of(parameter(part, "content-type", "charset"))
        if codec:
            return codec
    return None


def _text(value: str | tuple[str | None, str | None, str], carrier: Carrier | None) -> str:
    if not isinstance(value, tuple):
        return value
    declared, _, encoded = value
    try:
        octets = encoded.strip('"').encode("latin-1")
    except UnicodeEncodeError:  # it was text already: raw, and decoded by prepare()
        return encoded
    decoded = charset.decode(octets, declared, carrier)
    if b"%" in octets and decoded.codec != codec_of(
        declared
    ):  # a segment without its `*`, percent-encoded all the same
        whole = charset.decode(unquote_to_bytes(octets), declared, carrier)
        return whole.text if whole.codec == codec_of(declared) else decoded.text
    return decoded.text


def octets(part: Message) -> bytes:
    """The content of a leaf with its transfer encoding undone; damaged encodings give what can be had."""
    found = _ENCODING.search(str(part.get("content-transfer-encoding", "")).lower())
    encoding = found[0] if found else "8bit"
    if (
        encoding == "base64"
        and (run := getattr(part, "long_run", None))
        and (content := _clean_base64(run)) is not None
    ):
        return content
    decode = _DECODERS.get(encoding)
    del part["content-transfer-encoding"]
    part["content-transfer-encoding"] = "8bit" if decode else encoding
    try:
        decoded = part.get_payload(decode=True)
    except UNPARSABLE:
        return b""
    finally:
        part.replace_header("content-transfer-encoding", encoding)
    if not isinstance(decoded, bytes):
        return b""
    return decode(decoded) if decode else decoded


def _quoted_printable(raw: bytes) -> bytes:
    """RFC 2045 6.7, by rule 3 of which blanks behind a soft line break were added on the way."""
    return binascii.a2b_qp(_SOFT_BREAK.sub(b"=", raw))


def _clean_base64(run: memoryview) -> bytes | None:
    """Decoded where it stands, without a copy of a big file; None where there is anything else among it."""
    padding = _PADDING.search(run)
    end = bytes(run[padding.start() :]) if padding else b""
    if bytes(run[:_BEGINNING]).translate(None, _BASE64_OCTETS) or _BLANK.search(run) or end.strip(b"=\r\n\t "):
        return None
    with contextlib.suppress(binascii.Error):
        return binascii.a2b_base64(run)
    return None


def _base64(raw: bytes) -> bytes:
    """Decoded in one pass over the whole: the standard method cuts a big file into its lines first.

    Words among it are no base64: a notice that a list or a scanner put behind it stays as it is, and a part that is
    words has an untrue field. Blocks that were encoded each for itself are all read.
    """
    foreign = len(raw[:_BEGINNING].translate(None, _BASE64_OCTETS))
    padding = raw.find(b"=")
    if not foreign and b" " not in raw.strip() and (padding < 0 or not raw[padding:].strip(b"=\r\n\t ")):
        try:
            return binascii.a2b_base64(raw)
        except binascii.Error:
            return words.base64_octets(raw)
    encoded = _BASE64.match(raw)
    if encoded is None or not (encoded[0].endswith(b"=") or _NOT_BASE64.search(raw, encoded.end())):
        is_text = b" " in raw.lstrip()[:_LINE].partition(b"\n")[0].strip() or foreign * _FEW_FOREIGN > len(
            raw[:_BEGINNING]
        )
        return raw if is_text else words.base64_octets(raw)
    if _NOT_BASE64.search(raw, encoded.end()) is None and b" " not in raw.strip():
        return words.base64_octets(raw)
    _, line_end, notice = raw[encoded.end() :].partition(b"\n")
    return words.base64_octets(encoded[0]) + (line_end + notice).rstrip()


_DECODERS: dict[str, Callable[[bytes], bytes]] = {"base64": _base64, "quoted-printable": _quoted_printable}


def enclosed_octets(part: Message) -> bytes:
    """An enclosed message (RFC 2046 5.2) or delivery status as the octets that it stands for."""
    if not part.is_multipart():
        return octets(part)
    enclosed = []
    for message in children(part):
        with contextlib.suppress(*UNPARSABLE, RecursionError):
            enclosed.append(flat(message))
    return _undo_transfer_encoding(part, b"\n".join(enclosed))


def replace(part: Message, content: bytes) -> None:
    """Makes the part a leaf of this content."""
    del part["content-transfer-encoding"]
    part["Content-Transfer-Encoding"] = "base64"
    if part.get_content_maintype() == "message":  # which may not be in base64 (RFC 2046 5.2.1)
        del part["content-type"]
        part["Content-Type"] = "application/octet-stream"
    part.set_payload(encodebytes(content).decode("ascii"))


def flat(message: Message) -> bytes:
    """The octets of a tree. Raises one of UNPARSABLE, or RecursionError."""
    out = BytesIO()
    BytesGenerator(out, mangle_from_=False, maxheaderlen=0, policy=_AS_SENT).flatten(message)
    return out.getvalue()


def _undo_transfer_encoding(part: Message, content: bytes) -> bytes:
    """RFC 2046 5.2.1 forbids base64 around an enclosed message, and some send it all the same."""
    if "base64" not in str(part.get("content-transfer-encoding", "")).lower():
        return content
    return words.base64_octets(content.strip()) or content
