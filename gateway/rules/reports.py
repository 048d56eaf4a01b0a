"""What customers tell beside their thanks: open in what it is of, closed in how it ends.

「ロウを塗ったら直りました」, "My husband loves it": nobody lists all the things and deeds of such sentences, but what
became of them is one of a list of good endings, and nothing in the open letters may be a doubt (`says` looks for it).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.rules.normalise import fold
from gateway.rules.tiling import SEPARATORS, Find

ENDINGS = "endings"  # by class: how a report ends that is good
OPENERS = "openers"  # phrases and classes that may end a report, too
HEEDED = "heeded"  # doubts in a report alone: in whole phrases they do no harm
HARMLESS = "harmless"  # takes back a doubt in a report
CUTS = "cuts"  # where one report ends and the next begins without a mark
LONGEST_OPEN = "longest_open"
LISTS = (HEEDED, HARMLESS, CUTS)
KEYS = (ENDINGS, OPENERS, LONGEST_OPEN, *LISTS)
OPEN = 40  # letters
OPEN_DOUBT = "open"  # the class of a doubt of HEEDED


@dataclass(frozen=True)
class Reports:
    """The compiled endings of a language; none where its file has none."""

    openers: frozenset[str]
    longest_open: int
    _endings: Sequence[tuple[str, Any]]
    _heeded: Any
    _harmless: Any
    _cuts: Any

    def pieces(self, sentence: str) -> Iterator[tuple[int, int]]:
        """[start, end) of each report in a sentence."""
        start = 0
        for match in self._cuts.finditer(fold(sentence)):
            yield start, match.end() - 1
            start = match.end() - 1
        yield start, len(sentence)

    def ending(self, piece: str, finds: Sequence[Find]) -> Find | None:
        """How the report ends, if well: the longest of the endings, or the phrase that stands there."""
        folded = fold(piece)
        found = [_find(name, match, piece) for name, ends in self._endings if (match := ends.search(folded))]
        if finds and finds[-1].name in self.openers and not SEPARATORS.sub("", piece[finds[-1].end :]):
            found.append(finds[-1])
        return min(found, key=lambda find: find.start, default=None)

    def heeded(self, piece: str) -> Iterator[Find]:
        return (_find(OPEN_DOUBT, match, piece) for match in self._heeded.finditer(fold(piece)))

    def harmless(self, piece: str) -> Iterator[Find]:
        return (_find("", match, piece) for match in self._harmless.finditer(fold(piece)))

    @property
    def known(self) -> bool:
        return bool(self._endings)


def reports_of(
    mapping: Mapping[str, Any],
    source_of: Callable[[object, str], str],
    slotted: Callable[[str], str],
    bound: str,
    compiled: Callable[[str], Any],
) -> Reports:
    """The value for the parts of a phrase file. ValueError or TypeError on bad ones."""

    def one_of(phrases: Sequence[object], name: str) -> str:
        found = "|".join(source_of(phrase, name) for phrase in phrases) or r"[^\s\S]"
        return f"{bound}(?:{found}){bound}"

    endings = mapping.get(ENDINGS, {})
    if strange := {*endings, *mapping.get(OPENERS, [])} - set(mapping["classes"]):
        raise ValueError(f"{min(strange)} is no class of this file")
    for name, found in (*endings.items(), *((key, mapping.get(key, [])) for key in (OPENERS, *LISTS))):
        if not isinstance(found, list):
            raise TypeError(f"{name}: must be a list")
    return Reports(
        openers=frozenset(mapping.get(OPENERS, [])),
        longest_open=int(mapping.get(LONGEST_OPEN, OPEN)),
        _endings=[
            (name, compiled(rf"(?:{slotted(one_of(ends, name))})[\s\pP\pS]*$")) for name, ends in endings.items()
        ],
        _heeded=compiled(one_of(mapping.get(HEEDED, []), HEEDED)),
        _harmless=compiled(one_of(mapping.get(HARMLESS, []), HARMLESS)),
        _cuts=compiled(one_of(mapping.get(CUTS, []), CUTS)),
    )


def _find(name: str, match: Any, piece: str) -> Find:
    start, end = match.span()
    spans = (match.span(group) for group in range(1, match.re.groups + 1))
    return Find(name, start, end, piece[start:end], gaps=tuple(span for span in spans if span[0] < span[1]))
