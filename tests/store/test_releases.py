"""An older release's rows survive the way up, a kill on it, and the older release's return."""

from tests.torture.t19_releases import SMALL, faults_of, revisions


async def test_t19_rows_of_the_first_release_survive_the_way_up_and_back(empty_database_url: str) -> None:
    """From every step, with 10,000 rows of every table: `make torture T=t19`."""
    assert await faults_of(empty_database_url, revisions()[0], SMALL) == []
