"""A shop's own rules at work: categories, reminders, readers, answers with fields, shadows, silence."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.rules.ready import ready
from gateway.rules.ruleset import RuleSet
from gateway.store.database import Database
from gateway.store.states import InquiryStatus, RuleOutcome
from gateway.store.tables import Product
from tests.worker.hands import COLLEAGUE, CUSTOMER, DOMAIN, NOW, SELLER, Desk, open_shop, shop
from tests.worker.ruled import HANDLED, decisions, history, set_store

RULES = """
rules:
  - {name: sorts, when: {message.text: {contains: 領収書}}, then: {category: 領収書, kind: 事務, tags: [経理, 急ぎ],
     remind: 4h, notify: [keiri@shop.example, suzuki@shop.example]}}
  - {name: tags again, when: {message.text: {contains: 領収書}}, then: {tags: [急ぎ, 書類]}}
  - {name: only a shadow, when: {message.text: {contains: 在庫}}, then: {auto_respond: own, status: done, shadow: true}}
  - {name: own text, when: {message.text: {contains: [送料, shipping]}}, then: {auto_respond: own, status: done}}
  - {name: stores text, when: {message.text: {contains: 電話}}, then: {auto_respond: handled, status: done}}
  - {name: receipt, when: {message.text: {contains: 受付}}, then: {auto_respond: own}}
  - {name: of a product, when: {message.text: {contains: 商品}}, then: {auto_respond: product, status: done}}
  - {name: at work, when: {message.text: {contains: 修理}}, then: {status: in_progress}}
  - {name: quiet, when: {message.text: {contains: 静か}}, then: {notify: false}}
  - {name: aside, when: {message.text: {contains: 宣伝}}, then: {quarantine: true}}
  - {name: by a field, when: {message.header.X-Campaign: {contains: spring}}, then: {category: 宣伝}}
