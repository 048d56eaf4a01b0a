"""Where one sentence ends and the next begins, with punctuation and without."""

import re

_END = re.compile(r"(?<=[?!。])|(?<=[^\d.]\.)(?=\s|$)")
_BLANK = re.compile(r"\n\s*\n")
_ENDED = re.compile(r"[?!。.:]\s*$")
_ASKED = re.compile(r"(?:です|ます|ません|でしょう|ました)か\s*$")
_SPACED = ("en", "ko")  # a line end is a space; elsewhere words go on over it
_DRAWN = re.compile(r"^[\W_]+$")


def lines_of(text: str) -> list[list[str]]:
    """The paragraphs of a normalised text, each the lines that say something."""
    paragraphs = ([line.strip() for line in part.split("\n")] for part in _BLANK.split(text))
    return [kept for lines in paragraphs if (kept := [line for line in lines if line and not _is_drawn(line)])]


def sentences(lines: list[str], language: str) -> list[str]:
    """The sentences of one paragraph in order, each with its closing mark.

    A line end inside a sentence is none: telephones break lines in the middle of a word. After a comma it stays
    ("Thanks,\\nJohn"), for a name may follow.
    """
    text = ""
    for line in lines:
        if text.endswith(",") and language in _SPACED:
            text += "\n"
        elif text and (language in _SPACED or _ENDED.search(text)):
            text += " "
        elif language == "ja" and _ASKED.search(text):
            text += "。"  # nobody breaks a line behind a question that goes on
        text += line
    return [found for piece in _END.split(text) if (found := piece.strip(" 。"))]


def _is_drawn(line: str) -> bool:
    return bool(_DRAWN.match(line)) and not re.search(r"[?？💢◇]", line)
