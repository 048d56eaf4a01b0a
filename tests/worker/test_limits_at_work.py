"""N30, A12, A13: automatic answers are counted in the database, so that clocks, restarts and races change nothing."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from gateway.desk.answer_limits import AnswerLimits
from gateway.ids import new_id
from gateway.rules.ready import ready
from gateway.rules.ruleset import RuleSet
from gateway.store import auto_answers
from gateway.store import received as received_rows
from gateway.store.database import Database
from gateway.store.rule_tables import AutoAnswer, RuleDecision
from gateway.store.states import InquiryStatus, ReceivedState
from gateway.store.tables import Received, Store
from tests.worker.hands import CUSTOMER, DOMAIN, NOW, SELLER, Desk, open_shop, shop

WORDS = ("送料", "在庫", "色", "サイズ")


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> RuleSet:
    """One for each of WORDS, and each answers."""
    folder = tmp_path_factory.mktemp("rules")
    rule = "  - {{name: {0}, when: {{message.text: {{contains: {0}}}}}, then: {{auto_respond: fact, status: done}}}}"
    rules = "\n".join(["rules:", *map(rule.format, WORDS)])
    for file, text in ((folder / "10.yaml", rules), (folder / "replies" / "fact.ja.txt", "以上です。")):
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, "utf-8")
        file.chmod(0o600)
    return ready(folder)


@pytest.fixture
async def desk(database: Database, rules: RuleSet) -> Desk:
    await open_shop(database)
    return Desk(database, rules)


async def outcomes(desk: Desk) -> list[str]:
    """Of each mail in order: what stopped its answer, or "answered"."""
    async with desk.database.read() as session:
        rows = (await session.exec(select(RuleDecision).order_by(col(RuleDecision.message_id)))).all()
    return [row.withheld or str(row.outcome) for row in rows]


async def asks(desk: Desk, word: str, customer: str = CUSTOMER, to: str = "") -> str:
    await desk.gets(f"{word}を教えてください。", sender=customer, to=to or shop(), Subject=f"{word} {new_id()}")
    return (await outcomes(desk))[-1]


def restarted(desk: Desk) -> Desk:
    return Desk(desk.database, desk.worker.rules, desk.now)


async def test_n30_a_sender_has_one_answer_by_a_rule_in_seven_days_whatever_restarts(desk: Desk) -> None:
    assert await asks(desk, "送料") == "answered"
    desk.now += timedelta(hours=1)
    assert await asks(desk, "送料") == "sender"
    assert (await desk.inquiry(2)).status is InquiryStatus.DONE  # the state is set, the mail is not sent
    desk.now = NOW - timedelta(days=1)  # a clock that was set back lets nobody be answered twice
    assert await asks(desk, "送料") == "sender"
    desk = restarted(desk)
    desk.now = NOW + timedelta(days=1)
    assert await asks(desk, "送料", CUSTOMER.upper()) == "sender"
    desk.now = NOW + timedelta(days=7) - timedelta(seconds=1)
    assert await asks(desk, "送料") == "sender"
    desk.now += timedelta(seconds=1)
    assert await asks(desk, "送料") == "answered"
    assert len(await desk.sent("auto_response")) == 2
    assert len(await desk.sent("rule_notice", SELLER)) == 6  # the seller sees each


async def test_n30_an_inquiry_has_one_answer_ever(desk: Desk) -> None:
    assert await asks(desk, "送料") == "answered"
    side = desk.worker.office.address(await desk.inquiry(), "c")
    desk.now += timedelta(days=80)
    await desk.gets("在庫はありますか。", sender=CUSTOMER, to=side)
    assert (await outcomes(desk))[-1] == "inquiry"
    assert (await desk.inquiry()).status is InquiryStatus.DONE


async def test_A12_an_address_has_three_answers_a_day_from_all_stores_together(desk: Desk) -> None:
    async with desk.database.write() as session:
        session.add(Store(name="sisters", title="妹の店", created_at=NOW))
    found = []
    for word, to in zip(WORDS, ("testshop", "sisters", "testshop", "sisters"), strict=True):
        found.append(await asks(desk, word, to=f"{to}@{DOMAIN}"))
        desk.now += timedelta(minutes=15)
    assert found == ["answered", "answered", "answered", "address"]
    desk = restarted(desk)
    desk.now = NOW + timedelta(days=1)
    assert await asks(desk, "サイズ") == "answered"


async def test_n30_a_store_and_the_gateway_have_so_many_answers_an_hour(desk: Desk) -> None:
    desk.worker.office = replace(desk.worker.office, limits=AnswerLimits(per_hour=3, per_store_per_hour=2))
    async with desk.database.write() as session:
        session.add(Store(name="sisters", title="妹の店", created_at=NOW))
    to = [shop()] * 3 + [f"sisters@{DOMAIN}"] * 2
    found = [await asks(desk, "送料", f"c{number}@customer.example", where) for number, where in enumerate(to)]
    assert found == ["answered", "answered", "store", "answered", "gateway"]
    desk.now += timedelta(hours=1)
    assert await asks(desk, "送料", "late@customer.example") == "answered"


async def test_A13_two_machines_that_answer_each_other_are_parted_and_a_seller_joins_them_again(desk: Desk) -> None:
    assert await asks(desk, "送料") == "answered"  # the first exchange, two mails
    desk.now += timedelta(minutes=1)
    assert await asks(desk, "在庫") == "answered"
    assert await asks(desk, "色") == "loop"
    async with desk.database.read() as session:
        answers = (await session.exec(select(AutoAnswer))).all()
    assert len(answers) == 2
    await desk.gets("こちらで確認します。", sender=SELLER, to=(await desk.sent("rule_notice", SELLER))[-1].from_address)
    assert await asks(desk, "サイズ") == "answered"
    desk.now += timedelta(minutes=11)
    assert await asks(desk, "色", "jiro@customer.example") == "answered"


async def _race(desk: Desk, mails: Sequence[tuple[str, str, str]], monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Two workers, one mail at a time each, until all are done: what became of them."""
    arrivals = []
    for sender, to, text in mails:
        raw = (
            "Authentication-Results: mx.example.jp; dmarc=pass header.from=customer.example\r\n"
            f"From: {sender}\r\nTo: {to}\r\nSubject: {new_id()}\r\nMessage-ID: <{new_id()}@customer.example>\r\n"
            f"Content-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
        ).encode()
        arrivals.append(
            received_rows.Arrival(
                new_id(), sender, (to,), desk.now, "127.0.0.1", "h", True, False, False, len(raw), (raw,)
            )
        )
    async with desk.database.write() as session:
        await received_rows.insert_many(session, arrivals)
    counts = auto_answers.counts

    async def lingers(*arguments: Any) -> auto_answers.Counts:
        found = await counts(*arguments)
        await asyncio.sleep(0.03)  # long enough for the other to count the same, if it could
        return found

    monkeypatch.setattr(auto_answers, "counts", lingers)
    monkeypatch.setattr("gateway.worker.loop.BATCH", 1)
    workers = [restarted(desk).worker, restarted(desk).worker]
    for number, worker in enumerate(workers):
        worker.name, worker.office = f"w{number}", desk.worker.office

    async def drain(worker: object) -> None:
        while await worker.work():  # type: ignore[attr-defined]
            pass

    await asyncio.gather(*map(drain, workers))
    async with desk.database.read() as session:
        states = (await session.exec(select(Received.state))).all()
    assert set(states) == {ReceivedState.DONE}  # nothing is lost
    return Counter(await outcomes(desk))


async def test_two_workers_race_for_one_sender_and_one_answer_leaves(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.gets("質問です。", sender=CUSTOMER, to=shop())  # whoever is new is made by one of them anyway
    found = await _race(desk, [(CUSTOMER, shop(), "送料を教えてください。")] * 4, monkeypatch)
    assert found["answered"] == 1
    assert len(await desk.sent("auto_response")) == 1


async def test_two_workers_race_in_one_inquiry_and_one_answer_leaves(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.gets("質問です。", sender=CUSTOMER, to=shop())
    side = desk.worker.office.address(await desk.inquiry(), "c")
    found = await _race(desk, [(CUSTOMER, side, f"{word}を教えてください。") for word in WORDS], monkeypatch)
    assert found["answered"] == 1
    assert len(await desk.sent("auto_response")) == 1


async def test_two_workers_race_for_the_last_answers_of_the_hour(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.worker.office = replace(desk.worker.office, limits=AnswerLimits(per_hour=3))
    mails = [(f"c{number}@customer.example", shop(), "送料を教えてください。") for number in range(6)]
    found = await _race(desk, mails, monkeypatch)
    assert found == {"answered": 3, "gateway": 3}
