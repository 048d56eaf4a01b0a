"""A worker in a process of its own: a mail that kills or hangs its reader costs a worker, never the daemon.

The two processes share a socket. A byte from the daemon says that mail came in, a byte to it that mail waits to go out;
when it closes, the daemon is gone and the worker ends. Workers are forked from a server that has the modules loaded, so
that a new one is there within milliseconds.
"""

import asyncio
import contextlib
import gc
import signal
import socket
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from multiprocessing import forkserver, get_context, resource_tracker
from multiprocessing.process import BaseProcess
from pathlib import Path

import structlog

from gateway.desk.answer_limits import USUAL, AnswerLimits
from gateway.desk.file_limits import USUAL_FILES, FileLimits
from gateway.desk.post import Office
from gateway.log import configure
from gateway.mail.keyring import Key, Keyring
from gateway.memory import give_back_big_blocks
from gateway.resolver import Resolver
from gateway.rules.files import Files
from gateway.rules.ready import ready_from
from gateway.rules.ruleset import RuleSet
from gateway.store.database import Database
from gateway.store.tables import Received
from gateway.worker.handle import error_of
from gateway.worker.limits import bounded
from gateway.worker.loop import Worker
from gateway.worker.marker import Marker

RESTART_PAUSE = 0.1  # seconds; a worker that dies at once, again and again, must not take the machine
MOST_PAUSE = 5.0
STOP_GRACE = 10.0  # seconds for the batch at hand

log = structlog.get_logger()


@dataclass(frozen=True)
class WorkerSettings:
    """What a worker needs, in a form that crosses a process border."""

    database_url: str
    domain: str
    operator: str
    keys: tuple[Key, ...]
    give_up: timedelta
    draft_life: timedelta
    authserv_id: str | None
    marker: Path  # where it notes the mail at hand
    rules: Files
    limits: AnswerLimits = USUAL
    file_limits: FileLimits = USUAL_FILES
    dns_servers: tuple[tuple[str, int], ...] = ()

    def office(self) -> Office:
        keyring = Keyring(self.keys)
        return Office(self.domain, self.operator, keyring, self.give_up, self.draft_life, self.limits, self.file_limits)


def start(settings: WorkerSettings, name: str) -> tuple[BaseProcess, socket.socket]:
    """Starts a worker and returns it with the daemon's end of their socket.

    SIGTERM is blocked meanwhile, for the server and the worker inherit that: the server ends with the daemon, whoever
    else is sent a signal, and a worker hears one when it can finish what it has."""
    context = get_context("forkserver")
    context.set_forkserver_preload(["gateway.worker.orphans", __name__])
    ours, theirs = socket.socketpair()
    resource_tracker.ensure_running()  # which would unblock it, if it had to be started yet
    unblocked = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGTERM,))
    try:
        with theirs:
            process = context.Process(target=_main, args=(settings, name, theirs), name=name)
            process.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, unblocked)
    ours.setblocking(False)
    return process, ours


def end_server() -> None:
    """Ends the server that workers are forked from, and its tracker, and waits for them: systemd kills what is left
    when the main process is gone. To be called last."""
    # multiprocessing has no public way.
    forkserver._forkserver._stop()  # type: ignore[attr-defined]
    resource_tracker._resource_tracker._stop()  # type: ignore[attr-defined]


def _main(settings: WorkerSettings, name: str, channel: socket.socket) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal's ^C goes to the daemon, which tells us
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    configure()
    give_back_big_blocks()
    gc.freeze()  # what the server loaded stays shared with it: no collection writes to it
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_work(settings, name, channel))


async def _work(settings: WorkerSettings, name: str, channel: socket.socket) -> None:
    channel.setblocking(False)
    database = Database(settings.database_url, alone=True)
    marker = Marker(settings.marker)

    @contextlib.contextmanager
    def guard(received: Received) -> Iterator[None]:
        with marker.reading(received.queue_id), bounded(received.size):
            yield

    worker = Worker(name, database, settings.office(), settings.authserv_id, _waker(channel), guard)
    worker.ask_dns = Resolver(settings.dns_servers).texts
    worker.make_rules = partial(rules_of, settings.rules)
    loop = asyncio.get_running_loop()
    loop.add_reader(channel, _on_byte, channel, worker.wake, worker.stop)
    loop.add_signal_handler(signal.SIGTERM, worker.stop)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGTERM,))
    worker.wake()
    try:
        await worker.run()
    finally:
        loop.remove_reader(channel)
        await database.close()
        channel.close()


