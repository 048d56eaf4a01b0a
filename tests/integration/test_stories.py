"""Five stories of a mail that somebody misses, solved by what docs/operating.md says: `mail list`, `mail show`, `outbox
show` and the log."""

from collections.abc import AsyncIterator
from typing import Any

import aiosmtplib
import pytest

from tests.integration.daemon import Daemon, daemon
from tests.integration.house import DOMAIN, SUZUKI

SHOP = f"testshop@{DOMAIN}"
HANAKO, JIRO, MICHIKO = "hanako@customer.example", "jiro@customer.example", "michiko@customer.example"
SABURO, GORO = "saburo@customer.example", "goro@customer.example"
PHONE = "suzuki.phone@mobile.example"


@pytest.fixture(scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Daemon]:
    """One for all: each story has its own customer."""
    folder = tmp_path_factory.mktemp("stories")
    async with daemon(folder, f"sqlite:///{folder}/toiawase.db") as house:
        await house.start()
        yield house


async def _attempt(house: Daemon, outcome: str) -> dict[str, Any]:
    """The log's first attempt with this outcome."""
    return await house.until(
        lambda: next((event for event in house.events("attempt") if event["outcome"] == outcome), None), outcome
    )


async def test_the_customer_says_she_got_no_answer(house: Daemon) -> None:
    await house.writes(HANAKO, SHOP, "送料はいくらですか。", Subject="送料")
    told = await house.gets(SUZUKI, "送料")
    house.smarthost.refuses = {HANAKO}
    await house.writes(SUZUKI, told.from_address, "500円です。")
    event = await _attempt(house, "failed")
    assert (event["kind"], event["code"], event["status"], event["level"]) == ("answer", 550, "5.1.1", "warning")
    letter = await house.json("outbox", "show", event["outbox_id"])
    assert letter["to"] == HANAKO
    assert "500円です。" in letter["text"]
    assert letter["history"][-1]["reply"].startswith("550 5.1.1")
    assert [row["id"] for row in await house.json("outbox", "list", "--to", HANAKO)] == [event["outbox_id"]]


async def test_the_shop_says_it_got_nothing(house: Daemon) -> None:
    with pytest.raises(aiosmtplib.SMTPRecipientsRefused):
        await house.writes(JIRO, f"tesutoshop@{DOMAIN}", "色は何色ですか。")
    assert await house.json("mail", "list", "--from", JIRO) == []
    await house.logged("recipient refused")
    [event] = house.events("recipient refused")
    assert (event["recipient"], event["reason"]) == (f"te***@{DOMAIN}", "no such store")
    assert event["sender"] == "ji***@customer.example"
    assert event["reply"].startswith("550 5.1.1")


async def test_the_seller_answered_and_the_customer_has_nothing(house: Daemon) -> None:
    await house.writes(MICHIKO, SHOP, "返品できますか。", Subject="返品")
    told = await house.gets(SUZUKI, "返品")
    queue_id = await house.writes(PHONE, told.from_address, "承ります。")
    await house.gets(SUZUKI, "【確認してください】")
    [row] = await house.json("mail", "list", "--from", PHONE)
    assert row["id"] == queue_id
    view = await house.json("mail", "show", queue_id)
    assert [(one["result"], one["why"]) for one in view["outcome"]] == [("draft", "unregistered")]
    assert [(letter["kind"], letter["to"]) for letter in view["outbox"]] == [("confirmation", SUZUKI)]
    [became] = [event["became"] for event in house.events("mail understood") if event["queue_id"] == queue_id]
    assert became == [f"draft Q-{view['outcome'][0]['inquiry']} by address"]


async def test_the_customer_wrote_again_and_nobody_was_told(house: Daemon) -> None:
    await house.writes(SABURO, SHOP, "発送はいつですか。", Subject="発送")
    told = await house.gets(SUZUKI, "発送")
    number = (await house.json("inquiry", "list", "--words", "発送"))[0]["number"]
    await house.writes(SUZUKI, told.from_address, "本日発送いたしました。")
    answer = await house.gets(SABURO)
    await house.until(
        lambda: [
            event for event in house.events("attempt") if event["kind"] == "receipt" and event["inquiry"] == number
        ],
        "the receipt: the answer's 250 is recorded",
    )
    queue_id = await house.writes(SABURO, answer.from_address, "ありがとうございました。")
    await house.gets(SABURO)
    view = await house.json("mail", "show", queue_id)
    [decision] = view["rules"]
    assert (decision["outcome"], decision["rule"]) == ("answered", "thank-you after the answer")
    assert [letter["kind"] for letter in view["outbox"]] == ["auto_response", "rule_notice"]
    assert "thank-you after the answer" in await house.command("mail", "show", queue_id)


async def test_everything_is_late_today(house: Daemon) -> None:
    house.smarthost.answer = "451 4.3.2 Please try again later"
    queue_id = await house.writes(GORO, SHOP, "在庫はありますか。", Subject="在庫")
    event = await _attempt(house, "deferred")
    assert (event["code"], event["status"]) == (451, "4.3.2")
    [letter] = (await house.json("mail", "show", queue_id))["outbox"]
    assert (letter["id"], letter["reply"]) == (event["outbox_id"], "451 4.3.2 Please try again later")
    house.smarthost.answer = "250 2.0.0 Ok"
    await house.command("outbox", "retry", "--all")
    await house.gets(SUZUKI, "在庫")
    await house.until(lambda: [e for e in house.events("attempt") if e["outbox_id"] == letter["id"]][1:], "its record")
    history = (await house.json("outbox", "show", letter["id"]))["history"]
    assert [history[0]["outcome"], history[-1]["outcome"]] == ["deferred", "sent"]
