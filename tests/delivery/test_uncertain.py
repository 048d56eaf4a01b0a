"""What is sent again of which nobody knows whether it left: a lost 250, a crash, a sender that was suspended (N14)."""

import asyncio
from dataclasses import replace
from email import message_from_bytes

from gateway.store import attempts
from gateway.store.states import OutboxState
from tests.delivery.post import HOUR, MINUTE, NOW, SETTINGS, Post, mail
from tests.delivery.sink import Fault


async def test_n14_an_answer_that_is_lost_after_the_dot_is_sent_once_more(post: Post) -> None:
    row = mail()
    await post.add(row)
    post.sink.answer("DOT", ("250 2.0.0 Ok", Fault.DROP))
    post.sink.script["DOT"].clear()
    post.sink.answer("DOT", Fault.DROP)
    async with post.running() as delivery:
        uncertain = await post.until_state(row, OutboxState.UNCERTAIN)
        assert uncertain.uncertain_attempts == 1
        assert post.desk.told == []
        post.now += MINUTE
        post.sink.answer("DOT", Fault.DROP)
        delivery.wake()
        await post.until_state(row, OutboxState.UNCERTAIN, attempts=2)
        post.now += HOUR
        delivery.wake()
        await asyncio.sleep(0.2)
        assert (await post.get(row)).attempts == 2
    assert post.desk.told == [("unknown", row.id)]


async def test_an_auto_response_that_is_lost_after_the_dot_is_never_sent_again(post: Post) -> None:
    row = mail(once=True, mail_from="")
    await post.add(row)
    post.sink.answer("DOT", Fault.DROP)
    async with post.running() as delivery:
        await post.until_state(row, OutboxState.UNCERTAIN)
        post.now += HOUR
        delivery.wake()
        await asyncio.sleep(0.2)
    assert post.sink.count("DATA") == 1
    assert post.desk.told == [("unknown", row.id)]


async def test_after_a_crash_an_answer_is_sent_once_more_and_an_auto_response_is_not(post: Post) -> None:
    answer, automatic = mail(), mail(once=True)
    await post.add(answer, automatic)
    async with post.database.write() as session:  # a process claims them and dies
        await attempts.claim_due(
            session, "node:dead", limit=9, now=NOW, lease=HOUR, wait=SETTINGS.schedule.wait, resend=True
        )
    async with post.running() as delivery:
        assert post.desk.told == [("unknown", automatic.id)]
        post.now += MINUTE
        delivery.wake()
        await post.until_state(answer, OutboxState.SENT, attempts=2)
        assert (await post.get(automatic)).state is OutboxState.UNCERTAIN
    assert [message_from_bytes(sunk.data)["Message-ID"] for sunk in post.sink.mails] == [answer.message_id]
    assert [attempt.outcome for attempt in await post.attempts(answer)] == ["uncertain", "sent"]


async def test_a_gateway_that_has_not_settled_makes_no_copies(post: Post) -> None:
    answer, fresh = mail(), mail(next_at=NOW + HOUR)
    await post.add(answer, fresh)
    async with post.database.write() as session:
        await attempts.claim_due(
            session, "node:dead", limit=9, now=NOW, lease=HOUR, wait=SETTINGS.schedule.wait, resend=True
        )
    post.settings = replace(SETTINGS, settle=HOUR)
    post.now += HOUR
    async with post.running():
        await post.until_state(fresh, OutboxState.SENT)
        assert (await post.get(answer)).state is OutboxState.UNCERTAIN


async def test_another_nodes_mails_are_left_alone(post: Post) -> None:
    row = mail()
    await post.add(row)
    async with post.database.write() as session:
        await attempts.claim_due(
            session, "other:living", limit=9, now=NOW, lease=HOUR, wait=SETTINGS.schedule.wait, resend=True
        )
    async with post.running():
        assert (await post.get(row)).state is OutboxState.SENDING


async def test_a_sender_that_was_suspended_does_not_send_again_what_it_is_still_sending(post: Post) -> None:
    row, later = mail(), mail(next_at=NOW + HOUR)
    await post.add(row, later)
    post.sink.answer("DOT", Fault.SILENT)
    async with post.running() as delivery:
        await post.sink.wait_for("DOT")
        async with post.database.write() as session:  # another node takes it for dead
            await attempts.recover(session, NOW + HOUR, "other", "other:living")
        post.now += HOUR
        delivery.wake()
        await post.until_state(later, OutboxState.SENT)
        assert post.sink.count("DATA") == 2
        await post.until_state(row, OutboxState.SENT, attempts=2)  # once its own attempt has ended
        assert delivery.alive
