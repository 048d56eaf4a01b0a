"""Bytes to text when the declared charset may be missing, unknown or untrue.

In this order: escape sequences of ISO-2022-JP, UTF-8 against a charset it cannot be, the declared charset, UTF-8, a
guess among the plausible, and at last replacement characters. Guessing is for mail whose bytes say nothing else.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from charset_normalizer import from_bytes

from gateway.mail import iso2022jp
from gateway.mail.charset_names import codec_of, common_codec, mime_name

GUESS_SAMPLE = 16 * 1024  # octets: enough to tell a charset, little enough to cost under a millisecond each
_SHORT = 24  # 8-bit octets below which frequencies mean nothing, and a Japanese desk expects Japanese

_TOLERATED = 8  # characters for each lost one, in text that is what it says but for some damage

_FALLBACKS = {
    "euc-jp": ("euc_jp", "eucjp-ms", "euc_jis_2004"),
    "big5": ("big5", "big5hkscs", "cp950"),
    "cp1252": ("cp1252", "latin-1"),
    "cp932": ("cp932", "shift_jis_2004"),
}
_WIDE = ("utf-16", "utf-32", "utf-7", "hz", "iso-2022-kr", "iso2022_kr")
_MULTIBYTE = ("cp932", "euc-jp", "gb18030", "cp949", "big5", "big5hkscs", "cp950", "johab", "hz")
_PLAUSIBLE = ["cp932", "euc_jp", "gb18030", "big5", "cp949", "cp1252", "cp1251", "cp874"]
_THREE_OCTETS = re.compile(rb"[\xe0-\xf4][\x80-\xbf]{2}")
_EIGHT_BIT = re.compile(rb"[\x80-\xff]")
_KANA = re.compile("[\u3041-\u309f\u30a1-\u30ff]")
_KANJI_WORD = re.compile("[々〆\u4e00-\u9fff]{2}")
_UNLIKELY = re.compile("[\uff61-\uff9f\ue000-\uf8ff\ufffd\x80-\x9f]")
_PRIVATE_USE = re.compile("[\ue000-\uf8ff]")
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


def decode(data: bytes, declared: str | None = None) -> Decoded:
    """`data` as text without lone surrogates; never raises, whatever `declared` says."""
    charset = codec_of(declared)
    wide = charset is not None and charset.startswith(_WIDE)
    if not wide and (iso2022jp.has_designator(data) or (charset == "iso-2022-jp" and data.isascii())):
        return _decoded(iso2022jp.decode(data), "iso-2022-jp")
    if charset == "iso-2022-jp" and not data.isascii():  # EUC-JP or Shift_JIS under its name: 8-bit is never JIS
        charset = None
    if not wide and data.isascii():
        return Decoded(data.decode("ascii"), charset or "us-ascii")
    if charset and not _is_really_utf8(data, charset):
        text = _strict(data, charset)
        if text is not None:
            return _decoded(text, charset)
    text = _strict(data, "utf-8")
    if text is not None:
        return Decoded(text, "utf-8")
    return _repair(data, charset or _guess(data[:GUESS_SAMPLE]))


def _is_really_utf8(data: bytes, charset: str) -> bool:
    """Valid UTF-8 is hardly ever a text of another charset; a double-byte one needs three-octet proof (谢谢 in GBK
    is also valid UTF-8)."""
    if charset == "utf-8" or charset.startswith(_WIDE):
        return False
    if charset in _MULTIBYTE and _THREE_OCTETS.search(data) is None:
        return False
    return _strict(data, "utf-8") is not None


def _strict(data: bytes, charset: str) -> str | None:
    for codec in _FALLBACKS.get(charset, (charset,)):
        try:
            return _decoder(codec)(data)
        except (UnicodeError, LookupError):
            continue
    return None


def _decoder(codec: str) -> Callable[[bytes], str]:
    if codec == "iso-2022-jp":
        return iso2022jp.decode
    if codec == "eucjp-ms":
        return _decode_eucjp_ms
    return lambda data: _no_surrogates(data.decode(codec))


def _decode_eucjp_ms(data: bytes) -> str:
    """EUC-JP with the NEC and IBM rows of cp932; raises UnicodeDecodeError at what is neither."""
    text = data.decode("euc_jp", iso2022jp.CELL_BY_CELL)
    if "\ufffd" in text or _PRIVATE_USE.search(text):
        raise UnicodeDecodeError("euc_jp", data[:1], 0, 1, "not EUC-JP")
    return text


def _guess(sample: bytes) -> str:
    """The likeliest charset of octets that are no UTF-8; statistics only where there is enough to count."""
    foreign = len(_EIGHT_BIT.findall(sample))
    japanese = _guess_japanese(sample, foreign)
    if japanese:
        return japanese
    if foreign < _SHORT:
        return "cp1252" if _strict(sample, "cp1252") is not None else "utf-8"
    best = from_bytes(sample, cp_isolation=_PLAUSIBLE, threshold=0.5, preemptive_behaviour=False).best()
    return common_codec(best.encoding) if best and best.encoding != "ascii" else "utf-8"


def _guess_japanese(sample: bytes, eight_bit: int) -> str | None:
    """cp932 or euc-jp, when the text it gives has kana, or is short and has a word of kanji.

    One kanji alone is more likely a Western letter: `Käse` in Latin-1 is also K腺e in Shift_JIS.
    """
    readings = [(charset, text) for charset in ("euc-jp", "cp932") if (text := _loose(sample, charset)) is not None]
    for charset, text in readings:
        foreign = sum(1 for character in text if character > "\x7f")
        if len(_KANA.findall(text)) * 8 >= foreign and not _UNLIKELY.search(text):
            return charset
    short = reversed(readings) if eight_bit < _SHORT else ()
    return next((charset for charset, text in short if _KANJI_WORD.search(text) and not _UNLIKELY.search(text)), None)


def _loose(sample: bytes, charset: str) -> str | None:
    """Strict, but the sample may be cut in the middle of a character."""
    for cut in (0, 1, 2):
        try:
            return sample[: len(sample) - cut].decode(charset)
        except UnicodeDecodeError:
            continue
    return None


def _repair(data: bytes, charset: str) -> Decoded:
    """The reading of `data` as `charset`; where that loses much, the one with the fewest replacement characters."""
    strict = _strict(data, charset)
    if strict is not None:
        return _decoded(strict, charset)
    readings = []
    for candidate in dict.fromkeys((charset, "utf-8", "cp932")):
        text = _replaced(data, candidate)
        lost = text.count("\ufffd")
        if lost * _TOLERATED <= len(text):
            return Decoded(text, candidate, damaged=True)
        readings.append((lost, Decoded(text, candidate, damaged=True)))
    return min(readings, key=lambda reading: reading[0])[1]


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
