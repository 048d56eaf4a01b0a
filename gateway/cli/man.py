"""`python -m gateway.cli.man DIR`: writes toiawase(1) from the command line's own help, and toiawase.toml(5) from the
one list of keys. `make man` does it for docs/man/; nothing is written there by hand. (man(7), groff_man(7))
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from gateway import __version__
from gateway.cli.main import app
from gateway.config import sample
from gateway.config.schema import Config, Section
from gateway.config.show import literal

DESCRIPTION = """\
Toiawase gives marketplace shops a customer-inquiry desk inside the mail client that they already use: a customer's mail
becomes an inquiry, the seller presses Reply, the customer gets the answer in the same thread, and rules answer what
needs no human.

`toiawase serve` is the gateway itself, which systemd starts. Every other command looks at or changes what it works
with, while it runs or not. Every listing has `--json`.
"""
UNDER_SYSTEMD = """\
The state belongs to a user that systemd makes for the service alone (systemd.exec(5), DynamicUser=). Run the commands
as root: what they write stays the service's. `toiawase-as-service` runs one as the service itself would, with its user
and shut in as it is, also where PostgreSQL knows its user by the socket; files go through standard input and output.
"""
EXIT_STATUS = {
    "0": "Done.",
    "1": "The answer is no, or there is nothing of that name.",
    "2": "The usage, the configuration or the keys are wrong; standard error says what and what instead.",
    "70": "A fault of the program itself; please report the line.",
    "75": "Not now: the database or the network cannot be used. The same command may work later.",
}
FILES = {
    "/etc/toiawase/toiawase.toml": "The configuration, toiawase.toml(5), where no other is named or in the folder.",
    "/etc/toiawase/keys.toml": "The keys that sign reply addresses. Keep a copy.",
    "/etc/toiawase/rules/": "The rules; README.md in it describes them.",
    "/var/lib/toiawase/": "The database and what is on its way in, under systemd.",
}
KEYS = """\
The configuration of toiawase(1), in TOML. `toiawase init DIR` writes one with every key, its meaning and its default;
`toiawase config check` says what is wrong with one, by line, and `toiawase config show` what is in force. A key that is
not known is an error.

Paths are relative to the file's folder. A duration is a number with s, m, h or d. After a change
`systemctl reload toiawase`; a file with a mistake is refused whole, and all stays as it was. `database`, `listen` and
`workers` need a restart.
"""


def toiawase_1() -> str:
    """The page of the commands."""
    root: Any = typer.main.get_command(app)
    lines = [*_head("toiawase", 1, "an e-mail gateway with a customer-inquiry desk for marketplace shops")]
    lines += [".SH SYNOPSIS", r".B toiawase", r"[\fIOPTIONS\fR] \fICOMMAND\fR [\fIARGUMENTS\fR]"]
    lines += [".SH DESCRIPTION", *_prose(DESCRIPTION)]
    lines += [".SH OPTIONS", *_parameters(root, "toiawase")]
    lines += [".SH COMMANDS", *_commands(root, "toiawase")]
    lines += [".SH UNDER SYSTEMD", *_prose(UNDER_SYSTEMD)]
    lines += [".SH EXIT STATUS", *_list(EXIT_STATUS), ".SH FILES", *_list(FILES)]
    return "\n".join([*lines, ".SH SEE ALSO", ".BR toiawase.toml (5),", ".BR systemctl (1)", ""])


def toiawase_toml_5() -> str:
    """The page of the configuration."""
    lines = [*_head("toiawase.toml", 5, "configuration of the e-mail gateway toiawase")]
    lines += [".SH DESCRIPTION", *_prose(KEYS), ".SH KEYS", *_keys(Config)]
    for name, section in _sections(Config):
        lines += [f".SH [{_text(name)}]", _text(section.__doc__ or ""), *_keys(section)]
    lines += [".SH EXAMPLE", "As \\fBtoiawase init\\fR writes it:", ".PP", ".nf", ".RS 4"]
    lines += [_text(line) for line in sample().splitlines()[:6]]
    return "\n".join([*lines, ".RE", ".fi", ".SH SEE ALSO", ".BR toiawase (1)", ""])


def _head(name: str, section: int, what: str) -> Iterator[str]:
    yield '.\\" Written by `make man`; change the help of a command or the description of a key instead.'
    yield f'.TH {name.upper()} {section} "" "Toiawase {__version__}" "Toiawase"'
    yield from (".SH NAME", rf"{_text(name)} \- {_text(what)}")


def _commands(group: Any, words: str) -> Iterator[str]:
    context = typer.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command.hidden:
            continue
        path = f"{words} {name}"
        if hasattr(command, "commands"):
            yield from (f".SS {_text(path)}", _text(command.help), *_commands(command, path))
        else:
            usage = " ".join(command.collect_usage_pieces(typer.Context(command, info_name=name)))
            yield from (".TP", rf"\fB{_text(path)}\fR {_text(usage)}", *_prose(command.help))
            yield from (".RS", *_parameters(command, name), ".RE")


def _parameters(command: Any, name: str) -> Iterator[str]:
    context = typer.Context(command, info_name=name)
    for parameter in command.params:
        record = None if getattr(parameter, "hidden", False) else parameter.get_help_record(context)
        if record and record[1]:
            yield from (".TP", rf"\fB{_text(record[0])}\fR", _text(record[1]))


def _keys(section: type[Section]) -> Iterator[str]:
    inner = dict(_sections(section))
    for name, field in section.model_fields.items():
        if name in inner:
            continue
        default = "no default" if field.is_required() else f"default {literal(field.default)}"
        yield from (".TP", rf"\fB{_text(name)}\fR ({_text(default)})", _text(field.description or ""))


def _sections(section: type[Section]) -> Iterator[tuple[str, type[Section]]]:
    for name, field in section.model_fields.items():
        inner: Any = field.annotation
        if isinstance(inner, type) and issubclass(inner, Section):
            yield name, inner


def _list(entries: dict[str, str]) -> Iterator[str]:
    for name, text in entries.items():
        yield from (".TP", rf"\fB{_text(name)}\fR", _text(text))


def _prose(text: str) -> Iterator[str]:
    """Paragraphs between blank lines; what is in `…` stands in bold."""
    for number, paragraph in enumerate(text.strip().split("\n\n")):
        if number:
            yield ".PP"
        parts = enumerate(" ".join(paragraph.split()).split("`"))
        yield "".join(rf"\fB{_escaped(part)}\fR" if index % 2 else _escaped(part) for index, part in parts)


def _text(text: str) -> str:
    """One line, no request."""
    line = _escaped(" ".join(text.split()))
    return rf"\&{line}" if line.startswith(".") else line


def _escaped(text: str) -> str:
    """As roff prints it: hyphens and quotes as they are typed."""
    return text.replace("\\", r"\e").replace("-", r"\-").replace("'", r"\(aq").replace("`", r"\(ga")


def main(folder: Path) -> None:
    for name, text in (("toiawase.1", toiawase_1()), ("toiawase.toml.5", toiawase_toml_5())):
        (folder / name).write_text(text, "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
