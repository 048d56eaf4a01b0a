"""The command line's root: the global options, the groups, and how each kind of error ends.

Exit codes: 0 done, 1 the answer is no, 2 usage or configuration, 75 try again later.
"""

import sys
from io import TextIOWrapper
from pathlib import Path
from traceback import extract_tb
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from gateway import __version__
from gateway.cli import (
    config,
    db,
    digest,
    dns,
    doctor,
    inquiry,
    keys,
    ledger,
    mail,
    order,
    outbox,
    product,
    report,
    rules,
    seller,
    setup,
    silenced,
    staff,
    status,
    store,
    suppressed,
    template,
)
from gateway.cli.context import CommandError
from gateway.config import ConfigError
from gateway.keys import KeysError

PLACES = 4  # calls that an internal error names
INTERNAL_ERROR = 70  # EX_SOFTWARE: a fault of ours, which no retry and no other option mends


class Root(TyperGroup):
    """Ends a command that cannot be done with one line on standard error and its exit code, never a traceback."""

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
app.command("init")(setup.init)
app.command("serve")(setup.serve)
app.add_typer(config.app, name="config")
app.add_typer(keys.app, name="keys")
app.add_typer(store.app, name="store")
app.add_typer(seller.app, name="seller")
app.add_typer(staff.app, name="staff")
app.add_typer(product.app, name="product")
app.add_typer(order.app, name="order")
app.add_typer(template.app, name="template")
app.add_typer(inquiry.app, name="inquiry")
app.add_typer(silenced.app, name="silenced")
app.add_typer(suppressed.app, name="suppressed")
app.add_typer(mail.app, name="mail")
app.add_typer(rules.app, name="rules")
app.add_typer(outbox.app, name="outbox")
app.add_typer(ledger.app, name="ledger")
app.add_typer(db.app, name="db")
app.add_typer(digest.app, name="digest")
app.command("report")(report.report)
app.command("status")(status.status)
app.command("dns")(dns.dns)
app.command("doctor")(doctor.doctor)


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
    except BrokenPipeError:  # the reader of a listing went away
        sys.stderr.close()
        sys.exit(1)
    except Exception as error:  # noqa: BLE001 - a fault of ours still ends in one line that can be reported
        typer.echo(f"toiawase: internal error: {type(error).__name__} at {_place(error)}: {error}", err=True)
        sys.exit(INTERNAL_ERROR)


def _place(error: Exception) -> str:
    """Where it was raised, and the calls that led there, the nearest first."""
    frames = extract_tb(error.__traceback__)[-PLACES:]
    return " < ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(frames))
