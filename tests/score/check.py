"""One judged answer, and the tables that many of them make."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

MAX_SHOWN = 100  # characters of an answer in a list of misses


@dataclass(frozen=True)
class Check:
    """One answer to one question about one mail. `group` is the client, MTA or language that it is counted under."""

    measure: str
    corpus: str
    group: str
    case: str
    right: bool
    said: str = ""
    wanted: str = ""


@dataclass(frozen=True)
class Goal:
    """The share of `measure` (and of its parts, "measure: part") that must be right, optionally of the cases of some
    corpora or groups alone."""

    measure: str
    least: float
    only: tuple[str, ...] = ()

    def counts(self, check: Check) -> bool:
        """Whether the check is one that the goal is about."""
        names = (check.corpus, check.group)
        of_all = check.measure.startswith(f"{self.measure}: ") and ", by " not in check.measure
        measured = of_all or check.measure == self.measure
        return measured and (not self.only or any(name in self.only for name in names))


class Rate(NamedTuple):
    """Right answers of all."""

    right: int
    all: int

    @property
    def share(self) -> float:
        return self.right / self.all if self.all else 1.0

    def __str__(self) -> str:
        return f"{self.right}/{self.all} {self.share:.1%}"


def rate(checks: Iterable[Check]) -> Rate:
    """How many of the checks are right."""
    answers = [check.right for check in checks]
    return Rate(sum(answers), len(answers))


def tables(checks: Iterable[Check]) -> Iterator[str]:
    """Lines for people: each measure's rate, then by corpus, and by the groups that are not all right."""
    for measure, found in _grouped(checks, lambda check: check.measure):
        yield f"\n{measure:58} {rate(found)}"
        for corpus, of_corpus in _grouped(found, lambda check: check.corpus):
            yield f"    {corpus:54} {rate(of_corpus)}"
            groups = list(_grouped(of_corpus, lambda check: check.group))
            whole = [group for group, of_group in groups if rate(of_group).share == 1]
            for group, of_group in groups if len(groups) > 1 else ():
                if group not in whole:
                    yield f"        {group:50} {rate(of_group)}"
            if len(groups) > 1 and whole:
                yield f"        all right: {', '.join(whole)}"


def misses(checks: Iterable[Check]) -> Iterator[str]:
    """Lines for people: every wrong answer with what was said and what was wanted."""
    for check in checks:
        if not check.right:
            answer = f"said {_short(check.said)} wanted {_short(check.wanted)}"
            yield f"{check.measure}: {check.corpus}/{check.case} {answer}"


def _grouped(checks: Iterable[Check], key: Callable[[Check], str]) -> Iterator[tuple[str, list[Check]]]:
    for name, found in groupby(sorted(checks, key=key), key=key):
        yield name, list(found)


def _short(text: str) -> str:
    return repr(text if len(text) <= MAX_SHOWN else text[:MAX_SHOWN] + "…")
