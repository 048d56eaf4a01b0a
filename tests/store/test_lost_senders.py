"""Mails whose senders died, or were slow: taken for lost in time, sent again as often as they may be, told once."""

from datetime import timedelta

from gateway.store import attempts, outbox
from gateway.store.database import Database
from gateway.store.states import OutboxState
from tests.store.outgoing import HOUR, LEASE, MINUTE, NOW, add, attempts_of, claim, finish, get, mail, recover


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
