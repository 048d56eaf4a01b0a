"""What people see of what rules did: facts, history, notices, those who are only informed, and what was silent."""

import os
from pathlib import Path

import pytest
from sqlmodel import col, select
from structlog.testing import capture_logs

from gateway.rules.ready import ready
from gateway.rules.ruleset import RuleSet
from gateway.store.database import Database
from gateway.store.rule_tables import RuleDecision
from gateway.store.tables import History
from tests.worker.hands import CUSTOMER, NOW, SELLER, Desk, open_shop, shop

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
