"""The life of an outgoing mail in the tables: no step is lost, none is taken twice, no copy is made without need."""

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from gateway.store import attempts, outbox
from gateway.store.database import Database
from gateway.store.states import OutboxState
from tests.store.outgoing import (
    HOUR,
    LEASE,
    MINUTE,
    NOW,
    add,
    attempts_of,
    claim,
    claimed_and_expired,
    finish,
    get,
    mail,
)


async def test_the_same_cause_kind_and_recipient_is_one_mail(database: Database) -> None:
    first, again = mail(), mail()
    other = mail(to_address="suzuki@example.jp")
    async with database.write() as session:
        assert (await outbox.enqueue(session, first)).id == first.id
        assert (await outbox.enqueue(session, again)).id == first.id
        assert (await outbox.enqueue(session, other)).id == other.id
    async with database.read() as session:
        assert {row.id for row in await outbox.listing(session)} == {other.id, first.id}


async def test_an_attempt_and_its_next_time_are_written_before_the_network_is_touched(database: Database) -> None:
    row = mail()
    await add(database, row)
    [claimed] = await claim(database)
    stored = await get(database, row)
    assert stored.state is OutboxState.SENDING
    assert (stored.attempts, stored.next_at, stored.lease_until) == (1, NOW + MINUTE, NOW + LEASE)
    assert claimed.text == stored.text
    async with database.read() as session:
        [attempt] = await attempts_of(session, row)
    assert (attempt.started_at, attempt.finished_at, attempt.outcome) == (NOW, None, None)


async def test_a_mail_is_claimed_when_it_is_due_and_once(database: Database) -> None:
    soon, later = mail("message:1"), mail("message:2", next_at=NOW + MINUTE)
    await add(database, soon, later)
    assert [row.id for row in await claim(database)] == [soon.id]
    assert await claim(database, sender="two") == []
    async with database.read() as session:
        assert await attempts.next_due(session, resend=True) == NOW + MINUTE


async def test_many_senders_at_once_claim_each_mail_once(database: Database) -> None:
    await add(database, *(mail(f"message:{number}") for number in range(60)))
    batches = await asyncio.gather(*(claim(database, sender=str(number)) for number in range(9)))
    claimed = [row.id for batch in batches for row in batch]
    while rest := await claim(database):  # a locked row is skipped, not waited for
        claimed += [row.id for row in rest]
    assert len(claimed) == len(set(claimed)) == 60


async def test_the_250_is_recorded_with_the_servers_words(database: Database) -> None:
    row = mail()
    await add(database, row)
    await claim(database)
    [recorded] = await finish(database, row, OutboxState.SENT)
    assert recorded.state is OutboxState.SENT
    stored = await get(database, row)
    assert (stored.state, stored.reply, stored.sent_at, stored.claimed_by) == (
        OutboxState.SENT,
        "2.0.0 Ok",
        NOW,
        None,
    )
    async with database.read() as session:
        [attempt] = await attempts_of(session, row)
    assert (attempt.outcome, attempt.code, attempt.finished_at) == ("sent", 250, NOW)


async def test_nobody_records_what_another_sends(database: Database) -> None:
    row = mail()
    await add(database, row)
    await claim(database, sender="one")
    assert await finish(database, row, OutboxState.SENT, sender="two") == []
    assert (await get(database, row)).state is OutboxState.SENDING


async def test_n10_a_deferred_mail_is_due_again_after_its_waiting_time(database: Database) -> None:
    row = mail()
    await add(database, row)
    await claim(database)
    await finish(database, row, OutboxState.QUEUED)
    assert await claim(database, NOW + MINUTE / 2) == []
    [again] = await claim(database, NOW + MINUTE)
    assert (again.attempts, again.next_at) == (2, NOW + MINUTE + 2 * MINUTE)


async def test_n10_the_last_attempt_is_not_planned_after_the_mails_life(database: Database) -> None:
    row = mail(expires_at=NOW + MINUTE / 2)
    await add(database, row)
    [claimed] = await claim(database)
    assert claimed.next_at == row.expires_at
    await finish(database, row, OutboxState.QUEUED)
    assert await claimed_and_expired(database, NOW) == ([], [])
    claimed_rows, expired_rows = await claimed_and_expired(database, NOW + MINUTE)
    assert (claimed_rows, [failed.id for failed in expired_rows]) == ([], [row.id])
    assert (await get(database, row)).state is OutboxState.FAILED
    assert await claim(database, NOW + HOUR) == []


async def test_a_late_mail_is_told_once(database: Database) -> None:
    tried, fresh = mail("message:1"), mail("message:2", next_at=NOW + 10 * HOUR)
    await add(database, tried, fresh)
    await claim(database)
    await finish(database, tried, OutboxState.QUEUED)
    for now, expected in ((NOW + 3 * HOUR, []), (NOW + 4 * HOUR, [tried.id]), (NOW + 5 * HOUR, [])):
        async with database.write() as session:
            assert [row.id for row in await attempts.late(session, now, 4 * HOUR)] == expected


