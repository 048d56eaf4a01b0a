"""Which of a seller's commands may stand together in one mail, and what each needs beside its word. Tables; pure."""

from collections.abc import Sequence
from itertools import combinations

from gateway.mail.values import Command

ALONE = ("cancel", "send", "reopen", "unhide", "publish", "spam", "full", "split", "merge", "help")
"""Each of them is all that a mail asks for."""

_ANYWHERE = ("category", "snooze")
TOGETHER: tuple[frozenset[str], ...] = (
    frozenset({"title", "template", "progress", *_ANYWHERE}),
    frozenset({"title", "template", "done", *_ANYWHERE}),
    frozenset({"hide", "restrict", "template", "progress", *_ANYWHERE}),
    frozenset({"hide", "restrict", "template", "done", *_ANYWHERE}),
    frozenset({"note", "progress", *_ANYWHERE}),
    frozenset({"note", "handled", "done", *_ANYWHERE}),
    frozenset({"auto", "done", *_ANYWHERE}),
)
"""The commands of one mail are all in one of these; each may also stand by itself."""

NEEDS_WORDS = ("template", "title", "category", "snooze", "merge")
"""They mean nothing without an argument; what #非表示 needs is told together with its reason."""


def contradiction(commands: Sequence[Command]) -> tuple[Command, Command] | None:
    """The first two that cannot be done by one mail: they do not go together, or ask for the same in two ways."""
    for first, second in combinations(commands, 2):
        if first.name == second.name:
            if first.argument != second.argument:
                return first, second
        elif not any({first.name, second.name} <= group for group in TOGETHER):
            return first, second
    return None


def without_argument(commands: Sequence[Command]) -> Command | None:
    """The first that lacks the words which say what to do."""
    return next((command for command in commands if command.name in NEEDS_WORDS and not command.argument), None)
