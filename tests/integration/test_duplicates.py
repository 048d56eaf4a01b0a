"""T03 in small: a mail that comes many times at once is one (RFC 1047)."""

from pathlib import Path

import pytest

from tests.torture.t03_duplicates import play


@pytest.mark.parametrize(("kind", "nodes"), [("sqlite", 1), ("postgresql", 2)])
async def test_t03_ten_copies_at_once_are_one_inquiry_and_one_answer(
    nodes: int, tmp_path: Path, database_url: str
) -> None:
    report = await play(5, tmp_path, [database_url] * nodes)
    assert report.failures == ()