async def test_a_receipt_waits_for_its_answers_250(database: Database) -> None:
    answer = mail(expires_at=NOW + HOUR)
    receipt = mail(f"answer:{answer.id}", kind="receipt", state=OutboxState.HELD, expires_at=NOW + HOUR)
    await add(database, answer, receipt)
    assert [row.id for row in await claim(database)] == [answer.id]
    async with database.write() as session:
        assert await outbox.release_receipts(session, [answer.id], NOW + 2 * HOUR) == 1
        assert await outbox.release_receipts(session, [answer.id], NOW + 2 * HOUR) == 0
    stored = await get(database, receipt)
    assert (stored.state, stored.next_at, stored.expires_at) == (OutboxState.QUEUED, NOW + 2 * HOUR, NOW + 3 * HOUR)


async def test_the_receipt_of_a_lost_answer_is_cancelled(database: Database) -> None:
    receipt = mail("answer:x", kind="receipt", state=OutboxState.HELD)
    failure = mail("answer:x:1", kind="failure_text")
    await add(database, receipt, failure)
    async with database.write() as session:
        assert await outbox.cancel_receipts(session, "x") == 1
    assert (await get(database, receipt)).state is OutboxState.CANCELLED
    assert (await get(database, failure)).state is OutboxState.QUEUED


async def test_the_receipt_of_a_cancelled_answer_does_not_wait_for_ever(database: Database) -> None:
    answer = mail(next_at=NOW + HOUR)
    receipt = mail(f"answer:{answer.id}", kind="receipt", state=OutboxState.HELD)
    await add(database, answer, receipt)
    async with database.write() as session:
        assert await outbox.cancel(session, answer.id)
    assert (await get(database, receipt)).state is OutboxState.CANCELLED


async def test_n35_a_bounce_fails_a_sent_mail_once(database: Database) -> None:
    row, waiting = mail("message:1"), mail("message:2", next_at=NOW + HOUR)
    await add(database, row, waiting)
    await claim(database)
    await finish(database, row, OutboxState.SENT)
    async with database.write() as session:
        assert await outbox.bounced(session, row.id, "550 5.1.1 unknown")
        assert not await outbox.bounced(session, row.id, "550 5.1.1 unknown")
        assert not await outbox.bounced(session, waiting.id, "550 5.1.1 unknown")
    assert (await get(database, row)).reply == "550 5.1.1 unknown"


async def test_people_hold_retry_and_cancel(database: Database) -> None:
    row, other = mail("message:1", next_at=NOW + HOUR), mail("message:2", next_at=NOW + HOUR)
    await add(database, row, other)
    async with database.write() as session:
        assert await outbox.hold(session, row.id)
        assert not await outbox.hold(session, row.id)
        assert await outbox.retry_all(session, NOW) == 0  # neither was tried: its writer may still take it back
        assert await outbox.retry(session, NOW, [other.id]) == [other.id]
    assert [each.id for each in await claim(database)] == [other.id]
    await finish(database, other, OutboxState.QUEUED)
    async with database.write() as session:
        assert await outbox.retry_all(session, NOW) == 1  # what a person holds stays held
    assert [each.id for each in await claim(database)] == [other.id]
    async with database.write() as session:
        assert not await outbox.cancel(session, other.id)  # it may have left
        assert await outbox.retry(session, NOW, [row.id, other.id, "none"]) == [row.id]
        assert await outbox.cancel(session, row.id)
        assert not await outbox.cancel(session, row.id)
        assert await outbox.retry(session, NOW, [row.id]) == []


async def test_a_retried_failure_lives_again(database: Database) -> None:
    row = mail(expires_at=NOW + HOUR, once=True)  # any other would be tried before it is given up
    await add(database, row)
    await claim(database, NOW + HOUR)
    assert (await get(database, row)).state is OutboxState.FAILED
    async with database.write() as session:
        assert await outbox.retry(session, NOW + 2 * HOUR, [row.id]) == [row.id]
    assert (await get(database, row)).expires_at == NOW + 3 * HOUR


async def test_the_listing_is_filtered_and_paged(database: Database) -> None:
    rows = sorted((mail(f"message:{number}") for number in range(5)), key=lambda row: row.id)
    rows[0].to_address = "suzuki@example.jp"
    await add(database, *rows)
    async with database.read() as session:
        assert [row.id for row in await outbox.listing(session, limit=2)] == [rows[4].id, rows[3].id]
        assert [row.id for row in await outbox.listing(session, before=rows[1].id)] == [rows[0].id]
        assert [row.id for row in await outbox.listing(session, to_address="suzuki@example.jp")] == [rows[0].id]
        assert await outbox.listing(session, states=[OutboxState.SENT]) == []


async def test_the_database_refuses_an_illegal_step(database: Database) -> None:
    row = mail()
    await add(database, row)
    with pytest.raises(IntegrityError):
        async with database.write() as session:
            await session.exec(text("UPDATE outbox SET prior_state = state, state = 'sent'"))  # type: ignore[call-overload]
    with pytest.raises(ValueError, match="no step"):
        outbox.step(row, OutboxState.SENT)
