"""Bytes to text when the declared charset may be missing, unknown or untrue.

In this order: escape sequences of ISO-2022-JP, UTF-8 against a charset it cannot be, the declared charset, UTF-8, a
guess among the plausible, and at last replacement characters. Guessing is for mail whose bytes say nothing else.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from gateway.mail import charset_guess, iso2022jp, pictograms
from gateway.mail.charset_names import codec_of, mime_name
from gateway.mail.pictograms import Carrier

_TOLERATED = 8  # characters for each lost one, in text that is what it says but for some damage

_MAX_LINES = 2000  # of a damaged text that are read each for itself; the rest is read as one

_FALLBACKS = {
    "utf-8": ("utf-8", "cesu-8"),
    "euc-jp": ("euc_jp", "eucjp-ms", "euc_jis_2004"),
    "big5": ("big5hkscs", "cp950", "big5"),  # as in the Encoding Standard: with ETEN and HKSCS
    "cp949": ("cp949", "johab"),
    "cp1252": ("cp1252", "latin-1"),
    "cp932": ("cp932", "shift_jis_2004"),
}
_WIDE = ("utf-16", "utf-32", "utf-7", "hz", "iso-2022-kr", "iso2022_kr")
_MULTIBYTE = ("cp932", "euc-jp", "gb18030", "cp949", "big5", "big5hkscs", "cp950", "johab")
_WITH_PICTOGRAMS = ("utf-8", "cp932", "utf-16", "utf-16-le", "utf-16-be", "utf-7")  # others have users' own there
_LATIN = ("cp1252", "iso8859-15", "mac-roman", "cp850", "cp437")
_KOREAN_DESIGNATOR = b"\x1b$)C"  # RFC 1557
_HZ = re.compile(rb"~\{(?:[\x21-\x77][\x21-\x7e]){1,500}~\}")  # RFC 1843
_THREE_OCTETS = re.compile(rb"[\xe0-\xf4][\x80-\xbf]{2}")
_KANA = re.compile("[\u3041-\u30ff]")
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class Decoded:
    """Text, the codec it was read with, and whether anything in it had to be replaced by U+FFFD."""

    text: str
    codec: str
    damaged: bool = False

    @property
    def charset(self) -> str:
        """The name that mail uses for the codec, such as `shift_jis` or `windows-1252`."""
        return mime_name(self.codec)


def decode(data: bytes, declared: str | None = None, carrier: Carrier | None = None) -> Decoded:
    """`data` as text without lone surrogates; never raises, whatever `declared` says.

    `carrier` is the writer's, by whose table pictograms are read.
    """
    decoded = _decode(data, codec_of(declared), carrier)
    text = pictograms.without_webcodes(decoded.text)
    if decoded.codec in _WITH_PICTOGRAMS and not text.isascii():
        text = pictograms.named(text, carrier, shift_jis=decoded.codec == "cp932")
    return decoded if text is decoded.text else Decoded(text, decoded.codec, decoded.damaged)


def decode_either(data: bytes, declared: str | None, other: str, carrier: Carrier | None = None) -> Decoded:
    """As `decode`, where a document also names its own charset: that one counts if `declared` says nothing, fails, or
    is a name that mailers put on anything (Latin)."""
    first, second = codec_of(declared), codec_of(other)
    if second is not None and (first is None or (first in _LATIN and second in (*_MULTIBYTE, "utf-8"))):
        declared, other = other, declared or ""
    decoded = decode(data, declared, carrier)
    if not decoded.damaged:
        return decoded
    alternative = decode(data, other, carrier)
    return decoded if alternative.damaged else alternative


def _decode(data: bytes, charset: str | None, carrier: Carrier | None) -> Decoded:
    wide = charset is not None and charset.startswith(_WIDE)
    if wide or data.startswith((b"\xff\xfe", b"\xfe\xff")) or _KOREAN_DESIGNATOR in data:
        text, codec = _decode_wide(data, charset)
        if text is not None:
            return _decoded(text, codec)
        charset = None
    if iso2022jp.has_designator(data) or (charset == "iso-2022-jp" and data.isascii()):
        return _decoded(iso2022jp.decode(data, carrier), "iso-2022-jp")
    if data.isascii():
        return _decode_ascii(data, charset)
    if charset == "iso-2022-jp":  # EUC-JP or Shift_JIS under its name: 8-bit is never JIS
        charset = charset_guess.guess_japanese(data, carrier)
    if charset is not None and not _is_really_utf8(data, charset):
        charset = _believed(data, charset, carrier)
        text = _strict(data, charset, carrier)
        if text is not None:
            return _decoded(text, charset)
    text = _strict(data, "utf-8", carrier)
    if text is not None:
        return Decoded(text, "utf-8")
    if charset is None or (charset == "utf-8" and not charset_guess.is_broken_utf8(data)):
        charset = charset_guess.guess(data, carrier)
    for candidate in (charset, charset_guess.guess_foreign(data, carrier)):
        text = _strict(data, candidate, carrier) if candidate else None
        if candidate and text is not None:
            return _decoded(text, candidate)
    return _repair(data, charset, carrier)


def _decode_ascii(data: bytes, charset: str | None) -> Decoded:
    if charset in (None, "gb18030") and _HZ.search(data):
        text = _strict(data, "hz", None)
        if text is not None:
            return Decoded(text, "hz")
    return Decoded(data.decode("ascii"), charset or "us-ascii")


def _decode_wide(data: bytes, charset: str | None) -> tuple[str | None, str]:
    """UTF-16 with and without its mark, and the charsets that are written in ASCII or by shifts; None if untrue."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        charset = "utf-32" if data.startswith(b"\xff\xfe\0\0") and len(data) % 4 == 0 else "utf-16"
    elif charset is None or not charset.startswith(_WIDE):
        charset = "iso2022_kr"
    elif charset.startswith("utf-16"):
        return _decode_utf16(data)
    return _strict(data, charset, None), charset


