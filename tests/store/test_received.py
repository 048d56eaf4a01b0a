"""What the tables promise about mail that was answered 250, on both databases."""

import os
import zlib
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from gateway.ids import first_id, new_id
from gateway.store import received, seen_mails
from gateway.store.database import Database
from gateway.store.received import Arrival
from gateway.store.states import ReceivedState
from gateway.store.tables import Received

NOW = datetime(2026, 11, 20, 5, 0, tzinfo=UTC)
LEASE = timedelta(minutes=1)


def arrival(number: int = 1, *, raw: bytes = b"Subject: x\r\n\r\nx\r\n", at: datetime = NOW) -> Arrival:
    """The `number`th mail of the moment `at`: identifiers sort as the numbers do."""
    return Arrival(
        queue_id=first_id(at)[:9] + f"{number:09d}",
        mail_from="yamada@example.jp",
        rcpt_to=("testshop@q.example.jp",),
        received_at=at,
        remote_address="192.0.2.1",
        helo="mx.example.jp",
        trusted_relay=False,
        smtputf8=False,
        tls=True,
        size=len(raw),
        chunks=(raw,),
    )


async def store(database: Database, *arrivals: Arrival) -> None:
    async with database.write() as session:
        await received.insert_many(session, arrivals)


async def claim(database: Database, worker: str = "w1", *, limit: int = 25, at: datetime = NOW) -> list[str]:
    async with database.write() as session:
        return [mail.queue_id for mail in await received.claim(session, worker, limit=limit, now=at, lease=LEASE)]


async def test_a_stored_mail_comes_back_octet_for_octet(database: Database) -> None:
    raw = os.urandom(70_000)
    mail = arrival(raw=raw)
    await store(database, mail)
    async with database.read() as session:
        row = await session.get_one(Received, mail.queue_id)
        assert (row.mail_from, row.rcpt_to, row.received_at) == (mail.mail_from, list(mail.rcpt_to), NOW)
        assert (row.state, row.attempts, row.outcome, row.size) == (ReceivedState.RECEIVED, 0, [], 70_000)
        assert await received.load_raw(session, mail.queue_id) == raw
        with pytest.raises(LookupError):
            await received.load_raw(session, new_id())


async def test_a_big_mail_is_stored_in_pieces_before_its_row(database: Database) -> None:
    queue_id = new_id()
    for seq, piece in enumerate((b"one", b"two", b"three")):
        async with database.write() as session:
            await received.add_chunk(session, queue_id, seq, zlib.compress(piece))
    async with database.read() as session:
        assert await received.load_raw(session, queue_id) == b"onetwothree"


async def test_pieces_whose_row_never_came_are_swept_by_their_age(database: Database) -> None:
    stored = arrival(1, at=NOW - timedelta(hours=5))
    orphan, young = first_id(NOW - timedelta(hours=5)), first_id(NOW - timedelta(minutes=5))
    await store(database, stored)
    async with database.write() as session:
        for queue_id in (orphan, young):
            for seq in range(3):
                await received.add_chunk(session, queue_id, seq, zlib.compress(b"x"))
    async with database.write() as session:
        assert await received.sweep_orphans(session, NOW) == 3
    async with database.read() as session:
        assert await received.load_raw(session, young) == b"xxx"
        assert await received.load_raw(session, stored.queue_id)
        with pytest.raises(LookupError):
            await received.load_raw(session, orphan)


async def test_workers_share_the_mail_oldest_first_and_never_twice(database: Database) -> None:
    mails = [arrival(number) for number in range(5)]
    await store(database, *reversed(mails))
    ids = [mail.queue_id for mail in mails]
    assert await claim(database, "w1", limit=2) == ids[:2]
    assert await claim(database, "w2", limit=9) == ids[2:]
    assert await claim(database, "w3") == []


