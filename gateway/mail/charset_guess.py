"""Which charset octets are in when nobody tells, or somebody tells an untruth: by what the text would say."""

import re

from charset_normalizer import from_bytes

from gateway.mail import iso2022jp, pictograms
from gateway.mail.charset_names import common_codec
from gateway.mail.everyday_kanji import EVERYDAY
from gateway.mail.pictograms import Carrier

SAMPLE = 16 * 1024  # octets: enough to tell a charset, little enough to cost under a millisecond each
_SHORT = 24  # 8-bit octets below which frequencies mean nothing, and a Japanese desk expects Japanese

_PLAUSIBLE = ["cp932", "euc_jp", "gb18030", "big5", "cp949", "cp1252", "cp1251", "koi8_r", "cp874"]
_EIGHT_BIT = re.compile(rb"[\x80-\xff]")
_SPACE = re.compile(rb"[\x00-\x20]")
_KANA = re.compile("[\u3041-\u309f\u30a1-\u30ff]")
_KANJI_WORD = re.compile("[々〆\u4e00-\u9fff]{2}")
_KANJI = re.compile("[\u4e00-\u9fff]")
_COMMON_HANZI = re.compile(rb"(?:[\x00-\x7f]|[\xb0-\xd7][\xa1-\xfe]|\xa3[\xa1-\xfe]|\xa1[\xa1-\xbf])*")  # GB 2312
_UNLIKELY = re.compile("[\uff61-\uff9f\ue000-\uf8ff\ufffd\x80-\x9f]")
_HALF_WIDTH = re.compile("[\uff61-\uff9f]")
_COMMON = re.compile("[\t\n\r -~\u3000-\u30ff\u4e00-\u9fff\uac00-\ud7a3\uff00-\uff9f\u00a0-\u024f\u0400-\u04ff]")
_MULTI_OCTET = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")


def guess(data: bytes, carrier: Carrier | None = None) -> str:
    """The likeliest charset of octets that are no UTF-8; statistics only where there is enough to count."""
    sample = data[:SAMPLE]
    japanese = guess_japanese(sample, carrier)
    if japanese:
        return japanese
    if len(_EIGHT_BIT.findall(sample)) < _SHORT:
        if _COMMON_HANZI.fullmatch(sample):
            return "gb18030"
        return "cp1252" if _loose(sample, "cp1252") is not None else "utf-8"
    best = from_bytes(sample, cp_isolation=_PLAUSIBLE, threshold=0.5, preemptive_behaviour=False).best()
    if best and best.encoding != "ascii":
        return common_codec(best.encoding)
    return "big5hkscs" if _loose(sample, "big5hkscs") is not None else "utf-8"


def guess_japanese(data: bytes, carrier: Carrier | None = None) -> str | None:
    """cp932 or euc-jp, when the text it gives has kana, or is short and has a word of kanji.

    One kanji alone is more likely a Western letter: `Käse` in Latin-1 is also K腺e in Shift_JIS.
    """
    sample = data[:SAMPLE]
    by_charset = _readings(sample, carrier)
    for charset, text in by_charset:
        if _is_japanese(text):
            return charset
    if len(_EIGHT_BIT.findall(sample)) >= _SHORT:
        return None
    for charset, text in reversed(by_charset):
        if _KANJI_WORD.search(text) and not _UNLIKELY.search(text):
            return None if _is_rather_chinese(sample, text) else charset
    return None


def guess_against_latin(data: bytes, carrier: Carrier | None = None) -> str | None:
    """The charset of octets that were called Latin and cannot be: kana appear, or hardly a letter is ASCII."""
    sample = data[:SAMPLE]
    for charset, text in _readings(sample, carrier):
        if _is_japanese(text):
            return charset
    foreign = len(_EIGHT_BIT.findall(sample))
    if foreign >= _SHORT and foreign * 2 > len(sample) - len(_SPACE.findall(sample)):
        return guess(sample, carrier)
    return None


def is_euc_jp(data: bytes) -> bool:
    """Whether octets that were called Shift_JIS are EUC-JP: kana in this, half-width kana without end in that."""
    sample = data[:SAMPLE]
    text = _loose(sample, "euc-jp")
    if text is None:
        return False
    kana, foreign = len(_KANA.findall(text)), sum(1 for character in text if character > "\x7f")
    other = _loose(sample, "cp932")
    return kana >= 4 and kana * 3 >= foreign and (other is None or _HALF_WIDTH.search(other) is not None)


def is_broken_utf8(data: bytes) -> bool:
    """Whether most 8-bit octets stand in characters of UTF-8, however broken the rest is."""
    sample = data[:SAMPLE]
    return sum(map(len, _MULTI_OCTET.findall(sample))) * 2 >= len(_EIGHT_BIT.findall(sample))


def utf16_order(data: bytes) -> str:
    """`utf-16-le` or `utf-16-be` for UTF-16 without a mark: the order that gives more of the usual characters."""
    sample = data[: SAMPLE & ~1]
    usual = {
        codec: len(_COMMON.findall(sample.decode(codec, "replace"))) for codec in ("utf-16-be", "utf-16-le")
    }  # RFC 2781 4.3: big-endian when nothing tells
    return max(usual, key=lambda codec: usual[codec])


def _readings(sample: bytes, carrier: Carrier | None) -> list[tuple[str, str]]:
    found = [("euc-jp", _loose(sample, "euc-jp"))]
    cp932 = _loose(pictograms.to_user_defined(sample, carrier), "cp932")
    found.append(("cp932", pictograms.named(cp932, carrier, shift_jis=True) if cp932 else cp932))
    return [(charset, text) for charset, text in found if text is not None]


def _is_rather_chinese(sample: bytes, japanese: str) -> bool:
    """Whether a few words are common hanzi in GB 2312 and, read as Japanese, hardly words."""
    kanji = _KANJI.findall(japanese)
    everyday = sum(1 for character in kanji if character in EVERYDAY)
    return _COMMON_HANZI.fullmatch(sample) is not None and everyday * 4 < len(kanji) * 3


def _is_japanese(text: str) -> bool:
    foreign, kana = sum(1 for character in text if character > "\x7f"), len(_KANA.findall(text))
    return 0 < foreign <= kana * 8 and len(_UNLIKELY.findall(text)) <= kana


def _loose(sample: bytes, charset: str) -> str | None:
    """Strict, but the sample may be cut in the middle of a character."""
    for cut in (0, 1, 2):
        try:
            octets = sample[: len(sample) - cut]
            return iso2022jp.decode_eucjp_ms(octets) if charset == "euc-jp" else octets.decode(charset)
        except UnicodeDecodeError:
            continue
    return None
