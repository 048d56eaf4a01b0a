"""How much a reading of octets looks like what people write: the judge between charsets that all can decode them.

Each character of a reading counts for or against it, by what its language uses. Nothing is decoded here.
"""

import re
from collections.abc import Callable
from functools import lru_cache

from gateway.mail.everyday_kanji import EVERYDAY
from gateway.mail.frequent_characters import HANGUL, NAMES, SIMPLIFIED, TRADITIONAL

ENOUGH = 0.3  # the mean of a text that may be what its charset would have it say
_COUNTED = 500  # characters: more would not change the mean
_NEVER = -3.0
_FOREIGN = re.compile("[^\x00-\x7f]")
_NEVER_WRITTEN = re.compile("[\ue000-\uf8ff\ufffd\x80-\x9f\U000f0000-\U0010ffff]")
_KANA = re.compile("[\u3041-\u3096\u30a1-\u30fc]")
_HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_JAPANESE_SIGN = re.compile(
    "[\u3000-\u301c\u2460-\u2473\u3231\u32a4-\u32a8\uff01-\uff5e\u2015\u2026\u203b\u25a0-\u25cf\u2605]"
)
_PICTURE = re.compile("[\u2190-\u2bff\U0001f000-\U0001faff]")
_HANGUL = re.compile("[\uac00-\ud7a3]")
_RUN = re.compile("[^\x00-\x7f]+")
_CYRILLIC_WORD = re.compile(
    "[\u2013\u2014\u00a0\u00ab\u00bb\u2116]{0,3}(?:[А-ЯЁ]?[а-яё]+|[А-ЯЁ]+)?[\u2013\u2014\u00a0\u00ab\u00bb]{0,3}"
)
_NOT_SHORT = 5
_CHINESE_SIGN = re.compile("[\u3000-\u3011\uff01-\uff5e\u2018-\u201d\u2026]")

_HALF_WIDTH = re.compile("[\uff61-\uff9f]")
_MISPLACED = re.compile(  # voice marks and small letters where no such syllable is
    "(?<![\uff73\uff76-\uff84\uff8a-\uff8e])\uff9e|(?<![\uff8a-\uff8e])\uff9f|(?<![\uff66-\uff9f])[\uff67-\uff70\uff9d]"
)
_SIGN = re.compile("[\uff61-\uff65]")
_VOICED = re.compile("[\uff9e\uff9f]|[\uff77\uff7c\uff81\uff86\uff8b\uff90\uff98][\uff6c-\uff6e]")

# windows-1252 as no Western language is written.
_OUT_OF_PLACE = re.compile(
    "[\x80-\x9f\xad]"  # C1 controls, undefined there, and the soft hyphen
    "|[“‘„‚‹•†‡¡¿][^\\w\\s“”‘’„‚«»‹›\"'…*&$€£¥#(]|[“‘•]«|(?<=\\w)[“‘„‹›«»¡¿](?=\\w)|”(?=\\w)|[ˆ˜¯¸ª](?=\\w)|¥(?=[a-zA-Z])"
    "|[‘’“”„•–—†‡‰‹ŠŽŒ][@\\[\\\\^_`{|~]|Œ(?=[À-ÿ])|[¯¸][!-~]|[0-9]·(?=[À-ÿ])|[ß-öø-ÿ][À-ÖØ-Þ]"
    "|[†‡•…‰™¤¦§¬¯±¶¸¹²³¼½¾×÷¢¨](?=[^\\W\\d_])(?<=[^\\W\\d_][^\\s])|[¬¯¸¤¦¶¼½¾×÷](?=[À-ÿ])|(?<=[À-ÿ])[¬¯¸¤¦¶¼½¾×÷¥£¢§]"
    "|[¡-¿]{2}(?<![«»°º’´¿¡][«»°º’´¿¡])|[0-9](?=[ÀÁÂÃÅÆÇÈÊËÌÍÎÏÐÑÒÓÔÕØÙÚÛÝÞãðþŒŽŠ])"
)
_GUILLEMET_AT_LETTER = re.compile("[«»](?=[À-ÿ])|(?<=[À-ÿ])[«»]")
_WORD = re.compile(r"[^\s!-/:-@\[-`{-~]{2,200}")
_AROUND = "“”‘’„‚«»‹›¡¿…™®©°ªº€£•"


