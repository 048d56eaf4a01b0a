"""Tells, line by line, what a reply quotes and what its writer wrote.

Two sources of truth: the general forms of quotation (quote marks, attributions, header blocks, separators) and the
mails that we sent (recall.py). Where they leave a doubt the line counts as written, since losing a writer's words is
the worse fault. Signatures are not its matter (signatures.py). Linear in the length of the text.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from gateway.mail.attribution import MAX_LINES, attribution_at, proves_quotation
from gateway.mail.headerblock import header_block_at, link_list_at, rule, separator
from gateway.mail.recall import Place, Recall, after_letters, letters

MARKERS: tuple[str, ...] = (
    "この線より上に返信を書いてください",
    "Please write your reply above this line",
)

MARKER_LINE_MAX = 200  # characters
UNANNOUNCED_LEAST = 40  # letters of ours, from the beginning, that prove a quotation nothing announces
INSERTED_AFTER = 8  # letters of ours in a line after which words are believed to be the writer's
LONG_LINE = 60  # columns: a quoted line that long was probably wrapped by a client on the way
_QUOTE_MARKS = (">", "＞", "≫")
_MARKER_LETTERS = tuple(letters(marker) for marker in MARKERS)


def written_lines(lines: Sequence[str], sent: Sequence[str]) -> list[str | None]:
    """For each line what its writer wrote in it, or None if it is quoted. Blank lines beside a quotation are quoted."""
    forms = _read_forms(lines)
    written = _Divider(lines, forms, Recall(sent)).divide()
    _quote_blank_lines(written)
    return written


@dataclass
class _Forms:
    """What the general forms say. `marked`: the line bears a quote mark; `head`: a client wrote it itself."""

    marked: list[bool]
    head: list[bool]
    first: int  # the first line that any form touches; the number of lines if there is none
    tail: int | None = None  # from here to the end all may be quoted, though nothing marks it
    follows: list[bool] = field(default_factory=list)


def _read_forms(lines: Sequence[str]) -> _Forms:
    marked = _marked(lines)
    following = _following(lines)
    markers = [not marked[i] and is_marker(line) for i, line in enumerate(lines)]
    forms = _Forms(marked, head=markers, first=len(lines))
    forms.follows = [next_ < len(lines) and (marked[next_] or markers[next_]) for next_ in following]
    index = 0
    while index < len(lines):
        if marked[index] or not lines[index].strip():
            if marked[index]:
                forms.first = min(forms.first, index)
            index += 1
            continue
        count, proof = (1, True) if markers[index] else _head_at(lines, index, forms.follows)
        if not count:
            index += 1
            continue
        begin = _with_rule_above(lines, index, marked)
        end = index + count
        forms.head[begin:end] = [True] * (end - begin)
        forms.first = min(forms.first, begin)
        next_ = following[end - 1]
        if proof and forms.tail is None and next_ < len(lines) and not marked[next_]:
            forms.tail = end
        index = end
    return forms


def _head_at(lines: Sequence[str], index: int, follows: Sequence[bool]) -> tuple[int, bool]:
    """How many lines from `index` a client put there itself, and whether they prove a quotation below them."""
    links = link_list_at(lines, index)
    if links:
        return links, False
    if separator(lines[index]):
        return 1, True
    block = header_block_at(lines, index)
    if block is not None:
        return block.end - index, True
    count = attribution_at(lines, index, follows)
    return count, count > 0 and proves_quotation(lines[index : index + count])


def _with_rule_above(lines: Sequence[str], index: int, marked: Sequence[bool]) -> int:
    """The line at which the head begins, when a ruled line or the writer's wrapped name stands above it."""
    above = index - 1
    if above >= 0 and lines[index].lstrip().startswith("<") and lines[above].strip() and not marked[above]:
        alone = above == 0 or not lines[above - 1].strip()
        if alone and not lines[above].rstrip().endswith(tuple("。.!?！？")):
            return above
    while above >= max(0, index - MAX_LINES) and not lines[above].strip():
        above -= 1
    return above if above >= 0 and rule(lines[above]) else index


