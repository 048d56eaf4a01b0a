"""One HTTP listener in the gateway's own event loop: bounded, quiet, and ended by whoever started it.

uvicorn answers; it neither takes the process's signals nor writes its log. Client addresses are never logged (A23).
"""

import asyncio
import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send
from uvicorn import Config, Server
from uvicorn.protocols.http.h11_impl import H11Protocol

CONNECTIONS = 256  # at once; more are closed unanswered, so that mail always has descriptors left
CONNECTION_SECONDS = 30.0  # of a connection's life: a request that is not whole by then will not be (A26)
ANSWER_SECONDS = 10.0  # that an answer under way may take beyond it
DRAIN_SECONDS = 5.0  # for answers under way at the end
LARGEST_HEADER = 16_384  # octets

log = structlog.get_logger("http")


class HttpServer:
    """`app` on a bound socket, which is ours from now on."""

    def __init__(self, app: Starlette, listener: socket.socket) -> None:
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)  # what fails is logged below, in our form
        self._listener = listener
        self._server = _Server(
            Config(
                _Guarded(app),
                http=_Connection,
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                timeout_graceful_shutdown=int(DRAIN_SECONDS),
                h11_max_incomplete_event_size=LARGEST_HEADER,
            )
        )

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    async def run(self) -> None:
        """Answers until stopped; a cancelled one lets answers under way end, too."""
        serving = asyncio.create_task(self._server.serve([self._listener]))
        try:
            await asyncio.shield(serving)
        except asyncio.CancelledError:
            self._server.should_exit = True
            await serving
            raise


class _Server(Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """SIGTERM is the gateway's, which ends its parts in order."""
        yield


class _Connection(H11Protocol):
    """Of bounded number and life."""

    _ending: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        if len(self.connections) >= CONNECTIONS:
            transport.abort()
        super().connection_made(transport)
        self._ending = self.loop.call_later(CONNECTION_SECONDS, self._end)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._ending is not None:
            self._ending.cancel()
        super().connection_lost(exc)

    def _end(self) -> None:
        self.shutdown()
        self._ending = self.loop.call_later(ANSWER_SECONDS, self.transport.abort)


class _Guarded:
    """A fault of ours, or a database that is away, is 503 and one line in the log, without a word of the request's."""

    def __init__(self, app: Starlette) -> None:
        app.add_exception_handler(Exception, _not_now)
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._app(scope, receive, send)
        except Exception as error:  # noqa: BLE001  it was answered; whatever it is, nobody outside learns of it
            log.error("request failed", error=type(error).__name__)


async def _not_now(_request: Request, _error: Exception) -> Response:
    return PlainTextResponse("not now\n", 503, {"Retry-After": "10"})
