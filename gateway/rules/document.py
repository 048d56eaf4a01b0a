"""A YAML file as plain data, with the place of every key and value. Data only (A18): what YAML has beyond is refused.

Refused, each with its place: tags, anchors, aliases, merge keys, duplicate keys, several documents, nesting deeper than
`DEEPEST`, text that is not UTF-8, tabs that indent. Scalars: null, true, false, whole numbers and decimal fractions as
in YAML 1.2 (10.3.2); all else is text, so that `no`, `09:00`, `0123` and `2026-12-01` are what was written.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.reader import ReaderError

from gateway.rules.problems import Problem

DEEPEST = 20  # levels of nesting

Steps = tuple[str | int, ...]  # the keys and list positions that lead to a value
Place = tuple[int, int]  # line and column, from 1

_YAML_TAG = "tag:yaml.org,2002:"
_NULL = frozenset(("", "~", "null", "Null", "NULL"))
_TRUE, _FALSE = frozenset(("true", "True", "TRUE")), frozenset(("false", "False", "FALSE"))
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
_FRACTION = re.compile(r"-?(?:0|[1-9][0-9]{0,17})\.[0-9]{1,17}")
_SYNTAX = {  # what the parser says, and what the author needs to hear
    "mapping values are not allowed here": "a colon is not allowed here: is one missing in the line above, "
    "or does a text that has “: ” need quotes?",
    "could not find expected ':'": "a key without its colon: write `key: value`",
    "expected ',' or ']', but got": "a list in [ ] is not closed: ] or a comma is missing, or a text needs quotes",
    "expected ',' or '}', but got": "a mapping in { } is not closed: } or a comma is missing, or a text needs quotes",
    "expected the node content, but found": "a value is missing",
    "found unexpected end of stream": "a text in quotes is not closed",
    "expected <block end>, but found": "the indentation does not fit the lines above",
    "found character '\\t'": "a tab: YAML indents with spaces only",
    "found character": "a text that begins with this character needs quotes",
    "found unknown escape character": "in double quotes a backslash is an escape: use 'single quotes' for a pattern",
}


class _StopError(Exception):
    """Nothing more can be read of this file; what is wrong was noted."""


@dataclass
class Document:
    """One file read: `data` (None where nothing could be read), and where everything stands."""

    name: str  # as problems show it: relative to the rules folder
    lines: list[str] = field(default_factory=list)
    data: Any = None
    keys: dict[Steps, Place] = field(default_factory=dict)
    values: dict[Steps, Place] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    refused: set[Place] = field(default_factory=set)  # values that YAML's own rules shut out: nothing more to say there

    def report(self, steps: Steps, text: str, *, key: bool = False) -> None:
        """Notes a problem at the value that the steps lead to, or at its key; where there is none, at what holds it."""
        place = self._place(steps, key)
        if place not in self.refused:
            self.report_at(place, text)

    def refuse(self, place: Place, text: str) -> None:
        """Notes a problem of a value that is left out."""
        self.report_at(place, text)
        self.refused.add(place)

    def _place(self, steps: Steps, key: bool) -> Place:
        for end in range(len(steps), -1, -1):
            first, second = (self.keys, self.values) if key or end < len(steps) else (self.values, self.keys)
            if place := first.get(steps[:end]) or second.get(steps[:end]):
                return place
        return 1, 1

    def report_at(self, place: Place, text: str) -> None:
        line, column = place
        source = self.lines[line - 1] if line <= len(self.lines) else ""
        self.problems.append(Problem(self.name, line, column, text, source))


def read_document(name: str, content: bytes) -> Document:
    """A file of the rules, read whole. Never raises: what is wrong is in `problems`."""
    document = Document(name)
    text = read_text(content, document)
    if text is None:
        return document
    document.lines = text.split("\n")
    try:
        document.data = _Reader(document, text).read()
    except _StopError:
        pass
    except MarkedYAMLError as error:
        mark, context = error.problem_mark, error.context_mark
        if mark is None or (context is not None and context.line < mark.line and "block" not in str(error.context)):
            mark = context  # what is not closed is best told where it begins
        document.report_at((mark.line + 1, mark.column + 1) if mark else (1, 1), _syntax(str(error.problem)))
    except ReaderError as error:
        line = text.count("\n", 0, error.position)
        column = error.position - (text.rfind("\n", 0, error.position) + 1)
        document.report_at((line + 1, column + 1), f"a character that no text has: U+{int(error.character):04X}")
    except YAMLError as error:
        document.report_at((1, 1), f"is no YAML: {error}")
    return document


def read_text(content: bytes, document: Document) -> str | None:
    """The text of a file, with `\\n` line ends, or None after its problem was noted."""
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        document.report_at((content.count(b"\n", 0, error.start) + 1, 1), "is not UTF-8")
        return None


class _Reader:
    """The parser's events made data. A key or value that is refused is noted and left out; reading goes on."""

    def __init__(self, document: Document, text: str) -> None:
        self.document = document
        self.events: Iterator[Event] = iter(YAML(typ="safe", pure=True).parse(text))

    def read(self) -> Any:
        """The data of the only document, None for an empty file."""
        data, documents = None, 0
        for event in self.events:
            if isinstance(event, DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self.document.report_at(_place(event), "a second document begins: one file holds one")
                    raise _StopError
                data = self._node(next(self.events), (), 0)
        return data

    def _node(self, event: Event, steps: Steps, depth: int) -> Any:
        place = _place(event)
        self.document.values[steps] = place
        if depth > DEEPEST:
            self.document.report_at(place, f"is nested deeper than {DEEPEST} levels")
            raise _StopError
        if isinstance(event, AliasEvent):
            self.document.refuse(place, f"*{event.anchor} is an alias: write the value itself, or put it in quotes")
            return None
        if isinstance(event, NodeEvent) and event.anchor is not None:
            self.document.refuse(place, f"&{event.anchor} is an anchor: write the value where it is needed")
        if (tag := getattr(event, "ctag", None)) is not None:
            written = str(tag).replace(_YAML_TAG, "!!")
            self.document.refuse(place, f"{written} is a tag: write the value without it, or put it in quotes")
        if isinstance(event, MappingStartEvent):
            return self._mapping(steps, depth)
        if isinstance(event, SequenceStartEvent):
            return self._sequence(steps, depth)
        assert isinstance(event, ScalarEvent)
        return _plain(event.value) if event.implicit[0] else event.value

    def _sequence(self, steps: Steps, depth: int) -> list[Any]:
        items: list[Any] = []
        for event in self.events:
            if isinstance(event, SequenceEndEvent):
                break
            items.append(self._node(event, (*steps, len(items)), depth + 1))
        return items

    def _mapping(self, steps: Steps, depth: int) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        for event in self.events:
            if isinstance(event, MappingEndEvent):
                break
            key = self._key(event, steps, depth, mapping)
            place = (*steps, key) if key is not None else (*steps, "", len(self.document.values))
            value = self._node(next(self.events), place, depth + 1)
            if key is not None:
                mapping[key] = value
        return mapping

    def _key(self, event: Event, steps: Steps, depth: int, mapping: dict[str, Any]) -> str | None:
        """The key, or None for one that is refused."""
        place = _place(event)
        if not isinstance(event, ScalarEvent):
            self._node(event, (*steps, "", len(self.document.values)), depth + 1)
            self.document.report_at(place, "a key must be a word: put a text that begins with [ or { in quotes")
            return None
        key = str(event.value)
        if key == "<<" and event.implicit[0]:
            self.document.report_at(place, "<< merges mappings: write the keys themselves")
            return None
        if event.anchor is not None or event.ctag is not None:
            self.document.report_at(place, "a key has no anchor and no tag")
        if key in mapping:
            first = self.document.keys[(*steps, key)][0]
            self.document.report_at(place, f"{key} stands here twice, first in line {first}")
            return None
        self.document.keys[(*steps, key)] = place
        return key


def _place(event: Event) -> Place:
    return event.start_mark.line + 1, event.start_mark.column + 1


def _plain(text: str) -> bool | int | float | str | None:
    """What a scalar without quotes is."""
    if text in _NULL:
        return None
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _FRACTION.fullmatch(text) else text


def _syntax(problem: str) -> str:
    return next((ours for theirs, ours in _SYNTAX.items() if problem.startswith(theirs)), problem)
