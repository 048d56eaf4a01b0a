"""The daily digest of what waits, on both databases, by a faked clock."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update
from sqlmodel import col, select

from gateway.store.database import Database
from gateway.store.list_tables import NumberedMail
from gateway.store.states import InquiryStatus, Origin
from gateway.store.tables import Seller, Store
from tests.worker.days import ASKED, HOUR, IN, OUT, Shop, shop
from tests.worker.hands import COLLEAGUE, SELLER

__all__ = ["shop"]
MORNING = datetime(2026, 11, 27, 0, 0, tzinfo=UTC)  # 9:00 in Japan
DONE, IN_PROGRESS = InquiryStatus.DONE, InquiryStatus.IN_PROGRESS


async def test_what_waits_is_told_in_the_morning_in_each_sellers_language_and_can_be_answered(shop: Shop) -> None:
    older = await shop.inquiry((IN, "いつ届きますか。"), title="配達", received_at=ASKED - HOUR)
    newer = await shop.inquiry((IN, "色は？"), title="色")
    promised = await shop.inquiry((IN, "在庫は？"), (OUT, "確認します。"), title="在庫", status=IN_PROGRESS)
    await shop.inquiry((IN, "確認ください。"), title="精算", origin=Origin.MARKETPLACE, unread=True)
    await shop.inquiry((IN, "済み。"), title="済み", status=DONE)
    await shop.inquiry((IN, "来週。"), title="来週", snoozed_until=MORNING + 24 * HOUR)
    await shop.inquiry((IN, "今朝。"), title="今朝", received_at=MORNING + timedelta(seconds=1))
    assert await shop.comes_to(MORNING - timedelta(seconds=1)) == 0
    assert await shop.comes_to(MORNING + timedelta(minutes=5)) == 1
    assert await shop.comes_to(MORNING + 20 * HOUR) == 0
    (ours,), (theirs,) = await shop.sent("digest", SELLER), await shop.sent("digest", COLLEAGUE)
    assert ours.subject == "お問い合わせのまとめ：未回答3件・処理中1件（2026年11月27日）[L-1]"
    assert theirs.subject == "Inquiries waiting: 3 unanswered, 1 in progress (2026-11-27) [L-2]"
    rows = [line for line in ours.text.splitlines() if "（Q-" in line]
    assert rows == [
        f"1. 【未回答】配達（Q-{older}）",
        f"2. 【未回答】色（Q-{newer}）",
        "3. 【未回答】【未読】精算（Q-4）",
        f"4. 【処理中】在庫（Q-{promised}）",
    ]
    assert "【お客様】未回答：4件／処理中：1件" in ours.text and "未読：1件" in ours.text
    assert ours.text.count("処理完了にする: mailto:q") == 4
    assert "customer.example" not in ours.text + (ours.html or "")
    async with shop.database.read() as session:
        kept = (await session.exec(select(NumberedMail))).all()
    assert [mail.numbers for mail in kept] == [[older, newer, 4, promised]] * 2


async def test_a_day_with_nothing_to_tell_is_silent_and_stays_so(shop: Shop) -> None:
    assert await shop.comes_to(MORNING) == 0
    await shop.inquiry((IN, "質問です。"), received_at=MORNING - HOUR)
    assert await shop.comes_to(MORNING + HOUR) == 0
    assert await shop.comes_to(MORNING + 24 * HOUR) == 1


@pytest.mark.parametrize(("zone", "due"), [("Asia/Tokyo", 0), ("Europe/Berlin", 8), ("America/New_York", 14)])
async def test_the_morning_is_the_stores_own(shop: Shop, zone: str, due: int) -> None:
    await shop.set(timezone=zone)
    await shop.comes_to(MORNING - 24 * HOUR)
    await shop.inquiry((IN, "質問です。"), received_at=MORNING - HOUR)
    assert await shop.comes_to(MORNING + (due - 1) * HOUR) == 0
    assert await shop.comes_to(MORNING + due * HOUR) == 1


async def test_one_is_sent_at_once_where_somebody_asks_and_none_where_the_store_wants_none(shop: Shop) -> None:
    await shop.set(digest_at="off")
    await shop.inquiry((IN, "質問です。"))
    assert await shop.comes_to(MORNING + HOUR) == 0
    await shop.set(digest_asked_at=MORNING)
    assert await shop.comes_to(MORNING + HOUR) == 1
    assert await shop.comes_to(MORNING + HOUR) == 0
    async with shop.database.read() as session:
        assert (await session.exec(select(Store.digest_asked_at))).one() is None


async def test_a_seller_who_stopped_it_gets_none(shop: Shop) -> None:
    async with shop.database.write() as session:
        await session.exec(update(Seller).where(col(Seller.address) == COLLEAGUE).values(digest=False))
    await shop.inquiry((IN, "質問です。"))
    assert await shop.comes_to(MORNING) == 1
    assert [row.to_address for row in await shop.sent("digest")] == [SELLER]


async def test_what_waits_and_what_rules_did_are_one_mail(shop: Shop, database: Database) -> None:
    await shop.set(auto_notice="digest")
    await shop.inquiry((IN, "質問です。"), title="質問")
    await shop.decides(await shop.inquiry((IN, "ありがとう。"), status=DONE))
    assert await shop.comes_to(MORNING) == 1
    (told,) = await shop.sent("digest", SELLER)
    assert (
        told.text.index("1. 【未回答】質問")
        < told.text.index("自動で処理したもの")
        < told.text.index("「ありがとう。」")
    )