def _decode_utf16(data: bytes) -> tuple[str | None, str]:
    codec = charset_guess.utf16_order(data)
    text = _strict(data[: len(data) & ~1], codec, None)
    if b"\0" not in data and _strict(data, "utf-8", None) is not None:  # plain text under a wrong name?
        is_kana = text is not None and len(_KANA.findall(text)) * 2 >= len(text)
        text = text if is_kana else None
    return text, codec


def _believed(data: bytes, charset: str, carrier: Carrier | None) -> str:
    """The declared charset, or the one that is often meant by its name when the text proves it."""
    if charset in _LATIN:
        return charset_guess.guess_against_latin(data, carrier) or charset
    if charset in ("cp932", "euc-jp"):
        return charset_guess.guess_against_japanese(data, charset, carrier)
    return charset


def _is_really_utf8(data: bytes, charset: str) -> bool:
    """Valid UTF-8 is hardly ever a text of another charset; a double-byte one needs three-octet proof (谢谢 in GBK
    is also valid UTF-8)."""
    if charset == "utf-8":
        return False
    if charset in _MULTIBYTE and _THREE_OCTETS.search(data) is None:
        return False
    return _strict(data, "utf-8", None) is not None


def _strict(data: bytes, charset: str, carrier: Carrier | None) -> str | None:
    if charset == "cp932":
        data = pictograms.to_user_defined(data, carrier)
    for codec in _FALLBACKS.get(charset, (charset,)):
        try:
            return _DECODERS[codec](data) if codec in _DECODERS else _no_surrogates(data.decode(codec))
        except (UnicodeError, LookupError):
            continue
    return None


def _decode_cesu8(data: bytes) -> str:
    """UTF-8 in which each half of a surrogate pair was encoded for itself, as Java and Oracle do to emoji."""
    return data.decode("utf-8", "surrogatepass").encode("utf-16", "surrogatepass").decode("utf-16")


_DECODERS: dict[str, Callable[[bytes], str]] = {
    "iso-2022-jp": iso2022jp.decode,
    "eucjp-ms": iso2022jp.decode_eucjp_ms,
    "cesu-8": _decode_cesu8,
}


def _repair(data: bytes, charset: str, carrier: Carrier | None) -> Decoded:
    """The reading of `data` as `charset`; where that loses much, the one with the fewest replacement characters."""
    readings = []
    for candidate in dict.fromkeys((charset, "utf-8", "cp932")):
        text = _by_lines(data, charset, carrier) if candidate == charset else _replaced(data, candidate)
        lost = text.count("\ufffd")
        if lost * _TOLERATED <= len(text):
            return _decoded(text, candidate)
        readings.append((lost, _decoded(text, candidate)))
    return min(readings, key=lambda reading: reading[0])[1]


def _by_lines(data: bytes, charset: str, carrier: Carrier | None) -> str:
    """Each line as `charset`, else as UTF-8, else as what the lines that are neither are: lists and virus scanners
    append notices in charsets of their own."""
    lines = data.split(b"\n", _MAX_LINES)
    texts = [_first_strict(line, (charset, "utf-8"), carrier) for line in lines]
    strays = b"\n".join(line for line, text in zip(lines, texts, strict=True) if text is None)
    other = charset if charset_guess.is_broken_utf8(strays) else charset_guess.guess(strays, carrier)
    for index, line in enumerate(lines):
        if texts[index] is None:
            text = _strict(line, other, carrier) if len(lines) > 1 else None
            texts[index] = _replaced(line, charset) if text is None else text
    return "\n".join(text or "" for text in texts)


def _first_strict(line: bytes, charsets: tuple[str, ...], carrier: Carrier | None) -> str | None:
    return next((text for charset in charsets if (text := _strict(line, charset, carrier)) is not None), None)


def _replaced(data: bytes, charset: str) -> str:
    codec = "euc_jp" if charset == "euc-jp" else charset
    try:
        return _SURROGATE.sub("\ufffd", data.decode(codec, "replace"))
    except (UnicodeError, LookupError):
        return data.decode("utf-8", "replace")


def _decoded(text: str, charset: str) -> Decoded:
    return Decoded(text, charset, damaged="\ufffd" in text)


def _no_surrogates(text: str) -> str:
    """UTF-7 and UTF-16 can smuggle lone surrogates, which no database and no UTF-8 output takes."""
    return _SURROGATE.sub("\ufffd", text) if _SURROGATE.search(text) else text
