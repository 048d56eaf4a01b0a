"""TXT records over a real socket: what is told, what is kept, and what becomes of names without an answer."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from dns.resolver import NoResolverConfiguration

from gateway import resolver
from gateway.resolver import Resolver
from tests.dns_server import DnsServer, dns_server

KEY = "k1._domainkey.shop.example"


@pytest.fixture
async def server() -> AsyncIterator[DnsServer]:
    async with dns_server() as running:
        running.records = {KEY: ["v=DKIM1; p=" + "A" * 400], "two.example": ["one", "two"]}
        yield running


async def test_records_are_told_whole_and_in_one_piece(server: DnsServer) -> None:
    answers = await Resolver([server.address]).texts([KEY, "two.example", "none.example"])
    assert answers.pop("two.example") in ((b"one", b"two"), (b"two", b"one"))
    assert answers == {KEY: (b"v=DKIM1; p=" + b"A" * 400,), "none.example": ()}
    assert await Resolver([server.address]).texts([]) == {}


async def test_an_answer_is_kept_as_long_as_it_says(server: DnsServer) -> None:
    asking = Resolver([server.address])
    with time_machine.travel("2026-11-26T10:00:00Z", tick=False) as clock:
        for _ in range(3):
            assert KEY in await asking.texts([KEY])
        assert server.asked[KEY] == 1
        clock.shift(timedelta(seconds=server.ttl + 1))
        server.records[KEY] = ["v=DKIM1; p="]
        assert (await asking.texts([KEY]))[KEY] == (b"v=DKIM1; p=",)


async def test_no_answer_is_kept_for_ever(server: DnsServer) -> None:
    """Whatever it says; one that there is no record not for long."""
    asking, server.ttl = Resolver([server.address]), 2**31 - 1
    with time_machine.travel("2026-11-26T10:00:00Z", tick=False) as clock:
        for seconds, keys, nones in ((0, 1, 1), (resolver.LONGEST_NONE + 1, 1, 2), (resolver.LONGEST, 2, 3)):
            clock.shift(timedelta(seconds=seconds))
            assert await asking.texts([KEY, "none.example"]) == {
                KEY: (b"v=DKIM1; p=" + b"A" * 400,),
                "none.example": (),
            }
            assert (server.asked[KEY], server.asked["none.example"]) == (keys, nones)


async def test_a_server_that_talks_nonsense_harms_nobody(server: DnsServer, monkeypatch: pytest.MonkeyPatch) -> None:
    async def breaks(*_: object, **__: object) -> None:
        raise KeyError("nonsense")

    monkeypatch.setattr("gateway.resolver.Library.resolve", breaks)
    assert await Resolver([server.address]).texts([KEY]) == {}


async def test_a_name_without_an_answer_is_left_out_and_keeps_none_of_the_others(
    server: DnsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resolver, "PATIENCE", 0.5)
    server.silent, server.failing = {"silent.example"}, {"failing.example"}
    names = ["silent.example", "failing.example", KEY, "a..b", f"{'a' * 64}.example", "ü" * 70]
    assert list(await Resolver([server.address]).texts(names)) == [KEY]


async def test_silence_is_waited_for_less_and_less(server: DnsServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resolver, "PATIENCE", 0.4)
    monkeypatch.setattr(resolver, "LEAST_PATIENCE", 0.1)
    server.silent = {"silent.example"}
    asking = Resolver([server.address])
    waited = []
    for name in ["silent.example"] * 4 + ["two.example"] * 3:
        waited.append(asking.patience)
        await asking.texts([name])
    assert waited == [0.4, 0.2, 0.1, 0.1, 0.1, 0.2, 0.4]


async def test_without_a_name_server_there_are_no_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resolver, "Library", _without_configuration)
    assert await Resolver().texts([KEY]) == {}


def _without_configuration(*, configure: bool) -> None:
    assert configure
    raise NoResolverConfiguration
