"""Mails at the size limit, many at once, through a whole gateway and out again, in little memory."""

import tempfile
from pathlib import Path

import pytest

from benchmarks.big_mails import measure

MEBIBYTE = 1 << 20
MEMORY = 384 * MEBIBYTE  # of the daemon and all its processes together: MemoryHigh of the unit


@pytest.mark.timeout(300)
async def test_ten_mails_at_the_limit_and_a_sellers_reply_pass_in_little_memory_beside_small_ones() -> None:
    with tempfile.TemporaryDirectory() as folder:  # not pytest's, which would keep half a gigabyte
        measured = await measure(Path(folder), mails=10)
    assert sorted(measured.came) == sorted(measured.sent)
    came_back, answer = measured.reply
    assert came_back == answer
    assert len(measured.small) > 10
    assert measured.problems == []
    assert 0 < measured.memory.pss < MEMORY, {name: octets // MEBIBYTE for name, octets in measured.memory.each.items()}
