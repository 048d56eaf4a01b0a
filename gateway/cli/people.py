"""What is asked of an address, a store's name or a language before it is stored."""

from typing import Annotated

import typer
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.cli.context import USAGE, CommandError
from gateway.config import Config
from gateway.mail.addresses import address_problem, normalise_address
from gateway.store import stores
from gateway.store.tables import Store
from gateway.texts import languages

Language = Annotated[str, typer.Option(help="Of the mails we write: ja, en.")]
Welcome = Annotated[
    bool, typer.Option("--welcome/--no-welcome", help="Send the mail that explains the desk, with a pretend question.")
]
WELCOMED = "; a running gateway sends the welcome within seconds"
NAME_LENGTH = 200  # characters


def checked_address(config: Config, address: str) -> str:
    """Normalised. Raises CommandError for what is none, and for our own domain, which would be a loop (A13)."""
    if problem := address_problem(address):
        raise CommandError(f"{address!r} is no mail address: {problem}", USAGE)
    normal = normalise_address(address)
    if normal.rpartition("@")[2] == config.domain:
        raise CommandError(f"{address} is the gateway's own; register the address that the person reads", USAGE)
    return normal


def checked_name(name: str) -> str:
    if len(name) > NAME_LENGTH:
        raise CommandError(f"a name has at most {NAME_LENGTH} characters", USAGE)
    return name.strip()


def checked_language(language: str) -> str:
    if language not in languages():
        raise CommandError(f"there are no texts in {language!r}, only in {', '.join(languages())}", USAGE)
    return language


async def existing(session: AsyncSession, name: str) -> Store:
    """The store of this name. Raises CommandError."""
    store = await stores.named(session, name)
    if store is None:
        raise CommandError(f"there is no store {name}; `toiawase store list` names them")
    return store


def row_id(store: Store) -> int:
    assert store.id is not None, "a stored row has its key"
    return store.id
