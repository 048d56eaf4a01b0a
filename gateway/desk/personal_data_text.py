"""A text as the search for personal data reads it: widths, dashes and digits made alike, each place known in the
original. Pure."""

import re
import unicodedata
from dataclasses import dataclass

LONGEST = 100_000  # characters that are looked at: the text of a mail may be a megabyte
_DASHES = re.compile(r"(?<=[0-9〇零一二三四五六七八九)])[-‐‑‒–—―−ー~〜](?=[0-9〇零一二三四五六七八九(])")
_KANJI_DIGITS = str.maketrans("〇零一二三四五六七八九", "00123456789")
_KEYCAP = "\u20e3"


@dataclass(frozen=True)
class Reading:
    """`words` in NFKC without invisible characters, a dash between digits as `-`; `digits` the same, place for place,
    with kanji digits as digits."""

    words: str
    digits: str
    places: tuple[int, ...]  # of each character in the original
    length: int  # of the original, as far as it was read

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where `words[start:end]` stands in the original."""
        return self.places[start], self.places[end] if end < len(self.places) else self.length


def read(text: str) -> Reading:
    """At most the first 100,000 characters."""
    characters: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text[:LONGEST]):
        plain = character if character.isascii() else unicodedata.normalize("NFKC", character)
        for one in plain:
            composed = (
                unicodedata.normalize("NFC", characters[-1] + one) if unicodedata.combining(one) and characters else ""
            )
            if len(composed) == 1:  # a half-width voice mark
                characters[-1] = composed
            elif one != _KEYCAP and unicodedata.category(one) not in ("Cf", "Mn"):
                characters.append(one)
                places.append(place)
    words = _DASHES.sub("-", "".join(characters))
    return Reading(words, words.translate(_KANJI_DIGITS), tuple(places), min(len(text), LONGEST))