class _Divider:
    """One reply's division: the forms first, then what we remember having sent."""

    def __init__(self, lines: Sequence[str], forms: _Forms, recall: Recall) -> None:
        self.lines = lines
        self.forms = forms
        self.recall = recall
        self.places: list[Place | None] = [None] * len(lines)
        self.quoted = [mark or head for mark, head in zip(forms.marked, forms.head, strict=True)]
        self.tail = forms.tail
        self.first = forms.first

    def divide(self) -> list[str | None]:
        if self.recall:
            self._find_unannounced()
        self._quote_along()
        if self.tail is not None:
            self._decide_tail(self.tail)
        written: list[str | None] = [
            None if quoted else line for line, quoted in zip(self.lines, self.quoted, strict=True)
        ]
        if self.recall:
            self._restore_insertions(written)
        return written

    def _find_unannounced(self) -> None:
        """A quotation without any head or mark: many of our letters, in our order, from our beginning."""
        cursor = 0
        begin = None
        run = total = 0
        for index in range(self.first):
            if not letters(self.lines[index]):
                continue
            place = self.recall.find(self.lines[index], cursor)
            if place is None:
                run = 0
                continue
            cursor = place.end
            if begin is None or self._is_beginning(place):
                begin = index
                run = 0
            length = place.end - place.start
            run += length
            total += length
        if begin is None:
            return
        reaches = self.first < len(self.lines) and run >= UNANNOUNCED_LEAST and self._begins_ours(begin)
        if total * 2 >= self.recall.newest or reaches:
            self.first = begin
            self.tail = begin

    def _begins_ours(self, index: int) -> bool:
        place = self.recall.find(self.lines[index], 0)
        return place is not None and self._is_beginning(place)

    def _is_beginning(self, place: Place) -> bool:
        return place.start == 0 or self.recall.is_end(place.start - 1)

    def _quote_along(self) -> None:
        """Walks from the first sign of a quotation and finds what goes on there without a mark."""
        cursor = 0
        beside = -1  # the last line that was not blank
        for index in range(self.first, len(self.lines)):
            line = self.lines[index]
            if not line.strip():
                continue
            if self.forms.head[index]:
                place = None
            elif self.quoted[index] or (self.tail is not None and index >= self.tail):
                place = self.recall.find(line, cursor)
            elif beside >= 0 and self.quoted[beside]:
                place = self.recall.continues(line, cursor)
                self.quoted[index] = place is not None or self._is_wrapped_rest(index)
            else:
                place = None
            if place is not None:
                cursor = place.end
                self.places[index] = place
            beside = index

    def _is_wrapped_rest(self, index: int) -> bool:
        """The rest of a marked line that a client wrapped without marking it again, between marked lines."""
        marked = self.forms.marked
        if not (0 < index < len(marked) - 1 and marked[index - 1] and marked[index + 1]):
            return False
        above = self.lines[index - 1].rstrip()
        start = self.lines[index][0]
        broken = not above.endswith(tuple(".!?:。！？：")) or len(above) >= LONG_LINE
        return broken and (start.islower() or start in "_)]/&=")

    def _decide_tail(self, tail: int) -> None:
        """Below a head whose quotation bears no marks: ours is quoted; what is not ours was written between or below
        it. If we do not know the mail, all is quoted, unless nothing would be left of the writer's."""
        total = found = 0
        for index in range(tail, len(self.lines)):
            if not self.forms.head[index]:
                place = self.places[index]
                total += len(letters(self.lines[index]))
                found += place.end - place.start if place is not None else 0
        known = found > 0 and (found * 2 >= total or found * 2 >= self.recall.newest)
        if not known:
            own = any(line.strip() and not self.quoted[i] for i, line in enumerate(self.lines[:tail]))
            if own:
                self.quoted[tail:] = [True] * (len(self.lines) - tail)
            return
        above = True
        for index in range(tail, len(self.lines)):
            if not self.lines[index].strip():
                continue
            if not self.quoted[index]:
                has_letters = bool(letters(self.lines[index]))
                self.quoted[index] = self.places[index] is not None if has_letters else above
            above = self.quoted[index]

    def _restore_insertions(self, written: list[str | None]) -> None:
        """Words typed inside the quotation, after its marks, as phones do: what stands between two pieces of ours that
        follow each other without a gap, or after our end, is the writer's."""
        cursor: int | None = None
        pending: list[int] = []
        for index, place in enumerate(self.places):
            if place is not None:
                if cursor is not None:
                    self._restore(written, pending, cursor, place.start)
                cursor, pending = place.end, []
            elif written[index] is None and letters(self.lines[index]):
                pending.append(index)
            elif written[index] is not None and self.lines[index].strip():
                cursor, pending = None, []
        if cursor is not None and pending:
            shared = self.recall.shared(self.lines[pending[0]], cursor)
            if self.recall.is_end(cursor + shared):
                self._restore(written, pending, cursor, cursor + shared)

    def _restore(self, written: list[str | None], pending: Sequence[int], cursor: int, until: int) -> None:
        if not pending or any(self.forms.head[index] or is_marker(self.lines[index]) for index in pending):
            return
        shared = self.recall.shared(self.lines[pending[0]], cursor)
        if cursor + shared != until or 0 < shared < INSERTED_AFTER:
            return
        first, *others = pending
        rest = after_letters(self.lines[first], shared) if shared else unmark(self.lines[first])
        if letters(rest):
            written[first] = rest.lstrip("。.、,?？!！」』)） \t")
        for index in others:
            written[index] = unmark(self.lines[index])


def is_marker(line: str) -> bool:
    """Whether the line is the one of our notifications above which an answer is asked for."""
    if len(line) > MARKER_LINE_MAX:
        return False
    text = letters(line)
    return any(marker in text for marker in _MARKER_LETTERS)


def unmark(line: str) -> str:
    """The line without its quote marks."""
    text = line.lstrip()
    while text.startswith((*_QUOTE_MARKS, "|")):
        text = text[1:].lstrip()
    return text


def _marked(lines: Sequence[str]) -> list[bool]:
    marked = [_has_mark(line) for line in lines]
    bars = [line.lstrip().startswith("|") and not line.rstrip().endswith("|") for line in lines]
    bars.append(False)
    for index in range(len(lines)):
        # One bar is a bar; two lines of them are a quotation.
        if bars[index] and (bars[index + 1] or bars[index - 1]):
            marked[index] = True
    return marked


def _has_mark(line: str) -> bool:
    text = line.lstrip(" \t\u3000\ufeff\u200b")
    if not text.startswith(_QUOTE_MARKS):
        return False
    return not text.rstrip().endswith("<<")  # ">>> look here <<<" is an ornament


def _following(lines: Sequence[str]) -> list[int]:
    """For each line the next one that is not blank, or the number of lines."""
    following = [len(lines)] * len(lines)
    for index in range(len(lines) - 2, -1, -1):
        following[index] = index + 1 if lines[index + 1].strip() else following[index + 1]
    return following


def _quote_blank_lines(written: list[str | None]) -> None:
    beside = True
    for index, line in enumerate(written):
        if line is None:
            beside = True
        elif line.strip():
            beside = False
        elif beside:
            written[index] = None
