"""One spelling for what people and their telephones write in many. Changes letters and marks, never the meaning.

Faces and laughter go, anger stays as 💢: whoever judges the text must see it.
"""

import re
import unicodedata

ANGER = "💢"
NAMED = "◇"  # stands for what was written between 「 and 」: a name, or words of somebody else

_ANGRY = re.compile("[😠😡🤬😤👿👎🖕💢😒🙄😾💩]|[(（](?:怒|激怒|呆|嘲笑|苦笑|棒読み|棒|皮肉)[)）]")
_ASKING = re.compile("[❓❔⁉]")
_BRACKETED = re.compile(r"[「『][^「」『』\n]{1,60}[」』]")
_FACE = re.compile(r"(?:\\|(?<![A-Za-z])[mMoO]|ヽ|＼)?[(（]([^()（）\n]{1,14})[)）](?:[/ﾉノ;；♪]|[mMoOb](?![A-Za-z]))?")
_BARE_FACE = re.compile(r"\^[_o.]?\^[;;]*|[TtｔＴ]_+[TtｔＴ]|;_;|>_<|:-?\)|:D\b|;-?\)|<3|\borz\b|_\(:3」∠\)_")
_LAUGHTER = re.compile(
    r"[(（](?:笑|わら|爆笑|汗|泣|涙|照|嬉)[)）]|[笑汗泣涙]+(?=[\s。、!?]|$)|(?<![a-z])[wW]+(?=[\s。、!?]|$)"
)
_HANGUL_LAUGHTER = re.compile("[\u1100-\u11ff\u3131-\u318e]+")  # letters that make no syllable: ㅋㅋ, ㅠㅠ
_LENGTHENED = re.compile("(?<=[ぁ-ゖ])[ー〜~～ｰ―]+|[〜~～]+")
_SMALL = re.compile("(?<=[ぁ-ゖ])[ぁぃぅぇぉ]+|っ+(?=[\\s。、!?.,]|$)")
_MARKS = re.compile(r"([!?。、,.…・;:♪☆★])[!?。、,.…・;:♪☆★]+")
_DOTS = re.compile("…+|・{2,}|。{2,}|\\.{2,}|、{2,}")
_SPACES = re.compile(r"[^\S\n]+")
_FOLD = {code: code - 0x60 for code in range(ord("ァ"), ord("ヶ") + 1)}
_HANGUL_TYPES = str.maketrans("'’`´", "''''")


def normalise(text: str) -> str:
    """`text` in NFKC, without emoji, faces, laughter, lengthening and doubled marks; lines stay lines."""
    text = _ANGRY.sub(ANGER, text)
    text = _ASKING.sub("?", text)
    text = _BRACKETED.sub(NAMED, text)
    text = _BARE_FACE.sub(" ", _FACE.sub(_face, _LAUGHTER.sub("", text)))
    text = unicodedata.normalize("NFKC", text).translate(_HANGUL_TYPES)
    text = _LAUGHTER.sub("", _HANGUL_LAUGHTER.sub(" ", text))
    text = "".join(letter for letter in text if _is_kept(letter))
    text = _SMALL.sub("", _LENGTHENED.sub("", text))
    text = _MARKS.sub(_strongest, _DOTS.sub("…", text))
    return _SPACES.sub(" ", text).strip()


def laughs(text: str) -> bool:
    """Whether there is laughter in `text`, before it is normalised away."""
    return (
        re.search(
            r"[(（](?:笑|わら|爆笑|苦笑)[)）]|笑+(?=[\s。、!?！？]|$)|(?<![A-Za-z])[wWｗ]+(?=[\s。、!?！？]|$)", text
        )
        is not None
    )


def fold(text: str) -> str:
    """`text` letter for letter in small letters and hiragana, for comparing."""
    return "".join(letter.lower() if len(letter.lower()) == 1 else letter for letter in text).translate(_FOLD)


def _face(match: re.Match[str]) -> str:
    """A bracket with marks in it and no word is a face; a face with a vein or clenched teeth is anger."""
    inside = match[1].replace("_", "-")
    if re.search(r"\w{2}", re.sub("[ωДд益皿oO0_оﾟ゜∀艸Σσμεзvw]", "-", inside)) or not re.search(r"[^\w\s]", inside):
        return match[0]
    return ANGER if re.search("[#＃益皿Дメ怒]", inside) else " "


def _strongest(match: re.Match[str]) -> str:
    """One mark for many: who asks among cheers still asks."""
    return next((mark for mark in "?!。.…" if mark in match[0]), match[1])


def _is_kept(letter: str) -> bool:
    if letter in (ANGER, NAMED, "\n"):
        return True
    category = unicodedata.category(letter)
    return category not in ("So", "Sk", "Cf", "Cc", "Cs", "Co", "Mn", "Me") and letter not in "♪♡♥❤☆★※*"
