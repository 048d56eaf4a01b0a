"""`rules replay`, `examples` and `explain --inquiry`: rules and what really happened, on both databases."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete
from sqlmodel import select

from gateway.rules.ready import ready
from gateway.store import past_mail
from gateway.store.columns import Base
from gateway.store.database import Database
from gateway.store.rule_tables import RuleDecision
from gateway.store.tables import ReceivedChunk
from tests.cli.conftest import Cli
from tests.worker.hands import CUSTOMER, SELLER, Desk, open_shop, shop

HOUR = timedelta(hours=1)
OTHER = "taro@customer.example"
ANSWER = """お問い合わせいただき、ありがとうございます。
送料は全国一律で500円を頂戴しております。
3000円以上お買い上げの場合は、送料を当店が負担いたします。
どうぞよろしくお願いいたします。"""
THANKS = """rules:
  - name: お礼
    when: { message.text: { contains: ありがとうございました }, message.length: { max: 20 }, inquiry.status: done }
    then: { auto_respond: handled, status: done }
"""
SHIPPING = """rules:
  - name: 送料はいくらですか
    when: { message.text: { contains: 送料はいくら }, message.length: { max: 60 }, inquiry.status: new }
    then: { auto_respond: shipping, status: done }
"""


def rules_in(folder: Path, **texts: str) -> Path:
    (folder / "replies").mkdir(parents=True)
    (folder / "replies" / "handled.ja.txt").write_text("ご対応させていただきました。", "utf-8")
    (folder / "replies" / "shipping.ja.txt").write_text("全国一律500円です。", "utf-8")
    for name, text in texts.items():
        (folder / f"{name}.yaml").write_text(text, "utf-8")
    return folder


@pytest.fixture
def in_force(tmp_path: Path) -> Path:
    return rules_in(tmp_path / "rules", thanks=THANKS)  # the configuration's folder


@pytest.fixture
def edited(tmp_path: Path) -> Path:
    return rules_in(tmp_path / "edited", thanks=THANKS, shipping=SHIPPING)


def run(url: str, work: Callable[[Database], Awaitable[Any]]) -> Any:
    async def connected() -> Any:
        database = Database(url)
        try:
            return await work(database)
        finally:
            await database.close()

    return asyncio.run(connected())


async def days_of_mail(database: Database, rules: Path) -> None:
    """Q-1: a question before there were rules, its answer, a thank-you that a rule answered and a seller took back.
    Q-2: the same question of somebody else. Q-3: a thank-you of nobody knows whom. Q-4: the seller tries the shop's
    address. And one of long ago."""
    await open_shop(database)
    start = datetime.now(UTC) - timedelta(days=3)
    desk = Desk(database, now=start - timedelta(days=60))
    await desk.gets("昔の話です。", sender="long@ago.example", to=shop())
    desk.now = start
    await desk.gets("送料はいくらですか。", sender=CUSTOMER, to=shop(), Subject="送料")
    desk.now += HOUR
    told = (await desk.sent("notification", SELLER))[-1]
    await desk.gets(ANSWER, sender=SELLER, to=told.from_address)
    desk.now += HOUR
    desk.worker.rules = ready(rules)
    (answer,) = await desk.sent("answer")
    await desk.gets("ありがとうございました。", sender=CUSTOMER, to=answer.from_address)
    desk.now += HOUR
    (notice,) = await desk.sent("rule_notice", SELLER)
    await desk.gets("#要対応", sender=SELLER, to=notice.from_address)
    desk.now += HOUR
    await desk.gets("送料はいくらですか。", sender=OTHER, to=shop(), Subject="送料")
    desk.now += HOUR
    await desk.gets("ありがとうございました。", sender="x@unknown.example", to=shop(), authenticated=False)
    desk.now += HOUR
    await desk.gets("送料はいくらですか。", sender=SELLER, to=shop(), Subject="送料")


@pytest.fixture
def past(cli: Cli, in_force: Path) -> Cli:
    run(cli.database_url, lambda database: days_of_mail(database, in_force))
    (cli.folder / "toiawase.toml").write_text(
        (cli.folder / "toiawase.toml").read_text("utf-8") + '[trust]\nauthserv_id = "mx.example.jp"\n', "utf-8"
    )
    return cli


async def everything(database: Database) -> dict[str, list[Any]]:
    async with database.read() as session:
        connection = await session.connection()
        return {
            table.name: sorted(map(repr, (await connection.execute(table.select())).all()))
            for table in Base.metadata.sorted_tables
        }


def told(view: dict[str, Any]) -> list[tuple[Any, ...]]:
    return [
        (d["inquiry"], d["then"] and d["then"]["outcome"], d["now"]["outcome"], d["now"]["rule"], d["aftermath"])
        for d in view["differences"]
    ]


def test_replay_tells_what_edited_rules_would_have_done_otherwise_and_does_nothing(
    past: Cli, edited: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(past_mail, "PAGE", 2)
    before = run(past.database_url, everything)
    unchanged = past.json("rules", "replay")
    undone = (2, "answered", "answered", "お礼", "open")  # the answer had not left, and was taken back with it
    assert told(unchanged) == [undone], "a seller took it back, and these rules do it again"
    assert unchanged["differences"][0]["undone"]
    assert unchanged["mails"] == 5
    view = past.json("rules", "replay", "--rules", str(edited), "--store", "testshop")
    assert told(view) == [
        (2, None, "answered", "送料はいくらですか", "seller"),
        undone,
        (3, "human", "answered", "送料はいくらですか", "open"),
    ]
    assert view["differences"][2]["now"]["words"] == ["送料はいくら"]
    assert {(row["then"], row["now"], row["mails"]) for row in view["outcomes"]} == {
        ("no rules", "answered", 1),
        ("answered", "answered", 1),
        ("human", "answered", 1),
        ("barred", "barred", 2),
    }
    shown = past("rules", "replay", "--rules", str(edited)).stdout
    assert "3 differences in 5 mails of 30 days" in shown
    assert "a seller answered" in shown
    assert "Not rehearsed: limits of number" in shown
    assert run(past.database_url, everything) == before
    assert past.json("rules", "replay", "--rules", str(edited), "--days", "1")["mails"] == 0
    assert "no store elsewhere" in past("rules", "replay", "--store", "elsewhere", code=1).stderr
    (edited / "60-broken.yaml").write_text("rules: [", "utf-8")
    assert "60-broken.yaml:1:9" in past("rules", "replay", "--rules", str(edited), code=2).stderr


def test_a_mail_that_is_not_kept_is_judged_by_its_text_with_the_facts_of_then(past: Cli, edited: Path) -> None:
    async def forget(database: Database) -> None:
        async with database.write() as session:
            await session.exec(delete(ReceivedChunk))
            await session.exec(delete(RuleDecision))

    run(past.database_url, forget)
    view = past.json("rules", "replay", "--rules", str(edited), "--days", "90")
    assert view["judged_by_text"] == view["mails"] == 6
    assert told(view)[:2] == [
        (2, None, "answered", "送料はいくらですか", "seller"),
        (2, None, "answered", "お礼", "open"),
    ], "it was done when the thank-you came; its answer had not left, and was taken back with it"
    assert "6 mails of these judged by the text alone" in past("rules", "replay", "--days", "90").stdout


def test_examples_are_what_score_reads(past: Cli, tmp_path: Path) -> None:
    result = past("rules", "examples")
    assert "customers' own words" in result.stderr
    (line,) = result.stdout.splitlines()
    example = json.loads(line)
    assert example["label"] == "human"
    assert (example["body"], example["prior_status"], example["lang"]) == ("ありがとうございました。", "done", "ja")
    assert (example["rule"], example["words"]) == ("お礼", ["ありがとうございました"])
    assert past.json("rules", "examples") == [example]
    (tmp_path / "examples.jsonl").write_text(result.stdout, "utf-8")
    assert past.json("rules", "score", str(tmp_path / "examples.jsonl"), code=1)["wrong"][0]["id"] == example["id"]
    tomorrow = (datetime.now(UTC) + timedelta(days=2)).date()
    none = past("rules", "examples", "--since", str(tomorrow))
    assert none.stdout == ""
    assert "no seller has marked" in none.stderr


def test_explain_looks_up_what_is_known_of_an_inquiry(past: Cli, edited: Path, tmp_path: Path) -> None:
    async def answered(database: Database) -> tuple[str, str]:
        (answer,) = await Desk(database).sent("answer")
        return answer.from_address, answer.text

    address, text = run(past.database_url, answered)
    mail = EmailMessage()
    mail["Authentication-Results"] = "mx.example.jp; dmarc=pass header.from=customer.example"
    mail["From"], mail["To"], mail["Subject"] = CUSTOMER, address, "Re: 送料"
    mail["Return-Path"] = f"<{CUSTOMER}>"
    mail.set_content("ありがとうございました。\n\n" + text)
    file = tmp_path / "mail.eml"
    file.write_bytes(mail.as_bytes())
    view = past.json("rules", "explain", str(file), "--inquiry", "Q-2")
    assert view["text"] == "ありがとうございました。", "what we sent is no word of the customer's"
    assert view["facts"]["inquiry"]["status"] == "unanswered"
    assert view["facts"]["inquiry"]["answered"]
    assert view["facts"]["inquiry"]["asked"] is False
    assert view["facts"]["inquiry"]["auto_responses"] == 1
    assert not view["facts"]["customer"]["first_time"]
    assert view["barred"] is None
    other = past.json("rules", "explain", str(file), "--inquiry", "3")
    assert other["barred"] == "another address"
    shown = past("rules", "explain", str(file), "--inquiry", "3").stdout
    assert "No rule may answer, close, file or silence this mail, whatever is said above: another address." in shown
    assert "was not looked at" not in shown
    del mail["Authentication-Results"]
    file.write_bytes(mail.as_bytes())
    assert past.json("rules", "explain", str(file), "--inquiry", "2")["barred"] == "not authenticated"
    assert "was not looked at" in past("rules", "explain", str(file), "--rules", str(edited)).stdout
    assert "Q-99" in past("rules", "explain", str(file), "--inquiry", "99", code=1).stderr
    assert "--status" in past("rules", "explain", str(file), "--inquiry", "2", "--status", "done", code=2).stderr


async def test_the_past_is_read_by_an_index_and_a_page_at_a_time(database: Database, in_force: Path) -> None:
    await days_of_mail(database, in_force)
    async with database.read() as session:
        since = datetime.now(UTC) - timedelta(days=30)
        assert await past_mail.number_of(session, since, None) == 5
        found = [past async for past in past_mail.in_order(session, since, None)]
        assert [past.inquiry.number for past in found] == [2, 2, 3, 4, 5]
        assert not session.in_transaction()
        assert (await session.exec(select(RuleDecision.message_id))).all() == [
            past.entry.id for past in found if past.decision
        ]
