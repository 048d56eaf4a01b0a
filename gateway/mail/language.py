"""The language a text is written in, as far as its letters tell. Statistics call 在庫確認 Chinese; kana never lies."""

import re

SAMPLE = 4000  # characters: the writer's own words stand first
_KANA = re.compile("[\u3041-\u3096\u30a1-\u30fa\uff66-\uff9d]")
_HANGUL = re.compile("[\uac00-\ud7a3\u1100-\u11ff\u3131-\u318e]")
_HAN = re.compile("[\u4e00-\u9fff\u3400-\u4dbf\U00020000-\U0002fa1f]")
_LATIN = re.compile("[A-Za-z]")
_FOREIGN = re.compile("[\u00c0-\u024f\u0370-\u1fff]")
_CHARSETS = {"iso-2022-jp": "ja", "shift_jis": "ja", "euc-jp": "ja", "gb18030": "zh", "big5": "zh", "euc-kr": "ko"}


def of(text: str, charset: str | None = None) -> str:
    """`ja`, `ko`, `zh`, `en` or "" when nothing tells; `charset` decides for text of Han characters alone."""
    sample = text[:SAMPLE]
    kana, hangul = len(_KANA.findall(sample)), len(_HANGUL.findall(sample))
    if kana or hangul:
        return "ja" if kana >= hangul else "ko"
    if _HAN.search(sample):
        return _CHARSETS.get(charset or "", "")
    if _FOREIGN.search(sample):
        return ""
    return "en" if len(_LATIN.findall(sample)) > 1 else ""
