"""When a seller's answer may be a program's that answers another: by its going on, and by nothing else (A13)."""

from datetime import UTC, datetime, timedelta

from gateway.desk.breaker import goes_on_by_itself
from gateway.store.states import Author, Direction
from gateway.store.tables import Message

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


def _answered(minutes_ago: float, text: str) -> Message:
    at = NOW - timedelta(minutes=minutes_ago)
    return Message(inquiry_number=1, direction=Direction.OUT, author=Author.SELLER, at=at, text=text)


def test_the_same_words_for_the_third_time_in_a_day() -> None:
    twice = [_answered(700, "承知しました。"), _answered(30, "承知しました。\n")]
    assert goes_on_by_itself("承知しました。", twice, NOW)
    assert not goes_on_by_itself("承知しました。", twice[:1], NOW)
    assert not goes_on_by_itself("発送しました。", twice, NOW)
    assert not goes_on_by_itself("承知しました。", twice, NOW + timedelta(days=1))


def test_the_sixth_answer_in_ten_minutes() -> None:
    five = [_answered(minute, f"{minute}") for minute in range(9, 4, -1)]
    assert goes_on_by_itself("もう一つ", five, NOW)
    assert not goes_on_by_itself("もう一つ", five[1:], NOW)
    assert not goes_on_by_itself("もう一つ", five, NOW + timedelta(minutes=5))


def test_what_rules_and_customers_wrote_does_not_count() -> None:
    others = [_answered(minute, "承知しました。") for minute in range(6)]
    for message in others[:3]:
        message.author = Author.RULE
    for message in others[3:]:
        message.direction = Direction.IN
    assert not goes_on_by_itself("承知しました。", others, NOW)
