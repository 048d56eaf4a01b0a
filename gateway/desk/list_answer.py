"""Reads the answer to a list or a digest: `3 完了`, or a number with the reply to that customer under it. Pure.

A line that begins with a number is meant as one, whatever follows: a text that could be cut there is never sent.
Nothing of a mail is done unless all of it is understood.
"""

import re
from dataclasses import dataclass, replace

from gateway.desk.situation import Incoming
from gateway.mail.commands import read_commands, refused_above
from gateway.mail.display import one_line
from gateway.mail.normal_forms import nfkc
from gateway.mail.reply import divide
from gateway.mail.values import Reply

MOST_ITEMS = 60
LINE_LENGTH = 40  # characters of a line that the receipt repeats

_NUMBER = r"(?:q-?|№)?\d{1,9}"
_ITEM = re.compile(
    rf"[(\[【]?({_NUMBER}(?: ?(?:[,、・&]|と|and) ?{_NUMBER}| ?[-~〜] ?\d{{1,3}}| {_NUMBER}(?!\S))*)[)\]】]?"
    r"(?:番|件目)?(?:[ .:)、]+|(?=#)|$|(?<=番)(?:は|を)?)(.*)",
    re.IGNORECASE,
)
_ONE = re.compile(rf"({_NUMBER})(?: ?[-~〜] ?(\d{{1,3}}))?", re.IGNORECASE)


@dataclass(frozen=True)
class Item:
    """What is asked of one line of the list. `problem` names why it cannot be: a text of the catalogue, and fields."""

    written: str  # the number as it stood there
    position: int | None  # of the line in the list, from 1; None where the list has none such
    said: str  # what followed, or the beginning of the text below
    reply: Reply
    problem: str = ""
    detail: tuple[tuple[str, str], ...] = ()


def written_in(incoming: Incoming) -> str:
    """The new text of a mail to the desk, without what it quotes of ours and its signature."""
    return divide(incoming.mail.text, incoming.sent, [incoming.author]).text


def is_answer(text: str) -> bool:
    """Whether the new text of a mail begins with a line that a number begins."""
    first = next((line for line in text.split("\n") if line.strip()), "")
    return _item(first) is not None


def items_of(text: str, numbers: list[int]) -> list[Item]:
    """One for each number in the order of the mail; `numbers` are the inquiries of the list's lines."""
    blocks: list[tuple[str, str, list[str]]] = []
    for line in text.split("\n"):
        if match := _item(line):
            blocks.append((match[1], match[2], []))
        elif blocks:
            blocks[-1][2].append(line)
        elif line.strip():
            blocks.append(("", one_line(line), []))
    items: list[Item] = []
    for written, said, below in blocks:
        if not written:
            items.append(Item("", None, said[:LINE_LENGTH], Reply("", ""), "lines.before"))
            continue
        reply, problem, detail = _reply(said, below)
        shown = (said or next((one_line(line) for line in below if line.strip()), ""))[:LINE_LENGTH]
        named = (Item(number, None, shown, reply, problem, detail) for number in _numbers(written))
        items += [_placed(item, numbers) for item in named]
    return _each_once(items)[:MOST_ITEMS]


def _item(line: str) -> re.Match[str] | None:
    return _ITEM.fullmatch(" ".join(nfkc(one_line(line)).split()))


def _reply(said: str, below: list[str]) -> tuple[Reply, str, tuple[tuple[str, str], ...]]:
    """The command behind the number and the text under it, as if they stood at the top of a reply."""
    text = "\n".join(below).strip("\n")
    command = said if not said or said.startswith("#") else f"#{said}"
    read = read_commands(f"{command}\n{text}" if command else text)
    reply = Reply(read.rest.strip(), "", read.commands, read.refused, read.suggestion)
    if read.refused and not refused_above(read.refused, read.rest):
        return reply, "lines.below", (("line", read.refused[0]),)
    if read.refused:
        near = (read.suggestion or "").removeprefix("#")
        return reply, "lines.unknown", (("word", read.refused[0].lstrip("#＃")), ("near", near))
    if not read.commands and not reply.text:
        return reply, "lines.nothing", ()
    return reply, "", ()


def _numbers(written: str) -> list[str]:
    found: list[str] = []
    for match in _ONE.finditer(written):
        first, last = match[1], match[2]
        if last is None or not first.isdigit():
            found.append(first)
        else:
            found += [str(number) for number in range(int(first), min(int(last), int(first) + MOST_ITEMS) + 1)]
    return found


def _placed(item: Item, numbers: list[int]) -> Item:
    position: int | None
    if item.written.isdigit():
        position = int(item.written)
    else:
        inquiry = int(re.sub(r"\D", "", item.written))
        position = numbers.index(inquiry) + 1 if inquiry in numbers else None
    if position is None or not 1 <= position <= len(numbers):
        return replace(item, problem="lines.no_item", detail=(("item", item.written), ("count", str(len(numbers)))))
    return replace(item, position=position)


def _each_once(items: list[Item]) -> list[Item]:
    seen: set[int] = set()
    found = []
    for item in items:
        if item.position is not None and item.position in seen:
            item = replace(item, problem="lines.twice", detail=())
        found.append(item)
        seen |= {item.position} if item.position is not None else set()
    return found
