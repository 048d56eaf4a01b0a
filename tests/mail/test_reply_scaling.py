"""Dividing takes time in proportion to the text, whatever it holds (A15)."""

import time
from collections.abc import Callable

import pytest

from gateway.mail.reply import divide_seller

SIZE = 10_000  # characters
GROWTH = 8
TOLERATED = GROWTH * 3  # a quadratic one would take 64 times as long
SENT = ["お問い合わせありがとうございます。" * 100, "On " * 500]

HOSTILE: dict[str, Callable[[int], str]] = {
    "on": lambda size: "On " * (size // 3),
    "on, on lines": lambda size: "On Mon, 20 Nov 2026 14:03, x\n" * (size // 29),
    "letters": lambda size: "a " * (size // 2),
    "line ends": lambda size: "\n" * size,
    "one line of quote marks": lambda size: ">" * size,
    "lines of quote marks": lambda size: ">\n" * (size // 2),
    "angle brackets": lambda size: "<" * size,
    "lines of angle brackets": lambda size: "<\n" * (size // 2),
    "addresses": lambda size: "a@" * (size // 2),
    "dates": lambda size: "20.11." * (size // 6),
    "fields": lambda size: "From: a@b.example\n" * (size // 18),
    "attributions": lambda size: "x wrote:\n" * (size // 9),
    "signatures": lambda size: "--\nTEL 03-0000-0000\n" * (size // 20),
    "company blocks": lambda size: "=====\n株式会社\nTEL 03-0000-0000\n" * (size // 28),
    "footers": lambda size: "iPhoneから送信\n" * (size // 11),
    "commands": lambda size: "#あ\n" * (size // 3),
    "what we sent": lambda size: "お問い合わせありがとうございます。\n" * (size // 18),
    "marked, what we sent": lambda size: "> お問い合わせありがとうございます。\nはい\n" * (size // 23),
    "unmarked, what we sent": lambda size: (
        "-----Original Message-----\n" + "お問い合わせありがとうございます\nはい\n" * (size // 20)
    ),
}


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_longer_text_takes_longer_in_proportion(hostile: Callable[[int], str]) -> None:
    short = _seconds(hostile(SIZE))
    assert _seconds(hostile(SIZE * GROWTH)) <= TOLERATED * max(short, 0.001)


def _seconds(text: str) -> float:
    """Processor time of the quicker of two runs, so that a busy machine does not count."""
    runs = []
    for _ in range(2):
        begin = time.process_time()
        divide_seller(text, SENT)
        runs.append(time.process_time() - begin)
    return min(runs)
