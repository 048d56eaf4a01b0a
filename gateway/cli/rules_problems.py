"""What is wrong with the rules, as `rules check` and a `serve` that cannot start tell it."""

from collections.abc import Iterable
from pathlib import Path

import typer

from gateway.cli.output import print_text
from gateway.rules.problems import Problem


def print_problems(problems: Iterable[Problem], folder: Path) -> None:
    """On standard error: each with its place and its line, then how many there are."""
    told = [problem.within(folder) for problem in problems]
    for problem in told:
        print_text(str(problem), err=True)
    typer.echo(f"toiawase: {len(told)} error{'' if len(told) == 1 else 's'} in {folder}", err=True)
