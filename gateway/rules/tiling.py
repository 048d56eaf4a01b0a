"""How the phrases of a language divide a sentence among them: which words are known, and as what."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.rules.normalise import fold

SEPARATORS = re.compile(r"""[ \n、,。.!…・:;~\-—'"()（）/]""")  # they say nothing
MOST_TILED = 200  # letters of a sentence that more than one way of dividing it is tried for
MOST_ENDS = 24  # of the phrases that begin at one letter


@dataclass(frozen=True)
class Find:
    """A phrase in a sentence: its class, the letters [start, end) and the words themselves."""

    name: str
    start: int
    end: int
    words: str
    always: bool = False  # a doubt that counts even within a longer phrase
    gaps: tuple[tuple[int, int], ...] = ()  # letters of a phrase that may be any (`[^。]{1,9}`): doubts count there

    def takes_back(self, doubt: "Find", start: int, end: int) -> bool:
        """Whether the doubt, whose words stand at [start, end), lies within what this phrase names."""
        within = self.start <= start and end <= self.end
        return within and not doubt.always and not any(start < last and first < end for first, last in self.gaps)


@dataclass(frozen=True)
class Alternation:
    """Phrases as one leftmost-longest pattern."""

    pattern: Any
    groups: Mapping[int, tuple[str, range]]  # class and the groups of its gaps, by the number of the class's group

    def all(self, sentence: str, folded: str) -> list[Find]:
        """The phrases in the sentence, from the left the longest."""
        return [self._find(match, sentence) for match in self.pattern.finditer(folded)]

    def at(self, sentence: str, folded: str, start: int) -> Iterator[Find]:
        """The phrases that begin at this letter, the longest first, one for each end."""
        match = self.pattern.match(folded, start)
        for _ in range(MOST_ENDS):
            if not match or match.end() == start:
                return
            yield self._find(match, sentence)
            match = self.pattern.match(folded, start, match.end() - 1)

    def _find(self, match: Any, sentence: str) -> Find:
        name, groups = self.groups[match.lastindex]
        start, end = match.span()
        gaps = tuple(match.span(group) for group in groups if match.end(group) > match.start(group))
        return Find(name, start, end, sentence[start:end], gaps=gaps)


@dataclass(frozen=True)
class Tiling:
    """The phrases that explain a sentence: those of known words, and those that let any letters stand somewhere."""

    exact: Alternation
    loose: Alternation

    def of(self, sentence: str) -> list[Find]:
        """The phrases that make up the whole sentence, with the fewest letters that may be any, and then the fewest
        phrases; where none do, those of known words, from the left the longest, and the others where these leave room.
        """
        folded = fold(sentence)
        whole = self._whole(sentence, folded) if len(sentence) <= MOST_TILED else []
        return whole or self.exact.all(sentence, folded)

    def _whole(self, sentence: str, folded: str) -> list[Find]:
        end = len(sentence)
        best: list[tuple[int, int, Find | None] | None] = [None] * end + [(0, 0, None)]  # any letters, phrases, the first
        for start in range(end - 1, -1, -1):
            if SEPARATORS.match(sentence, start):
                best[start] = best[start + 1]
            for alternation in (self.exact, self.loose):
                for find in alternation.at(sentence, folded, start):
                    if (after := best[find.end]) is None:
                        continue
                    cost = after[0] + sum(last - first for first, last in find.gaps), after[1] + 1
                    if (before := best[start]) is None or cost < before[:2]:
                        best[start] = *cost, find
        found = []
        following = best[0]
        while following and (first := following[2]):
            found.append(first)
            following = best[first.end]
        return found
