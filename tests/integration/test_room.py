"""A disk that is too full for mail is seen wherever an operator looks (N18): log, readiness, numbers, `status`."""

import asyncio
import contextlib
import json
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.few_rules import write_few_rules
from tests.integration.daemon import PATIENCE, Daemon, daemon, free_port
from tests.integration.web import get

MORE_THAN_THERE_IS = 1 << 60


@pytest.fixture
async def house(tmp_path: Path, sqlite_url: str) -> AsyncIterator[Daemon]:
    async with daemon(tmp_path, sqlite_url) as house:
        write_few_rules(tmp_path)
        yield house


async def _listens(port: int) -> None:
    """HTTP begins after mail."""
    async with asyncio.timeout(PATIENCE):
        while True:
            with contextlib.suppress(ConnectionRefusedError):
                await get(port, "/healthz")
                return
            await asyncio.sleep(0.05)


async def _mail_is_answered(house: Daemon) -> str:
    async with await house.session() as dialog:
        return (await dialog.ask("EHLO mx.example", "MAIL FROM:<x@customer.example>"))[:3]


async def test_n18_while_mail_is_refused_for_want_of_room_everybody_who_asks_is_told(house: Daemon) -> None:
    port = free_port()
    house.configure("listen", http=f"127.0.0.1:{port}")
    await house.start()
    await _listens(port)
    assert "toiawase_disk_room 1.0\n" in (await get(port, "/metrics")).text
    assert json.loads(await house.command("status", "--json"))["attention"] == []

    house.configure("limits", free_space=MORE_THAN_THERE_IS)
    house.signal(signal.SIGHUP)
    await house.logged("disk.no_room")
    assert await _mail_is_answered(house) == "452"
    ready = await get(port, "/readyz")
    assert (ready.status, ready.text) == (503, "the disk has no room for mail\n")
    assert "toiawase_disk_room 0.0\n" in (await get(port, "/metrics")).text
    [line] = json.loads(await house.command("status", "--json", code=1))["attention"]
    assert "mail is being refused" in line

    house.configure("limits", free_space=1 << 20)
    house.signal(signal.SIGHUP)
    await house.logged("disk.room")
    assert await _mail_is_answered(house) == "250"
    assert (await get(port, "/readyz")).status == 200
    assert json.loads(await house.command("status", "--json"))["attention"] == []
    assert await house.stop() == 0
    assert [len(house.events(name)) for name in ("disk.no_room", "disk.room")] == [1, 1]