async def test_two_workers_at_the_same_moment_do_not_wait_for_or_share_with_each_other(database: Database) -> None:
    if database.is_sqlite:
        pytest.skip("one writer at a time: BEGIN IMMEDIATE makes the second wait")
    await store(database, *(arrival(number) for number in range(4)))
    async with database.write() as one, database.write() as other:
        first = await received.claim(one, "w1", limit=2, now=NOW, lease=LEASE)
        second = await received.claim(other, "w2", limit=9, now=NOW, lease=LEASE)
        assert len(first) == len(second) == 2
        assert not {mail.queue_id for mail in first} & {mail.queue_id for mail in second}


async def test_a_lease_that_ran_out_frees_the_mail_and_the_late_worker_cannot_finish_it(database: Database) -> None:
    mail = arrival()
    await store(database, mail)
    assert await claim(database, "w1") == [mail.queue_id]
    assert await claim(database, "w2", at=NOW + LEASE) == []
    assert await claim(database, "w2", at=NOW + LEASE * 2) == [mail.queue_id]
    with pytest.raises(received.ClaimLostError):
        async with database.write() as session:
            await received.finish(session, mail.queue_id, "w1", ReceivedState.DONE, outcome=[])


async def test_t20_a_renewed_claim_stays_and_a_lost_one_is_not_taken_back(database: Database) -> None:
    mail = arrival()
    await store(database, mail)
    assert await claim(database, "w1") == [mail.queue_id]
    async with database.write() as session:
        await received.renew(session, "w1", NOW + LEASE * 3)
    assert await claim(database, "w2", at=NOW + LEASE * 2) == []
    assert await claim(database, "w2", at=NOW + LEASE * 4) == [mail.queue_id]
    async with database.write() as session:
        await received.renew(session, "w1", NOW + LEASE * 9)
    assert await claim(database, "w3", at=NOW + LEASE * 6) == [mail.queue_id]


async def test_a_mail_that_killed_its_worker_is_tried_again_alone(database: Database) -> None:
    mails = [arrival(number) for number in range(4)]
    await store(database, *mails)
    ids = [mail.queue_id for mail in mails]
    assert await claim(database, "dead", limit=2) == ids[:2]
    async with database.write() as session:
        assert await received.release_claims(session, "dead", struck=ids[:1]) == 2
    assert await claim(database, "w1") == ids[:1]
    assert await claim(database, "w2") == ids[1:]


async def test_mails_whose_worker_was_killed_by_something_else_lose_no_attempt(database: Database) -> None:
    mails = [arrival(number) for number in range(3)]
    await store(database, *mails)
    for _ in range(9):
        assert len(await claim(database, "dead")) == 3
        async with database.write() as session:
            assert await received.release_claims(session, "de") == 3


async def test_a_batch_stops_before_the_first_retried_mail(database: Database) -> None:
    mails = [arrival(number) for number in range(3)]
    await store(database, mails[1])
    assert await claim(database, "w1") == [mails[1].queue_id]
    async with database.write() as session:
        await received.fail(session, mails[1].queue_id, "w1", "RecursionError")
    await store(database, mails[0], mails[2])
    assert await claim(database, "w1") == [mails[0].queue_id]
    assert await claim(database, "w1") == [mails[1].queue_id]
    assert await claim(database, "w1") == [mails[2].queue_id]


async def test_one_mail_alone_when_asked(database: Database) -> None:
    await store(database, arrival(1), arrival(2))
    async with database.write() as session:
        assert len(await received.claim(session, "w1", limit=9, now=NOW, lease=LEASE, alone=True)) == 1


async def test_a_failed_mail_keeps_the_reason_and_its_attempts(database: Database) -> None:
    mail = arrival()
    await store(database, mail)
    await claim(database)
    async with database.write() as session:
        await received.fail(session, mail.queue_id, "w1", "x" * 5000)
    async with database.read() as session:
        row = await session.get_one(Received, mail.queue_id)
    assert (row.attempts, row.claimed_by, row.lease_until) == (1, None, None)
    assert row.error == "x" * 1000


