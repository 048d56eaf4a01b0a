"""Divides the text of a mail into what its writer newly wrote and the rest.

The parts are decided elsewhere: quotations in quoting.py, signatures in signatures.py, commands in commands.py.
Pure, and linear in the length of the text whatever it holds.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from gateway.mail.commands import is_command_like, read_commands
from gateway.mail.quoteforms import MARKERS
from gateway.mail.quoting import written_lines
from gateway.mail.recall import GRAM, Recall, forget_letters, letters
from gateway.mail.signatures import is_footer, typed_below, without_signature
from gateway.mail.values import Mail, Reply

__all__ = ["MARKERS", "divide", "divide_seller", "is_fresh", "with_commands"]

MAX_LINES = 50_000  # of a text are divided; what stands below counts as written
MAX_PREFILLED = 300  # characters of a button's body: a notification may begin with # too, but is longer
_SHARED_LINE = re.compile(r"^(?![>＞|-])(.{0,200}?[^\s-])-{2,9} ?(?=On .{10,200} wrote:$)", re.MULTILINE)
_LITERAL_SPACE = re.compile(r"^(?:&nbsp;[ \t]*)+$", re.MULTILINE)  # QQ's plain text has the entity
_REPLY_PREFIX = re.compile(
    r"\s*(?:re|fw|fwd|aw|wg|sv|vs|antw|答复|回复|回覆|転送|返信|답장|전달)\b|\s*(?:re|aw|fw|fwd)\s?[:：\[^]",
    re.IGNORECASE,
)
_INVISIBLE = re.compile("[\ufeff\u200b\u2060\u00ad]")


def divide(text: str, sent: Sequence[str] = (), own: Sequence[str] = (), *, fresh: bool = False) -> Reply:
    """The new text of a mail (answers above, between and below the quotation, in order, joined by a blank line;
    no signature) and all its other lines.

    `text` is the whole readable body with "\\n" line ends; `sent` are the text bodies of our mails that it may
    answer, newest first. A mail's HTML rendering and a button's prefilled body may be among them. `own` are the
    writer's addresses, by which a signature without a delimiter is known; a `fresh` mail answers none. Never raises.
    """
    forget_letters()
    text = _INVISIBLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    if "&nbsp;" in text:
        text = _LITERAL_SPACE.sub("", text)
    lines = _SHARED_LINE.sub(r"\1\n", text).split("\n")
    written = written_lines(lines[:MAX_LINES], sent, fresh=fresh) + list[str | None](lines[MAX_LINES:])
    _quote_prefilled(written, sent)
    _quote_footers(written)
    runs: list[list[str]] = []
    parts: list[list[str]] = []
    rest: list[str] = []
    index = 0
    while index < len(lines):
        if written[index] is None:
            rest.append(lines[index])
            index += 1
            continue
        run = []
        while index < len(lines) and (line := written[index]) is not None:
            run.append(line)
            if line != lines[index]:
                rest.append(lines[index].removesuffix(line).rstrip())  # what stands quoted before the writer's words
            index += 1
        kept = without_signature(run, own)
        rest += _left_out(run, kept)
        runs.append(run)
        parts.append(kept)
    if not any(line.strip() for part in parts for line in part):
        parts = [typed_below(run) for run in runs]
        typed = {line for part in parts for line in part}
        rest = [line for line in rest if line not in typed]
    texts = ["\n".join(line.rstrip() for line in part).strip("\n") for part in parts]
    return Reply(text="\n\n".join(filter(None, texts)), quoted="\n".join(rest).strip("\n"))


def _left_out(run: list[str], kept: list[str]) -> list[str]:
    """The lines of the run that are not kept; `kept` is its beginning and perhaps its end."""
    above = next((index for index, line in enumerate(kept) if line != run[index]), len(kept))
    return run[above : len(run) - (len(kept) - above)]


def is_fresh(mail: Mail) -> bool:
    """Whether nothing in the mail's header says that it answers or forwards another."""
    return not (mail.in_reply_to or mail.references or _REPLY_PREFIX.match(mail.subject))


def _quote_footers(written: list[str | None]) -> None:
    """Takes away clients' own lines that stand alone between blank ones, above or between the writer's words too."""
    blank = [not (line or "").strip() for line in written] + [True]
    for index, line in enumerate(written):
        if line and not blank[index] and blank[index - 1] and blank[index + 1] and is_footer(line):
            written[index] = None


def _quote_prefilled(written: list[str | None], sent: Sequence[str]) -> None:
    """Takes away what our buttons put into a mail: texts of ours that begin with a command, which itself stays."""
    bodies = Recall([text for text in sent if len(text) <= MAX_PREFILLED and is_command_like(text.lstrip())])
    cursor = 0
    for index, line in enumerate(written if bodies else ()):
        if line is None or is_command_like(line.lstrip()):
            continue
        key = letters(line)
        place = bodies.find(line, cursor) if len(key) >= GRAM else bodies.continues(line, cursor)
        if place is not None:
            written[index] = None
            cursor = place.end


def divide_seller(text: str, sent: Sequence[str] = (), own: Sequence[str] = ()) -> Reply:
    """`divide`, and then the commands at the top of the new text taken out of it (mail-interface: sellers only)."""
    return with_commands(divide(text, sent, own))


def with_commands(reply: Reply) -> Reply:
    """A division whose new text was a seller's: the commands at its top taken out, the lines that stop it named."""
    commands, rest, refused, suggestion = read_commands(reply.text)
    return replace(reply, text=rest, commands=commands, refused=refused, suggestion=suggestion)
