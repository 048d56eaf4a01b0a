"""N24: an operator who asks why nothing leaves gets the answer in one line."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.store.smarthost_trouble import trouble
from gateway.store.tables import OutboxAttempt
from tests.cli import rows
from tests.cli.conftest import Cli

NOW = datetime.now(UTC).replace(microsecond=0)
HELD = ("held", 535, "535 5.7.8 wrong")
AWAY = ("deferred", None, "4.4.2 Connection refused")
GREYLISTED = ("deferred", 450, "450 4.2.1 greylisted")
SENT = ("sent", 250, "250 2.0.0 Ok")


def _attempted(shop: Cli, *attempts: tuple[str, int | None, str], minutes_apart: int = 1) -> None:
    """The last of them just now."""

    async def work(session: AsyncSession) -> None:
        letter = rows.letter("answer", "message:1", "b@customer.example", next_at=NOW + timedelta(minutes=5))
        session.add(letter)
        await session.flush()
        for number, (outcome, code, reply) in enumerate(attempts):
            at = NOW - timedelta(minutes=minutes_apart) * (len(attempts) - 1 - number)
            one = OutboxAttempt(outbox_id=letter.id, started_at=at, finished_at=at, outcome=outcome, code=code)
            one.reply = reply
            session.add(one)
            await session.flush()

    shop.write(work)


def test_n24_a_refused_login_is_an_alarm_at_once(shop: Cli) -> None:
    _attempted(shop, SENT, HELD, HELD)
    [line] = shop.json("status", code=1)["attention"]
    assert line.startswith("the smarthost refuses our login since ") and "535 5.7.8 wrong" in line
    found = shop.write(trouble)
    assert found is not None and found.login and found.since == NOW - timedelta(minutes=1)


def test_a_smarthost_that_is_away_is_an_alarm_after_a_while(shop: Cli) -> None:
    _attempted(shop, GREYLISTED, AWAY, AWAY, AWAY, minutes_apart=6)
    [line] = shop.json("status", code=1)["attention"]
    assert "is no help" in line and "4.4.2 Connection refused" in line


@pytest.mark.parametrize("attempts", [[], [AWAY, AWAY, SENT], [HELD, GREYLISTED], [SENT, AWAY]])
def test_a_smarthost_that_takes_mail_is_no_alarm(shop: Cli, attempts: list[tuple[str, int | None, str]]) -> None:
    _attempted(shop, *attempts)
    assert shop.json("status")["attention"] == []