async def test_a_mail_set_aside_can_be_replayed_and_then_finished_once(database: Database) -> None:
    mail = arrival()
    await store(database, mail)
    await claim(database)
    async with database.write() as session:
        await received.finish(
            session, mail.queue_id, "w1", ReceivedState.SET_ASIDE, outcome=[{"result": "unparsed"}], error="bomb"
        )
    async with database.write() as session:
        assert await received.replay(session, mail.queue_id)
    async with database.write() as session:
        assert not await received.replay(session, mail.queue_id)
    assert await claim(database) == [mail.queue_id]
    async with database.write() as session:
        await received.finish(
            session,
            mail.queue_id,
            "w1",
            ReceivedState.DONE,
            outcome=[{"result": "message", "message": 1}],
            message_id="<a@example.jp>",
            header_from="yamada@example.jp",
        )
    async with database.read() as session:
        row = await session.get_one(Received, mail.queue_id)
    assert (row.state, row.prior_state, row.error) == (ReceivedState.DONE, ReceivedState.RECEIVED, None)
    assert row.outcome == [{"result": "message", "message": 1}]
    with pytest.raises(received.ClaimLostError):
        async with database.write() as session:
            await received.finish(session, mail.queue_id, "w1", ReceivedState.DUPLICATE, outcome=[])


async def test_the_database_itself_refuses_an_illegal_step(database: Database) -> None:
    mail = arrival()
    await store(database, mail)
    with pytest.raises(IntegrityError):
        async with database.write() as session:
            row = await session.get_one(Received, mail.queue_id)
            row.prior_state, row.state = ReceivedState.DONE, ReceivedState.RECEIVED


async def test_where_is_my_mail(database: Database) -> None:
    mails = [arrival(number, at=NOW + timedelta(hours=number)) for number in range(3)]
    await store(database, *mails)
    await claim(database, limit=1)
    async with database.write() as session:
        await received.finish(
            session,
            mails[0].queue_id,
            "w1",
            ReceivedState.DONE,
            outcome=[],
            message_id="<0@example.jp>",
            header_from="sato@example.jp",
        )
    async with database.read() as session:

        async def found(**filters: object) -> list[str]:
            return [mail.queue_id for mail in await received.listing(session, **filters)]  # type: ignore[arg-type]

        newest_first = [mail.queue_id for mail in reversed(mails)]
        assert await found() == newest_first
        assert await found(limit=1) == newest_first[:1]
        assert await found(sender="sato@example.jp") == [mails[0].queue_id]
        assert await found(sender="yamada@example.jp") == newest_first[:2]
        assert await found(message_id="<0@example.jp>") == [mails[0].queue_id]
        assert await found(queue_id=mails[1].queue_id) == [mails[1].queue_id]
        assert await found(since=NOW + timedelta(hours=1)) == newest_first[:2]
        assert await found(state=ReceivedState.DONE) == [mails[0].queue_id]


async def test_the_same_mail_is_seen_again_for_seven_days(database: Database) -> None:
    async def seen(digest: str, queue_id: str, at: datetime) -> bool:
        async with database.write() as session:
            return await seen_mails.earlier(session, digest, queue_id, at) is not None

    assert not await seen("d1", "first", NOW)
    assert not await seen("d2", "second", NOW)
    assert await seen("d1", "second", NOW + timedelta(days=6))
    assert not await seen("d1", "first", NOW + timedelta(days=1))  # the first mail's own second attempt
    assert not await seen("d1", "third", NOW + timedelta(days=9))
    assert await seen("d1", "fourth", NOW + timedelta(days=10))


async def test_a09_what_a_seller_did_is_not_done_again_by_the_same_mail_for_more_than_a_year(
    database: Database,
) -> None:
    async def seen(queue_id: str, at: datetime) -> bool:
        async with database.write() as session:
            return await seen_mails.earlier(session, f"{seen_mails.ACTING}1", queue_id, at) is not None

    assert not await seen("first", NOW)
    assert await seen("second", NOW + timedelta(days=8))
    assert await seen("third", NOW + timedelta(days=399))
    assert not await seen("fourth", NOW + timedelta(days=401))
