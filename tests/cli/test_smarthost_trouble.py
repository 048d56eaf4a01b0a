"""N24: an operator who asks why nothing leaves gets the answer in one line."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.store.smarthost_trouble import trouble
from gateway.store.tables import OutboxAttempt
from tests.cli import rows
from tests.cli.conftest import Cli

HELD = ("held", 535, "535 5.7.8 wrong")
AWAY = ("deferred", None, "4.4.2 Connection refused")
GREYLISTED = ("deferred", 450, "450 4.2.1 greylisted")
SENT = ("sent", 250, "250 2.0.0 Ok")


def _attempted(keyed: Cli, *attempts: tuple[str, int | None, str]) -> datetime:
    """The last of them just now, which is returned."""
    now = datetime.now(UTC).replace(microsecond=0)

    async def work(session: AsyncSession) -> None:
        letter = rows.letter("answer", "message:1", "b@customer.example", next_at=now + timedelta(minutes=5))
        session.add(letter)
        await session.flush()
        for number, (outcome, code, reply) in enumerate(attempts):
            at = now - timedelta(minutes=1) * (len(attempts) - 1 - number)
            one = OutboxAttempt(outbox_id=letter.id, started_at=at, finished_at=at, outcome=outcome, code=code)
            one.reply = reply
            session.add(one)
            await session.flush()

    keyed.write(work)
    return now


def test_n24_a_refused_login_is_an_alarm_at_once(keyed: Cli) -> None:
    now = _attempted(keyed, SENT, HELD, HELD)
    [line] = keyed.json("status", code=1)["attention"]
    assert line.startswith("the smarthost refuses our login since ") and "535 5.7.8 wrong" in line
    found = keyed.write(trouble)
    assert found is not None and found.login and found.since == now - timedelta(minutes=1)


@pytest.mark.parametrize("attempts", [[GREYLISTED, AWAY, AWAY], [SENT, AWAY, AWAY, AWAY]])
def test_a_smarthost_that_is_away_is_an_alarm_from_a_minute_on(
    keyed: Cli, attempts: list[tuple[str, int | None, str]]
) -> None:
    _attempted(keyed, *attempts)
    [line] = keyed.json("status", code=1)["attention"]
    assert "is no help" in line and "4.4.2 Connection refused" in line


@pytest.mark.parametrize("attempts", [[], [AWAY, AWAY, SENT], [HELD, GREYLISTED], [SENT, AWAY]])
def test_a_smarthost_that_takes_mail_is_no_alarm(keyed: Cli, attempts: list[tuple[str, int | None, str]]) -> None:
    _attempted(keyed, *attempts)
    assert keyed.json("status")["attention"] == []
