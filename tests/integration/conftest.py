from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.integration.house import SUZUKI, TANAKA, House, open_house


@pytest.fixture
async def house(tmp_path: Path, database_url: str) -> AsyncIterator[House]:
    """Two shops, open."""
    async with open_house(tmp_path, database_url) as opened:
        await opened.add_store("testshop", SUZUKI)
        await opened.add_store("othershop", TANAKA)
        yield opened
