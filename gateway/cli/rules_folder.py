"""Which rules a command is about, and the end of a command whose rules are wrong."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.context import USAGE, CommandError, configuration, configuration_file
from gateway.config import Config
from gateway.rules.problems import RulesError
from gateway.rules.ready import ready
from gateway.rules.ruleset import RuleSet
from gateway.rules.shipped import folder_in_force, shipped_folder

NO_RULES = "0 rules: nothing is answered or sorted"

Folder = Annotated[
    Path | None,
    typer.Option("--rules", metavar="DIR", help="These rules, without a configuration; else those it names."),
]


def folder(context: typer.Context, given: Path | None) -> Path:
    """The folder that is asked for, or the configuration's, or where there is none of these the shipped one."""
    if given is not None:
        return given
    config = configured(context)
    return folder_in_force(config.rules) if config else shipped_folder()


def configured(context: typer.Context) -> Config | None:
    """The configuration; None where no file is named and none is in its usual place. Raises ConfigError."""
    return configuration(context) if context.obj or configuration_file(context).exists() else None


def rules_in(folder: Path) -> RuleSet:
    """Raises CommandError."""
    with usable(folder):
        return ready(folder)


@contextmanager
def usable(folder: Path) -> Iterator[None]:
    """Ends the command with the first problem of the rules that the block asks for."""
    try:
        yield
    except RulesError as error:
        many = len(error.problems)
        more = f"\nand {count(many - 1, 'more error')}: `toiawase rules check`" if many > 1 else ""
        raise CommandError(f"{error.problems[0].within(folder)}{more}", USAGE) from None


def count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
