"""The digest of what rules did: once a day, in the sellers' languages, nothing lost, on both databases."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete
from sqlmodel import select

from gateway.store.rule_tables import RuleDecision
from gateway.store.states import InquiryStatus, RuleOutcome
from gateway.store.tables import Seller
from tests.worker.days import ASKED, HOUR, IN, Shop, shop
from tests.worker.hands import COLLEAGUE, DOMAIN, SELLER

__all__ = ["shop"]


async def test_the_digest_tells_each_decision_in_the_sellers_language(shop: Shop) -> None:
    await shop.set(auto_notice="digest")
    answered = await shop.inquiry((IN, "ありがとうございました。\n山田"), status=InquiryStatus.DONE)
    filed = await shop.inquiry((IN, "\n承知しました。" + "あ" * 100), status=InquiryStatus.DONE)
    quarantined = await shop.inquiry((IN, ""), status=InquiryStatus.DONE)
    withheld = await shop.inquiry((IN, "どうも。"), status=InquiryStatus.DONE)
    untold = [
        await shop.inquiry((IN, "質問です。"), status=InquiryStatus.DONE),
        await shop.inquiry((IN, "戻された。"), status=InquiryStatus.DONE),
        await shop.inquiry((IN, "通知済み。"), status=InquiryStatus.DONE),
        await shop.inquiry((IN, "遠い昔。"), status=InquiryStatus.DONE),
    ]
    await shop.decides(answered)
    await shop.decides(filed, outcome=RuleOutcome.FILED, rule="待っている間のお礼", words=[])
    await shop.decides(quarantined, outcome=RuleOutcome.QUARANTINED)
    await shop.decides(withheld, outcome=RuleOutcome.WITHHELD, withheld="sender")
    await shop.decides(untold[0], outcome=RuleOutcome.HUMAN)
    await shop.decides(untold[1], undone_at=ASKED)
    await shop.decides(untold[2], told_at=ASKED)
    await shop.decides(untold[3], at=ASKED - timedelta(days=8))
    assert await shop.comes_to(datetime(2026, 11, 26, 23, 59, 59, tzinfo=UTC)) == 0
    now = datetime(2026, 11, 27, 0, 0, tzinfo=UTC)  # 9:00 in Japan
    assert await shop.comes_to(now) == 1
    (ours,), (theirs,) = await shop.sent("digest", SELLER), await shop.sent("digest", COLLEAGUE)
    assert ours.subject == "自動対応のまとめ：4件（2026年11月27日）"
    assert theirs.subject == "What rules did: 4 (2026-11-27)"
    assert ours.from_address == f"desk@{DOMAIN}"
    assert ours.auto_submitted == "auto-generated"
    assert f"Q-{answered} 山田様（お客様） 2026/11/26 14:03" in ours.text
    assert "「ありがとうございました。」\n\n自動応答を送りました（現在の状態：処理完了）。" in ours.text
    assert "ルール：お礼（バージョン 0123456789ab）\n決め手の言葉：ありがとうございました\n" in ours.text
    assert f"「承知しました。{'あ' * 73}…」\n\n返信せずに保管しました（現在の状態：処理完了）。" in ours.text
    assert "（本文はありません）" in ours.text
    assert "隔離しました" in ours.text
    assert "同じお客様に同じ自動応答を7日以内に送っているため、自動応答を控えました。" in ours.text
    assert not any(f"Q-{number} " in ours.text for number in untold)
    for number in (answered, filed, quarantined, withheld):
        assert ours.text.count(f"mailto:q{number}-reopen") == 1
        assert f"mailto:q{number}-reopen" in (ours.html or "")
    assert "customer.example" not in ours.text + (ours.html or "")
    assert await shop.comes_to(now) == 0
    assert await shop.comes_to(now + 24 * HOUR) == 0


async def test_there_is_one_digest_a_day_and_none_about_nothing(shop: Shop) -> None:
    await shop.set(auto_notice="digest", digest_at="10:30")
    digest_time = datetime(2026, 11, 27, 1, 30, tzinfo=UTC)
    assert await shop.comes_to(digest_time - HOUR) == 0
    await shop.decides(await shop.inquiry((IN, "一。"), status=InquiryStatus.DONE), at=digest_time - HOUR)
    assert await shop.comes_to(digest_time + 20 * HOUR) == 1  # the gateway was away
    late = await shop.inquiry((IN, "遅れて。"), status=InquiryStatus.DONE)
    await shop.decides(late, at=digest_time - timedelta(seconds=1))
    await shop.decides(await shop.inquiry((IN, "二。"), status=InquiryStatus.DONE), at=digest_time + HOUR)
    assert await shop.comes_to(digest_time + 21 * HOUR) == 0
    await shop.set(digest_at="06:30")
    assert await shop.comes_to(digest_time + 21 * HOUR) == 1  # 07:30 of the next day
    first, second = await shop.sent("digest", SELLER)
    assert "「一。」" in first.text
    assert "「遅れて。」" in second.text
    assert "「二。」" in second.text


@pytest.mark.parametrize("values", [{"auto_notice": "off"}, {"active": False}])
async def test_a_store_that_wants_no_digest_gets_none(shop: Shop, values: dict[str, Any]) -> None:
    await shop.set(**({"auto_notice": "digest"} | values))
    await shop.decides(await shop.inquiry((IN, "ありがとう。"), status=InquiryStatus.DONE))
    assert await shop.comes_to(ASKED + 24 * HOUR) == 0
    async with shop.database.read() as session:
        assert (await session.exec(select(RuleDecision.told_at))).one() is None


async def test_a_store_without_sellers_keeps_what_there_is_to_tell(shop: Shop) -> None:
    await shop.set(auto_notice="digest")
    async with shop.database.write() as session:
        await session.exec(delete(Seller))
    number = await shop.inquiry((IN, "ありがとう。"), status=InquiryStatus.DONE, remind_at=ASKED)
    await shop.decides(number)
    assert await shop.comes_to(ASKED + 24 * HOUR) == 0
    async with shop.database.read() as session:
        assert (await session.exec(select(RuleDecision.told_at))).one() is None


async def test_what_has_no_room_in_one_digest_is_in_the_next(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.desk.rule_digest.MOST", 2)
    await shop.set(auto_notice="digest")
    for words in ("一", "二", "三"):
        await shop.decides(await shop.inquiry((IN, words), status=InquiryStatus.DONE))
    await shop.comes_to(ASKED + 24 * HOUR)
    await shop.comes_to(ASKED + 48 * HOUR)
    first, second = await shop.sent("digest", SELLER)
    assert "「二」" in first.text and "「三」" not in first.text
    assert "次回のまとめ" in first.text and "次回のまとめ" not in second.text
    assert "「三」" in second.text
