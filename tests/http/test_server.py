"""The HTTP listener: bounded, quiet, and ended in order."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress

import pytest
import structlog
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from gateway.http import server
from gateway.http.public import READERS, prefers_json, public_app
from gateway.http.server import HttpServer
from gateway.intake.sockets import open_socket
from gateway.store.database import Database
from tests.integration.web import get

Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Page:
    """One page that says nothing until it may."""

    def __init__(self) -> None:
        self.asked, self.may_answer = asyncio.Event(), asyncio.Event()

    async def answer(self, request: Request) -> Response:
        self.asked.set()
        await self.may_answer.wait()
        if "fault" in request.url.path:
            raise LookupError("secret")
        return PlainTextResponse("page\n")


@pytest.fixture
def page() -> Page:
    return Page()


@asynccontextmanager
async def _running(
    app: Starlette, refused: Counter[str] | None = None
) -> AsyncIterator[tuple[int, "asyncio.Task[None]"]]:
    http = HttpServer(app, open_socket("127.0.0.1:0"), Counter() if refused is None else refused)
    port, running = http.port, asyncio.create_task(http.run())
    try:
        yield port, running
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


def _listening(
    page: Page, refused: Counter[str] | None = None
) -> "AbstractAsyncContextManager[tuple[int, asyncio.Task[None]]]":
    return _running(Starlette(routes=[Route("/page", page.answer), Route("/fault", page.answer)]), refused)


async def _connected(port: int) -> Stream:
    async with asyncio.timeout(30):
        while True:
            with suppress(ConnectionRefusedError):
                return await asyncio.open_connection("127.0.0.1", port)
            await asyncio.sleep(0.01)


async def _asked(port: int, path: str) -> Stream:
    reader, writer = await _connected(port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    return reader, writer


async def test_T18_an_end_lets_an_answer_under_way_end_and_takes_no_more(page: Page) -> None:
    async with _listening(page) as (port, running):
        idle, (reader, writer) = await _connected(port), await _asked(port, "/page")
        await page.asked.wait()
        running.cancel()
        assert await idle[0].read() == b""
        page.may_answer.set()
        assert (await reader.read()).endswith(b"page\n")
        with suppress(asyncio.CancelledError):
            await running
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", port)
        for stream in (idle[1], writer):
            stream.close()


async def test_A26_who_sends_nothing_whole_or_comes_when_it_is_full_is_cut_off(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    page.may_answer.set()
    monkeypatch.setattr(server, "CONNECTIONS", 1)
    monkeypatch.setattr(server, "REQUEST_SECONDS", 0.3)
    refused = Counter[str]()
    async with _listening(page, refused) as (port, _):
        slow, late = await _connected(port), await _connected(port)
        slow[1].write(b"GET /page HTTP/1.1\r\n")
        for reader, writer in (late, slow):
            with suppress(ConnectionResetError):
                assert await reader.read() == b""
            writer.close()
        reader, writer = await _asked(port, "/page")
        assert (await reader.readline()) == b"HTTP/1.1 200 OK\r\n"
        writer.close()
    assert refused == {"full": 1, "slow": 1}


async def test_A26_who_says_nothing_is_cut_off_and_refused_nothing(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "REQUEST_SECONDS", 0.2)
    refused = Counter[str]()
    async with _listening(page, refused) as (port, _):
        reader, writer = await _connected(port)
        with suppress(ConnectionResetError):
            assert await reader.read() == b""
        writer.close()
    assert not refused


async def test_A26_who_asks_again_and_again_is_cut_off_in_the_end(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    page.may_answer.set()
    monkeypatch.setattr(server, "REQUEST_SECONDS", 0.2)
    monkeypatch.setattr(server, "CONNECTION_SECONDS", 0.4)
    refused = Counter[str]()
    async with _listening(page, refused) as (port, _):
        reader, writer = await _connected(port)
        with suppress(ConnectionResetError, BrokenPipeError, asyncio.IncompleteReadError):
            async with asyncio.timeout(30):
                while True:  # each before uvicorn would end an idle connection
                    writer.write(b"GET /page HTTP/1.1\r\nHost: x\r\n\r\n")
                    assert (await reader.readuntil(b"page\n")).startswith(b"HTTP/1.1 200 ")
        writer.close()
    assert not refused


async def test_who_knocks_in_vain_is_counted_and_told_without_what_was_asked(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = Counter[str]()
    async with _listening(page, refused) as (port, _):
        (await _connected(port))[1].close()  # it listens
        with structlog.testing.capture_logs() as logged:
            for request, status in (
                (b"GET /../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n", b"404"),
                (b"GET /yamada@customer.example HTTP/1.1\r\nHost: x\r\n\r\n", b"404"),
                (b"DELETE /page HTTP/1.1\r\nHost: x\r\n\r\n", b"405"),
                (b"secret\r\n\r\n", b"400"),
            ):
                reader, writer = await _connected(port)
                writer.write(request)
                assert (await reader.readline()).split()[1] == status
                writer.close()
    assert refused == {"404": 2, "405": 1, "400": 1}
    assert logged == [{"event": "requests refused", "requests": {"404": 1}, "log_level": "info"}]


async def test_the_log_has_one_line_for_many_refusals_and_none_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "TOLD_EVERY", 0.01)
    refusals = server.Refusals(Counter())
    with structlog.testing.capture_logs() as logged:
        for reason in ("404", "404", "405", "404"):
            refusals.add(reason)
        async with asyncio.timeout(30):
            while len(logged) < 2:
                await asyncio.sleep(0.01)
    assert [line["requests"] for line in logged] == [{"404": 1}, {"404": 2, "405": 1}]


@pytest.mark.parametrize("answered_first", [False, True])
async def test_A26_rubbish_behind_a_request_is_no_fault_of_ours(page: Page, answered_first: bool) -> None:
    refused = Counter[str]()
    async with _listening(page, refused) as (port, _):
        reader, writer = await _connected(port)
        with structlog.testing.capture_logs() as logged, suppress(ConnectionError):
            writer.write(b"POST /page HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
            if answered_first:
                assert (await reader.readline()).split()[1] == b"405"
            writer.write(b"zz\r\n")
            await reader.read()
        writer.close()
    assert [line for line in logged if line["event"] != "requests refused"] == []
    assert refused["400"] == 1


async def test_A23_a_fault_of_ours_is_503_and_nobody_learns_more(page: Page) -> None:
    page.may_answer.set()
    async with _listening(page) as (port, _):
        with structlog.testing.capture_logs() as logged:
            reader, writer = await _asked(port, "/fault?secret")
            answer = await reader.readuntil(b"not now\n")
            writer.close()
    assert answer.startswith(b"HTTP/1.1 503 ")
    assert b"secret" not in answer
    assert logged == [{"event": "request failed", "error": "LookupError", "log_level": "error"}]


async def test_A26_many_who_look_at_once_leave_connections_for_mail(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, now, most = sqlite_database.read, 0, 0

    @asynccontextmanager
    async def counted() -> AsyncIterator[AsyncSession]:
        nonlocal now, most
        now += 1
        most = max(most, now)
        try:
            async with read() as session:
                yield session
        finally:
            now -= 1

    monkeypatch.setattr(sqlite_database, "read", counted)
    async with _running(public_app(sqlite_database)) as (port, _):
        (await _connected(port))[1].close()  # it listens
        answers = await asyncio.gather(*(get(port, "/products/x/questions.json") for _ in range(20)))
    assert {answer.text for answer in answers} == {"[]"}
    assert 1 < most <= READERS


@pytest.mark.parametrize(
    ("accept", "wanted"),
    [
        ("", False),
        ("*/*", False),
        ("application/json", True),
        ("application/json, text/plain, */*", True),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", False),
        ("text/html;q=0.5, application/json;q=0.9", True),
        ("application/json;q=0, */*", False),
        ("application/json;q=x", False),
        ("application/*", True),
    ],
)
def test_json_is_given_to_who_asks_for_it(accept: str, wanted: bool) -> None:
    assert prefers_json(accept) is wanted