def japanese(text: str) -> float:
    """How Japanese the text is, from -3 to 1; half-width kana are only where all is."""
    kana_alone = is_half_width(text)
    return _mean(text, lambda character: _japanese(character, kana_alone=kana_alone))


def chinese(text: str) -> float:
    """How Chinese the text is, from -3 to 1, by the characters of either script that are frequent or in GB 2312."""
    return _mean(text, _chinese)


def korean(text: str) -> float:
    """How Korean the text is, from -3 to 1."""
    return _mean(text, _korean)


def cyrillic(text: str) -> float:
    """0.6 for text whose words are Cyrillic with capitals in their places, one of them not short; else -1."""
    words = _RUN.findall(text)
    is_written_so = all(map(_CYRILLIC_WORD.fullmatch, words)) and max(map(len, words), default=0) >= _NOT_SHORT
    return 0.6 if is_written_so else -1.0


def is_latin(text: str) -> bool:
    """Whether the text, read as windows-1252, is as a Western language has it: signs in their places, and no word that
    is mostly accents."""
    foreign_words = " ".join(word for word in text.split() if not word.isascii())
    if _OUT_OF_PLACE.search(foreign_words) or _lacks_a_quote(foreign_words):
        return False
    for word in _WORD.findall(foreign_words):
        word = word.strip(_AROUND)
        foreign = len(_FOREIGN.findall(word))
        if (
            foreign > 1
            and foreign * 2 > len(word)
            and not (word.isalpha() and (foreign < 3 or (foreign == 3 and len(word) == 3)))
        ):
            return False
    return True


def _lacks_a_quote(text: str) -> bool:
    """Whether a quotation mark has no partner that it never lacks."""
    if text.count("‹") != text.count("›") or ("“" in text and "”" not in text and "„" not in text):
        return True
    return ("«" in text) != ("»" in text) and _GUILLEMET_AT_LETTER.search(text) is not None


def is_half_width(text: str) -> bool:
    """Whether the text is Japanese in half-width kana alone, with or without sense."""
    return _HALF_WIDTH.search(text) is not None and not any(map(_HAN.match, _FOREIGN.findall(text)))


def makes_syllables(text: str) -> bool:
    """Whether half-width kana make syllables: voice marks stand behind what they voice, signs are few."""
    signs, kana = len(_SIGN.findall(text)), len(_HALF_WIDTH.findall(text))
    return signs * 4 <= kana and text.count("\uff62") == text.count("\uff63") and not _MISPLACED.search(text)


def has_voice_marks(text: str) -> bool:
    """Whether half-width kana make syllables and have marks or small letters, which hardly come about by chance."""
    return makes_syllables(text) and _VOICED.search(text) is not None


def _mean(text: str, weight: Callable[[str], float]) -> float:
    foreign = _FOREIGN.findall(text)[:_COUNTED]
    return sum(map(weight, foreign)) / len(foreign) if foreign else 0.0


def _japanese(character: str, *, kana_alone: bool) -> float:
    if _KANA.match(character):
        return 1.0
    if character in EVERYDAY:
        return 0.9
    if character in NAMES or _JAPANESE_SIGN.match(character):
        return 0.6
    if _PICTURE.match(character):
        return 0.3
    if _HALF_WIDTH.match(character):
        return 0.5 if kana_alone else -0.5
    return _NEVER if _NEVER_WRITTEN.match(character) else -0.5


def _chinese(character: str) -> float:
    if character in SIMPLIFIED or character in TRADITIONAL:
        return 1.0
    if _CHINESE_SIGN.match(character):
        return 0.4
    if _HAN.match(character):
        return 0.4 if _is_common(character) else -0.5
    return _NEVER if _NEVER_WRITTEN.match(character) else -0.5


@lru_cache(4096)
def _is_common(hanzi: str) -> bool:
    """Whether it stands in the first level of GB 2312 or of Big5."""
    for codec, last in (("gb2312", 0xD7), ("big5", 0xC6)):
        octets = hanzi.encode(codec, "replace")
        if len(octets) == 2 and octets[0] <= last:
            return True
    return False


def _korean(character: str) -> float:
    if character in HANGUL:
        return 1.0
    if _HANGUL.match(character):
        return 0.4 if len(character.encode("euc_kr", "replace")) == 2 else -0.1
    return _NEVER if _NEVER_WRITTEN.match(character) else -0.5
