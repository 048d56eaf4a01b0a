"""The far servers of these tests, and a smarthost that is one of them."""

from collections.abc import AsyncIterator

import pytest

from gateway.delivery.session import Timeouts
from gateway.delivery.smarthost import Smarthost, SmarthostAddress
from gateway.store.database import Database
from tests.delivery.post import Post
from tests.delivery.sink import Sink, listening


@pytest.fixture
async def sink() -> AsyncIterator[Sink]:
    async with listening(Sink()) as sink:
        yield sink


@pytest.fixture
async def smarthost(sink: Sink) -> AsyncIterator[Smarthost]:
    address = SmarthostAddress.parse(f"smtp://127.0.0.1:{sink.port}")
    smarthost = Smarthost(address, local_hostname="q.example.jp", timeouts=Timeouts(2, 2, 2, 2, 2))
    yield smarthost
    await smarthost.close()


@pytest.fixture
async def post(database: Database, smarthost: Smarthost, sink: Sink) -> Post:
    return Post(database, smarthost, sink)
