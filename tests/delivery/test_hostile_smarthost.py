"""T09: whatever a smarthost does to a mail, it has the right state, is tried again at the right time, and has no copy
that nobody had to make."""

import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from gateway.store.database import Database
from tests.conftest import KINDS
from tests.delivery.hostile import Seen, play
from tests.delivery.hostile_cases import CASES, Case
from tests.delivery.hostile_verdict import problems
from tests.emptied import Emptied


@pytest.fixture(scope="module", params=KINDS)
def template(request: pytest.FixtureRequest) -> Path | Emptied:
    """Where a migrated database of each kind comes from."""
    if request.param == "sqlite":
        return Path(request.getfixturevalue("sqlite_template"))
    there: Emptied = request.getfixturevalue("emptied")
    return there


@pytest.fixture(scope="module")
async def seen(template: Path | Emptied, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[dict[str, Seen]]:
    """All cases, played at once on one database of each kind."""
    folder = tmp_path_factory.mktemp("hostile")
    async with AsyncExitStack() as stack:
        if isinstance(template, Path):
            url = f"sqlite:///{shutil.copy(template, folder / 'toiawase.db')}"
        else:
            url = await stack.enter_async_context(template.one())
        database = Database(url)
        stack.push_async_callback(database.close)
        yield await play(database, folder)


def test_t09_there_are_sixty_cases_and_more() -> None:
    assert len({case.name for case in CASES}) == len(CASES) >= 60


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_t09_n05_n08_n10_n14_n18_n22_n23_n24_a_hostile_smarthost(case: Case, seen: dict[str, Seen]) -> None:
    assert problems(case, seen[case.name]) == []
