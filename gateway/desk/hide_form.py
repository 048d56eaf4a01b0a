"""The mail that the 非表示 button opens: a form of three lines, which its sender fills in. Pure."""

import re
from dataclasses import replace

from gateway.mail.values import Command, Reply

_LABEL = re.compile(
    r"\s*(?:(?P<title>件名|タイトル|title|subject)|(?P<restrict>(?:今後|制限|refuse\b)[^:：]{0,60})|(?P<reason>理由|内容|reason))"
    r"\s*[:：]\s*(?P<words>.*)",
    re.IGNORECASE,
)
_YES = re.compile(r"(?:はい|する|お断り|制限|yes|y|on|○|◯)(?:します|する)?[。.!]?", re.IGNORECASE)


def filled_in(reply: Reply) -> Reply:
    """The same as the commands that it stands for; what was left empty is empty there too. A mail that is no form stays
    as it is."""
    fields: dict[str, list[str]] = {}
    field = ""
    for line in reply.text.split("\n"):
        label = _LABEL.fullmatch(line)
        name = _named(label) if label else ""
        if label and name not in fields:
            field, fields[name] = name, [label["words"]]
        elif field == "reason":  # it may have any number of lines, and some may look like a label
            fields[field].append(line)
        elif field == "title" and not fields[field][0].strip():  # written under its label
            fields[field] = [line]
    if not fields.keys() & {"title", "reason"}:
        return reply
    title, restrict, reason = ("\n".join(fields.get(name, [])).strip() for name in ("title", "restrict", "reason"))
    commands = [Command("hide", title, f"#非表示 {title}".strip())]
    if _YES.fullmatch(restrict):
        commands.append(Command("restrict", "", "#制限"))
    others = (command for command in reply.commands if command.name not in ("hide", "restrict"))
    return replace(reply, text=reason, commands=(*commands, *others))


def _named(match: "re.Match[str]") -> str:
    return next(name for name in ("title", "restrict", "reason") if match[name] is not None)
