"""T09: whatever a smarthost does to a mail, it has the right state, is tried again at the right time, and has no copy
that nobody had to make."""

import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from email import message_from_bytes
from pathlib import Path

import pytest

from gateway.store.database import Database
from gateway.store.states import OutboxState
from tests.conftest import KINDS, made_in
from tests.delivery.hostile import HOLD, LIFE, Seen, play
from tests.delivery.hostile_cases import CASES, Case, Ends
from tests.delivery.post import MINUTE, NOW
from tests.postgres import PostgresServer

FIRST = {  # after the first attempt: its state, and the record of the attempt
    Ends.SENT: (OutboxState.SENT, "sent"),
    Ends.LATER: (OutboxState.QUEUED, "deferred"),
    Ends.REFUSED: (OutboxState.FAILED, "failed"),
    Ends.HELD: (OutboxState.QUEUED, "held"),
    Ends.RESENT: (OutboxState.UNCERTAIN, "uncertain"),
    Ends.UNKNOWN: (OutboxState.UNCERTAIN, "uncertain"),
    Ends.NEVER_AGAIN: (OutboxState.UNCERTAIN, "uncertain"),
}
LAST = {  # in the end: its state, the number of attempts, and what the desk was told in all
    Ends.SENT: (OutboxState.SENT, 1, ["delivered"]),
    Ends.LATER: (OutboxState.SENT, 2, ["delivered"]),
    Ends.REFUSED: (OutboxState.FAILED, 1, ["failed"]),
    Ends.HELD: (OutboxState.SENT, 2, ["delivered"]),
    Ends.RESENT: (OutboxState.SENT, 2, ["delivered"]),
    Ends.UNKNOWN: (OutboxState.UNCERTAIN, 2, ["unknown"]),
    Ends.NEVER_AGAIN: (OutboxState.UNCERTAIN, 1, ["unknown"]),
}


@pytest.fixture(scope="module", params=KINDS)
def template(request: pytest.FixtureRequest) -> Path | tuple[PostgresServer, str]:
    """A migrated database of each kind to copy from."""
    if request.param == "sqlite":
        return Path(request.getfixturevalue("sqlite_template"))
    return request.getfixturevalue("postgres_server"), request.getfixturevalue("postgres_template")


@pytest.fixture(scope="module")
async def seen(
    template: Path | tuple[PostgresServer, str], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[dict[str, Seen]]:
    """All cases, played at once on one database of each kind."""
    folder = tmp_path_factory.mktemp("hostile")
    async with AsyncExitStack() as stack:
        if isinstance(template, Path):
            url = f"sqlite:///{shutil.copy(template, folder / 'toiawase.db')}"
        else:
            server, name = template
            url = await stack.enter_async_context(made_in(server, f"TEMPLATE {name} STRATEGY FILE_COPY"))
        database = Database(url)
        stack.push_async_callback(database.close)
        yield await play(database, folder)


def test_t09_there_are_sixty_cases_and_more() -> None:
    assert len({case.name for case in CASES}) == len(CASES) >= 60


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_t09_n05_n08_n10_n14_n18_n22_n23_n24_a_hostile_smarthost(case: Case, seen: dict[str, Seen]) -> None:
    mail = seen[case.name]
    state, outcome = FIRST[case.ends]
    assert (mail.first.state, mail.attempts[0].outcome) == (state, outcome), mail.first.reply
    assert (mail.first.reply or "").startswith(case.reply), mail.first.reply
    if case.ends is Ends.HELD:  # no mail grows old by a fault of ours
        assert (mail.first.next_at, mail.first.expires_at) == (NOW + HOLD, NOW + LIFE + HOLD)
    elif case.ends in (Ends.LATER, Ends.RESENT, Ends.UNKNOWN):
        assert (mail.first.next_at, mail.first.expires_at) == (NOW + MINUTE, NOW + LIFE)
    assert (mail.last.state, mail.last.attempts, mail.told) == LAST[case.ends], mail.last.reply
    assert mail.is_dead == case.is_dead
    assert len(mail.copies) == case.kept
    assert {message_from_bytes(copy)["Message-ID"] for copy in mail.copies} <= {mail.queued.message_id}
