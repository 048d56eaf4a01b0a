"""The conditions of a rule, ready to be judged: each says whether it holds, by which words, and why or why not."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from operator import attrgetter
from typing import NamedTuple, Protocol

from gateway.durations import format_duration
from gateway.rules.facts import HEADER, Fact, Facts, Kind
from gateway.rules.fold import fold, same
from gateway.rules.patterns import Patterns
from gateway.rules.problems import one_of, shown

FEW = 4  # words of a list that a reason names
WHY = 200  # characters of a message's words in a reason

Guard = frozenset[tuple[str, int]]  # patterns, as Patterns knows them


class Finding(NamedTuple):
    """`why` is a sentence for the admin; `words` are those of the mail that decided, in order."""

    holds: bool
    why: str
    words: tuple[str, ...] = ()


class Look:
    """The facts of one mail while it is decided; what is costly to know is found out once."""

    def __init__(self, facts: Facts, patterns: Patterns) -> None:
        self.facts = facts
        self.patterns = patterns
        self._texts: dict[str, bytes] = {}
        self._hits: dict[str, frozenset[int]] = {}

    def value(self, key: str) -> object:
        """The value of a fact; `key` is its full name, a header's own name included."""
        if key.startswith(HEADER):
            return self.facts.message.header.get(key[len(HEADER) :].lower(), "")
        return attrgetter(key)(self.facts)

    def text(self, key: str) -> bytes:
        """The folded text of a TEXT fact, empty where it has no value."""
        if key not in self._texts:
            self._texts[key] = fold(str(self.value(key) or ""))
        return self._texts[key]

    def hits(self, key: str) -> frozenset[int]:
        """The numbers of the patterns that are found in it."""
        if key not in self._hits:
            self._hits[key] = self.patterns.hits(key, self.text(key))
        return self._hits[key]


class Condition(Protocol):
    def judge(self, look: Look) -> Finding:
        """Never raises."""

    @property
    def guard(self) -> Guard | None:
        """Patterns of which one must be found if this is to hold; None if it can hold without."""


@dataclass(frozen=True)
class AllOf:
    parts: tuple[Condition, ...]

    def judge(self, look: Look) -> Finding:
        findings = []
        for part in self.parts:
            finding = part.judge(look)
            if not finding.holds:
                return finding
            findings.append(finding)
        return Finding(True, "; ".join(finding.why for finding in findings), _words(findings))

    @cached_property
    def guard(self) -> Guard | None:
        guards = [guard for part in self.parts if (guard := part.guard) is not None]
        return min(guards, key=len) if guards else None


@dataclass(frozen=True)
class AnyOf:
    parts: tuple[Condition, ...]

    def judge(self, look: Look) -> Finding:
        failed = []
        for part in self.parts:
            finding = part.judge(look)
            if finding.holds:
                return finding
            failed.append(finding.why)
        return Finding(False, f"none of these: {'; '.join(dict.fromkeys(failed))}")

    @cached_property
    def guard(self) -> Guard | None:
        guards = [part.guard for part in self.parts]
        return frozenset().union(*(guard or () for guard in guards)) if all(g is not None for g in guards) else None


@dataclass(frozen=True)
class Not:
    part: Condition
    guard: Guard | None = None

    def judge(self, look: Look) -> Finding:
        finding = self.part.judge(look)
        return Finding(not finding.holds, f"not: {finding.why}", () if not finding.holds else finding.words)


@dataclass(frozen=True)
class Among:
    """The fact has one of these values."""

    key: str
    fact: Fact
    values: tuple[object, ...]
    guard: Guard | None = None

    def judge(self, look: Look) -> Finding:
        value = look.value(self.key)
        words = value if isinstance(value, tuple) else ()
        if self.fact.kind is Kind.YES_NO:
            value = bool(value)
        if self._comparable(value) in self._comparables:
            return Finding(True, f"{self.key} is {shown(value)}", words)
        return Finding(False, f"{self.key} is {shown(value)}, not {one_of(map(shown, self.values))}", words)

    @cached_property
    def _comparables(self) -> frozenset[object]:
        return frozenset(map(self._comparable, self.values))

    def _comparable(self, value: object) -> object:
        return same(value) if self.fact.kind is Kind.TEXT and isinstance(value, str) else value


@dataclass(frozen=True)
class Found:
    """One of these patterns is found in the text."""

    key: str
    numbers: tuple[int, ...]
    written: tuple[str, ...]
    verb: str  # matches or contains

    def judge(self, look: Look) -> Finding:
        hits = look.hits(self.key)
        number = next((number for number in self.numbers if number in hits), None)
        if number is None:
            return Finding(False, f"{self.key} {self.verb} no {_few(self.written)}")
        words = look.patterns.words(self.key, number, look.text(self.key))
        return Finding(True, f"{self.key} has {words or shown(self.written[0])}", (words,) if words else ())

    @cached_property
    def guard(self) -> Guard | None:
        return frozenset((self.key, number) for number in self.numbers)


@dataclass(frozen=True)
class Between:
    """The number or length of time lies between these, both included; without a value it never does."""

    key: str
    low: int | timedelta | None
    high: int | timedelta | None
    guard: Guard | None = None

    def judge(self, look: Look) -> Finding:
        value = look.value(self.key)
        if value is None:
            return Finding(False, f"{self.key} has no value")
        assert isinstance(value, int | timedelta)
        low = self.low is None or self.low <= value  # type: ignore[operator] # both are numbers, or both are times
        high = self.high is None or value <= self.high  # type: ignore[operator]
        if low and high:
            return Finding(True, f"{self.key} is {_measure(value)}")
        wanted = f"at least {_measure(self.low)}" if not low else f"at most {_measure(self.high)}"
        return Finding(False, f"{self.key} is {_measure(value)}, not {wanted}")


@dataclass(frozen=True)
class Said:
    """The message says only, or among others, what these phrase classes hold."""

    key: str
    classes: tuple[str, ...]
    guard: Guard | None = None

    def judge(self, look: Look) -> Finding:
        words = attrgetter(self.key)(look.facts)(self.classes)
        if words:
            return Finding(True, f"{self.key} {one_of(self.classes)}: {' / '.join(words)}", words)
        if look.facts.message.attachments and self.key == "message.only":
            return Finding(False, "something is attached")
        said = " / ".join(look.facts.message.reading.words)[:WHY] or "nothing known is said"
        return Finding(False, f"{self.key} is not {one_of(self.classes)}: {said}")


def all_of(parts: Sequence[Condition]) -> Condition:
    return parts[0] if len(parts) == 1 else AllOf(tuple(parts))


def any_of(parts: Sequence[Condition]) -> Condition:
    return parts[0] if len(parts) == 1 else AnyOf(tuple(parts))


def _words(findings: Iterable[Finding]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for finding in findings for word in finding.words))


def _few(words: Sequence[str]) -> str:
    """The words, or how many more there are."""
    return one_of([*map(shown, words)] if len(words) <= FEW else [*map(shown, words[:FEW]), f"{len(words) - FEW} more"])


def _measure(value: int | timedelta | None) -> str:
    return format_duration(value) if isinstance(value, timedelta) else str(value)
