"""The listener: starts, counts its connections, and ends without leaving a client in doubt."""

import asyncio
import socket
from collections import Counter
from collections.abc import Callable

import structlog

from gateway.intake.admission import Admission
from gateway.intake.committer import Committer
from gateway.intake.connection import Connection, template
from gateway.intake.failures import Failures
from gateway.intake.handler import Handler
from gateway.intake.reception import Reception
from gateway.intake.settings import IntakeSettings
from gateway.intake.smtp import Session
from gateway.intake.sockets import BACKLOG
from gateway.mail.addresses import Keyring
from gateway.store.database import Database

BEGIN_SECONDS = 0.1  # within which a connection that was accepted is there
ABORT_SECONDS = 5.0  # what a session may still take to notice that its connection was cut off

log = structlog.get_logger("intake")


class Intake:
    """Mail in through SMTP.

    `keyring` gives the keys in use, or None while they are missing or foreign: signed addresses are then answered 451.
    `on_stored` is called after each commit with the number of mails in it; `refused` counts recipients by reason.
    """

    def __init__(
        self,
        database: Database,
        keyring: Callable[[], Keyring | None],
        settings: IntakeSettings,
        *,
        on_stored: Callable[[int], None] | None = None,
        refused: Counter[str] | None = None,
    ) -> None:
        self.settings = settings
        self.committer = Committer(
            database,
            waiting_mails=settings.waiting_mails,
            waiting_bytes=settings.waiting_bytes,
            on_stored=on_stored,
        )
        self.admission = Admission(
            database,
            settings.domain,
            keyring,
            Failures(settings.max_unknown),
            refusal_delay=settings.refusal_delay,
            refused=refused,
        )
        self.reception = Reception(database, self.committer, settings)
        self._servers: list[asyncio.Server] = []
        self._connections: set[Connection] = set()
        self._none_left = asyncio.Event()
        self._draining = False

    @property
    def connections(self) -> int:
        return len(self._connections)

    async def start(self, *sockets: socket.socket) -> None:
        """Accepts connections on each bound socket, which is ours from now on."""
        self.committer.start()
        attributes = template(self.settings, Handler(self.settings, self.admission, self.reception))
        loop = asyncio.get_running_loop()
        for listener in sockets:
            server = await loop.create_server(lambda: Session(self, attributes), sock=listener, backlog=BACKLOG)
            self._servers.append(server)

    def admit(self, connection: Connection) -> bool:
        """False when there is no place for another connection: it is told 421."""
        if self._draining or len(self._connections) >= self.settings.max_connections:
            return False
        self._connections.add(connection)
        return True

    def forget(self, connection: Connection) -> None:
        self._connections.discard(connection)
        if not self._connections:
            self._none_left.set()

    async def hand_over(self, seconds: float) -> None:
        """Accepts nothing more, as another does on the same sockets, and refuses none of those it accepted: they go on
        for `seconds`. Then each ends as in `drain`, but is not cut off: a mail may take its time."""
        self._close_servers()
        await asyncio.sleep(BEGIN_SECONDS)
        if not await self._gone(seconds):
            self._retire_all()
            await self._gone(None)

    async def drain(self, seconds: float) -> None:
        """Accepts nothing more and ends every session: idle ones with 421 at once, those that are being answered after
        their reply. What is left after `seconds` is cut off. Server.wait_closed() would hang here on CPython 3.12.1.
        """
        self._close_servers()
        self._retire_all()
        if not await self._gone(seconds):
            log.warning("sessions cut off", sessions=len(self._connections))
            for connection in list(self._connections):
                connection.abort()
            await self._gone(ABORT_SECONDS)

    async def close(self) -> None:
        """Drains without waiting, then commits what was already handed over."""
        if not self._draining:
            await self.drain(0)
        await self.committer.stop()

    def _close_servers(self) -> None:
        for server in self._servers:
            server.close()

    def _retire_all(self) -> None:
        self._draining = True
        for connection in list(self._connections):
            connection.retire()

    async def _gone(self, seconds: float | None) -> bool:
        """True once no session is left, False after `seconds`."""
        self._none_left.clear()
        if not self._connections:
            return True
        try:
            async with asyncio.timeout(seconds):
                await self._none_left.wait()
        except TimeoutError:
            return False
        return True
