"""An answer that cannot arrive: the seller has it back once, the inquiry is 未回答, and nobody goes on knocking."""

from tests.integration.house import DOMAIN, HANAKO, SUZUKI, House
from tests.integration.relay import at_rest

SHOP = f"testshop@{DOMAIN}"


async def test_n10_t09_an_answer_to_an_address_that_is_no_more(house: House) -> None:
    await house.writes(HANAKO, SHOP, "いつ発送されますか。")
    told = await house.gets(SUZUKI)
    house.smarthost.unknown.add(HANAKO)
    await house.writes(SUZUKI, told.from_address, "明日です。")
    back = await house.gets(SUZUKI, "【お届けできませんでした】")
    assert "明日です。" in back.text and "550 5.1.1" in back.text and HANAKO not in back.text
    assert (await house.inquiry())["status"] == "unanswered"

    await house.writes(SUZUKI, told.from_address, "明後日です。")
    back = await house.gets(SUZUKI, "【お届けできませんでした】")
    assert "明後日です。" in back.text
    await at_rest(house)
    assert house.smarthost.asked.count(HANAKO) == 1
    assert (await house.inquiry())["status"] == "unanswered"

    house.smarthost.unknown.clear()
    await house.writes(HANAKO, SHOP, "まだでしょうか。")
    told = await house.gets(SUZUKI, "テスト2")
    await house.writes(SUZUKI, told.from_address, "本日です。")
    assert "本日です。" in (await house.gets(HANAKO)).text
    await at_rest(house)
    failures = [one for one in house.arrived if str(one.mail["Subject"]).startswith("【お届け")]
    assert [one.rcpt_to for one in failures] == [SUZUKI] * 2
