"""The texts of automatic answers: `replies/NAME.LANGUAGE.txt`, with merge fields."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from gateway.rules.document import Document, read_text
from gateway.rules.facts import LANGUAGES
from gateway.rules.files import Files
from gateway.rules.merge_fields import FIELDS, almost_fields, field_faults
from gateway.rules.problems import Problem, nearest, one_of, shown

FOLDER = "replies/"
LONGEST = 1000  # characters, as of every answer (guide F8)

_NAME = re.compile(r"([a-z0-9][a-z0-9_-]{0,39})\.([a-z]{2})\.txt")


@dataclass(frozen=True)
class Replies:
    """The texts by name, then by language; a name has at least one."""

    texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def text(self, name: str, *languages: str) -> str:
        """The text in the first of the languages that it has, else in the first of LANGUAGES that it has. KeyError
        where there is no such name, which loading the rules has excluded."""
        versions = self.texts[name]
        return next(versions[language] for language in (*languages, *LANGUAGES) if language in versions)


def load_replies(files: Files) -> tuple[Replies, list[Problem]]:
    """Every text of the folder, which may have none."""
    texts: dict[str, dict[str, str]] = {}
    problems: list[Problem] = []
    for name in sorted(name for name in files if name.startswith(FOLDER)):
        document = Document(name)
        match = _NAME.fullmatch(name.removeprefix(FOLDER))
        text = read_text(files[name], document) if match else None
        if match is None or match[2] not in LANGUAGES:
            document.report_at((1, 1), f"must be called NAME.LANGUAGE.txt, with {one_of(LANGUAGES)} for LANGUAGE")
        elif text is not None:
            document.lines = text.split("\n")
            for place, fault in _faults(text):
                document.report_at(place, fault)
            texts.setdefault(match[1], {})[match[2]] = text.strip()
        problems += document.problems
    return Replies(texts), problems


def _faults(text: str) -> Iterator[tuple[tuple[int, int], str]]:
    if not text.strip():
        yield (1, 1), "is empty"
    if len(text.strip()) > LONGEST:
        yield (1, 1), f"has {len(text.strip())} characters; an answer has at most {LONGEST}"
    control = next((at for at, letter in enumerate(text) if _is_control(letter)), None)
    if control is not None:
        yield _place(text, control), f"a control character that no text has: U+{ord(text[control]):04X}"
    for position, name in field_faults(text):
        place = _place(text, position)
        if name is None:
            yield place, "{{ and }} must stand around the name of a field, in one line"
        else:
            yield (
                place,
                f"{name or 'nothing'} is no merge field{nearest(name, FIELDS) or f'; known are {one_of(FIELDS)}'}",
            )
    for position, written in almost_fields(text):
        hint = nearest(written.strip("{}%# ｛｝"), FIELDS)
        yield _place(text, position), f"{shown(written)} is no merge field: fields are written {{{{ name }}}}{hint}"


def _is_control(letter: str) -> bool:
    return unicodedata.category(letter) == "Cc" and letter not in "\n\t"


def _place(text: str, position: int) -> tuple[int, int]:
    """Line and column, from 1."""
    return text.count("\n", 0, position) + 1, position - text.rfind("\n", 0, position)
