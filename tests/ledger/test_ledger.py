"""N07, T01 in small: no acknowledged mail is lost or doubled, whatever is killed. `make ledger` is the full size."""

from pathlib import Path
from typing import Literal

import pytest

from tests.ledger.run import Plan, run


@pytest.mark.timeout(300)
@pytest.mark.parametrize("kill", ["worker", "daemon"])
async def test_n07_t01_each_250_has_one_message_and_its_notifications(
    kill: Literal["worker", "daemon"], kind: Literal["sqlite", "postgresql"], tmp_path: Path
) -> None:
    report = await run(Plan(mails=200, sessions=20, kill=kill, database=kind, fire=5), tmp_path)
    assert report.verdict.failures == []
    assert (report.verdict.acknowledged, report.verdict.notifications, report.exit_code) == (200, 300, 0)
    assert report.kills > 0
