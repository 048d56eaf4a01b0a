"""What a message says: the classes of its sentences, and the words by which they were known.

A sentence is explained when phrases make up all of it. A thing that no phrase knows may be spoken of where something
known is said about it afterwards (「表札、届きました」); any other unknown word, and any doubt that does not lie within
a phrase (ません in 問題ありませんでした), leaves the sentence to a human.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from gateway.mail import language as languages
from gateway.rules.normalise import normalise
from gateway.rules.phrases import ASIDE, WORDS, Find, Phrases
from gateway.rules.sentences import lines_of, sentences

MAX_JUDGED = 1500  # characters: a longer message is a letter, and somebody should read it
MAX_TAIL = 4  # letters of harmless words behind the last phrase: 「…ましたので」
ASKING = frozenset(("question", "request"))
_SEPARATORS = frozenset(" \n、,。.!…・:;~-—'\"()（）/")
STORY = "story"  # is told of a thing, as the classes are
AS_SUBJECT = "as_subject"
_SUBJECT_MARKS = re.compile(r"(?i)^(?:\s*(?:re|fwd?)\s*[:：])+")
_SENTENCE = re.compile(r"(?:です|ます|した|ません|だ|[!?。])\W*$")  # no line of a signature ends so
_MARKS = " \n、,。.!…"
_CHINESE_ONLY = frozenset("谢謝您你妳们們这這吗嗎吧呢啦囉的请請没沒还還")


Evidence = tuple[str, ...]  # the words that decided, never empty


@dataclass(frozen=True)
class Sentence:
    """A sentence, the classes it belongs to wholly, the words that decided, why it is not explained ("": it is), and
    what in it is a question, a complaint or any other doubt."""

    text: str
    classes: frozenset[str]
    words: tuple[Find, ...]
    doubt: str = ""
    doubts: tuple[Find, ...] = ()


@dataclass(frozen=True)
class Said:
    """What a message says. `language` is "" when no phrases are known for it."""

    language: str
    sentences: tuple[Sentence, ...]
    doubts: tuple[Find, ...]

    def only(self, classes: Collection[str]) -> Evidence | None:
        """The deciding words, if every sentence belongs to these classes and there is at least one."""
        told = [one for one in self.sentences if one.doubt or one.classes]
        if not told or any(one.doubt or not one.classes <= set(classes) for one in told):
            return None
        return tuple(find.words for one in told for find in one.words if find.name in classes)

    def says(self, classes: Collection[str]) -> Evidence | None:
        """The words, if something of these classes is said, whatever else is."""
        finds = (*(find for one in self.sentences for find in one.words), *self.doubts)
        return tuple(find.words for find in finds if find.name in classes) or None

    @property
    def asks(self) -> Evidence | None:
        """The words by which the message asks or requests something."""
        return tuple(find.words for find in self.doubts if find.name in ASKING) or None

    @property
    def words(self) -> tuple[str, ...]:
        """The deciding words, in order, each as `class: words`; of a message with doubts, the doubts."""
        doubts = [one.doubt for one in self.sentences if one.doubt]
        return tuple(doubts or (f"{find.name}: {find.words}" for one in self.sentences for find in one.words))


@dataclass(frozen=True)
class PhrasesByLanguage:
    """The phrases of all languages, as rules ask them."""

    phrases: Mapping[str, Phrases]

    @property
    def classes(self) -> frozenset[str]:
        """The names of the phrase classes that rules may use."""
        return frozenset(name for known in self.phrases.values() for name in known.classes) - {AS_SUBJECT, STORY}

    def read(self, text: str) -> Said:
        return what_is_said(text, self.phrases)


def what_is_said(text: str, phrases: Mapping[str, Phrases], subject: str = "") -> Said:
    """What the new text of a message says (no quotation, no signature: `gateway.mail.reply.divide`). Never raises.

    `subject` counts where the text says no more than to look there (「件名の通りです」).
    """
    language = language_of(text)
    known = phrases.get(language)
    if known is None:
        return Said("", (Sentence(text[:MAX_JUDGED], frozenset(), (), "language"),), ())
    found = tuple(_judged(one, known) for one in _sentences(normalise(text[:MAX_JUDGED]), known))
    if any(AS_SUBJECT in one.classes for one in found):
        found = tuple(replace(one, classes=one.classes - {AS_SUBJECT}) for one in found)
        found += tuple(_judged(one, known) for one in _sentences(normalise(_SUBJECT_MARKS.sub("", subject)), known))
    if len(text) > MAX_JUDGED:
        found += (Sentence("", frozenset(), (), "length"),)
    return Said(language, found, tuple(doubt for one in found for doubt in one.doubts))


def language_of(text: str) -> str:
    """`gateway.mail.language.of`, and Chinese where Han characters alone are of a kind that Japanese does not have."""
    language = languages.of(text)
    if not language and _CHINESE_ONLY & set(text):
        return "zh"
    if not language and any("\u4e00" <= letter <= "\u9fff" for letter in text):
        return "ja" if any(word in text for word in ("承知", "感謝", "御礼", "拝受", "受領", "了承")) else "zh"
    return language


def _sentences(text: str, phrases: Phrases) -> Iterator[str]:
    """The sentences, without salutation, name and signature."""
    paragraphs = lines_of(text)
    while paragraphs and phrases.is_salutation(paragraphs[0][0]):
        paragraphs = [rest for rest in (paragraphs[0][1:], *paragraphs[1:]) if rest]
    last = paragraphs[-1] if len(paragraphs) > 1 else []
    if last and phrases.is_signature(last) and not any(map(_SENTENCE.search, last)):
        paragraphs.pop()
    elif paragraphs and len(paragraphs[-1]) > 1:
        line = paragraphs[-1][-1]
        if phrases.is_name(line) and not _SENTENCE.search(line):
            paragraphs[-1].pop()
        elif last and phrases.is_name(last[0]) and not _SENTENCE.search(last[0]):
            last.pop(0)  # what stands below a name is said all the same
    for paragraph in paragraphs:
        yield from sentences(paragraph, phrases.language)


def _judged(sentence: str, phrases: Phrases) -> Sentence:
    finds = phrases.explained(sentence)
    said = tuple(find for find in finds if find.name != WORDS)
    classes = frozenset(find.name for find in said) - set(ASIDE)
    doubts = tuple(_open_doubts(sentence, finds, phrases))
    doubt = next((f"{find.name}: {find.words}" for find in doubts), "")
    if not doubt and (unknown := _unexplained(sentence, finds, classes, phrases)):
        doubt = f"unknown: {unknown}"
    return Sentence(sentence, frozenset() if doubt else classes, said, doubt, doubts)


def _open_doubts(sentence: str, finds: Collection[Find], phrases: Phrases) -> Iterable[Find]:
    """The doubts that no phrase contains; the marks at their ends do not count."""
    for doubt in phrases.doubts(sentence):
        start = doubt.end - len(doubt.words.lstrip(_MARKS))
        end = doubt.start + len(doubt.words.rstrip(_MARKS))
        if not any(find.takes_back(doubt, start, end) for find in finds):
            yield doubt


def _unexplained(sentence: str, finds: Collection[Find], classes: Collection[str], phrases: Phrases) -> str:
    """The letters that make the sentence say more than its classes; "" when there are none."""
    if not any(find.name != WORDS for find in finds):
        return sentence
    last = max(find.end for find in finds if find.name != WORDS)
    if len(tail := sentence[last:].strip(_MARKS)) > MAX_TAIL:
        return tail
    for topics, (start, end) in enumerate(_gaps(sentence, finds), start=1):
        followed = any(find.start >= end for find in finds if find.name in classes or find.name == STORY)
        if not followed or topics > phrases.most_unknown or not phrases.is_topic(sentence, start, end):
            return sentence[start:end]
    return ""


def _gaps(sentence: str, finds: Collection[Find]) -> Iterable[tuple[int, int]]:
    """The runs of letters that no phrase covers, separators apart."""
    covered = bytearray(len(sentence))
    for find in finds:
        covered[find.start : find.end] = b"\1" * (find.end - find.start)
    start = None
    for index in range(len(sentence) + 1):
        is_open = index < len(sentence) and not covered[index] and sentence[index] not in _SEPARATORS
        if is_open and start is None:
            start = index
        elif not is_open and start is not None:
            yield start, index
            start = None
