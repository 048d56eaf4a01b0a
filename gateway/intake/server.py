"""The listener: starts, counts its connections, and ends without leaving a client in doubt."""

import asyncio
import socket
from collections import Counter
from collections.abc import Callable
from math import inf
from pathlib import Path
from time import monotonic

import structlog

from gateway.intake import replies
from gateway.intake.admission import Admission
from gateway.intake.backlog import Backlog
from gateway.intake.clients import Acquaintances
from gateway.intake.committer import Committer
from gateway.intake.connection import Connection
from gateway.intake.disk import Disk
from gateway.intake.failures import Failures
from gateway.intake.handler import Handler, template
from gateway.intake.load import NORMAL_BELOW, Level, level
from gateway.intake.places import Places
from gateway.intake.reception import Reception
from gateway.intake.settings import IntakeSettings
from gateway.intake.smtp import Session
from gateway.intake.sockets import BACKLOG
from gateway.mail.keyring import Keyring
from gateway.store.database import Database

BEGIN_SECONDS = 0.1  # within which a connection that was accepted is there
LOOK_EVERY = 1.0
ABORT_SECONDS = 5.0  # what a session may still take to notice that its connection was cut off

log = structlog.get_logger("intake")


class Intake:
    """Mail in through SMTP.

    `keyring` gives the keys in use, or None while they are missing or foreign: signed addresses are then answered 451.
    `on_stored` is called after each commit with the number of mails in it; `refused` counts recipients, `turned_away`
    connections and `sessions_refused` those that were ended, by reason; `known` are the clients that delivered before.
    """

    def __init__(
        self,
        database: Database,
        keyring: Callable[[], Keyring | None],
        settings: IntakeSettings,
        *,
        on_stored: Callable[[int], None] | None = None,
        refused: Counter[str] | None = None,
        turned_away: Counter[str] | None = None,
        sessions_refused: Counter[str] | None = None,
        known: Acquaintances | None = None,
    ) -> None:
        self.settings = settings
        self.level = Level.NORMAL
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
            patience=settings.store_timeout,
            refused=refused,
        )
        self._disk = _disk(database, settings)
        self._backlog = Backlog(database, settings.backlog)
        self.reception = Reception(database, self.committer, self._disk, self._backlog, settings)
        self._turned_away = Counter[str]() if turned_away is None else turned_away
        self.sessions_refused = Counter[str]() if sessions_refused is None else sessions_refused
        self._places = Places(
            settings.max_connections,
            settings.connections_per_client,
            min(settings.kept_places, settings.max_connections // 4),
            Acquaintances() if known is None else known,
            self._turned_away,
        )
        self._servers: list[asyncio.Server] = []
        self._connections: set[Connection] = set()
        self._looking: asyncio.Task[None] | None = None
        self._busy_at = -inf  # when half of a budget was last in use, or somebody turned away
        self._full_before = 0  # times that somebody was turned away for want of a place, at the last look
        self._none_left = asyncio.Event()
        self._draining = False

    @property
    def connections(self) -> int:
        return len(self._connections)

    @property
    def has_room(self) -> bool:
        """On the disk; without, each mail is refused for now (N18)."""
        return self._disk.has_room()

    async def start(self, *sockets: socket.socket) -> None:
        """Accepts connections on each bound socket, which is ours from now on."""
        self.committer.start()
        await self._disk.look_after()
        await self._backlog.look()
        self._looking = asyncio.create_task(self._look_again(), name="intake")
        attributes = template(self.settings, Handler(self.settings, self.admission, self.reception))
        loop = asyncio.get_running_loop()
        for listener in sockets:
            server = await loop.create_server(lambda: Session(self, attributes), sock=listener, backlog=BACKLOG)
            self._servers.append(server)

    @property
    def under_stress(self) -> bool:
        return self.level is not Level.NORMAL

    def admit(self, connection: Connection) -> str | None:
        """None, or what a connection is told that has no place here (A26)."""
        refusal = replies.TOO_BUSY if self._draining else self._places.admit(connection, monotonic())
        if refusal is None:
            self._connections.add(connection)
        if not self.under_stress:
            self._look()
        return refusal

    def progressed(self, connection: Connection) -> None:
        self._places.progressed(connection, monotonic())

    def at_work_for(self, connection: Connection) -> None:
        self._places.at_work_for(connection)

    def delivered(self, connection: Connection) -> None:
        self._places.delivered(connection)

    def refused(self, connection: Connection, reply: str) -> None:
        self.sessions_refused[replies.ENDS.get(reply, replies.ANOTHER_END)] += 1
        log.info("session refused", reply=reply, client=connection.remote_address)

    def forget(self, connection: Connection) -> None:
        self._places.forget(connection)
        self._connections.discard(connection)
        if not self._connections:
            self._none_left.set()

    def _look(self) -> None:
        """How busy it is now."""
        full = self._turned_away["full"] + self._turned_away["slow"]
        before, share = self.level, max(self._places.share, self.reception.share)
        turned_away, self._full_before = full > self._full_before, full
        if share >= NORMAL_BELOW or turned_away:
            self._busy_at = monotonic()
        is_calm = monotonic() - self._busy_at > self.settings.stress_timeout
        self.level = level(before, share, turned_away, is_calm=is_calm)
        if self.level is before:
            return
        log.warning("load.changed", load=self.level, connections=self.connections, turned_away=dict(self._turned_away))
        if before is Level.NORMAL:
            for connection in self._connections:
                connection.hurry()

    async def _look_again(self) -> None:
        """Every second, how busy it is, whether there is room, and how much waits."""
        while True:
            await asyncio.sleep(LOOK_EVERY)
            self._look()
            await self._disk.look_after()
            await self._backlog.look()

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

    async def close(self, seconds: float = 0) -> None:
        """Drains, for `seconds` or at once if that was not begun, then commits what was already handed over."""
        if seconds or not self._draining:
            await self.drain(seconds)
        await self.committer.stop()
        await self.reception.close()
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)
        self._disk.give_up()

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


def _disk(database: Database, settings: IntakeSettings) -> Disk:
    if not database.is_sqlite:
        return Disk({settings.state_dir}, settings.needed_space, None)
    file = Path(str(database.url.database))
    return Disk({settings.state_dir, file.parent}, settings.needed_space, file.with_name(f"{file.name}-reserve"))