def rules_of(files: Files) -> RuleSet | None:
    """The daemon found the rules right. If there is no room to make them here, mail goes on without: people see it."""
    try:
        return ready_from(files)
    except Exception as error:  # noqa: BLE001  whatever it is, it would be met again by the worker's successor
        log.critical("worker.without_rules", error=error_of(error))
        return None


def _waker(channel: socket.socket) -> Callable[[], None]:
    """Writes a byte; a full socket means that a wake-up is under way already."""

    def wake() -> None:
        with contextlib.suppress(OSError):
            channel.send(b"+")

    return wake


def _on_byte(channel: socket.socket, wake: Callable[[], None], closed: Callable[[], None]) -> None:
    try:
        octets = channel.recv(4096)
    except BlockingIOError:
        return
    except OSError:
        octets = b""
    if octets:
        wake()
    else:
        asyncio.get_running_loop().remove_reader(channel)
        closed()


class Supervisor:
    """Keeps one worker process alive, with its settings of the moment. `died` is awaited with its name, its marker and
    its exit code after each death, before the next one starts; it says whether a mail was to blame."""

    def __init__(
        self, name: str, posted: Callable[[], None], died: Callable[[str, Path, int | None], Awaitable[bool]]
    ) -> None:
        self.name = name
        self._posted, self._died = posted, died
        self._process: BaseProcess | None = None
        self._channel: socket.socket | None = None
        self._worked = False
        self._outdated = False
        self._stopping = False

    def wake(self) -> None:
        """There is mail for the worker."""
        if self._channel is not None:
            _waker(self._channel)()

    async def run(self, settings: Callable[[], WorkerSettings]) -> None:
        """Starts the worker, and again whenever it ends, until stopped."""
        pause = RESTART_PAUSE
        while not self._stopping:
            self._worked = self._outdated = False
            present = settings()
            code = await self._life(present)
            self._posted()  # its last word may not have been heard
            if self._stopping:
                break
            if code in (0, -signal.SIGTERM):  # as it was asked to, with nothing left in hand, or taken up yet
                continue
            try:
                self._worked |= await self._died(self.name, present.marker, code)  # a mail kills only a few times
            except Exception as error:  # noqa: BLE001  the lease frees its mails later, whatever the database does now
                log.error("worker.claims_not_released", worker=self.name, error=type(error).__name__)
            pause = RESTART_PAUSE if self._worked else min(pause * 2, MOST_PAUSE)
            await asyncio.sleep(pause)

    async def _life(self, settings: WorkerSettings) -> int | None:
        loop = asyncio.get_running_loop()
        try:
            process, channel = await asyncio.to_thread(start, settings, self.name)
        except OSError as error:  # the server that it is forked from died just then; the next start begins a new one
            log.warning("worker.not_started", worker=self.name, error=type(error).__name__)
            return None
        self._process, self._channel = process, channel
        if self._stopping or self._outdated:  # stop() or restart() came while it started, and knew its predecessor
            process.terminate()
        ended = loop.create_future()
        loop.add_reader(process.sentinel, _settle, ended)
        loop.add_reader(channel, _on_byte, channel, self._on_posted, lambda: None)
        try:
            await ended
        finally:
            loop.remove_reader(process.sentinel)
            loop.remove_reader(channel)
            self._channel = None
            channel.close()
        process.join()
        return process.exitcode

    def _on_posted(self) -> None:
        self._worked = True  # it died, but not at once: what it did is done
        self._posted()

    def restart(self) -> None:
        """The worker finishes its batch and a new one starts with the present settings."""
        self._outdated = True
        if self._process is not None and self._process.is_alive():
            self._process.terminate()

    async def stop(self) -> None:
        """The worker finishes its batch; after the grace time it is killed, and its mails wait for the next start."""
        self._stopping = True
        process = self._process
        if process is None:
            return
        process.terminate()
        await asyncio.to_thread(process.join, STOP_GRACE)
        if process.is_alive():
            process.kill()
            await asyncio.to_thread(process.join)


def _settle(future: "asyncio.Future[None]") -> None:
    if not future.done():
        future.set_result(None)
