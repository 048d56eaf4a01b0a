"""The phrases of one language (rules/phrases/<lang>.yaml) as one value that finds them in a sentence.

A phrase is plain text with RE2 syntax where one is not enough; `<name>` stands for an entry of `short`. Only
spelling is looked at here; what the finds mean for a message is decided in says.py.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import re2

from gateway.rules.normalise import fold
from gateway.rules.tiling import Find, Lexicon, Tiling

LANGUAGES = ("ja", "ko", "zh", "en")
INTRODUCTION = "introduction"  # who writes: at the beginning only, for further below it is an answer
ASIDE = ("greeting", "closing", "story", INTRODUCTION)  # manners, and what became of the thing: neither for nor against
DOUBTS = (  # one of these is enough for a human to see the message
    "question",
    "request",
    "but",
    "negation",
    "complaint",
    "decision",
    "change",
    "condition",
    "fact",
    "threat",
    "sarcasm",
    "personal",
)
ALWAYS = "!"  # before a doubt that no longer phrase takes back
WORDS = "words"  # harmless on their own: particles, adverbs, the things that shops speak of
LINES = ("first_lines", "last_lines", "signature_lines", "sign_offs", "introduced")
KEYS = ("short", "classes", "whole_words", "tail", "unknown", "reasons", WORDS, *LINES)
SHORT = re.compile("<([^<>]{1,20})>")
_CAPTURING = re.compile(r"(?<!\\)\((?!\?)")
_GAP = re.compile(r"\[\^[^\]]+\]\{\d+,\d+\}|\[a-z\]\+")
MAX_DEPTH = 5  # of `short` in `short`
TAIL = 4  # letters of harmless words behind the last phrase: 「…ましたので」
LONGEST_NAME = 6  # letters
MEMORY = 8 << 20  # octets for an automaton of many phrases; it keeps the states that it met
SMALL_MEMORY = 128 << 10  # for that of one phrase, of which there are hundreds: RE2 is as quick with short texts


@dataclass(frozen=True)
class Phrases:
    """The compiled phrases of a language."""

    language: str
    classes: frozenset[str]
    _tiling: Tiling
    _doubts: Any  # one re2.Set
    _doubting: Sequence[tuple[str, str, bool]]  # class, pattern and whether it always counts, in the order of the set
    _doubt: Callable[[str], Any]  # compiles one, when it is needed
    _unknown: Any
    _never: Any
    most_unknown: int
    longest_tail: int
    _felt: Any
    _felt_last: Any
    _felt_first: Any
    _no_reason: Any
    longest_reason: int
    _first_lines: Any
    _last_lines: Any
    _signature_lines: Any
    _sign_offs: Any
    _introduced: Any

    def explained(self, sentence: str) -> list[Find]:
        """The phrases that the sentence is made up of, as far as they are known."""
        return self._tiling.of(sentence)

    def introduced(self, sentence: str) -> str:
        """The name, where a sentence only says who writes, as far as its form goes; else ""."""
        match = self._introduced.search(fold(sentence))
        name = re.split("[の ]", sentence[: match.start()])[-1] if match else ""
        return name if len(name) <= LONGEST_NAME and not any(self.doubts(sentence)) else ""

    def doubts(self, sentence: str) -> Iterator[Find]:
        """Every phrase of a class in `DOUBTS`, also where one lies over another."""
        folded = fold(sentence)
        for index in self._doubts.Match(folded) or ():
            name, source, always = self._doubting[index]
            for match in self._doubt(source).finditer(folded):
                yield _find(name, match, sentence, always)

    def is_topic(self, sentence: str, start: int, end: int) -> bool:
        """Whether these letters of a sentence, known as no phrase, may be the thing spoken of."""
        is_known_form = self._unknown.fullmatch(sentence[start:end]) is not None
        return is_known_form and self._never.match(fold(sentence[start:])) is None

    def reason(self, sentence: str) -> tuple[int, int]:
        """The letters [start, end) of a sentence in which any words may say why the rest feels as it does."""
        folded = fold(sentence)
        if self._felt.search(folded):
            start, end = 0, len(sentence)
        elif match := self._felt_last.search(folded):
            start, end = 0, match.start()
        elif match := self._felt_first.search(folded):
            start, end = match.end(), len(sentence)
        else:
            return 0, 0
        return (0, 0) if self._no_reason.search(folded[start:end]) else (start, end)

    def is_salutation(self, line: str) -> bool:
        """Whether a first line only says to whom the message is."""
        return self._first_lines.fullmatch(fold(line)) is not None

    def is_sign_off(self, line: str) -> bool:
        """Whether only who writes stands below this line."""
        return self._sign_offs.fullmatch(fold(line)) is not None

    def is_name(self, line: str) -> bool:
        """Whether a last line only says from whom the message is."""
        return self._last_lines.fullmatch(fold(line)) is not None

    def is_contact(self, line: str) -> bool:
        """Whether a line of a signature says where the writer may be reached."""
        return self._signature_lines.fullmatch(fold(line)) is not None

    def is_signature(self, lines: Sequence[str], is_name: Callable[[str], bool]) -> bool:
        """Whether a last paragraph is a name or a firm with nothing but what belongs to it."""
        return any(map(is_name, lines)) and all(is_name(line) or self.is_contact(line) for line in lines)


def phrases_of(mapping: Mapping[str, Any], language: str) -> Phrases:
    """The value for the plain data of a phrase file. ValueError or TypeError on a bad one; where all its faults stand,
    `phrase_check.faults` tells."""
    if strange := set(mapping) - set(KEYS):
        raise ValueError(f"{min(strange)} is no part of a phrase file")
    short = mapping.get("short", {})
    classes = mapping["classes"]
    for name, found in classes.items():
        if not isinstance(found, list):
            raise TypeError(f"{name}: must be a list of phrases")
    explaining = {name: found for name, found in classes.items() if name not in DOUBTS}
    explaining[WORDS] = mapping.get(WORDS, [])
    explaining = {name: found for name, found in explaining.items() if found}
    doubting = [
        (name, source_of(str(phrase).removeprefix(ALWAYS), short, name), str(phrase).startswith(ALWAYS))
        for name in DOUBTS
        for phrase in classes.get(name, [])
    ]
    doubts: Any = re2.Set.SearchSet(_options())
    for _name, source, _always in doubting:
        doubts.Add(source)
    doubts.Compile()
    unknown = mapping.get("unknown", {})
    reasons = mapping.get("reasons", {})
    return Phrases(
        language=language,
        classes=frozenset(classes),
        _tiling=_tiling_of(explaining, short, r"\b" if mapping.get("whole_words") else ""),
        _doubts=doubts,
        _doubting=doubting,
        _doubt=cache(_compiled),
        _unknown=_compiled(unknown.get("letters", r"[^\s\S]")),
        _never=_compiled(unknown.get("never", r"[^\s\S]")),
        most_unknown=int(unknown.get("most", 0)),
        longest_tail=int(mapping.get("tail", TAIL)),
        _felt=_lines(reasons.get("around", []), short),
        _felt_last=_lines(reasons.get("before", []), short, r"(?:{})[\s、,。.!…~]*$"),
        _felt_first=_lines(reasons.get("after", []), short, r"^(?:{})"),
        _no_reason=_lines(reasons.get("never", []), short),
        longest_reason=int(reasons.get("most", 0)),
        _first_lines=_lines(mapping.get("first_lines", []), short),
        _last_lines=_lines(mapping.get("last_lines", []), short),
        _signature_lines=_lines(mapping.get("signature_lines", []), short),
        _sign_offs=_lines(mapping.get("sign_offs", []), short, r"(?:{})[\s,.!、。]*"),
        _introduced=_lines(mapping.get("introduced", []), short, "(?:{})$"),
    )


def _tiling_of(classes: Mapping[str, Sequence[object]], short: Mapping[str, str], bound: str) -> Tiling:
    """The phrases of each class, those that let any letters stand somewhere apart."""
    exact: dict[str, list[str]] = {}
    loose: dict[str, list[str]] = {}
    for name, found in classes.items():
        for phrase in found:
            source = source_of(phrase, short, name)
            kind = loose if _GAP.search(source) else exact
            kind.setdefault(name, []).append(bound + _GAP.sub(r"(\g<0>)", source) + bound)
    return Tiling(_book(exact), _book(loose))


def _book(classes: Mapping[str, Sequence[str]]) -> Lexicon:
    phrases = [(name, source) for name, sources in classes.items() for source in sources]
    return Lexicon(phrases, _options(longest=True), _phrase)


def _find(name: str, match: Any, sentence: str, always: bool = False) -> Find:
    start, end = match.span()
    return Find(name, start, end, sentence[start:end], always)


def _lines(phrases: Sequence[str], short: Mapping[str, str], form: str = "{}") -> Any:
    return _compiled(form.format("|".join(source_of(phrase, short, "lines") for phrase in phrases) or r"[^\s\S]"))


def source_of(phrase: object, short: Mapping[str, str], name: str) -> str:
    """The RE2 source of a phrase, in the letters that `fold` leaves, without groups of its own that capture."""
    if not isinstance(phrase, (str, int, float)):
        raise TypeError(f"{name}: {phrase}: is no text")
    text = str(phrase)
    for _depth in range(MAX_DEPTH):
        if not SHORT.search(text):
            break
        if unknown := next((match[1] for match in SHORT.finditer(text) if match[1] not in short), ""):
            raise ValueError(f"{name}: {phrase}: <{unknown}> is no entry of short")
        text = SHORT.sub(lambda match: f"({short[match[1]]})", text)
    source = _CAPTURING.sub("(?:", _folded(text))
    try:
        is_nothing = _compiled(source).fullmatch("") is not None
    except re2.error as error:
        why = error.args[0].decode("utf-8", "replace") if error.args and isinstance(error.args[0], bytes) else error
        raise ValueError(f"{name}: {phrase}: {why}") from error
    if is_nothing:
        raise ValueError(f"{name}: {phrase}: is found in every text")
    return f"(?:{source})"


def _folded(source: str) -> str:
    """`fold`, but for the classes of letters such as \\S, which differ in the size of a letter."""
    return "".join(part if part.startswith("\\") else fold(part) for part in re.split(r"(\\p\{\w+\}|\\.)", source))


def _options(longest: bool = False) -> Any:
    options = re2.Options()
    options.max_mem = MEMORY
    options.log_errors = False
    options.longest_match = longest
    return options


def _compiled(source: str) -> Any:
    return re2.compile(source, _options())


def _phrase(source: str) -> Any:
    """One phrase, in little memory if it is small enough."""
    options = _options(longest=True)
    options.max_mem = SMALL_MEMORY
    try:
        return re2.compile(source, options)
    except re2.error:
        return re2.compile(source, _options(longest=True))
