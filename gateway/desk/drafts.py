"""How a held mail is kept, so that it can be read again when it is confirmed. Pure."""

from typing import Any

from gateway.mail.commands import refused_above
from gateway.mail.values import Command, Reply


def reading_of(reply: Reply, action: str | None, entry: int | None = None, answer: int | None = None) -> dict[str, Any]:
    """What was read at the top of a seller's mail, as it goes into the draft's row; `entry` is the one
    of the thread that #要対応 means, `answer` the one that #取消 means."""
    return {
        "commands": [{"name": c.name, "argument": c.argument, "line": c.line} for c in reply.commands],
        "refused": list(reply.refused),
        "suggestion": reply.suggestion,
        "action": action,
        "entry": entry,
        "answer": answer,
    }


def reply_of(text: str, reading: dict[str, Any]) -> tuple[Reply, str | None]:
    """The reply and the button as they were when the mail was held."""
    commands = tuple(Command(c["name"], c["argument"], c["line"]) for c in reading["commands"])
    return Reply(text, "", commands, tuple(reading["refused"]), reading["suggestion"]), reading["action"]


def sends(reply: Reply) -> bool:
    """Whether there are words for the customer in it."""
    return bool(reply.text) and not {"note", "handled"} & {command.name for command in reply.commands}


def as_written(reply: Reply) -> str:
    """The whole draft, its commands included."""
    above = refused_above(reply.refused, reply.text)
    lines = [*(command.line for command in reply.commands), *above, reply.text]
    return "\n".join(line for line in lines if line)
