"""One HTTP listener in the gateway's own event loop: bounded, quiet, and ended by whoever started it.

uvicorn answers; it neither takes the process's signals nor writes its log. Client addresses are never logged (A23), nor
what was asked for; that somebody knocks in vain is counted and told.
"""

import asyncio
import logging
import socket
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import h11
import structlog
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Message, Receive, Scope, Send
from uvicorn import Config, Server
from uvicorn.protocols.http.h11_impl import H11Protocol

CONNECTIONS = 256  # at once; more are closed unanswered, so that mail always has descriptors left
REQUEST_SECONDS = 5.0  # until the head of the first request is whole
CONNECTION_SECONDS = 30.0  # of a connection's life: a request that is not whole by then will not be (A26)
ANSWER_SECONDS = 10.0  # that an answer under way may take beyond it
DRAIN_SECONDS = 5.0  # for answers under way at the end
LARGEST_HEADER = 16_384  # octets
TOLD_EVERY = 10.0  # seconds: the log has at most one line for what was refused in them

log = structlog.get_logger("http")


class Refusals:
    """Requests that were refused: `counts` by the status of the reply, or by why there was none ("full", "slow")."""

    def __init__(self, counts: Counter[str]) -> None:
        self._counts, self._untold = counts, Counter[str]()
        self._quiet: asyncio.TimerHandle | None = None

    def add(self, reason: str) -> None:
        """Counts it. The log has the first at once, and then a line for all of TOLD_EVERY, so that nobody fills it."""
        self._counts[reason] += 1
        self._untold[reason] += 1
        if self._quiet is None:
            self._tell()

    def _tell(self) -> None:
        self._quiet = None
        if self._untold:
            log.info("requests refused", requests=dict(self._untold))
            self._untold.clear()
            self._quiet = asyncio.get_running_loop().call_later(TOLD_EVERY, self._tell)


class HttpServer:
    """`app` on a bound socket, which is ours from now on. What is refused is added to `refused` by its reason."""

    def __init__(self, app: Starlette, listener: socket.socket, refused: Counter[str]) -> None:
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)  # what fails is logged below, in our form
        self._listener = listener
        listener.listen()  # whoever asks while the gateway begins waits, and is not refused
        refusals = Refusals(refused)
        self._server = _Server(
            Config(
                _Guarded(app, refusals),
                http=type("_Counted", (_Connection,), {"refusals": refusals}),  # uvicorn makes each by its class
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

    refusals: Refusals
    _ending: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        if len(self.connections) >= CONNECTIONS:
            self.refusals.add("full")
            transport.abort()
        super().connection_made(transport)
        self._ending = self.loop.call_later(REQUEST_SECONDS, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._ending is not None:
            self._ending.cancel()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        self.refusals.add("400")
        if self.conn.our_state is h11.IDLE:
            super().send_400_response(msg)
        else:  # it has its answer, or gets one
            self.transport.abort()

    def _look(self) -> None:
        if self.cycle is None:
            if self.conn.trailing_data[0]:  # browsers open connections that they may need, and say nothing
                self.refusals.add("slow")
            self.transport.abort()
        else:
            self._ending = self.loop.call_later(CONNECTION_SECONDS - REQUEST_SECONDS, self._end)

    def _end(self) -> None:
        self.shutdown()
        self._ending = self.loop.call_later(ANSWER_SECONDS, self.transport.abort)


class _Guarded:
    """A fault of ours, or a database that is away, is 503 and one line in the log, without a word of the request's."""

    def __init__(self, app: Starlette, refusals: Refusals) -> None:
        app.add_exception_handler(Exception, _not_now)
        self._app, self._refusals = app, refusals

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start" and 400 <= message["status"] < 500:
                self._refusals.add(str(message["status"]))
            await send(message)

        try:
            await self._app(scope, receive, counted)
        except Exception as error:  # noqa: BLE001  it was answered; whatever it is, nobody outside learns of it
            log.error("request failed", error=type(error).__name__)


async def _not_now(_request: Request, _error: Exception) -> Response:
    return PlainTextResponse("not now\n", 503, {"Retry-After": "10"})
