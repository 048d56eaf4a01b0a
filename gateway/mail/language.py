"""The language a text is written in, as far as its letters tell. Statistics call 在庫確認 Chinese; kana never lies."""

import re

from gateway.mail.frequent_characters import SIMPLIFIED, TRADITIONAL

SAMPLE = 4000  # characters: the writer's own words stand first
_KANA = re.compile("[\u3041-\u3096\u30a1-\u30fa\uff66-\uff9d]")
_HANGUL = re.compile("[\uac00-\ud7a3\u1100-\u11ff\u3131-\u318e]")
_HAN = re.compile("[\u4e00-\u9fff\u3400-\u4dbf\U00020000-\U0002fa1f]")
_CHINESE_ALONE = frozenset("你們這嗎麼沒很咗嘅") | {  # the rest that JIS has too are old forms of Japan's own kanji
    hanzi for hanzi in SIMPLIFIED | TRADITIONAL if not hanzi.encode("shift_jis", "ignore")
}
_CHINESE_COMMA = re.compile("[\u4e00-\u9fff]，[\u4e00-\u9fff]")  # Japanese without kana has no clauses
_LATIN = re.compile("[A-Za-z]")
_FOREIGN = re.compile("[\u00c0-\u024f\u0370-\u1fff]")
_WORD = re.compile("[a-z\u00c0-\u024f\u0370-\u1fff]+(?:['’][a-z]{1,3})?")
_ENGLISH = re.compile(
    "the|and|yours?|you|is|are|was|were|been?|ha[vds]e?|do|does|did|don't|would|will|could|can|should|this|that|these"
    "|those|with|for|from|of|to|it|its|it's|i|i'm|i'd|my|we|our|they|their|what|when|where|which|how|not|please|thanks?"
    "|hello|hi|order|if|but|about|there"
)
_ENGLISH_WORDS = 3  # at least, where letters are not English
_CHARSETS = {
    "iso-2022-jp": "ja", "shift_jis": "ja", "euc-jp": "ja", "gb18030": "zh", "hz": "zh", "big5": "zh",
    "big5hkscs": "zh", "euc-kr": "ko",
}  # fmt: skip


def of(text: str, charset: str | None = None) -> str:
    """`ja`, `ko`, `zh`, `en` or "" when nothing tells; `charset` decides for Han characters that both languages use."""
    sample = text[:SAMPLE]
    kana, hangul = len(_KANA.findall(sample)), len(_HANGUL.findall(sample))
    if kana or hangul:
        return "ja" if kana >= hangul else "ko"
    if _HAN.search(sample):
        is_chinese = not _CHINESE_ALONE.isdisjoint(sample) or _CHINESE_COMMA.search(sample)
        return "zh" if is_chinese else _CHARSETS.get(charset or "", "")
    if _FOREIGN.search(sample):
        return "en" if _is_english(sample) else ""
    return "en" if len(_LATIN.findall(sample)) > 1 else ""


def _is_english(text: str) -> bool:
    """Whether letters that English lacks are a few words' or a name's among its own words."""
    words = _WORD.findall(text.lower())
    english, foreign = sum(map(bool, map(_ENGLISH.fullmatch, words))), sum(map(bool, map(_FOREIGN.search, words)))
    return english >= _ENGLISH_WORDS and english * 4 >= len(words) and foreign * 4 <= len(words)
