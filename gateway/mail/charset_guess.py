"""Which charset octets are in when nobody tells, or somebody tells an untruth: by what the text would say."""

import re

from charset_normalizer import from_bytes

from gateway.mail import iso2022jp, pictograms, plausibility
from gateway.mail.charset_names import common_codec
from gateway.mail.pictograms import Carrier

SAMPLE = 16 * 1024  # octets: enough to tell a charset, little enough to cost under a millisecond each
_SHORT = 24  # 8-bit octets below which frequencies mean nothing, and a Japanese desk expects Japanese

_OTHERS = {
    "gb18030": plausibility.chinese, "big5hkscs": plausibility.chinese, "cp949": plausibility.korean,
    "cp1251": plausibility.cyrillic, "koi8_r": plausibility.cyrillic,
}  # fmt: skip
_HOME = 0.05  # what a Japanese reading is ahead: most letters to a Japanese desk are
_CERTAIN = 0.5  # the mean of a text that is Japanese without doubt
_PROVEN = 4  # kanji, all in everyday use, that do not come about by chance

_PLAUSIBLE = ["cp932", "euc_jp", "gb18030", "big5", "cp949", "cp1252", "cp1251", "koi8_r", "cp874"]
_EIGHT_BIT = re.compile(rb"[\x80-\xff]")
_SPACE = re.compile(rb"[\x00-\x20]")
_KANA = re.compile("[\u3041-\u309f\u30a1-\u30ff]")
_UNLIKELY = re.compile("[\uff61-\uff9f\ue000-\uf8ff\ufffd\x80-\x9f]")
_COMMON = re.compile("[\t\n\r -~\u3000-\u30ff\u4e00-\u9fff\uac00-\ud7a3\uff00-\uff9f\u00a0-\u024f\u0400-\u04ff]")
_MULTI_OCTET = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")


def guess(data: bytes, carrier: Carrier | None = None) -> str:
    """The likeliest charset of octets that are no UTF-8; statistics only where there is enough to count."""
    sample = data[:SAMPLE]
    likely = guess_foreign(sample, carrier)
    if likely:
        return likely
    if len(_EIGHT_BIT.findall(sample)) < _SHORT:
        return "cp1252" if _loose(sample, "cp1252") is not None else "utf-8"
    best = from_bytes(sample, cp_isolation=_PLAUSIBLE, threshold=0.5, preemptive_behaviour=False).best()
    if best and best.encoding != "ascii":
        return common_codec(best.encoding)
    return "big5hkscs" if _loose(sample, "big5hkscs") is not None else "utf-8"


def guess_foreign(data: bytes, carrier: Carrier | None = None) -> str | None:
    """The charset of kana, Han, Hangul or Cyrillic that gives the likeliest text, of octets that Latin hardly has.

    `Käse` in windows-1252 is also K腺e in Shift_JIS.
    """
    sample = data[:SAMPLE]
    readings = _japanese_readings(sample, carrier)
    for charset, text in readings:
        if _is_japanese(text):
            return charset
    latin = _loose(sample, "cp1252")
    if latin is not None and plausibility.is_latin(latin):
        return None
    marks = [(_japanese_mark(charset, text), charset) for charset, text in readings]
    for charset, mark in _OTHERS.items():
        other = _loose(sample, charset)
        marks += [(mark(other) - _HOME, charset)] if other is not None else []
    best, charset = max(marks, key=lambda marked: marked[0], default=(0.0, ""))
    return charset if best >= plausibility.ENOUGH else None


def guess_japanese(data: bytes, carrier: Carrier | None = None) -> str | None:
    """cp932 or euc-jp of octets that are Japanese for certain; None if they are neither."""
    readings = _japanese_readings(data[:SAMPLE], carrier)
    return max(readings, key=lambda reading: _japanese_mark(*reading), default=(None, ""))[0]


def guess_against_latin(data: bytes, carrier: Carrier | None = None) -> str | None:
    """The charset of octets that were called Latin and cannot be: another reading makes sense, or hardly a letter is
    ASCII."""
    sample = data[:SAMPLE]
    likely = guess_foreign(sample, carrier)
    foreign = len(_EIGHT_BIT.findall(sample))
    if not likely and foreign >= _SHORT and foreign * 2 > len(sample) - len(_SPACE.findall(sample)):
        return guess(sample, carrier)
    return likely


def guess_against_japanese(data: bytes, declared: str, carrier: Carrier | None = None) -> str:
    """`declared`, which is cp932 or euc-jp, or the other of them where only that makes sense."""
    readings = dict(_japanese_readings(data[:SAMPLE], carrier))
    other = "euc-jp" if declared == "cp932" else "cp932"
    text, meant = readings.get(other), readings.get(declared)
    if text is None or (meant is not None and _is_japanese(meant)):
        return declared
    if meant is None:
        return other
    sense = _japanese_mark(other, text)
    if declared == "cp932" and plausibility.is_half_width(meant):
        nonsense = not plausibility.makes_syllables(meant) or (
            len(text) >= _PROVEN and not plausibility.has_voice_marks(meant)
        )
        return other if nonsense and sense >= _CERTAIN else declared
    enough = max(0.0, _japanese_mark(declared, meant)) + plausibility.ENOUGH
    return other if sense >= enough else declared


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


def _japanese_readings(sample: bytes, carrier: Carrier | None) -> list[tuple[str, str]]:
    found = [("euc-jp", _loose(sample, "euc-jp"))]
    cp932 = _loose(pictograms.to_user_defined(sample, carrier), "cp932")
    found.append(("cp932", pictograms.named(cp932, carrier, shift_jis=True) if cp932 else cp932))
    return [(charset, text) for charset, text in found if text is not None]


def _japanese_mark(charset: str, text: str) -> float:
    """Half-width kana count fully where chance hardly made them: by their marks, or each behind its SS2 in EUC-JP."""
    if plausibility.is_half_width(text) and (
        plausibility.has_voice_marks(text)
        or (charset == "euc-jp" and len(text) >= _PROVEN - 1 and plausibility.makes_syllables(text))
    ):
        return 1.0
    return plausibility.japanese(text)


def _is_japanese(text: str) -> bool:
    foreign, kana = sum(1 for character in text if character > "\x7f"), len(_KANA.findall(text))
    return 0 < foreign <= kana * 8 and len(_UNLIKELY.findall(text)) <= kana


def _loose(sample: bytes, charset: str) -> str | None:
    """Strict, but a sample may be cut in the middle of a character."""
    for cut in (0, 1, 2, 3) if len(sample) == SAMPLE else (0,):
        try:
            octets = sample[: len(sample) - cut]
            return iso2022jp.decode_eucjp_ms(octets) if charset == "euc-jp" else octets.decode(charset)
        except UnicodeDecodeError:
            continue
    return None
