"""A desk that works by the shipped rules."""

import pytest

from gateway.rules.ready import ready
from gateway.rules.ruleset import RuleSet
from gateway.rules.shipped import shipped_folder
from gateway.store.database import Database
from tests.worker.hands import Desk, open_shop


@pytest.fixture(scope="session")
def shipped() -> RuleSet:
    return ready(shipped_folder())


@pytest.fixture
async def desk(database: Database, shipped: RuleSet) -> Desk:
    await open_shop(database)
    return Desk(database, shipped)
