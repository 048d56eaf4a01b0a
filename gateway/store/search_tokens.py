"""From a text to the tokens that it is found by: pairs of neighbouring characters, and whole words of Latin letters.

Japanese has no spaces between words, and its words are short: 送料 is a pair, 配送料 are two pairs one after the other.
Width, case and the two kinds of kana do not matter, nor does a line broken in the middle of a word.
"""

import re
from dataclasses import dataclass

from gateway.mail.normal_forms import nfkc

MOST_CHARACTERS = 10_000  # of one text are indexed: no question is longer, and one mail may not fill the index
LONGEST_WORD = 64  # characters of a word in Latin letters
MOST_WORDS = 10  # in one search

_HIRAGANA = {code: code - 0x60 for code in range(ord("ァ"), ord("ヶ") + 1)}
_PAIRED = "\u0590-\U0010ffff"  # the scripts that are read in pairs; below are Latin, Greek and Cyrillic letters, digits
_PIECE = re.compile(rf"[^\W_{_PAIRED}]+|[^\W_\x00-\u058f]+")
_BROKEN_LINE = re.compile(r"(?<=[^\W_\x00-\u058f])[^\S\n]*\n[^\S\n]*(?=[^\W_\x00-\u058f])")


@dataclass(frozen=True)
class Phrase:
    """Tokens that follow one another; the last one may go on when `is_prefix`."""

    tokens: tuple[str, ...]
    is_prefix: bool


def tokens(text: str) -> list[str]:
    """The tokens of a text, in order. None has a space, a quotation mark or `_` in it."""
    return [token for piece in _pieces(text[:MOST_CHARACTERS]) for token in _of_piece(piece)]


def phrases(words: str) -> list[Phrase]:
    """What a text must hold, all of it, for somebody's search words, separated by spaces of any width."""
    found = [_phrase(_pieces(word)) for word in nfkc(words).split()[:MOST_WORDS]]
    return [phrase for phrase in found if phrase.tokens]


def _phrase(pieces: list[str]) -> Phrase:
    if not pieces:
        return Phrase((), False)
    *before, last = pieces
    leading = [token for piece in before for token in _of_piece(piece)]
    if _is_word(last):
        is_number = last.isdigit() and not before  # 100 is not the beginning of the product code 1004
        return Phrase((*leading, last[:LONGEST_WORD]), len(last) > 1 and not is_number)
    ending = _pairs(last) or [last]
    return Phrase((*leading, *ending), len(last) == 1)


def _pieces(text: str) -> list[str]:
    folded = nfkc(text).casefold().translate(_HIRAGANA)
    return _PIECE.findall(_BROKEN_LINE.sub("", folded))


def _of_piece(piece: str) -> list[str]:
    """A word as it is; else each pair, and the last character: so every single one begins a token."""
    return [piece[:LONGEST_WORD]] if _is_word(piece) else [*_pairs(piece), piece[-1]]


def _pairs(piece: str) -> list[str]:
    return [piece[index : index + 2] for index in range(len(piece) - 1)]


def _is_word(piece: str) -> bool:
    return piece[0] < "\u0590"
