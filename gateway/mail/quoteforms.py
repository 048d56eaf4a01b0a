"""Reads the general forms of quotation in a reply: quote marks, attributions, header blocks, separators, our marker.

It says what each line looks like. What is quoted in the end, also by what we sent, is decided in quoting.py.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from gateway.mail.attribution import attribution_at, ends_sentence, is_end_after_bracket, may_begin, proves_quotation
from gateway.mail.headerblock import header_block_at, is_forwarding, link_list_at, rule, separator_at
from gateway.mail.recall import letters

MARKERS: tuple[str, ...] = (
    "この線より上に返信を書いてください",
    "Please write your reply above this line",
)

MARKER_LINE_MIN = min(map(len, MARKERS))  # characters
MARKER_LINE_MAX = 200
LEAST_NAME = 8  # characters
LEAST_NAMED = 2  # lines that begin with the same name and mark, or it is a writer's own "Q> … A> …"
MAX_CANDIDATES = 1000  # lines of a text that are looked at as an attribution: no mail has a tenth of that
BLANK_BELOW_RULE = 4  # lines between a ruled line and the head that it belongs to
_QUOTE_MARKS = (">", "＞", "≫")
_NAME_MARK = re.compile(r"[ \t\u3000]{0,8}([^\W\d_][\w.-]{0,15})(?:>|＞)(?![>＞=<])")
_MARKS_AND_SPACE = ">＞≫| \t\u3000\xa0"
_MARKER_LETTERS = tuple(letters(marker) for marker in MARKERS)


@dataclass(frozen=True)
class Forms:
    """`marked[i]`: line i bears a quote mark; `bare[i]` is the line without it. `head[i]`: a client, or we, wrote it
    around the quotation.

    `first` is the first line that any form touches, or the number of lines. From `tail` on all may be quoted though
    nothing marks it; if it is `forwarded`, it is another's mail that the writer sent along, unless it is ours. `proofs`
    are the lines at which a client's head begins that proves a quotation below it.
    """

    marked: list[bool]
    bare: list[str]
    head: list[bool]
    first: int
    tail: int | None
    forwarded: bool = False
    proofs: tuple[int, ...] = ()


def read_forms(lines: Sequence[str]) -> Forms:
    """The general forms in the lines of one mail."""
    marked = _marked(lines)
    bare = [unmark(line) if mark else line for line, mark in zip(lines, marked, strict=True)]
    following = _following(lines)
    markers = [is_marker(line) for line in bare]
    sure = [mark or marker for mark, marker in zip(marked, markers, strict=True)] + [False]
    follows = [sure[next_] for next_ in following]
    head = [False] * len(lines)
    first = len(lines)
    proofs: list[tuple[int, int]] = []
    candidates = 0
    index = 0
    while index < len(lines):
        if marked[index] or not lines[index].strip():
            count = link_list_at(bare, index)
            head[index : index + count] = [True] * count
            if marked[index]:
                if index and rule(lines[index - 1]) and not marked[index - 1] and header_block_at(bare, index):
                    head[index - 1] = True
                    first = min(first, index - 1)
                first = min(first, index)
            index += max(count, 1)
            continue
        candidates += may_begin(lines[index])
        known = follows if candidates <= MAX_CANDIDATES else None
        count, proof = (1, True) if markers[index] else _head_at(lines, index, known)
        if not count:
            index += 1
            continue
        begin = _begin_above(lines, index, marked)
        end = index + count
        head[begin:end] = [True] * (end - begin)
        first = min(first, begin)
        if proof:
            proofs.append((begin, end))
        index = end
    for begin, end in proofs:
        next_ = following[end - 1]
        if next_ < len(lines) and not marked[next_] and not head[next_]:
            forwarded = any(map(is_forwarding, lines[begin:end])) and not any(markers[end:])
            begins = tuple(begin for begin, end in proofs if not any(markers[begin:end]))
            return Forms(marked, bare, head, first, tail=end, forwarded=forwarded, proofs=begins)
    return Forms(marked, bare, head, first, tail=None)


def is_marker(line: str) -> bool:
    """Whether the line is the one of our notifications above which an answer is asked for."""
    if not MARKER_LINE_MIN <= len(line) <= MARKER_LINE_MAX:
        return False
    text = letters(line)
    return any(marker in text for marker in _MARKER_LETTERS)


def unmark(line: str) -> str:
    """The line without its quote marks."""
    named = _NAME_MARK.match(line)
    return line[named.end() if named else 0 :].lstrip(_MARKS_AND_SPACE)


def _head_at(lines: Sequence[str], index: int, follows: Sequence[bool] | None) -> tuple[int, bool]:
    """How many lines from `index` a client put there itself, and whether they prove a quotation below them; without
    `follows` no attribution is looked for."""
    below = separator_at(lines, index)
    if below is not None:
        return below - index, True
    links = link_list_at(lines, index)
    if links:
        return links, False
    block = header_block_at(lines, index)
    if block is not None:
        return block - index, True
    count = attribution_at(lines, index, follows) if follows is not None else 0
    return count, count > 0 and proves_quotation(lines[index : index + count])


def _begin_above(lines: Sequence[str], index: int, marked: Sequence[bool]) -> int:
    """The line at which the head begins when its first line, a name, was wrapped or a ruled line stands above it."""
    above = index - 1
    if above >= 0 and lines[index].lstrip().startswith("<") and lines[above].strip() and not marked[above]:
        # At the top a short line is an answer; a name is wrapped because it is long.
        alone = len(lines[above]) >= LEAST_NAME if above == 0 else not lines[above - 1].strip()
        if alone and not ends_sentence(lines[above]):
            return above
    while above >= max(0, index - BLANK_BELOW_RULE) and not lines[above].strip():
        above -= 1
    if above < 0 or marked[above] or not rule(lines[above]):
        return index
    # The second of two equal rules closes what the writer put between them.
    paired = above < index - 1 and lines[above].strip() in (line.strip() for line in lines[max(0, above - 30) : above])
    return index if paired else above


def _marked(lines: Sequence[str]) -> list[bool]:
    marked = [_has_mark(line) for line in lines]
    for index in [index for index, line in enumerate(lines) if marked[index] and line.startswith(">From ")]:
        # A mailbox file has put this mark before a word, unless the lines beside it are quoted too.
        marked[index] = any(marked[max(0, index - 1) : index] + marked[index + 1 : index + 2])
    bars = [_has_bar(line.strip()) for line in lines]
    if any(one and other for one, other in pairwise(bars)):  # one bar is a bar; two lines of them are a quotation
        marked = [mark or bar for mark, bar in zip(marked, bars, strict=True)]
    names = [_name_mark(line) for line in lines]
    times = Counter(name for name in names if name)
    return [mark or times[name] >= LEAST_NAMED for mark, name in zip(marked, names, strict=True)]


def _has_bar(text: str) -> bool:
    """One "|", and a space, another mark or full-width text: "| 600 |" is a table's row, "|x| < 3" a formula."""
    if not text.startswith("|") or len(text) == 1:
        return text == "|"
    return text[1] > "~" or text[1] == ">" or (text[1].isspace() and not text.endswith("|"))


def _has_mark(line: str) -> bool:
    text = line.strip()
    if not text.startswith(_QUOTE_MARKS) or text.endswith("<<"):  # ">>> look here <<<" is an ornament
        return False
    return not is_end_after_bracket(text)


def _name_mark(line: str) -> str:
    """The name that stands before a quotation mark ("Yamada> "), as Supercite and many Japanese writers have it."""
    match = _NAME_MARK.match(line)
    return match[1].casefold() if match else ""


def _following(lines: Sequence[str]) -> list[int]:
    """For each line the next one that is not blank, or the number of lines."""
    following = [len(lines)] * len(lines)
    for index in range(len(lines) - 2, -1, -1):
        following[index] = index + 1 if lines[index + 1].strip() else following[index + 1]
    return following
