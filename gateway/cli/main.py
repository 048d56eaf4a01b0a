"""The command line's root: the global options, the groups, and how each kind of error ends. A command's module is
loaded when it is asked for: all of them take two seconds.

Exit codes: 0 done, 1 the answer is no, 2 usage or configuration, 75 try again later.
"""

import sys
from importlib import import_module
from io import TextIOWrapper
from pathlib import Path
from traceback import extract_tb
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from gateway import __version__
from gateway.cli.context import CommandError
from gateway.config import ConfigError
from gateway.keys import KeysError

PLACES = 4  # calls that an internal error names
INTERNAL_ERROR = 70  # EX_SOFTWARE: a fault of ours, which no retry and no other option mends


# What each name is, in the order of the help: a module of this package, and a group or a function in it.
COMMANDS = {
    "init": "setup:init",
    "serve": "setup:serve",
    "config": "config:app",
    "keys": "keys:app",
    "store": "store:app",
    "seller": "seller:app",
    "staff": "staff:app",
    "product": "product:app",
    "order": "order:app",
    "template": "template:app",
    "inquiry": "inquiry:app",
    "silenced": "silenced:app",
    "suppressed": "suppressed:app",
    "mail": "mail:app",
    "rules": "rules:app",
    "outbox": "outbox:app",
    "ledger": "ledger:app",
    "db": "db:app",
    "digest": "digest:app",
    "report": "report:report",
    "status": "status:status",
    "dns": "dns:dns",
    "doctor": "doctor:doctor",
}


class Root(TyperGroup):
    """Ends a command that cannot be done with one line on standard error and its exit code, never a traceback."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The group or the command; None when there is no such one, and then all are loaded, for one may be meant."""
        for name in [cmd_name] if cmd_name in COMMANDS else COMMANDS:
            if name not in self.commands:
                module, _, attribute = COMMANDS[name].partition(":")
                self.commands[name] = _command(name, getattr(import_module(f"gateway.cli.{module}"), attribute))
        return self.commands.get(cmd_name)

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except CommandError as error:
            self._end(str(error), error.code)
        except (ConfigError, KeysError) as error:
            self._end(str(error), 2)

    def _end(self, text: str, code: int) -> None:
        typer.echo(f"toiawase: {text}", err=True)
        raise typer.Exit(code)


app = typer.Typer(
    cls=Root,
    name="toiawase",
    help="An e-mail gateway that gives marketplace shops a customer-inquiry desk inside their own mail client.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


def _command(name: str, what: Any) -> Any:
    if isinstance(what, typer.Typer):
        group = typer.main.get_group(what)
        group.name = name
        return group
    alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    alone.command(name)(what)
    return typer.main.get_command(alone)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"toiawase {__version__}")
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    file: Annotated[
        Path | None,
        typer.Option(
            "--config",
            envvar="TOIAWASE_CONFIG",
            help="The configuration; else ./toiawase.toml if it is there, else /etc/toiawase/toiawase.toml.",
        ),
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and end.")
    ] = False,
) -> None:
    context.obj = file


def main() -> None:
    """The program `toiawase`."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that lacks a letter shows ? for it
    try:
        app()
    except Exception as error:  # noqa: BLE001 - a fault of ours still ends in one line that can be reported
        typer.echo(f"toiawase: internal error: {type(error).__name__} at {_place(error)}: {error}", err=True)
        sys.exit(INTERNAL_ERROR)


def _place(error: Exception) -> str:
    """Where it was raised, and the calls that led there, the nearest first."""
    frames = extract_tb(error.__traceback__)[-PLACES:]
    return " < ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(frames))
