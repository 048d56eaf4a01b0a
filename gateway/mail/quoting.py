"""Tells, line by line, what a reply quotes and what its writer wrote.

Two sources of truth: the general forms of quotation (quoteforms.py) and the mails that we sent (recall.py). Where they
leave a doubt the line counts as written, since losing a writer's words is the worse fault. Signatures are not its
matter (signatures.py). Linear in the length of the text.
"""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import islice, pairwise

from gateway.mail.attribution import (
    attribution_above,
    ends_sentence,
    is_rest_of_attribution,
    may_begin,
    proves_quotation,
)
from gateway.mail.headerblock import drawn_only
from gateway.mail.insertions import Insertions
from gateway.mail.quoteforms import MAX_CANDIDATES, Forms, read_forms, unmark
from gateway.mail.recall import GRAM, SURE, Place, Recall, letters

UNANNOUNCED = 40  # letters of ours, at the least, that prove a quotation which nothing announces
LOOK_BELOW = 40  # lines in which ours may go on after something was put in between
LEAST_BELOW = 3  # letters of a line that shows that ours goes on
LEAST_APART = 8  # letters of an unmarked line that goes on below a blank one
LEAST_PREFIXED = 3  # lines of ours with the same sign before them
LONG_LINE = 60  # columns: a quoted line that long was probably wrapped by a client on the way
_POINTS_BELOW = re.compile(
    r"\b(?:fyi|see below|below|forward(?:ed|ing)?|attached|this (?:e-?mail|message))\b"
    r"|転送|参考|以下|下記|下の|次の(?:メール|通り)|(?:この|こちらの)メール"
    r"|아래|전달|다음 메일|如下|下面|转发|轉寄|转给|此邮件",
    re.IGNORECASE,
)
_FULL_WIDTH = "\u2e7f"  # letters behind it take two columns
_LINE_ENDS = tuple(".!?:。！？：")


def written_lines(lines: Sequence[str], sent: Sequence[str], *, fresh: bool = False) -> list[str | None]:
    """For each line what its writer wrote in it, or None if it is quoted. Blank lines below a quotation are quoted.

    A `fresh` mail answers none: a mail that its writer points to is no quotation there, nor are marks alone, but for a
    last paragraph of them.
    """
    forms = read_forms(lines)
    if fresh and not any(forms.head) and not _quotes_a_head(lines, forms.marked):
        end = _last_paragraph(lines, forms.marked)
        return [*lines[:end], *[None] * (len(lines) - end)]
    written = _Divider(lines, forms, Recall(sent), fresh=fresh).divide()
    beside = True
    for index, line in enumerate(written):
        if line is not None and (line.strip() or not beside):
            beside = False
        else:
            written[index] = None
            beside = True
    return written


def _quotes_a_head(lines: Sequence[str], marked: Sequence[bool]) -> bool:
    """Whether a marked line is an attribution: a client put it there, and the marks."""
    bare = (unmark(line) for line, mark in zip(lines, marked, strict=True) if mark)
    candidates = islice(filter(may_begin, bare), MAX_CANDIDATES)
    return any(proves_quotation([line]) for line in candidates)


def _last_paragraph(lines: Sequence[str], marked: Sequence[bool]) -> int:
    """Where a last paragraph, or several, of marked lines begins below other words, or the number of lines."""
    begin = len(lines)
    while begin > 0 and (marked[begin - 1] or not lines[begin - 1].strip()):
        begin -= 1
    apart = 0 < begin < len(lines) and not lines[begin].strip()
    return begin if apart and any(marked[begin:]) else len(lines)


