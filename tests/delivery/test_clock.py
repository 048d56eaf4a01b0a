"""T10: whatever the wall clock does, mails neither leave in one burst nor wait for more than their own time; and no
mail is given up that was not tried up to its end (N10)."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from gateway.config import schema
from gateway.delivery.pace import BURST, Pace
from gateway.delivery.schedule import Schedule
from gateway.delivery.sender import LEASE
from gateway.store import attempts, outbox
from gateway.store.attempts import Finished
from gateway.store.database import Database
from gateway.store.states import OutboxState
from gateway.store.tables import Outbox
from tests.delivery.post import HOUR, MINUTE, NOW, SETTINGS, Post, mail

DAY = timedelta(days=1)
HOLD = timedelta(seconds=30)  # a seller's time to take an answer back


async def deferred(post: Post, count: int) -> list[Outbox]:
    """Mails that were tried once, just now, and wait for the next time."""
    rows = [mail() for _ in range(count)]
    await post.add(*rows)
    post.sink.answer("RCPT", *["450 4.2.1 greylisted"] * count)
    async with post.running():
        for row in rows:
            await post.until_state(row, OutboxState.QUEUED)
    return rows


def test_t10_no_second_has_more_than_fifty_retries() -> None:
    now, began = 0.0, []
    pace = Pace(clock=lambda: now)
    for tick in range(500):
        now = tick / 100
        allowance = pace.allowance
        pace.spend(allowance)
        began += [now] * allowance
    assert len(began) >= 30 * 4
    assert max(sum(at <= other < at + 1 for other in began) for at in began) <= 40


@pytest.mark.parametrize("jump", [HOUR, DAY])
async def test_t10_a_clock_that_leaps_ahead_brings_retries_back_a_few_at_a_time_and_new_mail_at_once(
    post: Post, jump: timedelta
) -> None:
    rows = await deferred(post, 2 * BURST)
    fresh = mail(date=NOW + jump, next_at=NOW + jump)
    await post.add(fresh)
    post.now += jump
    post.settings = replace(SETTINGS, retry_rate=0)  # as if no time passed
    async with post.running() as delivery:
        await post.until_state(fresh, OutboxState.SENT)
        await asyncio.sleep(0.3)
        assert [(await post.get(row)).attempts for row in rows].count(2) == BURST
        assert delivery.alive
    post.settings = SETTINGS
    async with post.running():
        for row in rows:
            await post.until_state(row, OutboxState.SENT, attempts=2)
    assert len(post.sink.mails) == len(rows) + 1


async def test_retries_that_the_pace_held_back_do_not_wait_for_the_next_look_at_the_table(post: Post) -> None:
    rows = await deferred(post, 5 * BURST)
    post.now += MINUTE
    post.settings = replace(SETTINGS, poll=HOUR.total_seconds())
    async with post.running():
        for row in rows:
            await post.until_state(row, OutboxState.SENT, attempts=2)


@pytest.mark.parametrize("jump", [HOUR, DAY, NOW - datetime(1970, 1, 1, tzinfo=UTC)])
async def test_t10_a_clock_that_was_ahead_lets_nothing_wait_longer_than_its_own_time(
    post: Post, jump: timedelta
) -> None:
    [row] = await deferred(post, 1)
    held = mail(next_at=NOW + HOLD)
    await post.add(held)
    post.now -= jump
    async with post.running():
        await post.until(row, lambda found: found.next_at == post.now + MINUTE)
        assert (await post.get(held)).next_at == post.now + HOLD
    post.now += MINUTE
    async with post.running():
        await post.until_state(row, OutboxState.SENT, attempts=2)
        await post.until_state(held, OutboxState.SENT)


async def test_t10_a_clock_that_was_ahead_makes_no_dead_process_live(post: Post) -> None:
    row = mail()
    await post.add(row)
    async with post.database.write() as session:
        await attempts.claim_due(
            session, "other:dead", limit=9, now=NOW, lease=LEASE, wait=SETTINGS.schedule.wait, resend=True
        )
    post.now -= DAY
    async with post.running():
        await post.until(row, lambda found: found.lease_until == post.now + LEASE)
    post.now += LEASE + MINUTE
    async with post.running():
        await post.until_state(row, OutboxState.SENT, attempts=2)


async def test_t10_daylight_saving_is_nothing_to_a_clock_in_utc(post: Post) -> None:
    """An hour that New York has twice."""
    post.now = datetime(2026, 11, 1, 5, 59, 30, tzinfo=UTC)
    row = mail(date=post.now, next_at=post.now, expires_at=post.now + 5 * DAY)
    await post.add(row)
    post.sink.answer("RCPT", "450 4.2.1 greylisted")
    async with post.running() as delivery:
        assert (await post.until_state(row, OutboxState.QUEUED)).next_at == post.now + MINUTE
        post.now += MINUTE
        delivery.wake()
        await post.until_state(row, OutboxState.SENT, attempts=2)


@pytest.mark.parametrize("away", [10 * DAY, timedelta(days=20_000)])
async def test_n10_a_mail_that_outlived_its_time_untried_is_tried_once_more(post: Post, away: timedelta) -> None:
    """The gateway was off, or its clock began in 1970."""
    [row] = await deferred(post, 1)
    new = mail()
    await post.add(new)
    post.now += away
    post.sink.answer("RCPT", *["450 4.2.1 greylisted"] * 2)
    async with post.running() as delivery:
        for one, number in ((row, 2), (new, 1)):
            failed = await post.until_state(one, OutboxState.FAILED, attempts=number)
            assert failed.reply == "450 4.2.1 greylisted"
        assert delivery.alive
    assert sorted(post.desk.told[:2]) == sorted(("failed", one.id) for one in (row, new))


async def test_n10_a_mail_that_nobody_takes_is_tried_for_five_days_and_given_up(database: Database) -> None:
    """By the times that the configuration has where it says nothing."""
    defaults = schema.Delivery()
    wait, now, row = Schedule(defaults.retry, chance=lambda: 0.5).wait, NOW, mail(expires_at=NOW + defaults.give_up)
    async with database.write() as session:
        await outbox.enqueue(session, row)
    tried: list[timedelta] = []
    while True:
        async with database.write() as session:
            claimed, given_up = await attempts.claim_due(
                session, "one", limit=9, now=now, lease=LEASE, wait=wait, resend=True
            )
            if given_up:
                break
            tried.append(now - NOW)
            finished = [Finished(one, OutboxState.QUEUED, "deferred", now, 450, "450 4.2.1") for one in claimed]
            [again] = await attempts.record(session, "one", finished)
        now = again.next_at
    minutes = [1, 6, 21, 51, 111, 231, 471]  # 1, 5, 15, 30 minutes, 1, 2, 4 hours after each other
    assert tried[:8] == [timedelta(), *(minute * MINUTE for minute in minutes)]
    assert {later - one for one, later in pairwise(tried[7:])} == {4 * HOUR}
    assert len(tried) == 36 and tried[-1] > 4 * DAY and now - NOW == 5 * DAY


async def test_an_automatic_mail_that_outlived_its_time_is_not_sent(post: Post) -> None:
    row = mail(once=True)
    await post.add(row)
    post.now += 10 * DAY
    async with post.running():
        assert (await post.until_state(row, OutboxState.FAILED, attempts=0)).reply is None


async def test_n24_what_waited_for_a_refused_login_is_not_given_up_for_it(post: Post) -> None:
    row = mail(expires_at=NOW + MINUTE)
    await post.add(row)
    post.sink.answer("MAIL", "530 5.7.0 log in")
    async with post.running():
        await post.until_state(row, OutboxState.QUEUED)
    post.now += 10 * DAY
    async with post.running():
        await post.until_state(row, OutboxState.SENT, attempts=2)
    assert post.desk.told == [("delivered", row.id)]
