"""A06, A10: whoever only looks like another, by ß, ſ or a domain in another spelling, is not that other."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.integration.house import DOMAIN, House, open_house

WEBER, WEBERS = "weber@straße.example", "weber@xn--strae-oqa.example"  # one person: RFC 5890 2.3.2.1
STORE = f"testshop@{DOMAIN}"


@pytest.fixture
async def house(tmp_path: Path, sqlite_url: str) -> AsyncIterator[House]:
    async with open_house(tmp_path, sqlite_url) as house:
        await house.add_store("testshop", WEBERS)
        yield house


async def test_a06_the_answer_to_one_customer_never_goes_to_another(house: House) -> None:
    await house.writes("weiss@mail.example", STORE, "Erste Frage, bitte?")
    first = await house.gets(WEBERS)
    await house.writes("w@mail.example", STORE, "Zweite Frage, geheim?", From="weiß@mail.example")
    second = await house.gets(WEBERS)
    assert first.from_address != second.from_address
    await house.writes(WEBERS, second.from_address, "Nur für weiß.")
    assert "Nur für weiß." in (await house.gets("weiß@mail.example")).text
    assert "weiss@mail.example" not in {mail.rcpt_to for mail in house.arrived}


@pytest.mark.parametrize("spelling", [WEBER, WEBERS, "Weber@STRASSE.example".replace("SS", "ẞ")])
async def test_a_seller_may_write_his_domain_in_either_spelling(house: House, spelling: str) -> None:
    await house.writes("hanako@customer.example", STORE, "サイズはありますか。")
    notification = await house.gets(WEBERS)
    await house.writes(WEBERS, notification.from_address, "Lがあります。", From=spelling)
    assert "Lがあります。" in (await house.gets("hanako@customer.example")).text


@pytest.mark.parametrize(
    ("sender", "author"),
    [
        ("weber@strasse.example", "weber@strasse.example"),  # another domain, which IDNA 2003 took for this one
        ("weber@strasse.example", WEBER),
        (WEBERS, "ẅeber@straße.example"),
        (WEBERS, "weber@ｓｔｒａße.example"),
    ],
)
async def test_a10_who_only_looks_like_a_seller_is_held(house: House, sender: str, author: str) -> None:
    await house.writes("hanako@customer.example", STORE, "サイズはありますか。")
    notification = await house.gets(WEBERS)
    queue_id = await house.writes(sender, notification.from_address, "Lがあります。", From=author)
    received = await house.settled(queue_id)
    assert [account["result"] for account in received.outcome] == ["draft"]
    await house.gets(WEBERS, "【確認してください】")


async def test_the_answer_to_a_domain_that_is_not_ascii_goes_to_that_domain(house: House) -> None:
    await house.writes("anna@xn--strae-oqa.example", STORE, "Frage?", From="anna@straße.example")
    await house.writes(WEBERS, (await house.gets(WEBERS)).from_address, "Antwort.")
    assert "Antwort." in (await house.gets("anna@xn--strae-oqa.example")).text


async def test_a_registered_address_is_found_whatever_letters_it_begins_with(house: House) -> None:
    """SQLite's lower() knows ASCII alone."""
    await house.add_store("second", "Ünal@shop.example")
    await house.writes("hanako@customer.example", f"second@{DOMAIN}", "サイズはありますか。")
    reply = (await house.gets("Ünal@shop.example")).from_address
    await house.writes("u@shop.example", reply, "Lがあります。", From="Ünal@shop.example")
    assert "Lがあります。" in (await house.gets("hanako@customer.example")).text
