"""From the `when` of a rule, as it was written, to a Condition; every fault is reported where it stands."""

from collections.abc import Callable, Collection, MutableSet, Sequence
from datetime import timedelta
from typing import Any

from gateway.durations import parse_duration
from gateway.mail.domains import ascii_domain
from gateway.rules.conditions import (
    Among,
    Between,
    Condition,
    Found,
    Not,
    Said,
    all_of,
    any_of,
)
from gateway.rules.document import Document, Steps
from gateway.rules.facts import FACTS, Fact, Kind, fact_named
from gateway.rules.patterns import PatternError, Patterns
from gateway.rules.problems import nearest, one_of, shown

TESTS = {  # a test that is a mapping: its keys, by the kind of fact
    Kind.TEXT: ("matches", "contains"),
    Kind.NUMBER: ("min", "max"),
    Kind.DURATION: ("within", "min", "max"),
}
JOINS = ("any", "all", "not")
LONGEST_WORDS = 500  # characters of a `contains`


class When:
    """Reads the conditions of one file. `patterns` and `named`, the phrase classes that are asked for, gather those of
    all files."""

    def __init__(
        self, document: Document, patterns: Patterns, classes: Collection[str], named: MutableSet[str]
    ) -> None:
        self._report = document.report
        self._patterns = patterns
        self._classes = classes
        self._named = named

    def mapping(self, written: Any, steps: Steps) -> Condition | None:
        """All of the mapping's conditions together, or None after something in it was reported."""
        if not isinstance(written, dict):
            self._report(
                steps, f"conditions must be a mapping such as `message.text: {{contains: 送料}}`, not {shown(written)}"
            )
            return None
        if not written:
            self._report(steps, "conditions are missing: name a fact")
            return None
        return self._joined(all_of, [self._entry(key, value, (*steps, key)) for key, value in written.items()])

    def _entry(self, key: str, value: Any, steps: Steps) -> Condition | None:
        if key == "not":
            part = self.mapping(value, steps)
            return Not(part) if part else None
        if key in ("any", "all"):
            if not isinstance(value, list) or not value:
                self._report(steps, f"{key} must be a list of mappings, each begun with a dash, not {shown(value)}")
                return None
            parts = [self.mapping(item, (*steps, number)) for number, item in enumerate(value)]
            return self._joined(any_of if key == "any" else all_of, parts)
        fact = fact_named(key)
        if fact is None:
            names = (*JOINS, *(known.name for known in FACTS))
            self._report(steps, f"{key} is no fact{nearest(key, names) or '; REFERENCE.md lists them'}", key=True)
            return None
        return self._test(key, fact, value, steps)

    def _test(self, key: str, fact: Fact, written: Any, steps: Steps) -> Condition | None:
        """A value, a list (any of), or a mapping (all of)."""
        if written is None:
            self._report(steps, f"{key} has no value: write {fact.example}", key=True)
            return None
        if fact.kind is Kind.CLASSES:
            return self._classes_test(key, written, steps)
        if isinstance(written, dict):
            return self._mapping_test(key, fact, written, steps)
        if not isinstance(written, list):
            return self._values(key, fact, [written], [steps])
        if not written:
            self._report(steps, f"{key} is an empty list, which nothing can be in")
            return None
        inner = [(*steps, number) for number in range(len(written))]
        mappings = [number for number, item in enumerate(written) if isinstance(item, dict)]
        plain = [number for number in range(len(written)) if number not in mappings]
        parts = [self._mapping_test(key, fact, written[number], inner[number]) for number in mappings]
        if plain:
            parts.append(self._values(key, fact, [written[n] for n in plain], [inner[n] for n in plain]))
        return self._joined(any_of, parts)

    def _values(self, key: str, fact: Fact, written: list[Any], steps: list[Steps]) -> Condition | None:
        if fact.kind is Kind.DURATION:
            self._report(steps[0], f"{key} needs a test: write {fact.example}")
            return None
        values = [self.value(key, fact, item, at) for item, at in zip(written, steps, strict=True)]
        if None in values:
            return None
        return Among(key, fact, tuple(map(ascii_domain, values) if key == "customer.domain" else values))

    def value(self, key: str, fact: Fact, written: Any, steps: Steps) -> Any:
        """The written value as the fact has it, or None after it was reported."""
        match fact.kind:
            case Kind.TEXT:
                if isinstance(written, int | float) and not isinstance(written, bool):
                    written = str(written)  # 598405570 is the same written with and without quotes
                fits, wanted = isinstance(written, str) and bool(written.strip()), "a text"
            case Kind.CHOICE:
                fits, wanted = written in fact.choices, one_of(fact.choices)
            case Kind.NUMBER:
                fits, wanted = _is_number(written, fact), _number_wanted(fact)
            case Kind.YES_NO:
                fits, wanted = isinstance(written, bool), "true or false"
            case _:
                return self._duration(key, written, steps)
        if fits:
            return written
        hint = nearest(written, fact.choices) if isinstance(written, str) else ""
        self._report(steps, f"{key} must be {wanted}, not {shown(written)}{hint}")
        return None

    def _duration(self, key: str, written: Any, steps: Steps) -> timedelta | None:
        try:
            return parse_duration(str(written) if isinstance(written, str | int) else shown(written))
        except ValueError as error:
            self._report(steps, f"{key} {error}")
            return None

    def _mapping_test(self, key: str, fact: Fact, written: dict[str, Any], steps: Steps) -> Condition | None:
        known = TESTS.get(fact.kind, ())
        unknown = [name for name in written if name not in known]
        for name in unknown:
            hint = nearest(name, known) or (f"; write {' or '.join(known)}" if known else "; write a value or a list")
            self._report((*steps, name), f"{name} is no test of {key}{hint}", key=True)
        if unknown or not written:
            if not written:
                self._report(steps, f"{key} has an empty test: write {fact.example}")
            return None
        if fact.kind is Kind.TEXT:
            return self._joined(all_of, [self._found(key, n, written[n], (*steps, n)) for n in written])
        limits = {name: self.value(f"{key} {name}", fact, value, (*steps, name)) for name, value in written.items()}
        if None in limits.values():
            return None
        high = [limit for name, limit in limits.items() if name in ("max", "within")]
        low = limits.get("min")
        if low is not None and high and low > min(high):
            self._report(steps, f"{key} cannot be at least {written['min']} and at most less")
            return None
        return Between(key, low, min(high) if high else None)

    def _found(self, key: str, verb: str, written: Any, steps: Steps) -> Condition | None:
        numbers = []
        listed = isinstance(written, list)
        items = written if listed else [written]
        if not items:
            self._report(steps, f"{verb} is an empty list, which nothing can match")
            return None
        for number, item in enumerate(items):
            at = (*steps, number) if listed else steps
            if isinstance(item, int) and not isinstance(item, bool):
                item = str(item)
            if not isinstance(item, str):
                self._report(at, f"{verb} must be a text, not {shown(item)}")
                continue
            if verb == "contains" and not 0 < len(item.strip()) <= LONGEST_WORDS:
                self._report(at, f"contains must have 1 to {LONGEST_WORDS} characters")
                continue
            try:
                add = self._patterns.add if verb == "matches" else self._patterns.add_words
                numbers.append(add(key, item))
            except PatternError as error:
                self._report(at, f"the pattern {shown(item)} {error}")
        return Found(key, tuple(numbers), tuple(map(str, items)), verb) if len(numbers) == len(items) else None

    def _classes_test(self, key: str, written: Any, steps: Steps) -> Condition | None:
        listed = isinstance(written, list)
        items = written if listed else [written]
        if not items:
            self._report(steps, f"{key} is an empty list, which nothing can be in")
            return None
        wrong = [(n, item) for n, item in enumerate(items) if not isinstance(item, str) or item not in self._classes]
        for number, item in wrong:
            hint = nearest(str(item), self._classes) or f"; known are {', '.join(sorted(self._classes))}"
            self._report((*steps, number) if listed else steps, f"{shown(item)} is no phrase class{hint}")
        if wrong:
            return None
        self._named |= set(items)
        return Said(key, tuple(items))

    def _joined(
        self, join: Callable[[Sequence[Condition]], Condition], parts: list[Condition | None]
    ) -> Condition | None:
        whole = [part for part in parts if part is not None]
        return join(whole) if len(whole) == len(parts) else None


def _is_number(written: Any, fact: Fact) -> bool:
    if not isinstance(written, int) or isinstance(written, bool):
        return False
    return 0 <= written <= (fact.largest if fact.largest is not None else 10**9)


def _number_wanted(fact: Fact) -> str:
    return "a whole number from 0" + (f" to {fact.largest}" if fact.largest is not None else "")
