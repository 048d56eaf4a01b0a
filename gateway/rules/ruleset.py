"""The rules, loaded and checked, and what one mail makes of them. Values only; match.py decides."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from gateway.rules.actions import Then
from gateway.rules.conditions import Condition
from gateway.rules.facts import Facts
from gateway.rules.patterns import Patterns
from gateway.rules.reading import Phrasebook
from gateway.rules.replies import Replies


@dataclass(frozen=True)
class Trial:
    """A test beside a rule: these facts must (or must not) match it."""

    facts: Facts
    expected: bool
    line: int
    column: int
    source: str


@dataclass(frozen=True)
class Rule:
    """One rule; `file` and `line` are where its name stands."""

    name: str
    file: str
    line: int
    condition: Condition
    then: Then
    trials: tuple[Trial, ...] = ()


@dataclass(frozen=True)
class RuleSet:
    """All rules in their order. `version` is a digest of every file that they were made from.

    `guarded` has, for each pattern, the rules that cannot match unless it, or another such, is found; `unguarded` are
    the rules that can: both by position. `classes` are the phrase classes that rules name."""

    version: str
    rules: tuple[Rule, ...]
    patterns: Patterns
    phrases: Phrasebook
    replies: Replies
    guarded: Mapping[str, Mapping[int, tuple[int, ...]]]
    unguarded: frozenset[int]
    classes: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Match:
    """A rule that matched: the words of the mail that decided, and the conditions that held, as a sentence."""

    rule: Rule
    words: tuple[str, ...]
    why: str


@dataclass(frozen=True)
class Effects:
    """What the matching rules do together: of contrary ones the lower rule's, tags and addresses of all."""

    auto_respond: str | None = None
    file: bool = False
    quarantine: bool = False
    status: str | None = None
    category: str | None = None
    kind: str | None = None
    tags: tuple[str, ...] = ()
    silent: bool = False  # no notification to the sellers
    notify: tuple[str, ...] = ()
    remind: timedelta | None = None


@dataclass(frozen=True)
class Verdict:
    """What the rules say about one mail. `shadowed` are the matches that were only to be recorded."""

    version: str
    matches: tuple[Match, ...] = ()
    shadowed: tuple[Match, ...] = ()
    effects: Effects = field(default_factory=Effects)

    @property
    def decisive(self) -> Match | None:
        """The match that answered, filed or quarantined."""
        deciding = (m for m in self.matches if m.rule.then.auto_respond or m.rule.then.file or m.rule.then.quarantine)
        return next(iter(tuple(deciding)[::-1]), None)


@dataclass(frozen=True)
class Outcome:
    """One rule as `explain` tells it. `matched` is None for a rule that a rule above kept from acting."""

    rule: Rule
    matched: bool | None
    why: str
    words: tuple[str, ...] = ()
