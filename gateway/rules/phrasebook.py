"""The phrases that a rules folder brings, as what rules ask them. phrases.py knows a phrase, says.py a message."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from gateway.rules.document import Document, read_document
from gateway.rules.files import Files
from gateway.rules.phrase_check import faults
from gateway.rules.phrases import ASIDE, DOUBTS, LANGUAGES, Phrases, phrases_of
from gateway.rules.problems import Problem, nearest, one_of
from gateway.rules.reading import Evidence, Reading
from gateway.rules.says import AS_SUBJECT, ASKING, PhrasesByLanguage, Said, what_is_said

CLASSES = ("thanks", "acknowledged", "received", "solved", "withdrawn", "greeting", "closing", *DOUBTS)
_KNOWN = frozenset((*CLASSES, *ASIDE, AS_SUBJECT))

# A subject that answers ours repeats our words, and one above what ends a matter names the matter.
_ANSWER = re.compile(r"^\s*(?:re|aw|sv|回复|回覆|答复|답장|返信)\s*(?:\[\d+\])?\s*[:：]", re.IGNORECASE)
_ENDING = frozenset(("solved", "withdrawn"))
_WEIGHTY = ASKING | {"complaint", "threat", "decision", "change"}


@dataclass(frozen=True)
class SubjectHeeded:
    """What a message says; `weighty` is what its subject says beyond it."""

    said: Said
    weighty: Evidence

    def only(self, classes: Collection[str]) -> Evidence | None:
        return None if self.weighty else self.said.only(classes)

    def says(self, classes: Collection[str]) -> Evidence | None:
        return self.said.says(classes)

    @property
    def asks(self) -> Evidence | None:
        return self.said.asks

    @property
    def words(self) -> tuple[str, ...]:
        return self.weighty or self.said.words


@dataclass(frozen=True)
class Languages:
    """The phrases of every language that has a file. `strange` are the names of classes that mean nothing to the
    gateway, each as a Problem at its place, whose text is that name: rules may give them a meaning."""

    phrases: Mapping[str, Phrases]
    strange: Sequence[Problem] = ()

    @property
    def classes(self) -> Collection[str]:
        return PhrasesByLanguage(self.phrases).classes | frozenset(CLASSES)

    def meaningless(self, named: Collection[str]) -> list[Problem]:
        """The classes that no rule names either: surely misspelt."""
        known = {*_KNOWN, *named}
        return [
            replace(
                one,
                text=f"{one.text} is no phrase class, and no rule names it"
                f"{nearest(one.text, known) or f'; known are {one_of(CLASSES)}'}",
            )
            for one in self.strange
            if one.text not in known
        ]

    def read(self, text: str, subject: str = "") -> Reading:
        said = what_is_said(text, self.phrases, subject)
        if _ANSWER.match(subject) or said.says(_ENDING):
            return said
        own = what_is_said(subject, self.phrases).doubts
        return SubjectHeeded(said, tuple(f"subject, {one.name}: {one.words}" for one in own if one.name in _WEIGHTY))


def load_phrasebook(files: Files) -> tuple[Languages, list[Problem]]:
    """The phrases of the folder, which may have none, without those that have a problem."""
    languages: dict[str, Phrases] = {}
    problems: list[Problem] = []
    strange: list[Problem] = []
    for file in (PurePosixPath(name) for name in sorted(files) if name.startswith("phrases/")):
        document = read_document(str(file), files[str(file)])
        if file.stem not in LANGUAGES or file.suffix != ".yaml":
            document.report((), f"must be called LANGUAGE.yaml, with {one_of(LANGUAGES)} for LANGUAGE")
        elif not isinstance(document.data, dict) or not isinstance(document.data.get("classes"), dict):
            if not document.problems:
                document.report((), "must be a mapping that has `classes`")
        elif not document.problems:
            try:
                languages[file.stem] = phrases_of(document.data, file.stem)
                strange += _strange(document)
            except (ValueError, TypeError, AttributeError, KeyError) as error:
                for steps, text in faults(document.data):
                    document.report(steps, text, key=len(steps) == 1)
                if not document.problems:
                    document.report((), str(error))
        problems += document.problems
    return Languages(languages, tuple(strange)), problems


def _strange(document: Document) -> Iterator[Problem]:
    for name in document.data["classes"]:
        if name not in _KNOWN:
            line, column = document.keys["classes", name]
            yield Problem(document.name, line, column, name, document.lines[line - 1])
