"""How the phrases of a language divide a sentence among them: which words are known, and as what."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.rules.normalise import fold

SEPARATORS = re.compile(r"""[ \n、,。.!…・:;~\-—'"()（）/]""")  # they say nothing
_WORD = re.compile("[\u4e00-\u9fff々]{2}")
UNLIKELY = 10_000  # more letters than a sentence has
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
        """The phrases that leave the fewest letters of the sentence unknown, then let the fewest be any, then are the
        fewest. A word in Han characters is known whole or not at all."""
        folded = fold(sentence)
        known = self.exact.all(sentence, folded)
        if len(sentence) > MOST_TILED:
            return known
        best = self._best(sentence, folded)
        return best if _unknown(sentence, best) <= _unknown(sentence, known) else known

    def _best(self, sentence: str, folded: str) -> list[Find]:
        steps = [_Step((0, 0, 0), None)]  # the best from each letter to the end, from the last letter on
        for start in range(len(sentence) - 1, -1, -1):
            after = steps[-1]
            unknown, gaps, phrases = after.cost
            is_said = not SEPARATORS.match(sentence, start)
            step = _Step((unknown + is_said, gaps, phrases), None)
            if after.find and _within_word(sentence, start + 1):
                step = _Step((UNLIKELY, 0, 0), None)
            for alternation in (self.exact, self.loose):
                for find in alternation.at(sentence, folded, start):
                    after = steps[len(sentence) - find.end]
                    if after.find is None and _within_word(sentence, find.end):
                        continue
                    unknown, gaps, phrases = after.cost
                    cost = unknown, gaps + sum(last - first for first, last in find.gaps), phrases + 1
                    if cost < step.cost:
                        step = _Step(cost, find)
            steps.append(step)
        found: list[Find] = []
        position = 0
        while position < len(sentence):
            first = steps[len(sentence) - position].find
            if first:
                found.append(first)
            position = first.end if first else position + 1
        return found


@dataclass(frozen=True)
class _Step:
    cost: tuple[int, int, int]  # letters unknown, letters that may be any, phrases
    find: Find | None  # that begins here; None where a letter is unknown or a separator


def _within_word(sentence: str, position: int) -> bool:
    return bool(_WORD.match(sentence, position - 1))


def _unknown(sentence: str, finds: list[Find]) -> int:
    """The letters that no phrase covers."""
    return len(SEPARATORS.sub("", sentence)) - sum(len(SEPARATORS.sub("", find.words)) for find in finds)
