"""`db`: the database's schema, its backup and the way back."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway import __version__, keys
from gateway.cli.context import USAGE, CommandError, at_database, configuration, reading
from gateway.config import Config
from gateway.config.show import effective
from gateway.mail.keyring import fingerprint
from gateway.rules import files as rule_files
from gateway.rules.problems import RulesError
from gateway.store import backup as backups
from gateway.store import restoring
from gateway.store.backup import BackupError, Notes, PathError
from gateway.store.copying import as_text
from gateway.store.database import Database
from gateway.store.restoring import Restored

JUMP = 10_000  # more inquiries than come between two backups

app = typer.Typer(help="The database.", no_args_is_help=True)

File = Annotated[Path, typer.Argument(dir_okay=False, help="The backup.")]


@app.callback()
def _group() -> None:
    """The database."""


@app.command()
def upgrade(context: typer.Context) -> None:
    """Bring the database to this release's schema; a new one gets its tables."""

    async def look(session: AsyncSession) -> None:
        """Opening the database has done it."""

    reading(context, look)
    typer.echo("the database has this release's schema")


@app.command()
def backup(context: typer.Context, file: File) -> None:
    """Write all of the database, the rules and the keys' fingerprints into one new file, while the gateway works."""
    config = configuration(context)
    notes = Notes(
        made_at=datetime.now(UTC),
        release=__version__,
        domain=config.domain,
        keys=_fingerprints(config),
        configuration=effective(config),
        rules=_rules(config),
    )

    async def work(database: Database) -> None:
        await backups.make(database, file, notes)

    with _backup_errors():
        at_database(context, work)
    typer.echo(f"{file}: {file.stat().st_size} octets")
    secrets = [str(keys.key_file(config.keys)), str(config.file)]
    typer.echo(f"Not in it: {', '.join(secrets)} and what they name. Keep copies of them elsewhere.")


@app.command()
def restore(
    context: typer.Context,
    file: File,
    jump: Annotated[
        int, typer.Option(min=0, max=10_000_000, help="Inquiry numbers to leave out: those given since the backup.")
    ] = JUMP,
) -> None:
    """Put a backup into a database that has nothing yet. Do it before the gateway starts."""
    config = configuration(context)

    async def work(database: Database) -> Restored:
        return await restoring.restore(database, file, jump)

    with _backup_errors():
        done = at_database(context, work)
    rules = _put_back(config, done.notes)
    rows = {name: done.rows[name] for name in ("store", "inquiry", "message", "received", "outbox")}
    typer.echo(f"restored as of {as_text(done.notes.made_at)}: " + ", ".join(f"{n} {name}" for name, n in rows.items()))
    for line in [*_to_decide(done), *_keys_differ(config, done.notes), *rules]:
        typer.echo(f"- {line}")


@contextmanager
def _backup_errors() -> Iterator[None]:
    try:
        yield
    except PathError as error:
        raise CommandError(str(error), USAGE) from None
    except BackupError as error:
        raise CommandError(str(error)) from None


def _to_decide(done: Restored) -> list[str]:
    at = as_text(done.notes.made_at)
    lines = [f"Inquiries go on at Q-{done.last_number + 1}, so that no number since {at} is given again."]
    if done.held:
        lines.append(
            f"{done.held} outgoing mails are held: each may have left after {at}. `toiawase outbox list --state held`, "
            "then `toiawase outbox retry ID…` or `toiawase outbox cancel ID…`."
        )
    if done.not_understood:
        lines.append(
            f"{done.not_understood} received mails were not understood at {at}: the gateway does it when it starts, "
            "and whom it told before, it tells again."
        )
    return [
        *lines,
        f"Mails that came after {at} are not here. Ask the relay before us for what it still has, and the sellers: "
        "they have the notifications.",
        f"What was erased, hidden, or closed after {at} is back: erase it again.",
        "The index of words is made anew while the gateway runs.",
    ]


def _fingerprints(config: Config) -> dict[str, str]:
    """Of the keys in use, or of none where the file cannot be read: the database has them, too."""
    try:
        return {entry.id: fingerprint(entry.key) for entry in keys.read(config.keys) if not entry.revoked}
    except keys.KeysError as error:
        typer.echo(f"toiawase: {error}", err=True)
        return {}


def _keys_differ(config: Config, notes: Notes) -> list[str]:
    here = _fingerprints(config)
    lost = [name for name, value in notes.keys.items() if here.get(name) != value]
    if not lost:
        return []
    file = keys.key_file(config.keys)
    return [
        f"{file} lacks the keys {', '.join(lost)}: what people hold of them is answered 451. Put back the copy of that "
        "file, or `toiawase keys revoke` each that is lost for good."
    ]


def _rules(config: Config) -> dict[str, str] | None:
    """The folder's files, right or wrong; None where the shipped rules are in force."""
    if not config.rules.is_dir():
        return None
    try:
        return {name: content.decode() for name, content in rule_files.read(config.rules).items()}
    except (RulesError, ValueError) as error:
        typer.echo(f"toiawase: without the rules, which cannot be read: {error}", err=True)
        return None


def _put_back(config: Config, notes: Notes) -> list[str]:
    """Writes the rules where there are none; beside them where there are others."""
    if notes.rules is None:
        return [f"The backup was made with the shipped rules, and {config.rules} is there."] if _rules(config) else []
    if _rules(config) == notes.rules:
        return []
    folder = config.rules
    lines = [f"The rules are in {folder} as they were."]
    if folder.exists():
        folder = folder.with_name(f"{folder.name}.of-backup")
        lines = [f"The rules in {config.rules} are others than the backup's, which are in {folder}. The first apply."]
    try:
        for name, content in notes.rules.items():
            place = folder / name
            if folder.resolve() not in place.resolve().parents:
                return [f"A file of the backup's rules leads out of {folder}: {name}. None after it was written."]
            place.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
            descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(content.encode())
    except OSError as error:
        return [f"The backup's rules could not be written to {folder}: {error.strerror}."]
    return lines
