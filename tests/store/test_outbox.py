"""The life of an outgoing mail in the tables: no step is lost, none is taken twice, no copy is made without need."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.ids import new_id
from gateway.store import attempts, outbox
from gateway.store.attempts import Finished
from gateway.store.database import Database
from gateway.store.states import OutboxState
from gateway.store.tables import Outbox, OutboxAttempt

NOW = datetime(2026, 11, 20, 5, 3, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
LEASE = 2 * MINUTE


def mail(cause: str = "message:1", **values: object) -> Outbox:
    outbox_id = new_id()
    row = Outbox(
        id=outbox_id,
        cause=cause,
        kind="answer",
        message_id=f"<{outbox_id}@q.example.jp>",
        to_address="yamada@example.jp",
        from_address="q1-c-x@q.example.jp",
        date=NOW,
        next_at=NOW,
        expires_at=NOW + timedelta(days=5),
    )
    for name, value in values.items():
        setattr(row, name, value)
    return row


async def add(database: Database, *rows: Outbox) -> None:
    async with database.write() as session:
        for row in rows:
            await outbox.enqueue(session, row)


async def get(database: Database, row: Outbox) -> Outbox:
    async with database.read() as session:
        found = await session.get(Outbox, row.id)
    assert found is not None
    return found


async def claim(database: Database, now: datetime = NOW, sender: str = "one", resend: bool = True) -> list[Outbox]:
    return (await claimed_and_expired(database, now, sender, resend))[0]


async def claimed_and_expired(
    database: Database, now: datetime, sender: str = "one", resend: bool = True
) -> tuple[list[Outbox], list[Outbox]]:
    async with database.write() as session:
        return await attempts.claim_due(
            session, sender, limit=10, now=now, lease=LEASE, wait=lambda count: count * MINUTE, resend=resend
        )


async def finish(database: Database, row: Outbox, state: OutboxState, sender: str = "one") -> list[Outbox]:
    names = {OutboxState.SENT: "sent", OutboxState.QUEUED: "deferred", OutboxState.FAILED: "failed"}
    claimed = await get(database, row)
    claimed.state = OutboxState.SENDING  # as it was then
    one = Finished(claimed, state, names[state], NOW, 250, "2.0.0 Ok")
    async with database.write() as session:
        return await attempts.record(session, sender, [one])


async def recover(database: Database, now: datetime) -> list[Outbox]:
    async with database.write() as session:
        return await attempts.recover(session, now, "node", "node:living")


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


async def attempts_of(session: AsyncSession, row: Outbox) -> list[OutboxAttempt]:
    return await outbox.attempts_of(session, row.id)


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


async def test_n14_a_mail_whose_sender_died_is_uncertain_and_sent_once_more(database: Database) -> None:
    row = mail()
    await add(database, row)
    await claim(database, sender="dead")
    assert await recover(database, NOW + LEASE) == []
    assert (await get(database, row)).state is OutboxState.SENDING  # its lease still runs
    after = NOW + LEASE + timedelta(seconds=1)
    assert await recover(database, after) == []
    assert (await get(database, row)).state is OutboxState.UNCERTAIN
    async with database.read() as session:
        [attempt] = await attempts_of(session, row)
    assert (attempt.outcome, attempt.finished_at) == ("uncertain", after)
    assert await claim(database, after, resend=False) == []  # the gateway has not settled yet
    [again] = await claim(database, after)
    assert again.message_id == row.message_id
    # A second death, and only a person may send it again.
    [final] = await recover(database, after + HOUR)
    assert (final.id, final.uncertain_attempts) == (row.id, 2)
    assert await claim(database, after + 2 * HOUR) == []
    async with database.write() as session:
        assert await outbox.retry(session, NOW, [row.id]) == [row.id]
    assert [each.id for each in await claim(database, after + 2 * HOUR)] == [row.id]


async def test_a_notification_whose_senders_died_is_sent_again_until_five_have(database: Database) -> None:
    row, at = mail(kind="notification"), NOW
    await add(database, row)
    for death in range(5):
        assert [each.id for each in await claim(database, at, sender=f"dead{death}")] == [row.id]
        at += HOUR
        told = await recover(database, at)
    assert [each.id for each in told] == [row.id]
    assert await claim(database, at) == []


async def test_an_uncertain_auto_response_is_never_sent_again(database: Database) -> None:
    row = mail(once=True)
    await add(database, row)
    await claim(database, sender="dead")
    assert [each.id for each in await recover(database, NOW + HOUR)] == [row.id]
    assert await claim(database, NOW + timedelta(days=1)) == []


async def test_a_new_process_need_not_wait_for_the_lease_of_the_one_before_it(database: Database) -> None:
    mine, lost, far = mail("message:1"), mail("message:2", next_at=NOW + MINUTE), mail("message:3", next_at=NOW + HOUR)
    await add(database, mine, lost, far)
    await claim(database, sender="node:living")
    await claim(database, NOW + MINUTE, sender="node:dead")
    await claim(database, NOW + HOUR, sender="node2:living")
    async with database.write() as session:
        await attempts.renew(session, "node:living", NOW + 2 * HOUR)
    await recover(database, NOW + HOUR)
    assert (await get(database, mine)).state is OutboxState.SENDING
    assert (await get(database, lost)).state is OutboxState.UNCERTAIN
    assert (await get(database, far)).state is OutboxState.SENDING


async def test_a_living_sender_keeps_what_it_renews(database: Database) -> None:
    row = mail()
    await add(database, row)
    await claim(database)
    async with database.write() as session:
        await attempts.renew(session, "one", NOW + HOUR)
    await recover(database, NOW + 30 * MINUTE)
    assert (await get(database, row)).state is OutboxState.SENDING


async def test_a_sender_that_was_only_slow_still_records_its_250(database: Database) -> None:
    row = mail()
    await add(database, row)
    await claim(database)
    await recover(database, NOW + HOUR)
    assert [each.state for each in await finish(database, row, OutboxState.SENT)] == [OutboxState.SENT]
    assert await claim(database, NOW + HOUR) == []


async def test_a_slow_sender_loses_a_mail_that_another_sends_again(database: Database) -> None:
    row = mail()
    await add(database, row)
    await claim(database, sender="slow")
    await recover(database, NOW + HOUR)
    await claim(database, NOW + HOUR, sender="other")
    assert await finish(database, row, OutboxState.FAILED, sender="slow") == []
    assert [each.id for each in await finish(database, row, OutboxState.SENT, sender="other")] == [row.id]


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
