"""How the phrases of a language divide a sentence among them: which words are known, and as what."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import re2

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

    def moved(self, by: int) -> "Find":
        """The same find in a text that has so many letters more before it."""
        gaps = tuple((first + by, last + by) for first, last in self.gaps)
        return replace(self, start=self.start + by, end=self.end + by, gaps=gaps)


class Lexicon:
    """Phrases of several classes, each an RE2 pattern whose groups are its gaps. Which of them may be in a sentence is
    told by the words that they require (re2.Filter); only these are compiled and looked for."""

    def __init__(self, phrases: Sequence[tuple[str, str]], options: Any, compiled: Callable[[str], Any]) -> None:
        self._phrases = phrases
        self._compiled = cache(compiled)
        self._filter = re2.Filter()
        for _, source in phrases:
            self._filter.Add(source, options)
        self._filter.Compile()

    def found(self, sentence: str, folded: str) -> dict[int, list[Find]]:
        """Every phrase in the sentence by its first letter, the longest first, one for each end."""
        ends: dict[int, dict[int, Find]] = defaultdict(dict)
        for number in sorted(self._filter.Match(folded, True) or ()):
            name, source = self._phrases[number]
            for match in _overlapping(self._compiled(source), folded):
                ends[match.start()].setdefault(match.end(), _find(name, match, sentence))
        return {start: [finds[end] for end in sorted(finds, reverse=True)] for start, finds in ends.items()}


def _overlapping(pattern: Any, folded: str) -> Iterator[Any]:
    """Every match of a leftmost-longest pattern that is not empty: at each letter each end, as many as are tried."""
    match = pattern.search(folded)
    while match:
        start, shorter = match.start(), match
        for _ in range(MOST_ENDS):
            if not shorter or shorter.end() == start:
                break
            yield shorter
            shorter = pattern.match(folded, start, shorter.end() - 1)
        match = pattern.search(folded, start + 1)


def _find(name: str, match: Any, sentence: str) -> Find:
    start, end = match.span()
    spans = (match.span(group) for group in range(1, match.re.groups + 1))
    return Find(name, start, end, sentence[start:end], gaps=tuple(span for span in spans if span[0] < span[1]))


def _leftmost(found: Mapping[int, Sequence[Find]], length: int) -> list[Find]:
    """From the left the longest."""
    finds: list[Find] = []
    position = 0
    while position < length:
        if position in found:
            finds.append(found[position][0])
            position = finds[-1].end
        else:
            position += 1
    return finds


@dataclass(frozen=True)
class Tiling:
    """The phrases that explain a sentence: those of known words, those that let any letters stand somewhere, and the
    words that these letters must be."""

    exact: Lexicon
    loose: Lexicon
    fills: Lexicon

    def of(self, sentence: str) -> list[Find]:
        """The phrases that leave the fewest letters of the sentence unknown, then let the fewest be any, then are the
        fewest. A word in Han characters is known whole or not at all."""
        folded = fold(sentence)
        exact = self.exact.found(sentence, folded)
        known = _leftmost(exact, len(sentence))
        if len(sentence) > MOST_TILED:
            return known
        best = _best(sentence, exact, self._filled(sentence, folded))
        return best if _unknown(sentence, best) <= _unknown(sentence, known) else known

    def _filled(self, sentence: str, folded: str) -> dict[int, list[Find]]:
        """The phrases that let any letters stand, where these are made up of words that are harmless there."""
        loose = self.loose.found(sentence, folded)
        gaps = {gap for finds in loose.values() for find in finds for gap in find.gaps}
        harmless = {gap for gap in gaps if not _unknown(text := sentence[slice(*gap)], self.filling(text))}
        return {start: [find for find in finds if harmless.issuperset(find.gaps)] for start, finds in loose.items()}

    def filling(self, text: str) -> list[Find]:
        """The harmless words that make up such letters."""
        return _best(text, self.fills.found(text, fold(text)))


def _best(sentence: str, *books: Mapping[int, Sequence[Find]]) -> list[Find]:
    steps = [_Step((0, 0, 0), None)]  # the best from each letter to the end, from the last letter on
    for start in range(len(sentence) - 1, -1, -1):
        after = steps[-1]
        unknown, gaps, phrases = after.cost
        is_said = not SEPARATORS.match(sentence, start)
        step = _Step((unknown + is_said, gaps, phrases), None)
        if after.find and _within_word(sentence, start + 1):
            step = _Step((UNLIKELY, 0, 0), None)
        for book in books:
            for find in book.get(start, ()):
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
