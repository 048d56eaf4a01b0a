"""`template`: the texts that a store keeps to answer with (よく使う返事, F6)."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.cli.context import NO, USAGE, CommandError, writing
from gateway.cli.listing import list_of_stores
from gateway.cli.output import Json
from gateway.cli.people import existing, row_id
from gateway.desk.intent import Refusal
from gateway.desk.template_names import name_key
from gateway.desk.templates import fault, put
from gateway.store import templates
from gateway.texts import Texts

app = typer.Typer(help="The texts that a store keeps to answer with.", no_args_is_help=True)
COLUMNS = ("store", "name", "uses", "text")


@app.command("set")
def set_(
    context: typer.Context,
    store: str,
    name: Annotated[str, typer.Argument(help="What a seller writes after #定型.")],
    text: Annotated[str | None, typer.Option(help="The text, with merge fields such as {{ 注文番号 }}.")] = None,
    file: Annotated[Path | None, typer.Option(help="Or a file in UTF-8 that has it.")] = None,
) -> None:
    """Set the text of a template, a new one or a known one."""
    words = _words(text, file)

    async def work(session: AsyncSession) -> bool | Refusal:
        return await put(session, await existing(session, store), name, words, datetime.now(UTC))

    done = writing(context, work)
    if isinstance(done, Refusal):
        raise CommandError(fault(done, Texts("en")), NO)
    typer.echo(f"{store} has {'a new' if done else 'another text for its'} template {name}")


@app.command("list")
def list_(
    context: typer.Context,
    store: Annotated[str | None, typer.Option(help="Of this store only.")] = None,
    json: Json = False,
) -> None:
    """List the templates with how often each was sent."""

    async def read(session: AsyncSession) -> list[dict[str, object]]:
        return [
            {"store": of.name, "name": template.name, "uses": template.uses, "text": template.text}
            for template, of in await templates.listing(session, store)
        ]

    list_of_stores(context, store, COLUMNS, read, json=json)


@app.command()
def remove(context: typer.Context, store: str, name: str) -> None:
    """Remove a template; answers that were sent with it stay as they are."""

    async def work(session: AsyncSession) -> None:
        if not await templates.remove(session, row_id(await existing(session, store)), name_key(name)):
            raise CommandError(f"{store} has no template {name}; `toiawase template list` names them")

    writing(context, work)
    typer.echo(f"{store} has no template {name} any more")


def _words(text: str | None, file: Path | None) -> str:
    if (text is None) == (file is None):
        raise CommandError("the text is given by --text or by --file, one of them", USAGE)
    try:
        words = file.read_text("utf-8-sig") if file is not None else text or ""
    except UnicodeDecodeError:
        raise CommandError(f"{file} is not UTF-8", USAGE) from None
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}", USAGE) from None
    if not words.strip():
        raise CommandError(f"no text in {file or '--text'}")
    return words
