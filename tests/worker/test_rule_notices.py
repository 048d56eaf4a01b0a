"""What people see of what rules did: facts, history, notices, those who are only informed, and what was silent."""

import os
from datetime import timedelta
from pathlib import Path

from sqlmodel import col, select
from structlog.testing import capture_logs

from gateway.desk import digest as daily
from gateway.rules.ready import ready
from gateway.rules.ruleset import RuleSet
from gateway.store.database import Database
from gateway.store.rule_tables import RuleDecision
from gateway.store.tables import History, Store
from tests.worker.hands import COLLEAGUE, CUSTOMER, DOMAIN, NOW, SELLER, Desk, open_shop, shop

RULES = """
rules:
  - {name: sorts, when: {message.text: {contains: 領収書}}, then: {tags: [経理, 急ぎ], category: 領収書}}
  - {name: aside, when: {message.text: {contains: 宣伝}}, then: {quarantine: true}}
  - {name: shadow, when: {message.text: {contains: 領収書}}, then: {file: true, shadow: true}}
  - {name: waits, when: {inquiry.status: new, not: {message.text: {contains: [週刊, 月刊]}}}, then: {remind: 8h}}
"""


def rules_of(folder: Path, text: str, **replies: str) -> RuleSet:
    (folder / "replies").mkdir()
    for name, words in {
        "10-own.yaml": text,
        **{f"replies/{name}.ja.txt": words for name, words in replies.items()},
    }.items():
        (folder / name).write_text(words, "utf-8")
        os.chmod(folder / name, 0o600)
    return ready(folder)


async def open_desk(database: Database, rules: RuleSet) -> Desk:
    await open_shop(database)
    return Desk(database, rules)


async def lines(desk: Desk, number: int) -> list[tuple[str, str | None, str]]:
    """The lines of history that rules wrote: event, rule and why without the version."""
    async with desk.database.read() as session:
        query = select(History).where(History.inquiry_number == number, History.by == "rule").order_by(col(History.id))
        return [(one.event, one.rule, one.why.partition(": ")[2]) for one in (await session.exec(query)).all()]


async def test_tags_stand_among_the_facts_of_a_notification(database: Database, tmp_path: Path) -> None:
    desk = await open_desk(database, rules_of(tmp_path, RULES))
    await desk.gets("領収書を送ってください。", sender=CUSTOMER, to=shop())
    assert "タグ: 経理 / 急ぎ\n" in (await desk.sent("notification", SELLER))[0].text
    assert await lines(desk, 1) == [
        ("rule", "sorts", ""),
        ("rule", "waits", ""),
        ("rule_shadow", "shadow", "領収書"),
    ]


async def test_the_history_tells_words_only_of_what_decided_and_reminds_of_nothing_quarantined(
    database: Database, tmp_path: Path
) -> None:
    desk = await open_desk(database, rules_of(tmp_path, RULES))
    await desk.gets("宣伝です。", sender=CUSTOMER, to=shop())
    assert await lines(desk, 1) == [("done", "aside", ""), ("rule_quarantined", "aside", "宣伝")]
    assert (await desk.inquiry(1)).remind_at is None
    async with database.read() as session:
        assert [one["name"] for one in (await session.exec(select(RuleDecision))).one().matched] == ["aside"]


OTHERS = """
rules:
  - {name: tells, when: {message.text: {contains: 領収書}},
     then: {notify: [keiri@shop.example, suzuki@shop.example, x@Q.example.jp]}}
  - {name: long, when: {message.text: {contains: 長い}}, then: {auto_respond: long, status: done}}
  - {name: field, when: {message.text: {contains: 商品}}, then: {auto_respond: field, status: done}}
  - {name: quiet, when: {message.text: {contains: 静か}}, then: {notify: false}}
  - {name: aside, when: {message.text: {contains: 宣伝}}, then: {quarantine: true}}
  - {name: own, when: {message.text: {contains: 送料}}, then: {auto_respond: handled, status: done}}
"""


async def test_who_is_no_seller_is_only_informed_and_the_gateway_never_tells_itself(
    database: Database, tmp_path: Path
) -> None:
    rules = rules_of(tmp_path, OTHERS, long="あ" * 15, field="{{ product_name }}です。", handled="済みです。")
    desk = await open_desk(database, rules)
    with capture_logs() as logged:
        await desk.gets("領収書をお願いします。", sender=CUSTOMER, to=shop())
    (told,) = await desk.sent("information")
    assert (told.to_address, told.from_address) == ("keiri@shop.example", f"desk@{DOMAIN}")
    assert told.auto_submitted == "auto-generated"
    assert "【参考】" in told.text and "領収書をお願いします。" in told.text
    assert "mailto:" not in told.text + (told.html or "")
    assert "そのままお客様に届き" not in told.text and "この線より上" not in told.text
    assert sorted(row.to_address for row in await desk.sent("notification")) == [SELLER, COLLEAGUE]
    (skipped,) = [line for line in logged if line["event"] == "rules.notify_skipped"]
    assert skipped["rules"] == ["tells"]
    async with database.write() as session:
        (await session.exec(select(Store))).one().max_chars = 10
    await desk.gets("長い話です。", sender="a@customer.example", to=shop())
    await desk.gets("商品は？", sender="b@customer.example", to=shop())
    long, field = (await desk.sent("notification", SELLER))[1:]
    assert "ルール「long」の返信文が文字数の上限を超えるため" in long.text
    assert "ルール「field」の返信文の差し込み項目 product_name に入る値がないため" in field.text


async def test_what_is_silent_stands_in_the_digest_beside_notices(database: Database, tmp_path: Path) -> None:
    desk = await open_desk(database, rules_of(tmp_path, OTHERS, long="あ", field="い", handled="済みです。"))
    for number, text in enumerate(("静かに。", "宣伝です。", "送料は？")):
        await desk.gets(text, sender=f"c{number}@customer.example", to=shop())
    later = NOW + timedelta(days=1)
    async with database.write() as session:
        (store,) = await daily.due(session, later)
        assert await daily.send(session, desk.worker.office, store, later)
    digest = (await desk.sent("digest", SELLER))[0]
    assert "静かに" in digest.text and "宣伝です" in digest.text
    assert digest.text.count("-reopen") == 2


async def test_a_button_that_sends_nothing_does_not_speak_of_sending(database: Database, tmp_path: Path) -> None:
    desk = await open_desk(database, rules_of(tmp_path, OTHERS, long="あ", field="い", handled="済みです。"))
    await desk.gets("送料は？", sender=CUSTOMER, to=shop())
    to = (await desk.sent("rule_notice", SELLER))[0].text.partition("mailto:")[2].split()[0]
    await desk.gets("#要対応", sender="stranger@elsewhere.example", to=to)
    held = (await desk.sent("confirmation", SELLER))[0]
    assert "この操作を実行する" in held.text and "まだ何も変更していません" in held.text
    assert "この内容で送信する" not in held.text and "送信してよければ" not in held.text
    for _ in range(2):
        await desk.gets("#要対応", sender=SELLER, to=to)
    (second,) = await desk.sent("returned")
    assert second.subject.startswith("【変更はありません】")
    assert "送って" not in second.text
