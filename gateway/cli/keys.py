"""`keys`: the keys that sign reply addresses."""

from datetime import UTC, datetime

import typer
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway import keys
from gateway.cli.context import configuration, writing
from gateway.cli.output import Json, day_and_time, print_json, print_table
from gateway.mail.keyring import fingerprint
from gateway.store import key_fingerprints

app = typer.Typer(help="The keys that sign reply addresses.", no_args_is_help=True)


@app.command("list")
def list_(context: typer.Context, json: Json = False) -> None:
    """List the keys, the newest first; the newest in use signs, all in use verify."""
    entries = keys.read(configuration(context).keys)
    signing = next((entry.id for entry in entries if not entry.revoked), None)
    rows = [
        {
            "id": entry.id,
            "created_at": entry.created_at.isoformat(timespec="seconds"),
            "signs": entry.id == signing,
            "revoked": entry.revoked,
            "fingerprint": fingerprint(entry.key),
        }
        for entry in entries
    ]
    if json:
        print_json(rows)
    else:
        print_table(
            ("key", "made", "state", "fingerprint"),
            [(row["id"], day_and_time(str(row["created_at"])), _state(row), row["fingerprint"]) for row in rows],
        )


@app.command()
def rotate(context: typer.Context) -> None:
    """Make a new key, which signs from now on; the older ones still verify."""
    entry = keys.rotate(configuration(context).keys, datetime.now(UTC))
    typer.echo(f"key {entry.id} signs from now on; copy the keys file to a safe place")


@app.command()
def revoke(context: typer.Context, key_id: str) -> None:
    """End a key: mail to every address that it signed is refused from now on."""
    path = configuration(context).keys
    lost = key_id not in {entry.id for entry in keys.read(path)}

    async def note(session: AsyncSession) -> bool:
        return await key_fingerprints.revoke(session, key_id, datetime.now(UTC))

    # The file first: were the database to fail now, the gateway would miss the key and name this command.
    if not lost:
        keys.revoke(path, key_id)
    if not writing(context, note) and lost:
        raise keys.KeysError(f"neither the file nor the database knows a key {key_id}; see `toiawase keys list`")
    typer.echo(f"key {key_id} is revoked")


def _state(row: dict[str, object]) -> str:
    return "revoked" if row["revoked"] else "signs" if row["signs"] else "verifies"