"""


@pytest.fixture(scope="module")
def own_rules(tmp_path_factory: pytest.TempPathFactory) -> RuleSet:
    folder = tmp_path_factory.mktemp("rules")
    _write(folder / "10-own.yaml", RULES)
    (folder / "replies").mkdir()
    _write(folder / "replies" / "own.ja.txt", "{{ store_title }}です（{{ inquiry_number }}、{{ received_date }}）。")
    _write(folder / "replies" / "own.en.txt", "This is {{ store_title }} ({{ inquiry_number }}, {{ received_date }}).")
    _write(folder / "replies" / "product.ja.txt", "{{ product_name }}は発送済みです。")
    _write(folder / "replies" / "handled.ja.txt", HANDLED)
    return ready(folder)


def _write(file: Path, text: str) -> None:
    file.write_text(text, "utf-8")
    os.chmod(file, 0o600)


@pytest.fixture
async def shop_with_rules(database: Database, own_rules: RuleSet) -> Desk:
    await open_shop(database)
    return Desk(database, own_rules)


async def test_rules_sort_remind_and_tell_others_beside_the_sellers(shop_with_rules: Desk) -> None:
    desk = shop_with_rules
    await desk.gets("領収書をお願いします。", sender=CUSTOMER, to=shop())
    inquiry = await desk.inquiry()
    assert (inquiry.category, inquiry.kind, inquiry.tags) == ("領収書", "事務", ["経理", "急ぎ", "書類"])
    assert inquiry.remind_at == NOW + timedelta(days=3, hours=19)  # 4 open hours: a weekend and a holiday do not count
    assert (inquiry.status, inquiry.last_rule) == (InquiryStatus.UNANSWERED, None)  # a person is at work
    told = await desk.sent("notification")
    assert sorted(row.to_address for row in told) == [SELLER, COLLEAGUE]
    assert [row.to_address for row in await desk.sent("information")] == ["keiri@shop.example"]
    assert "カテゴリ: 領収書" in told[0].text
    assert [event.rule for event in await history(desk, "rule")] == ["sorts", "tags again"]
    await desk.gets("在庫はありますか。", sender=CUSTOMER, to=shop(), X_Campaign="spring sale")
    assert (await desk.inquiry(2)).category == "宣伝"
    (shadow,) = await history(desk, "rule_shadow")
    assert shadow.rule == "only a shadow"
    assert [one["name"] for one in (await decisions(desk))[1].shadowed] == ["only a shadow"]
    assert await desk.sent("auto_response") == []
    await desk.gets("修理をお願いします。", sender=CUSTOMER, to=shop())
    assert (await desk.inquiry(3)).status is InquiryStatus.IN_PROGRESS
    assert "状態: 処理中" in (await desk.sent("notification", SELLER))[-1].text
    (set_,) = await history(desk, "in_progress")
    assert (set_.by, set_.rule) == ("rule", "at work")


async def test_an_answer_has_its_fields_filled_in_the_customers_language(shop_with_rules: Desk) -> None:
    desk = shop_with_rules
    await desk.gets("送料は？", sender=CUSTOMER, to=shop())
    await desk.gets("How much is shipping to Osaka?", sender="john@customer.example", to=shop())
    await desk.gets("受付してください。", sender="jiro@customer.example", to=shop())
    japanese, english, receipt = await desk.sent("auto_response")
    assert japanese.text.strip() == "テストショップです（Q-1、2026年11月20日）。"
    assert (english.to_address, english.text.strip()) == (
        "john@customer.example",
        "This is テストショップ (Q-2, 2026-11-20).",
    )
    assert receipt.to_address == "jiro@customer.example"
    assert (await desk.inquiry(3)).status is InquiryStatus.UNANSWERED  # no rule closed it: a person still answers
    told = (await desk.sent("notification", SELLER))[-1]
    assert "【自動応答済み】" in told.text
    assert (await decisions(desk))[-1].outcome is RuleOutcome.ANSWERED


async def test_what_cannot_be_filled_or_is_too_long_is_for_a_person(shop_with_rules: Desk) -> None:
    desk = shop_with_rules
    async with desk.database.write() as session:
        session.add(Product(code="p1", name="ラップ"))
    await desk.gets("商品はまだですか。", sender=CUSTOMER, to=shop())
    assert await desk.sent("auto_response") == []
    assert (await desk.inquiry()).status is InquiryStatus.UNANSWERED
    assert len(await desk.sent("notification", SELLER)) == 1
    (decision,) = await decisions(desk)
    assert (decision.outcome, decision.withheld) == (RuleOutcome.HUMAN, "no value for product_name")
    to = f"testshop+pp1@{DOMAIN}"
    await desk.gets("商品はまだですか。", sender=CUSTOMER, to=to)
    assert (await desk.sent("auto_response"))[0].text.strip() == "ラップは発送済みです。"
    await set_store(desk, max_chars=10)
    await desk.gets("商品はまだですか。", sender="jiro@customer.example", to=to)
    assert (await decisions(desk))[-1].withheld == "the answer is too long"
    await set_store(desk, max_chars=1000, auto_response="お電話の件は承りました。")
    await desk.gets("電話しました。", sender="saburo@customer.example", to=shop())
    assert (await desk.sent("auto_response"))[-1].text.strip() == "お電話の件は承りました。"


async def test_what_is_silent_waits_for_the_digest_and_can_be_taken_back(shop_with_rules: Desk) -> None:
    desk = shop_with_rules
    await desk.gets("静かに。", sender=CUSTOMER, to=shop())
    await desk.gets("宣伝です。", sender="ad@customer.example", to=shop())
    for notice in ("digest", "off"):
        await set_store(desk, auto_notice=notice)
        await desk.gets("送料は？", sender=f"{notice}@customer.example", to=shop())
    assert await desk.sent("notification") + await desk.sent("rule_notice") == []
    filed, aside, answered, unsaid = await decisions(desk)
    assert [one.outcome for one in (filed, aside, answered)] == [
        RuleOutcome.FILED,
        RuleOutcome.QUARANTINED,
        RuleOutcome.ANSWERED,
    ]
    assert [one.told_at for one in (filed, aside, answered, unsaid)] == [None] * 4
    assert (await desk.inquiry(1)).status is InquiryStatus.UNANSWERED  # nobody was told, nothing is closed
    assert (await desk.inquiry(2)).status is InquiryStatus.DONE
    for number in (1, 2):
        to = desk.worker.office.address(await desk.inquiry(number), "reopen")
        await desk.gets("#要対応", sender=SELLER, to=to)
        assert (await desk.inquiry(number)).status is InquiryStatus.UNANSWERED
    assert [row.inquiry_number for row in await desk.sent("notification", SELLER)] == [1, 2]
