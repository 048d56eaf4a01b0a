"""A15: no mail costs more time than in proportion to its octets, none raises, and what is over a bound says so."""

import time

import pytest

from gateway.mail.explain import explain
from gateway.mail.parse import parse
from tests.mail.bombs import BOMBS, CODECS_THAT_ARE_NO_CHARSETS, FROM

SIZE = 5_000  # octets
GROWTH = 8
TOLERATED = GROWTH * 3  # a quadratic one would take 64 times as long
LEAST = 0.003  # seconds: less is no measure


@pytest.mark.parametrize("name", BOMBS)
def test_a15_t14_a_bigger_bomb_takes_longer_in_proportion_and_makes_no_parser_fail(name: str) -> None:
    small, big = BOMBS[name](SIZE), BOMBS[name](SIZE * GROWTH)
    assert _seconds(big) <= TOLERATED * max(_seconds(small), LEAST)
    assert not [defect for defect in parse(small).defects if defect.startswith("unreadable:")]


@pytest.mark.parametrize("charset", CODECS_THAT_ARE_NO_CHARSETS)
def test_a_codec_that_is_no_charset_decodes_nothing(charset: bytes) -> None:
    for text in (b"Is it in stock?", b"\xe5\x9c\xa8\xe5\xba\xab", b"+AGE-\\u3042=41"):
        head = FROM + b"Subject: =?" + charset + b"?q?a=41?=\r\nContent-Type: text/plain; charset=" + charset + b"\r\n"
        mail = parse(head + b"\r\n" + text)
        assert not [defect for defect in mail.defects if defect.startswith("unreadable:")]
        if text.isascii() and not charset.startswith(b"utf"):
            assert mail.text == text.decode()


def _seconds(raw: bytes) -> float:
    """Processor time of the quicker of two runs, so that a busy machine does not count."""
    runs = []
    for _ in range(2):
        begin = time.process_time()
        explain(raw)
        runs.append(time.process_time() - begin)
    return min(runs)
