"""What is wrong in a file of the rules, told so that its author can mend it: where, what, and what was surely meant."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path

SHOWN = 100  # columns of the author's line, around the fault


@dataclass(frozen=True, order=True)
class Problem:
    """One error. Line and column count from 1, the column in characters; `source` is that line as written."""

    file: str
    line: int
    column: int
    text: str
    source: str = ""

    def within(self, folder: Path) -> "Problem":
        """The same with the whole path of its file."""
        return replace(self, file=str(folder / self.file))

    @property
    def head(self) -> str:
        """`FILE:LINE:COLUMN: what`."""
        return f"{self.file}:{self.line}:{self.column}: {self.text}"

    def __str__(self) -> str:
        """Its head, the line itself, and a caret under the fault."""
        if not self.source.strip():
            return self.head
        start = max(0, self.column - 1 - SHOWN // 2)
        before, shown = self.source[start : self.column - 1], self.source[start : start + SHOWN]
        return f"{self.head}\n    {_visible(shown).rstrip()}\n    {' ' * _width(before)}^"


class RulesError(Exception):
    """The rules cannot be used; `problems` are all of them, in the order of files and lines."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(map(str, self.problems)))


def nearest(word: str, known: Iterable[str]) -> str:
    """`; did you mean …?` with the known word that is spelled most alike, or "" when none is near."""
    near = get_close_matches(word, list(known), 1)
    return f"; did you mean {near[0]}?" if near else ""


def one_of(words: Iterable[str]) -> str:
    """`a, b or c`."""
    *rest, last = words
    return f"{', '.join(rest)} or {last}" if rest else last


def shown(value: object) -> str:
    """A value as the author wrote it, short enough for a sentence."""
    match value:
        case None:
            return "nothing"
        case "":
            return '""'
        case bool():
            return str(value).lower()
        case dict():
            return "a mapping"
        case list():
            return "a list"
    text = _visible(str(value))
    return text if len(text) <= 60 else text[:59] + "…"


def _visible(text: str) -> str:
    return "".join(" " if unicodedata.category(character).startswith("C") else character for character in text)


def _width(text: str) -> int:
    """Columns that a terminal takes for the text: two for a wide character."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
