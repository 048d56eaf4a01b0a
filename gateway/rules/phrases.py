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
from gateway.rules.reports import KEYS as REPORT_KEYS
from gateway.rules.reports import LISTS as REPORT_LISTS
from gateway.rules.reports import Reports, reports_of
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
SLOTS = "slots"  # harmless where a phrase lets any letters stand, and only there
SURENESS = "sureness"  # of the learnt weights (log-odds) that they are believed from; 0: never
KEYS = ("short", "classes", "whole_words", "tail", SURENESS, WORDS, SLOTS, *LINES, *REPORT_KEYS)
SHORT = re.compile("<([^<>]{1,20})>")
_CAPTURING = re.compile(r"(?<!\\)\((?!\?)")
_OPEN = frozenset((*DOUBTS, *LINES, *REPORT_LISTS, "lines", "short"))  # where letters of no list do no harm
# Letters of no list: [^、。]{1,9}, [a-z]+, \p{Han}, but [ab] and [0-9] are lists.
_SLOT = re.compile(
    r"(?:\[(?:\^|[^\]]*?(?:\\[pPwWsSD]|[^\d\\]-[^\d\]]))[^\]]*\]|\\[pP]\{\w+\}|\\[wWSD]|(?<!\\)\.)"
    r"(?:\{\d+(?:,\d*)?\}|[+*?])?"
)
_PARTS = re.compile(r"\\.|\[\^?\]?[^\]]*\]|(?P<open>\((?:\?:)?)|(?P<close>\)[*+{]?)")
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
    longest_tail: int
    sureness: float
    _first_lines: Any
    _last_lines: Any
    _signature_lines: Any
    _sign_offs: Any
    _introduced: Any
    reports: Reports

    def explained(self, sentence: str) -> list[Find]:
        """The phrases that the sentence is made up of, as far as they are known."""
        return self._tiling.of(sentence)

    def filling(self, text: str) -> list[Find]:
        """The words that make up the letters in the slot of a phrase."""
        return self._tiling.filling(text)

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

    def is_salutation(self, line: str) -> bool:
        """Whether a first line only says to whom the message is."""
        known = self._first_lines.fullmatch(fold(line)) is not None and _is_titled(line.split()[1:])
        return known and not any(self.doubts(line))

    def is_sign_off(self, line: str) -> bool:
        """Whether only who writes stands below this line."""
        return self._sign_offs.fullmatch(fold(line)) is not None

    def is_name(self, line: str) -> bool:
        """Whether a last line only says from whom the message is."""
        words = line.split()
        known = self._last_lines.fullmatch(fold(line)) is not None and (len(words) == 1 or _is_titled(words))
        return known and not any(self.doubts(line))

    def is_contact(self, line: str) -> bool:
        """Whether a line of a signature says where the writer may be reached."""
        return self._signature_lines.fullmatch(fold(line)) is not None

    def is_signature(self, lines: Sequence[str], is_name: Callable[[str], bool]) -> bool:
        """Whether a last paragraph is a name or a firm with nothing but what belongs to it. One line besides the name,
        such as a telephone number, may be an answer."""
        known = all(is_name(line) or self.is_contact(line) for line in lines)
        return known and any(map(is_name, lines)) and (len(lines) != 2 or all(map(is_name, lines)))


def _is_titled(words: Sequence[str]) -> bool:
    """Whether these may be names: no word in small letters but kisses."""
    return not any(word[0].islower() and word.strip("x") for word in words)


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
    bound = r"\b" if mapping.get("whole_words") else ""
    doubting = [
        (name, source_of(str(phrase).removeprefix(ALWAYS), short, name), str(phrase).startswith(ALWAYS))
        for name in DOUBTS
        for phrase in classes.get(name, [])
    ]
    doubts: Any = re2.Set.SearchSet(_options())
    for _name, source, _always in doubting:
        doubts.Add(source)
    doubts.Compile()
    return Phrases(
        language=language,
        classes=frozenset(classes),
        _tiling=_tiling_of(explaining, mapping.get(SLOTS, []), short, bound),
        _doubts=doubts,
        _doubting=doubting,
        _doubt=cache(_compiled),
        longest_tail=int(mapping.get("tail", TAIL)),
        sureness=float(mapping.get(SURENESS, 0)),
        _first_lines=_lines(mapping.get("first_lines", []), short),
        _last_lines=_lines(mapping.get("last_lines", []), short),
        _signature_lines=_lines(mapping.get("signature_lines", []), short),
        _sign_offs=_lines(mapping.get("sign_offs", []), short, r"(?:{})[\s,.!、。]*"),
        _introduced=_lines(mapping.get("introduced", []), short, "(?:{})$"),
        reports=reports_of(mapping, lambda phrase, name: source_of(phrase, short, name), _slotted, bound, _report),
    )


def _tiling_of(
    classes: Mapping[str, Sequence[object]], slots: Sequence[object], short: Mapping[str, str], bound: str
) -> Tiling:
    """The phrases of each class, those that let any letters stand somewhere apart, and what these letters may be."""
    exact: dict[str, list[str]] = {}
    loose: dict[str, list[str]] = {}
    for name, found in classes.items():
        for phrase in found:
            source = source_of(phrase, short, name)
            slotted = _slotted(source)
            (exact if slotted == source else loose).setdefault(name, []).append(bound + slotted + bound)
    fills = [bound + source_of(phrase, short, SLOTS) + bound for phrase in slots]
    return Tiling(_book(exact), _book(loose), _book({WORDS: [*exact.get(WORDS, []), *fills]}))


def _slotted(source: str) -> str:
    """The pattern with a group around all letters that may be any."""
    return _SLOT.sub(r"(\g<0>)", source)


def _repeats_slot(source: str) -> bool:
    """Whether a slot stands in a group that may be found more than once: only its last letters would be known."""
    groups: list[bool] = []
    for match in _PARTS.finditer(source):
        if match["open"]:
            groups = [*(holds or match["open"] == "(" for holds in groups), False]
        elif match["close"] and groups.pop() and match["close"] != ")":
            return True
    return False


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
    if name not in _OPEN and _repeats_slot(_slotted(source)):
        raise ValueError(f"{name}: {phrase}: letters of no list may not stand in what is repeated")
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


def _report(source: str) -> Any:
    """Many phrases as one. ValueError where they are too many."""
    try:
        return re2.compile(source, _options(longest=True))
    except re2.error as error:
        raise ValueError("the endings of reports, or what is heeded in them, take too much memory") from error


def _phrase(source: str) -> Any:
    """One phrase, in little memory if it is small enough."""
    options = _options(longest=True)
    options.max_mem = SMALL_MEMORY
    try:
        return re2.compile(source, options)
    except re2.error:
        return re2.compile(source, _options(longest=True))
