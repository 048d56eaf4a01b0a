"""N07, T01 in small: no acknowledged mail is lost or doubled, whatever is killed. `make ledger` is the full size."""

from pathlib import Path
from typing import Literal

import pytest

from tests.ledger.points import POINTS
from tests.ledger.run import Plan, run


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("kill", "database"), [("worker", "sqlite"), ("worker", "postgresql"), ("daemon", "postgresql")]
)
async def test_n07_t01_each_250_has_one_message_and_its_notifications(
    kill: Literal["worker", "daemon"], database: Literal["sqlite", "postgresql"], tmp_path: Path
) -> None:
    report = await run(Plan(mails=200, sessions=20, kill=kill, database=database, fire=5), tmp_path)
    assert report.verdict.failures == []
    assert (report.verdict.acknowledged, report.verdict.notifications, report.exit_code) == (200, 300, 0)
    assert report.verdict.answers >= 45  # of 50: a dead process's are not sent again
    assert report.kills > 0


@pytest.mark.timeout(300)
async def test_n07_t01_a_death_at_each_named_point_and_at_random_loses_and_doubles_nothing(tmp_path: Path) -> None:
    kills = len(POINTS) + 1
    plan = Plan(mails=10_000, sessions=20, kill="points", database="sqlite", kills=kills, pace=0.5)
    report = await run(plan, tmp_path)
    assert report.verdict.failures == []
    assert set(report.points) == {*POINTS, "at random"}
    assert (report.kills, report.exit_code) == (kills, 0)
