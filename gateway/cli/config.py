"""`config`: is the file right, and what is in force?"""

import os
from collections.abc import Iterator
from pathlib import Path

import typer

from gateway import private
from gateway.cli.context import CommandError, configuration
from gateway.config import Config, effective
from gateway.keys import load_keys

app = typer.Typer(help="The configuration file.", no_args_is_help=True)


@app.command()
def check(context: typer.Context) -> None:
    """Check the configuration, the keys, and that the files it names can be read."""
    config = configuration(context)
    load_keys(config.keys)
    missing = [f"{key}: {file} cannot be read" for key, file in _named(config) if not os.access(file, os.R_OK)]
    missing += private.problems(config)
    if missing:
        raise CommandError("; ".join(missing))
    typer.echo(f"{config.file} is right")


@app.command()
def show(context: typer.Context) -> None:
    """Print every key with the value in force, without secrets."""
    typer.echo(effective(configuration(context)), nl=False)


def _named(config: Config) -> Iterator[tuple[str, Path]]:
    files = {
        "smarthost.password_file": config.smarthost.credential,
        "tls.certificate": config.tls.certificate,
        "tls.key": config.tls.key,
    } | {f"dkim, selector {selector}": file for selector, file in config.dkim.keys}
    yield from ((key, file) for key, file in files.items() if file is not None)
