"""All patterns of a rule set. Those on one fact are found together: a thousand cost about what ten cost (RE2, A17)."""

from collections.abc import Iterator, Sequence
from typing import Any

import re2

from gateway.rules.fold import fold, fold_pattern

MEMORY = 8 << 20  # octets for a pattern's automaton, its cache of states included; RE2 is slow where it needs more
LONGEST = 2000  # characters of a pattern
MOST_STATES = 3000  # of a pattern's automaton: each letter of a text may cost a step in all of them
_TOO_LARGE = f"has {{}} states, of at most {MOST_STATES}: make it shorter or its repetitions smaller"
_CANARY = b"\x01canary"
WORDS = 60  # characters shown of what a pattern found


class PatternError(ValueError):
    """A pattern that RE2 does not take; the text ends a sentence that begins with it."""


class Patterns:
    """Filled with `add`, closed with `compile`, asked with `hits` and `words`. A pattern is known by (key, number)."""

    def __init__(self) -> None:
        self._patterns: dict[str, list[Any]] = {}
        self._numbers: dict[tuple[str, str], int] = {}
        self._filters: dict[str, list[_Filter]] = {}

    def add(self, key: str, pattern: str) -> int:
        """The number, among those of `key`, of a pattern without regard to case and width. Raises PatternError."""
        return self._add(key, fold_pattern(_checked(pattern)))

    def add_words(self, key: str, words: str) -> int:
        """The same for words that are to be found as they are."""
        return self._add(key, re2.escape(fold(words).decode()))

    def compile(self) -> None:
        self._filters = {key: list(_filters(patterns, 0)) for key, patterns in self._patterns.items()}

    def hits(self, key: str, text: bytes) -> frozenset[int]:
        """The numbers of the patterns that are found in a folded text."""
        return frozenset(number for one in self._filters.get(key, ()) for number in one.hits(text))

    def words(self, key: str, number: int, text: bytes) -> str:
        """What the pattern found first; "" where it finds nothing."""
        match = self._patterns[key][number].search(text)
        return match[0].decode("utf-8", "ignore").strip()[:WORDS] if match else ""

    def _add(self, key: str, source: str) -> int:
        if (key, source) not in self._numbers:
            try:
                compiled = re2.compile(source, _options())
            except re2.error as error:
                raise PatternError(_reason(error)) from None
            if compiled.programsize > MOST_STATES:
                raise PatternError(_TOO_LARGE.format(compiled.programsize))
            patterns = self._patterns.setdefault(key, [])
            self._numbers[key, source] = len(patterns)
            patterns.append(compiled)
        return self._numbers[key, source]


class _Filter:
    """Neighbouring patterns behind one automaton of the words that they require: only patterns whose words stand in the
    text are looked for. An automaton of whole patterns (re2.Set) would make most of its states anew for each text."""

    def __init__(self, patterns: Sequence[Any], first: int) -> None:
        self._patterns, self._first = patterns, first
        self._filter = re2.Filter()
        for pattern in (_CANARY, *(pattern.pattern for pattern in patterns)):
            self._filter.Add(pattern, _options())
        self._filter.Compile()

    def hits(self, text: bytes) -> Iterator[int]:
        possible = self._filter.Match(text + _CANARY, True) or ()
        # RE2 keeps quiet about an automaton that ran out of memory; then the canary is missing, and all are looked for.
        numbers = (number - 1 for number in possible if number) if 0 in possible else range(len(self._patterns))
        return (self._first + number for number in numbers if self._patterns[number].search(text))


def _filters(patterns: Sequence[Any], first: int) -> Iterator[_Filter]:
    """One filter, or more where one would take too much memory."""
    try:
        yield _Filter(patterns, first)
    except re2.error:
        if len(patterns) == 1:
            raise
        half = len(patterns) // 2
        yield from _filters(patterns[:half], first)
        yield from _filters(patterns[half:], first + half)


def _options() -> Any:
    options = re2.Options()
    options.log_errors = False
    options.case_sensitive = False
    options.never_capture = True  # the whole match is all that is asked for, which an automaton alone can tell
    options.max_mem = MEMORY
    return options


def _checked(pattern: str) -> str:
    if not pattern.strip():
        raise PatternError("is empty and would match everything")
    if len(pattern) > LONGEST:
        raise PatternError(f"is longer than {LONGEST} characters")
    if "\\Q" in pattern:
        raise PatternError(r"has \Q: use `contains` for words as they are")
    return pattern


def _reason(error: Any) -> str:
    text = error.args[0]
    reason = text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
    hints = {
        "invalid perl operator": "look-around does not exist in RE2; use `not:` or `contains`",
        "invalid escape sequence": "RE2 has no such escape, and no back-references",
        "invalid repetition size": "at most 1000 repetitions",
        "pattern too large": "make it shorter or its repetitions smaller",
    }
    hint = next((f" ({hint})" for known, hint in hints.items() if reason.startswith(known)), "")
    return f"is not RE2: {reason}{hint}"