class _Divider:
    """One reply's division: by the forms first, then by what we remember having sent."""

    def __init__(self, lines: Sequence[str], forms: Forms, recall: Recall, *, fresh: bool) -> None:
        self.lines = lines
        self.texts = forms.bare
        self.fresh = fresh
        self.forms = forms
        self.recall = recall
        self.places: list[Place | None] = [None] * len(lines)
        self.added: dict[int, str] = {}  # the writer's words behind a line of ours
        self.quoted = [mark or head for mark, head in zip(forms.marked, forms.head, strict=True)]
        self.first = forms.first
        self.tail = forms.tail

    def divide(self) -> list[str | None]:
        unannounced = self._find_unannounced() if self.recall else None
        if unannounced is not None:
            self.first = self.tail = unannounced
            for index in range(attribution_above(self.lines, unannounced), unannounced):
                self.quoted[index] = bool(self.lines[index].strip())
        self._quote_along()
        if self.tail is not None:
            self._decide_tail(self.tail)
        written = [None if quoted else line for line, quoted in zip(self.lines, self.quoted, strict=True)]
        if self.recall:
            Insertions(self.lines, self.texts, self.forms, self.recall, self.places, self.added).restore(written)
        if unannounced is not None and self.forms.first == len(self.lines) and not any(written):
            return list(self.lines)  # an answer given before, given again
        return written

    def _find_unannounced(self) -> int | None:
        """Where a quotation above the first form begins: at the beginning of a mail of ours, if half of it follows, or
        all up to our marker or another form. Less may be a writer's habit, since a shop's answers begin alike."""
        cursor = total = 0
        begin: int | None = None
        broken = False
        for index in range(self.first):
            line = self.lines[index]
            if not letters(line):
                continue
            place = self.recall.find(line, cursor) or self.recall.continues(line, 0)
            if place is None:
                broken = True
                continue
            if self.recall.is_beginning(place) and total < UNANNOUNCED:
                begin, total, broken = index, 0, False
            cursor = place.end
            if begin is not None:
                total += place.end - place.start
        if begin is None or total >= max(UNANNOUNCED, self.recall.newest / 2):
            return begin
        form = next((line for line in self.lines[self.first :] if letters(line)), None)
        joins = form is not None and self.recall.continues(form, cursor) is not None
        return begin if joins or (form is not None and total >= UNANNOUNCED and not broken) else None

    def _quote_along(self) -> None:
        """Walks from the first sign of a quotation and finds what goes on there without a mark."""
        cursor = 0
        beside = False  # the last line that was not blank is quoted
        above: int | None = None  # that line, if it was found
        for index in range(self.first, len(self.lines)):
            line = self.lines[index]
            if not line.strip():
                continue
            place = None
            if self.forms.head[index]:
                place = self.recall.continues(line, cursor)  # our marker, or an attribution of ours
            elif self.forms.marked[index] or (self.tail is not None and index >= self.tail):
                place = self._find(index, cursor) or self._find_added(index, cursor) or self._find_below(above, index)
            elif beside:
                place = self._find_unmarked_rest(index, cursor)
                self.quoted[index] = place is not None or self._is_wrapped_rest(index)
            above = None
            if place is not None:
                cursor = place.end
                self.places[index] = place
                above = index
            beside = self.quoted[index]

    def _find(self, index: int, cursor: int) -> Place | None:
        """The place of the line, if it goes on at the cursor or it is sure that the writer did not write the same."""
        place = self.recall.find(self.texts[index], cursor)
        if place is None or place.start == cursor:
            return place
        if self._goes_on_below(index, cursor):
            return None
        followed = any(self.recall.goes_on_with(beginning, place.end) for _, beginning in self._below(index)[:1])
        return place if followed or place.end - place.start >= SURE else None

    def _find_below(self, above: int | None, index: int) -> Place | None:
        """The place of a short line that stands right below the line above it in another rendering of ours."""
        if above is None or not (said := self.recall.shown(self.texts[index])):
            return None
        place = self.recall.anywhere(self.texts[above] + self.texts[index])
        return place and Place(place.end - len(said), place.end)

    def _find_added(self, index: int, cursor: int) -> Place | None:
        """The place of a line of ours behind or in which the writer went on."""
        text = self.texts[index]
        found = self.recall.added_to(text, cursor) or self.recall.inserted_in(text)
        if found is None:
            return None
        place, words = found
        if words and not is_rest_of_attribution(words):
            self.added[index] = words
        return place

    def _find_unmarked_rest(self, index: int, cursor: int) -> Place | None:
        """What goes on at once below a quoted line without a mark: a line wrapped on the way, or our own last lines.
        After a blank line a short one, a name, may as well begin the writer's words."""
        place = self.recall.continues(self.texts[index], cursor)
        if place is None or self._goes_on_below(index, cursor):
            return None
        apart = not self.lines[index - 1].strip()
        return None if apart and place.end - place.start < LEAST_APART else place

    def _goes_on_below(self, index: int, cursor: int) -> bool:
        """Whether ours goes on at the cursor in the quotation below: then this line was put in between."""
        return any(
            self.recall.goes_on_with(beginning, cursor)
            for below, beginning in self._below(index)
            if self.forms.marked[below] or (self.tail is not None and below >= self.tail)
        )

    def _below(self, index: int) -> list[tuple[int, str]]:
        """The next lines that say something, each with its first letters."""
        until = min(len(self.lines), index + 1 + LOOK_BELOW)
        beginnings = ((below, letters(self.texts[below][:LONG_LINE])) for below in range(index + 1, until))
        return [(below, beginning) for below, beginning in beginnings if len(beginning) >= LEAST_BELOW]

    def _is_wrapped_rest(self, index: int) -> bool:
        """The rest of a marked line that a client wrapped without marking it again, between marked lines."""
        above = self.lines[index - 1].rstrip()
        if self.recall and above and not letters(self.lines[index]):
            return self.lines[index][0] in (above[-1], "/")  # the end of a ruled line, but not a signature's "-- "
        marked = self.forms.marked
        if not (0 < index < len(marked) - 1 and marked[index - 1] and marked[index + 1]):
            return False
        start = self.lines[index][0]
        if above[-1:] > _FULL_WIDTH:  # such text is cut anywhere
            return sum(2 if letter > _FULL_WIDTH else 1 for letter in above) >= LONG_LINE and not ends_sentence(above)
        return (len(above) >= LONG_LINE or not above.endswith(_LINE_ENDS)) and (start.islower() or start in "_)]/&=")

    def _decide_tail(self, tail: int) -> None:
        """Below a head whose quotation bears no marks: if we know the mail, ours is quoted, and what is not ours was
        written between or below it. If we do not, all is quoted, unless nothing would be left of the writer's, or
        these point to a mail that was forwarded."""
        if not self._is_known(tail):
            head = max((begin for begin in self.forms.proofs if begin < tail), default=tail)
            if (self.forms.forwarded or self.fresh) and any(map(_POINTS_BELOW.search, self.lines[:head])):
                tail = head
                self.quoted[tail:] = [False] * (len(self.lines) - tail)
            elif any(line.strip() and not quoted for line, quoted in zip(self.lines[:tail], self.quoted, strict=False)):
                self.quoted[tail:] = [True] * (len(self.lines) - tail)
            self.places[tail:] = [None] * (len(self.lines) - tail)
            return
        beside = True
        foreign = self._foreign_sections(tail)
        prefix = self._usual_prefix()
        for index in range(tail, len(self.lines)):
            if not self.lines[index].strip():
                continue
            if index in foreign:
                self.quoted[index] = True
            elif not self.quoted[index]:
                # A drawn line belongs to the line above it; "(^_^)/" and "👍" are an answer.
                line = self.lines[index].strip()
                drawn = drawn_only(line) or self.recall.has_sign(line)
                self.quoted[index] = line == prefix or (beside if drawn else self.places[index] is not None)
            beside = self.quoted[index]

    def _usual_prefix(self) -> str:
        """The sign, such as 》, that someone's client puts before each line of ours, or ""."""
        found = zip(self.lines, self.places, strict=True)
        first = Counter(line.strip()[:1] for line, place in found if place is not None).most_common(1)
        return first[0][0] if first and first[0][1] >= LEAST_PREFIXED and not first[0][0].isalnum() else ""

    def _foreign_sections(self, tail: int) -> set[int]:
        """The lines from one of several heads to the next where nothing is ours: another's mail, quoted beside ours."""
        begins = [begin for begin in self.forms.proofs if begin > tail]
        foreign: set[int] = set()
        for begin, end in pairwise([tail, *begins, len(self.lines)]) if begins else ():
            found = sum(place.end - place.start for place in self.places[begin:end] if place is not None)
            said = sum(len(letters(self.texts[index])) for index in range(begin, end) if not self.forms.head[index])
            if found < GRAM or (begin > tail and found * 2 < said):
                foreign.update(range(begin, end))
            elif begin > tail:  # a salutation that we do not have: nobody answers above an older mail's first line
                first = next(index for index in range(begin, end) if self.places[index] is not None)
                foreign.update(range(begin, first))
        return foreign

    def _is_known(self, tail: int) -> bool:
        total = found = 0
        begun = False
        for index in range(tail, len(self.lines)):
            if self.forms.head[index]:
                continue
            total += len(letters(self.lines[index]))
            place = self.places[index]
            if place is not None:
                found += place.end - place.start
                begun = begun or self.recall.is_beginning(place)
        return found > 0 and (found * 2 >= min(total, self.recall.newest) or (begun and found >= UNANNOUNCED))
