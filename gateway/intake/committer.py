"""Group commit: everything that waits is written in one transaction, and only then is each sender told 250.

One task, one transaction at a time, the same code on every database. A client that leaves does not take its mail back
out: it asked us to keep it, and the copy it sends again is recognised (RFC 1047).
"""

import asyncio
from collections import deque
from collections.abc import Callable

import structlog
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from gateway.store.database import Database
from gateway.store.received import Arrival, insert_many

BATCH_MAILS = 500  # of one transaction: more would make the first wait for the last
BATCH_BYTES = 4 << 20

log = structlog.get_logger("intake")


class QueueFullError(Exception):
    """More mail waits than we promise to hold in memory."""


class NotStoredError(Exception):
    """The mail could not be written; its sender should try again."""


class Committer:
    """Stores arrivals. `on_stored` is called after each commit with the number of mails in it."""

    def __init__(
        self,
        database: Database,
        *,
        waiting_mails: int,
        waiting_bytes: int,
        on_stored: Callable[[int], None] | None = None,
    ) -> None:
        self._database = database
        self._mails_limit = waiting_mails
        self._bytes_limit = waiting_bytes
        self._on_stored = on_stored
        self._waiting: deque[tuple[Arrival, asyncio.Future[None]]] = deque()
        self._waiting_bytes = 0
        self._wake = asyncio.Event()
        self._committing = False
        self._stopping = False
        self._task: asyncio.Task[None] | None = None

    @property
    def has_room(self) -> bool:
        """False above the high water: new mail is refused for now."""
        return len(self._waiting) < self._mails_limit and self._waiting_bytes < self._bytes_limit

    @property
    def share(self) -> float:
        """How near the high water is: 1.0 when it is reached."""
        if not self._mails_limit or not self._bytes_limit:
            return 1.0
        return max(len(self._waiting) / self._mails_limit, self._waiting_bytes / self._bytes_limit)

    @property
    def is_idle(self) -> bool:
        """True when nothing waits for a commit or is being committed."""
        return not self._waiting and not self._committing

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="committer")

    async def stop(self) -> None:
        """Commits what waits, then ends."""
        self._stopping = True
        self._wake.set()
        if self._task is not None:
            await self._task

    async def store(self, arrival: Arrival) -> None:
        """Returns once the mail is committed, which a cancelled caller no longer learns.

        Raises QueueFullError, or NotStoredError when it could not be written.
        """
        if self._stopping or not self.has_room:
            raise QueueFullError
        committed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((arrival, committed))
        self._waiting_bytes += _octets(arrival)
        self._wake.set()
        await committed

    async def _run(self) -> None:
        while True:
            while batch := self._take():
                self._committing = True
                await self._commit(batch)
                self._committing = False
            if self._stopping:
                return
            self._wake.clear()
            await self._wake.wait()

    def _take(self) -> list[tuple[Arrival, asyncio.Future[None]]]:
        batch: list[tuple[Arrival, asyncio.Future[None]]] = []
        octets = 0
        while self._waiting and len(batch) < BATCH_MAILS and octets < BATCH_BYTES:
            entry = self._waiting.popleft()
            octets += _octets(entry[0])
            batch.append(entry)
        self._waiting_bytes -= octets
        return batch

    async def _commit(self, batch: list[tuple[Arrival, asyncio.Future[None]]]) -> None:
        error = await self._write([arrival for arrival, _ in batch])
        if error is not None and len(batch) > 1 and not _is_the_databases(error):
            # One of them cannot be written: alone, it refuses none of its neighbours.
            for entry in batch:
                await self._commit([entry])
            return
        if error is not None:
            log.error("mail not stored", mails=len(batch), error=type(error).__name__)
        elif self._on_stored is not None:
            # Called by the loop: what goes wrong there must not end this task.
            asyncio.get_running_loop().call_soon(self._on_stored, len(batch))
        for _, committed in batch:
            if committed.done():  # its session has gone
                continue
            if error is None:
                committed.set_result(None)
            else:
                committed.set_exception(NotStoredError(type(error).__name__))

    async def _write(self, arrivals: list[Arrival]) -> Exception | None:
        try:
            async with self._database.write() as session:
                await insert_many(session, arrivals)
        except Exception as error:  # noqa: BLE001 - whatever it is, the answer is 451 and the task lives on
            return error
        return None


def _octets(arrival: Arrival) -> int:
    return sum(map(len, arrival.chunks))


def _is_the_databases(error: Exception) -> bool:
    """True when no row is to blame, so that trying them one by one would only cost time."""
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    return isinstance(error, OperationalError | InterfaceError | PoolTimeoutError | OSError)
