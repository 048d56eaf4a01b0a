"""`init` and `serve`: a gateway's first and its every day."""

import asyncio
import shutil
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.context import LATER, USAGE, CommandError, configuration, database_errors
from gateway.cli.rules_problems import print_problems
from gateway.config import sample
from gateway.keys import create
from gateway.private import WRITABLE_BY_OTHERS, is_open
from gateway.rules.problems import RulesError
from gateway.rules.shipped import REFERENCE, shipped_folder, shipped_reference


def init(folder: Annotated[Path, typer.Argument(metavar="DIR", help="Made if it is not there.")]) -> None:
    """Write toiawase.toml, keys.toml and rules/ into DIR, never over what is there."""
    try:
        folder.mkdir(mode=0o755, parents=True, exist_ok=True)  # whatever the umask: nobody else's to write to (A25)
        for name, write in (("toiawase.toml", _write_sample), ("keys.toml", _write_keys), ("rules", _copy_rules)):
            target = folder / name
            if target.exists():
                typer.echo(f"kept   {target}")
            else:
                write(target)
                typer.echo(f"wrote  {target}")
    except OSError as error:
        raise CommandError(f"{error.filename or folder} cannot be written: {error.strerror}", USAGE) from None
    if is_open(folder, WRITABLE_BY_OTHERS):
        typer.echo(f"others may write to {folder}, which keeps the gateway from starting: `chmod go-w {folder}`")
    typer.echo(f"Now set domain and operator in {folder / 'toiawase.toml'}, then `toiawase store add`.")


def serve(context: typer.Context) -> None:
    """Run the gateway in the foreground until SIGTERM."""
    config = configuration(context)
    from gateway.app import serve as run  # the other commands need not wait for it
    from gateway.parts import ListenError

    # Each worker process would import the program's file once more, and with it the whole command line.
    vars(sys.modules["__main__"]).pop("__file__", None)
    with database_errors():
        try:
            with asyncio.Runner(loop_factory=_loop_factory()) as runner:
                runner.run(run(config))
        except KeyboardInterrupt:
            raise typer.Exit(130) from None
        except RulesError as error:
            print_problems(error.problems, config.rules)
            raise CommandError("cannot start: no rules are known that were in use before", USAGE) from None
        except ListenError as error:
            raise CommandError(f"cannot start: {error}", LATER) from None


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop's, where the extra `speed` is installed."""
    try:
        import uvloop
    except ModuleNotFoundError:
        return None
    return uvloop.new_event_loop


def _write_sample(file: Path) -> None:
    file.write_text(sample(), "utf-8")


def _write_keys(file: Path) -> None:
    create(file, datetime.now(UTC))


def _copy_rules(folder: Path) -> None:
    shutil.copytree(shipped_folder(), folder)
    shutil.copyfile(shipped_reference(), folder / REFERENCE)
    for copy in (folder, *folder.rglob("*")):
        copy.chmod(0o755 if copy.is_dir() else 0o644)  # a rule that others may write is refused
