"""What anybody may have written is never sent, or in the way, when a seller says #送信, on both databases."""

import pytest

from gateway.store.database import Database
from gateway.store.tables import Outbox
from tests.worker.hands import COLLEAGUE, CUSTOMER, SELLER, Desk, open_shop, shop


@pytest.fixture
async def desk(database: Database) -> Desk:
    """A question that a colleague answered, and the seller's own answer, held for it."""
    await open_shop(database)
    desk = Desk(database)
    await desk.gets("いつ発送されますか。", sender=CUSTOMER, to=shop())
    await desk.delivers()
    await desk.gets("確認しています。", sender=COLLEAGUE, to=await side(desk))
    first = (await desk.sent("notification", SELLER))[0].message_id
    await desk.gets("明日発送します。", sender=SELLER, to=await side(desk), In_Reply_To=first)
    assert len(await desk.sent("question", SELLER)) == 1
    return desk


async def side(desk: Desk) -> str:
    return (await desk.sent("notification", SELLER))[0].from_address


async def said(desk: Desk) -> list[str]:
    return [row.text.partition("\n")[0] for row in await desk.sent("answer")]


def button(letter: Outbox) -> str:
    return letter.text.partition("mailto:")[2].split()[0]


async def test_send_takes_the_sellers_own_draft_and_never_a_newer_forged_one(desk: Desk) -> None:
    to = await side(desk)
    await desk.gets("振込先はこちらです。", sender=SELLER, to=to, authenticated=False)
    await desk.gets("偽の返信です。", sender="evil@other.example", to=to)
    await desk.gets("自動の返信です。", sender=SELLER, to=to, Auto_Submitted="auto-generated")
    for _ in range(2):
        await desk.gets("#送信", sender=SELLER, to=to)
        assert await said(desk) == ["確認しています。", "明日発送します。"]
    (told,) = await desk.sent("returned", SELLER)
    assert "送信を待っているあなたの返信はありません" in told.text
    await desk.gets("", sender=SELLER, to=button((await desk.sent("confirmation", SELLER))[0]))
    assert (await said(desk))[2:] == ["振込先はこちらです。"]  # by its own button alone


async def test_a_send_that_may_be_forged_holds_nothing_and_brings_the_button_of_the_sellers_own_draft(
    desk: Desk,
) -> None:
    to = await side(desk)
    await desk.gets("#送信", sender=SELLER, to=to, authenticated=False)
    (asked,) = await desk.sent("confirmation", SELLER)
    assert "ご本人が送ったものか確認できませんでした" in asked.text
    assert "明日発送します。" in asked.text
    assert await said(desk) == ["確認しています。"]
    await desk.gets("#送信", sender="evil@other.example", to=to)
    await desk.gets("#ヘルプ", sender=SELLER, to=to, authenticated=False)
    assert len(await desk.sent("returned")) == 2
    assert len(await desk.sent("help", SELLER)) == 1
    await desk.gets("", sender=SELLER, to=button(asked), authenticated=False)
    assert await said(desk) == ["確認しています。", "明日発送します。"]
    await desk.gets("#送信", sender=SELLER, to=to, authenticated=False)
    assert "送信を待っているあなたの返信はありません" in (await desk.sent("returned", SELLER))[-1].text
    assert len(await desk.sent("confirmation", SELLER)) == 1
