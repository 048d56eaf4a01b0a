"""Reads the commands that a seller writes above an answer: lines that begin with # (mail-interface, "What the seller
can write").

It knows the words, not their effects, and not who may use them. A line that was surely meant as a command and is none
is refused, never sent to a customer as text.
"""

import re
from collections.abc import Sequence
from difflib import get_close_matches
from typing import NamedTuple

from gateway.mail.display import one_line
from gateway.mail.normal_forms import nfkc
from gateway.mail.values import Command

WORDS: dict[str, tuple[str, ...]] = {
    "progress": ("処理中", "保留", "progress", "hold"),
    "done": ("処理完了", "完了", "done"),
    "auto": ("自動応答", "auto"),
    "template": ("定型", "template"),
    "hide": ("非表示", "hide"),
    "restrict": ("制限", "restrict"),
    "unhide": ("再表示", "unhide"),
    "title": ("件名", "title"),
    "publish": ("公開", "publish"),
    "spam": ("迷惑", "spam"),
    "note": ("メモ", "note"),
    "handled": ("対応済み", "対応済", "handled"),
    "reopen": ("要対応", "reopen"),
    "snooze": ("snooze",),
    "category": ("カテゴリ", "カテゴリー", "category"),
    "split": ("別件", "split"),
    "merge": ("統合", "merge"),
    "cancel": ("取消", "取消し", "取り消し", "キャンセル", "cancel"),
    "send": ("送信", "send"),
    "full": ("全文", "full"),
    "help": ("ヘルプ", "help"),
}
"""Each canonical name with the words that mean it. A day alone, `#明日`, is a snooze too."""

TAKES_ARGUMENT = frozenset(("template", "hide", "title", "snooze", "category", "merge"))
MAX_COMMANDS = 20  # lines; no mail needs more, and refusing costs a comparison with every word
MAX_REFUSED = 200  # characters kept of a refused line

_NAME_OF = {word.casefold(): name for name, words in WORDS.items() for word in words}
_DATE_WORDS = re.compile(
    r"今日|明日|明後日|あさって|来週|再来週|[月火水木金土日]曜日?|\d{1,3}(?:日|週間|時間)後"
    r"|\d{4}[-/]\d{1,2}[-/]\d{1,2}|\d{4}年\d{1,2}月\d{1,2}日|\d{1,2}[/月]\d{1,2}日?"
    r"|today|tomorrow|next week|\d{1,3} ?(?:d|days?|w|weeks?|h|hours?)"
)
_SHARP = "#"
_INVISIBLE = re.compile("[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\u20e3\ufe0f\ufeff]")
_EMPHASIS = re.compile(
    r"\s*(\*{1,3}|_{1,3})(?P<bold>[#＃♯](?!\1).{0,200}?)\1\s*|\s*\\(?P<escaped>[#＃♯].{0,200})"
)  # Markdown
_LEAST_LIKE = 0.5  # difflib's ratio: 処理 is like 処理中, 価格 like nothing


class CommandReading(NamedTuple):
    """`rest` is the text without the commands; `suggestion` the known word nearest to the first refused line."""

    commands: tuple[Command, ...]
    rest: str
    refused: tuple[str, ...]
    suggestion: str | None


def read_commands(new_text: str) -> CommandReading:
    """Reads the lines at the top that begin with # or ＃, blank lines between them allowed, up to the first other line.

    Below it # is text, unless a line is a known command and nothing else, which is refused. `##` at a line's start is a
    literal `#`. Width, case and spaces do not matter; an argument is kept as written, a day in its usual width.
    Never raises.
    """
    lines = new_text.split("\n")
    commands: list[Command] = []
    refused: list[str] = []
    top = 0
    for line in lines:
        text = _fold(line)
        if text and not is_command_like(text):
            break
        top += 1
        if not text:
            continue
        command = _command(line) if len(commands) < MAX_COMMANDS else None
        if command is None:
            refused.append(_refused(line))
        else:
            commands.append(command)
    rest = []
    for line in lines[top:]:
        if _is_whole_command(line):
            refused.append(_refused(line))
        rest.append(_literal(line))
    return CommandReading(
        tuple(commands),
        "\n".join(rest).strip("\n"),
        tuple(refused),
        _nearest(refused[0]) if refused else None,
    )


def refused_above(refused: Sequence[str], text: str) -> list[str]:
    """Those of the refused lines that stood above the text; the others are known commands that are still in it."""
    below = {_refused(line) for line in text.split("\n")}
    return [line for line in refused if line not in below or not _is_whole_command(line)]


def is_command_like(text: str) -> bool:
    """Whether the text begins with one # or ＃: two are a literal one."""
    text = nfkc(text[:2])
    return text.startswith(_SHARP) and not text.startswith(_SHARP * 2)


def _refused(line: str) -> str:
    return one_line(line)[:MAX_REFUSED]


def _command(line: str) -> Command | None:
    """The command that a line at the top is, or None if it is none that we know."""
    words = _fold(line).lstrip(_SHARP).strip()
    if _DATE_WORDS.fullmatch(words.casefold()):
        return Command("snooze", words, one_line(line))
    word, _, argument = words.partition(" ")
    name = _NAME_OF.get(word.casefold())
    if name is None:
        word, argument = words.replace(" ", ""), ""  # "# 処理 中"
        name = _NAME_OF.get(word.casefold())
    if name is None or (argument and name not in TAKES_ARGUMENT):
        return None
    if argument and name != "snooze":
        argument = _as_written(line, word)
    return Command(name, argument, one_line(line))


def _as_written(line: str, word: str) -> str:
    """The argument in its writer's own width and case: a title is shown as it was written."""
    text = " ".join(_bare(line).split()).lstrip("#＃♯").lstrip()
    for index in range(len(text) + 1):
        if _fold(text[:index]).casefold() == word.casefold():
            return text[index:].strip()
    return text


def _is_whole_command(line: str) -> bool:
    text = _fold(line)
    return is_command_like(text) and len(text) <= MAX_REFUSED and _command(line) is not None


def _literal(line: str) -> str:
    text = line.lstrip()
    return line[: len(line) - len(text)] + text[1:] if text[:2] in ("##", "＃＃", "#＃", "＃#") else line


def _nearest(line: str) -> str | None:
    words = _fold(line).lstrip(_SHARP).strip().casefold()
    close = get_close_matches(words.partition(" ")[0][:40], [*_NAME_OF, "明日"], n=1, cutoff=_LEAST_LIKE)
    return _SHARP + close[0] if close else None


def _bare(line: str) -> str:
    """The line without what clients put into it: invisible characters, and Markdown's marks for a bold or literal #."""
    text = _INVISIBLE.sub("", line)
    match = _EMPHASIS.fullmatch(text) if "#" in text or "＃" in text or "♯" in text else None
    return (match["bold"] or match["escaped"]) if match else text


def _fold(text: str) -> str:
    """NFKC, all kinds of space as one, nothing that a client put in; ♯, which keyboards offer for #, is one."""
    return " ".join(nfkc(_bare(text)).replace("♯", _SHARP).split())
