"""Postfix's own test tools: smtp-source hands in mail as fast as it can, smtp-sink takes it in every old manner."""

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlmodel import select

from gateway.store import ledger
from gateway.store.tables import Received
from tests.integration.daemon import free_port
from tests.integration.house import HANAKO, PATIENCE, SUZUKI, House
from tests.integration.relay import at_rest
from tests.interop import servers, shop
from tests.interop.postfix import Postfix
from tests.interop.shop import SHOP, Maildir

FULL = "TOIAWASE_TORTURE" in os.environ
MAILS, SESSIONS = (1000, 50) if FULL else (20, 10)
MANNERS = {
    "as it comes": (),
    "without 8BITMIME": ("-8",),
    "without pipelining": ("-p",),
    "without DSN": ("-N",),
    "without enhanced status codes": ("-E",),
    "without EHLO": ("-e",),
}


class Sink(Maildir):
    """The files that smtp-sink makes, each with its envelope on top."""

    def _files(self) -> list[Path]:
        return sorted(self.folder.iterdir())


@asynccontextmanager
async def sink(*manners: str) -> AsyncIterator[tuple[int, Sink]]:
    """smtp-sink's port, and what it was given."""
    program, port = servers.find("smtp-sink"), free_port()
    with servers.folder() as folder:
        mails = folder / "mails"
        mails.mkdir()
        mails.chmod(0o777)
        command = [program, *manners, "-u", "nobody", "-d", f"{mails}/%H.", f"127.0.0.1:{port}", "100"]
        with servers.started(command, folder / "sink.log", port):
            yield port, Sink(mails, SUZUKI)


async def pour(port: int) -> None:
    """smtp-source ends well only if every mail was answered 250."""
    words = ["-s", SESSIONS, "-m", MAILS, "-l", 4000, "-f", HANAKO, "-t", SHOP, f"127.0.0.1:{port}"]
    process = await asyncio.create_subprocess_exec(
        servers.find("smtp-source"), *map(str, words), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _ = await asyncio.wait_for(process.communicate(), PATIENCE * (20 if FULL else 1))
    assert (process.returncode, said) == (0, b"")


async def received(house: House) -> list[str]:
    """The Message-ID of each mail that was taken, once all are dealt with and every one has its account."""
    await at_rest(house)
    async with house.database.read() as session:
        book = await ledger.check(session)
        rows = await session.exec(select(Received))
        assert (book.waiting, book.problems) == (0, [])
        return [str(row.message_id) for row in rows]


async def test_t24_smtp_source_at_the_door_and_smtp_sink_behind_lose_nothing_and_get_nothing_twice(
    tmp_path: Path, sqlite_url: str
) -> None:
    async with (
        sink() as (port, sunk),
        shop.opened(tmp_path, sqlite_url, smarthost=f"smtp://127.0.0.1:{port}") as house,
    ):
        await pour(house.port)
        taken = await received(house)
        assert (len(taken), len(set(taken))) == (MAILS, MAILS)
        told = Counter(str(mail.mail["Message-ID"]) for mail in sunk.all())
        assert (len(told), set(told.values())) == (MAILS, {1})


async def test_t24_smtp_source_at_postfix_loses_nothing_on_both_ways_through_it(
    real_postfix: Postfix, house: House, suzuki: Maildir
) -> None:
    await pour(real_postfix.smtp)
    async with asyncio.timeout(PATIENCE * (20 if FULL else 1)):
        while suzuki.count() < MAILS:
            await asyncio.sleep(0.1)
    taken = await received(house)
    assert (len(taken), len(set(taken))) == (MAILS, MAILS)
    told = Counter(str(mail.mail["Message-ID"]) for mail in suzuki.all())
    assert (len(told), set(told.values())) == (MAILS, {1})


@pytest.mark.parametrize("manner", MANNERS)
async def test_t24_a_smarthost_of_every_manner_gets_the_same_mail(tmp_path: Path, sqlite_url: str, manner: str) -> None:
    async with (
        sink(*MANNERS[manner]) as (port, sunk),
        shop.opened(tmp_path, sqlite_url, smarthost=f"smtp://127.0.0.1:{port}") as house,
    ):
        await shop.hand_in(house.port, HANAKO, SHOP, "いつ発送されますか。\n.\n..点で始まる行。")
        await at_rest(house)
        (told,) = sunk.all()
        assert "いつ発送されますか。\n.\n..点で始まる行。" in told.text
        assert told.raw.isascii()  # N20: nothing depends on 8BITMIME
        assert max(map(len, told.raw.splitlines())) <= 998
        asked = str(told.mail["X-Mail-Args"])
        assert ("ENVID=" in asked) is (manner not in ("without EHLO", "without DSN"))
