"""What was kept long enough goes, and nothing else, on both databases."""

import json
from datetime import datetime, timedelta

import pytest
from sqlalchemy import update
from sqlmodel import col, select

from gateway.ids import first_id
from gateway.store import ledger, received, retention, rule_uses
from gateway.store.database import Database
from gateway.store.rule_tables import RuleFiles
from gateway.store.seen_mails import ACTING, is_old
from gateway.store.states import InquiryStatus, OutboxState, ReceivedState
from gateway.store.tables import History, Inquiry, Message, Outbox, Received, SeenMail
from tests.cli.rows import letter
from tests.worker.hands import CUSTOMER, NOW, SELLER, Desk, open_shop, shop

DAY = timedelta(days=1)
PERIODS = retention.Periods(raw=180 * DAY, history=1095 * DAY, rule_files=1095 * DAY)


@pytest.fixture
async def desk(database: Database, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Q-1 is answered and closed, Q-2 is open. Identifiers tell the desk's time."""
    await open_shop(database)
    desk = Desk(database)
    monkeypatch.setattr("gateway.ids.time.time_ns", lambda: int(desk.now.timestamp()) * 1_000_000_000)
    await desk.gets("送料はいくらですか。", sender=CUSTOMER, to=shop())
    side = (await desk.sent("notification", SELLER))[0].from_address
    await desk.gets("500円です。", sender=SELLER, to=side)
    await desk.gets("色は何色ですか。", sender="jiro@customer.example", to=shop(), Subject="色")
    await desk.delivers()
    return desk


async def _rounds(desk: Desk, now: datetime) -> dict[str, int]:
    done = {}
    for kind in retention.STEPS:
        done[kind] = 0
        while True:
            async with desk.database.write() as session:
                step = await retention.step(session, kind, PERIODS, now)
            if not step:
                break
            done[kind] += step
    return {kind: number for kind, number in done.items() if number}


async def _mail_comes(desk: Desk, at: datetime) -> None:
    desk.now = at
    await desk.gets("こんにちは。", sender="later@customer.example", to=shop(), Subject=str(at))


async def test_raw_mails_go_after_their_time_and_the_thread_stays(desk: Desk) -> None:
    await _mail_comes(desk, NOW + 181 * DAY)
    assert await _rounds(desk, NOW + 179 * DAY) == {"seen": 2}
    assert await _rounds(desk, NOW + 181 * DAY) == {"raw": 3}
    async with desk.database.read() as session:
        assert len((await session.exec(select(Received))).all()) == 4
        assert {message.text for message in await session.exec(select(Message))} >= {"500円です。"}
        assert (await ledger.check(session)).problems == []


async def test_the_whole_thread_says_that_an_original_is_not_kept_any_more(desk: Desk) -> None:
    await _mail_comes(desk, NOW + 181 * DAY)
    await _rounds(desk, NOW + 181 * DAY)
    [side] = [row.from_address for row in await desk.sent("notification", SELLER) if row.inquiry_number == 2]
    await desk.gets("#全文", sender=SELLER, to=side)
    [whole] = await desk.sent("thread", SELLER)
    assert whole.originals == []
    assert "古いメール1通は、" in whole.text
    assert "色は何色ですか。" in whole.text


async def test_a_mail_that_was_set_aside_can_be_replayed_until_its_inquiry_goes(desk: Desk) -> None:
    async with desk.database.write() as session:
        [first, *_] = await session.exec(select(Received).order_by(col(Received.queue_id)))
        queue_id = first.queue_id
        aside = {"state": ReceivedState.SET_ASIDE, "prior_state": ReceivedState.RECEIVED}
        await session.exec(update(Received).where(col(Received.queue_id) == queue_id).values(aside))
    await _mail_comes(desk, NOW + 300 * DAY)
    assert (await _rounds(desk, NOW + 300 * DAY))["raw"] == 2
    async with desk.database.write() as session:
        assert await received.load_raw(session, queue_id)
        assert await received.replay(session, queue_id)


async def test_a_closed_inquiry_is_erased_and_an_open_one_is_kept(desk: Desk) -> None:
    async with desk.database.write() as session:
        await session.exec(update(Inquiry).values(category="山田花子様"))
    await _mail_comes(desk, NOW + 1096 * DAY)
    assert "inquiries" not in await _rounds(desk, NOW + 1094 * DAY)
    assert (await _rounds(desk, NOW + 1096 * DAY))["inquiries"] == 1
    async with desk.database.read() as session:
        first, second = await session.get_one(Inquiry, 1), await session.get_one(Inquiry, 2)
        assert (first.erased_at is not None, first.title, first.status) == (True, "", InquiryStatus.DONE)
        assert (second.erased_at, second.title) == (None, "色")
        assert (first.category, second.category) == ("その他", "山田花子様")
        [proof] = (await session.exec(select(History).where(History.inquiry_number == 1))).all()
        assert (proof.by, proof.why.partition(":")[0]) == ("gateway", "retention.history")
        assert {message.inquiry_number for message in await session.exec(select(Message))} == {2, 3}
        assert (await ledger.check(session)).problems == []


async def test_what_belongs_to_no_inquiry_goes_once_it_is_finished(desk: Desk) -> None:
    async with desk.database.write() as session:
        for state, days in ((OutboxState.SENT, 0), (OutboxState.HELD, 0), (OutboxState.SENT, 1000)):
            mail = letter("digest", f"digest:{state}:{days}", SELLER, state=state, sent_at=NOW, store_id=None)
            mail.id = first_id(NOW + days * DAY)[:-1] + state[0]
            session.add(mail)
    await _mail_comes(desk, NOW + 1096 * DAY)
    done = await _rounds(desk, NOW + 1096 * DAY)
    assert (done["letters"], done["mails"]) == (1, 2)
    assert len(await desk.sent("digest")) == 2


async def test_a_wrong_clock_empties_nothing(desk: Desk) -> None:
    assert set(await _rounds(desk, NOW + 5000 * DAY)) <= {"seen"}
    await _mail_comes(desk, NOW + 170 * DAY)
    assert await _rounds(desk, NOW + 5000 * DAY) == {"raw": 3, "seen": 1}
    async with desk.database.read() as session:
        assert len((await session.exec(select(Received))).all()) == 4


async def test_two_nodes_share_the_work_and_do_nothing_twice(desk: Desk, database_url: str) -> None:
    await _mail_comes(desk, NOW + 1096 * DAY)
    async with desk.database.write() as one:
        assert await retention.step(one, "inquiries", PERIODS, NOW + 1096 * DAY) == 1
        if not desk.database.is_sqlite:  # which has one writer at a time anyway
            other = Database(database_url)
            async with other.write() as session:
                assert await retention.step(session, "inquiries", PERIODS, NOW + 1096 * DAY) == 0
            await other.close()
    assert "inquiries" not in await _rounds(desk, NOW + 1096 * DAY)


async def test_rules_that_nobody_uses_any_more_go(database: Database) -> None:
    async with database.write() as session:
        for node, version, days in (
            ("a", "v1", 0),
            ("a", "v2", 10),
            ("b", "v1", 20),
            ("b", "v3", 30),
            ("b", "v4", 2000),
        ):
            await rule_uses.take(
                session, node, "change", version, {"a.yaml": json.dumps(version).encode()}, 1, NOW + days * DAY
            )
        await rule_uses.refuse(session, "b", "change", "v4", "wrong", 1, NOW + 2001 * DAY)
        assert await rule_uses.forget(session, NOW + 100 * DAY) == 3  # two uses, and the files of v1
        assert set(await session.exec(select(RuleFiles.version))) == {"v2", "v3", "v4"}
        assert {(use.node, use.version) for use, _ in await rule_uses.history(session, 10)} == {
            ("a", "v2"),
            ("b", "v3"),
            ("b", "v4"),
        }
        assert await rule_uses.forget(session, NOW + 100 * DAY) == 0


async def test_what_tells_a_second_copy_is_kept_for_a_week_and_of_a_sellers_mail_for_over_a_year_a09(
    desk: Desk,
) -> None:
    assert await _rounds(desk, NOW + 6 * DAY) == {}
    assert await _rounds(desk, NOW + 8 * DAY) == {"seen": 2}
    async with desk.database.read() as session:
        [sellers] = (await session.exec(select(SeenMail))).all()
        assert sellers.digest.startswith(ACTING)
        assert await session.scalar(select(SeenMail.digest).where(is_old(NOW + 399 * DAY))) is None
        assert await session.scalar(select(SeenMail.digest).where(is_old(NOW + 401 * DAY))) == sellers.digest
        assert len((await session.exec(select(Outbox))).all()) > 3
