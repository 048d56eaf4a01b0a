"""What a message says: the classes of its sentences, and the words by which they were known.

A closed world: a sentence is explained when phrases make up all of it. Any unknown word, and any doubt that does not
lie within a phrase (ません in 問題ありませんでした), leaves the sentence to a human; but beside a sentence that
says thank you or the like, the learnt weights may speak for one in which no doubt is (`learnt`).
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice

from gateway.mail import language as languages
from gateway.rules import learnt
from gateway.rules.normalise import laughs, normalise
from gateway.rules.phrases import ASIDE, INTRODUCTION, WORDS, Phrases
from gateway.rules.sentences import lines_of, sentences
from gateway.rules.tiling import SEPARATORS, Find

MAX_JUDGED = 1500  # characters: a longer message is a letter, and somebody should read it
ASKING = frozenset(("question", "request"))
STORY = "story"  # is told of a thing, as the classes are
AS_SUBJECT = "as_subject"
_SUBJECT_MARKS = re.compile(r"(?i)^(?:\s*(?:re|fwd?)\s*[:：])+")
_SENTENCE = re.compile(r"(?:です|ます|した|ません|だ|[!?。])\W*$")  # no line of a signature ends so
OPENING = 4  # sentences among which the writer may say who he is
LONGEST_SIGNED = 12  # letters of a line that is a name
MOST_REPORTED = 120  # letters of a sentence that tells what became of the thing
MOST_SIGNED = 6  # lines of a signature, with the one above it
SPOKEN = frozenset(("thanks", "acknowledged", "received", "solved", "withdrawn"))  # what a message is answered for
LEARNT = "learnt"  # names the words by which the learnt weights spoke for a sentence
UNKNOWN = "unknown"  # the doubt of a sentence that no other speaks against
_DIGIT = re.compile(r"\d")
_MARKS = " \n、,。.!…"
_JAPANESE_ONLY = frozenset("対応気発売込働戻払読駅円図拝択検変戸広歳毎涙継続絵覧豊辺鉄険験")
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
        return tuple(find.words for one in self.sentences for find in one.words if find.name in {*classes, LEARNT})

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
        return frozenset(name for known in self.phrases.values() for name in known.classes) - {
            AS_SUBJECT,
            STORY,
            INTRODUCTION,
        }

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
    found = _in_place((_judged(one, known) for one in _sentences(normalise(text[:MAX_JUDGED]), known)), known)
    if any(AS_SUBJECT in one.classes for one in found):
        found = tuple(replace(one, classes=one.classes - {AS_SUBJECT}) for one in found)
        found += tuple(_judged(one, known) for one in _sentences(normalise(_SUBJECT_MARKS.sub("", subject)), known))
    speaks = any(one.classes & SPOKEN for one in found)
    if known.sureness and speaks and not laughs(text):  # praise with laughter may be scorn
        found = tuple(_vouched(one, known.sureness) for one in found)
    if len(text) > MAX_JUDGED:
        found += (Sentence("", frozenset(), (), "length"),)
    return Said(language, found, tuple(doubt for one in found for doubt in one.doubts))


def language_of(text: str) -> str:
    """`gateway.mail.language.of`, and Chinese where Han characters alone are of a kind that Japanese does not have."""
    language = languages.of(text)
    if not language and _CHINESE_ONLY & set(text):
        return "zh"
    if not language and any("\u4e00" <= letter <= "\u9fff" for letter in text):
        words = ("承知", "感謝", "御礼", "受領", "了承")
        return "ja" if _JAPANESE_ONLY & set(text) or any(word in text for word in words) else "zh"
    return language


def _sentences(text: str, phrases: Phrases) -> Iterator[str]:
    """The sentences, without salutation, name and signature."""
    paragraphs = lines_of(text)
    while paragraphs and phrases.is_salutation(paragraphs[0][0]):
        paragraphs = [rest for rest in (paragraphs[0][1:], *paragraphs[1:]) if rest]
    opening = (one for lines in paragraphs for one in sentences(lines, phrases.language))
    writer = next(filter(None, map(phrases.introduced, islice(opening, OPENING))), "")
    signed = _unsigned(paragraphs, phrases, writer)
    for paragraph in paragraphs:
        for sentence in sentences(paragraph, phrases.language):
            if not signed or phrases.introduced(sentence) != writer:
                yield sentence


def _unsigned(paragraphs: list[list[str]], phrases: Phrases, writer: str) -> bool:
    """Takes name and signature off the end; whether they name the writer who introduced himself."""

    def is_name(line: str) -> bool:
        return not _SENTENCE.search(line) and (is_writer(line) or phrases.is_name(line))

    def is_writer(line: str) -> bool:
        return bool(writer) and len(line) <= LONGEST_SIGNED and line.replace(" ", "").startswith(writer)

    _cut_below_sign_off(paragraphs, phrases)
    last = paragraphs[-1] if paragraphs else []
    if len(paragraphs) > 1 and phrases.is_signature(last, is_name) and not any(map(_SENTENCE.search, last)):
        return any(map(is_writer, paragraphs.pop()))
    if len(last) > 1 and is_name(last[-1]):
        return is_writer(last.pop())
    if len(paragraphs) > 1 and len(last) > 1 and is_name(last[0]):
        return is_writer(last.pop(0))  # what stands below a name is said all the same
    return False


def _cut_below_sign_off(paragraphs: list[list[str]], phrases: Phrases) -> None:
    """Takes off what stands below a line such as "Kind regards,": who writes, and where, but nothing that is said."""
    lines = [(index, at) for index, paragraph in enumerate(paragraphs) for at in range(len(paragraph))]
    for count, (index, at) in enumerate(lines[-MOST_SIGNED:]):
        if phrases.is_sign_off(paragraphs[index][at]):
            below = [paragraphs[which][where] for which, where in lines[-MOST_SIGNED:][count + 1 :]]
            if below and phrases.is_signature(below, phrases.is_name):
                del paragraphs[index + 1 :], paragraphs[index][at + 1 :]
            return


def _in_place(judged: Iterable[Sentence], phrases: Phrases) -> tuple[Sentence, ...]:
    """The sentences, where who writes is said before anything else is."""
    found: list[Sentence] = []
    for one in judged:
        names = [find.words for find in one.words if find.name == INTRODUCTION]
        if names and any(before.classes or before.doubt for before in found):
            one = replace(one, classes=frozenset(), doubt=f"{UNKNOWN}: {names[0]}")
        follows = bool(found) and not found[-1].doubt and not found[-1].classes
        if follows and one.doubt.startswith(UNKNOWN) and phrases.is_name(phrases.introduced(one.text)):
            one = replace(one, doubt="")
        found.append(one)
    return tuple(found)


def _judged(sentence: str, phrases: Phrases) -> Sentence:
    finds = phrases.explained(sentence)
    said = tuple(find for find in finds if find.name != WORDS)
    classes = frozenset(find.name for find in said) - set(ASIDE)
    doubts = tuple(_open_doubts(sentence, finds, phrases))
    doubt = next((f"{find.name}: {find.words}" for find in doubts), "")
    if not doubt and (unknown := _unexplained(sentence, finds, phrases)):
        doubt = f"{UNKNOWN}: {unknown}"
    judged = Sentence(sentence, frozenset() if doubt else classes, said, doubt, doubts)
    return (_reported(sentence, phrases) or judged) if doubt else judged


def _vouched(one: Sentence, sureness: float) -> Sentence:
    """The sentence taken for harmless, where nothing but unknown words keeps it open and the weights are sure of it.
    Numbers are nothing that letters can tell of."""
    if not one.doubt.startswith(UNKNOWN) or one.doubts or _DIGIT.search(one.text):
        return one
    weights = learnt.shipped()
    if weights.openness(one.text) > -sureness:
        return one
    reasons = tuple(Find(LEARNT, 0, len(one.text), f"({words})") for words in weights.reasons(one.text))
    return Sentence(one.text, frozenset(), (*one.words, *reasons))


def _reported(sentence: str, phrases: Phrases) -> Sentence | None:
    """The sentence as one or more reports that end well, if it is that and nothing else: nothing in it is a doubt."""
    reports = phrases.reports
    if not reports.known or len(sentence) > MOST_REPORTED:
        return None
    known: list[Find] = []
    said: list[Find] = []
    for start, end in reports.pieces(sentence):
        piece = sentence[start:end]
        finds = phrases.explained(piece)
        told = [find for find in finds if find.name != WORDS]
        taking = [*finds]
        if _unexplained(piece, finds, phrases) or any(_open_doubts(piece, finds, phrases)):
            ending = reports.ending(piece, finds)
            if ending is None or _open_letters(piece, finds, ending) > reports.longest_open:
                return None
            told.append(ending)
            taking = [ending, *reports.harmless(piece), *finds]
            if any(
                not any(find.takes_back(one, one.start, one.end) for find in taking) for one in reports.heeded(piece)
            ):
                return None
        known += (find.moved(start) for find in taking)
        said += (find.moved(start) for find in told)
    if any(_open_doubts(sentence, known, phrases)):
        return None
    return Sentence(sentence, frozenset(find.name for find in said) - set(ASIDE), tuple(said))


def _open_letters(piece: str, finds: Collection[Find], ending: Find) -> int:
    """How many letters of a report are neither its ending nor known."""
    return sum(min(end, ending.start) - start for start, end in _gaps(piece, finds) if start < ending.start)


def _open_doubts(sentence: str, finds: Collection[Find], phrases: Phrases) -> Iterable[Find]:
    """The doubts that no phrase contains; the marks at their ends do not count."""
    for doubt in phrases.doubts(sentence):
        words = doubt.words.strip(_MARKS) or doubt.words
        start = doubt.start + doubt.words.index(words)
        end = start + len(words)
        if not any(
            find.takes_back(doubt, start, end) or _within_gap(sentence, doubt, start, end, find, phrases)
            for find in finds
        ):
            yield doubt


def _within_gap(sentence: str, doubt: Find, start: int, end: int, find: Find, phrases: Phrases) -> bool:
    """Whether one of the words takes the doubt back that fill the slot of a phrase."""
    for first, last in find.gaps:
        if first <= start and end <= last:
            inner = phrases.filling(sentence[first:last])
            return not doubt.always and any(one.takes_back(doubt, start - first, end - first) for one in inner)
    return False


def _unexplained(sentence: str, finds: Collection[Find], phrases: Phrases) -> str:
    """The letters that make the sentence say more than its classes; "" when there are none."""
    said = [find.end for find in finds if find.name != WORDS]
    if not said:
        return sentence
    if len(tail := sentence[max(said) :].strip(_MARKS)) > phrases.longest_tail:
        return tail
    return next((sentence[start:end] for start, end in _gaps(sentence, finds)), "")


def _gaps(sentence: str, finds: Collection[Find]) -> Iterable[tuple[int, int]]:
    """The runs of letters that no phrase covers, separators apart."""
    covered = bytearray(len(sentence))
    for find in finds:
        covered[find.start : find.end] = b"\1" * (find.end - find.start)
    start = None
    for index in range(len(sentence) + 1):
        is_open = index < len(sentence) and not covered[index] and not SEPARATORS.match(sentence, index)
        if is_open and start is None:
            start = index
        elif not is_open and start is not None:
            yield start, index
            start = None
