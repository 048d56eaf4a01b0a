"""Retry times: the configured steps, the last for ever, never all at the same moment."""

from datetime import timedelta

from gateway.delivery.schedule import Schedule

MINUTE = timedelta(minutes=1)


def test_n10_each_attempt_waits_its_own_step_and_the_last_repeats() -> None:
    schedule = Schedule((MINUTE, 5 * MINUTE, 15 * MINUTE), chance=lambda: 0.5)
    assert [schedule.wait(attempts) for attempts in (1, 2, 3, 4, 99)] == [
        MINUTE,
        5 * MINUTE,
        15 * MINUTE,
        15 * MINUTE,
        15 * MINUTE,
    ]


def test_the_jitter_is_a_tenth_up_or_down() -> None:
    assert Schedule((10 * MINUTE,), chance=lambda: 0.0).wait(1) == 9 * MINUTE
    assert Schedule((10 * MINUTE,), chance=lambda: 1.0).wait(1) == 11 * MINUTE
    waits = {Schedule((10 * MINUTE,)).wait(1) for _ in range(100)}
    assert len(waits) > 90
    assert all(9 * MINUTE <= wait <= 11 * MINUTE for wait in waits)
