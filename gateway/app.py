"""The whole gateway: builds every part from the configuration, starts them in order, reloads and ends them.

The only file that knows all parts. What a part does stands in its room.
"""

import asyncio
import os
import signal
import socket
from collections.abc import Coroutine
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError

from gateway import __version__
from gateway.config import Config, ConfigError, load
from gateway.delivery.sender import Delivery
from gateway.desk.outcomes import Outcomes
from gateway.desk.post import Office
from gateway.http.server import HttpServer
from gateway.http.vitals import RulesNow, Vitals
from gateway.intake.clients import Acquaintances
from gateway.intake.server import Intake
from gateway.jobs import database_there, give_back, index, logged, retain, room, sweep, watchdog
from gateway.keys import KeysError
from gateway.keys_in_force import KeysInForce
from gateway.log import configure
from gateway.memory import give_back_big_blocks, give_back_what_is_free, leave_out_of_collections
from gateway.node import own_name
from gateway.parts import (
    check_domain,
    check_privacy,
    check_state_folder,
    http_servers,
    intake_settings,
    listening_sockets,
    periods,
    transport,
)
from gateway.rules_in_force import RulesInForce
from gateway.sdnotify import notify
from gateway.store.database import Database
from gateway.store.migrate import upgrade
from gateway.work_settings import delivery_settings, office, worker_settings
from gateway.worker import periodic
from gateway.worker.crew import Crew
from gateway.worker.handle import error_of
from gateway.worker.process import WorkerSettings, end_server

DRAIN_SECONDS = 10.0  # for sessions in DATA at the end; idle ones get their 421 at once
HAND_OVER_SECONDS = 3.0  # that sessions go on under the configuration they began with
NEEDS_RESTART = ("database", "listen", "workers")  # keys that a reload leaves as they are

log = structlog.get_logger("app")


async def serve(config: Config) -> None:
    """Runs the gateway until SIGTERM or SIGINT; SIGHUP reloads. Raises KeysError, RulesError, OSError or what the
    driver raises when it cannot start; once started it ends only when told."""
    configure()
    give_back_big_blocks()
    gateway = Gateway(config)
    loop, stopped = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    loop.add_signal_handler(signal.SIGHUP, lambda: None)  # while it starts there is nothing older to replace
    if not await database_there(gateway.database, stopped):
        return await gateway.database.close()
    await gateway.start()
    leave_out_of_collections()
    loop.add_signal_handler(signal.SIGHUP, gateway.reload_soon)
    notify(f"READY=1\nSTATUS={gateway.status()}")
    log.info("started", release=__version__, smtp=gateway.addresses, http=gateway.http_ports, workers=config.workers)
    try:
        await stopped.wait()
    finally:
        notify("STOPPING=1\nSTATUS=finishing what is in hand")
        await gateway.stop()
        end_server()
        log.info("stopped")


class Gateway:
    """Every part, running. `sockets` are bound listening sockets; without them the configuration says where. Raises
    ConfigError where others could read customers' mail (A25): before a database elsewhere is asked in clear."""

    def __init__(self, config: Config, sockets: list[socket.socket] | None = None) -> None:
        check_privacy(config)
        self.config = config
        self.database = Database(config.database)
        self._given = sockets
        self._sockets: list[socket.socket] = []
        self._reloading = asyncio.Lock()
        self._stopping = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._intake: Intake | None = None
        self._leaving: set[Intake] = set()  # replaced, with sessions
        self._known = Acquaintances()
        self._delivery: Delivery | None = None
        self._outcomes: Outcomes | None = None
        self._name = own_name(config.state_folder)
        self._keys = KeysInForce(self.database)
        self._rules = RulesInForce(self.database, self._name, self._office, self._on_posted)
        self.vitals = Vitals(
            delivers=lambda: self._delivery is not None and self._delivery.alive,
            has_keys=lambda: self._keys.usable() is not None,
            has_room=lambda: self._intake is None or self._intake.has_room,
            connections=lambda: sum(intake.connections for intake in self._intakes),
            load=lambda: self._intake.level.number if self._intake is not None else 0,
            rules=lambda: RulesNow(self._rules.version, self._rules.is_refused, self._rules.refusals),
        )
        self._http: dict[str, HttpServer] = {}
        self.crew = Crew(self._name, self.database, self._worker_settings, self._on_posted)

    @property
    def port(self) -> int:
        """Where it listens for mail (the first socket)."""
        return int(self._sockets[0].getsockname()[1])

    @property
    def addresses(self) -> list[str]:
        """Where it listens for mail: the port too where the configuration leaves the choice to the system."""
        return ["{}:{}".format(*listener.getsockname()) for listener in self._sockets]

    def status(self, *, refused: bool = False) -> str:
        """What `systemctl status` shows. `refused`: the configuration that a reload read."""
        more = ", with the configuration of before: the new one is refused, see the log" if refused else ""
        return f"accepting mail at {', '.join(self.addresses)}{more}"

    @property
    def http_ports(self) -> dict[str, int]:
        """Where it listens for HTTP, by the configuration's key."""
        return {key: server.port for key, server in self._http.items()}

    async def start(self) -> None:
        """Database, then those who send and understand, then those who accept. Raises KeysError, RulesError,
        ConfigError, ListenError, OSError and what the driver raises."""
        await upgrade(self.database)
        await check_domain(self.config, self.database)
        check_state_folder(self.config)
        # Before anything is touched that another gateway on this address would be using.
        self._sockets = self._given if self._given is not None else listening_sockets(self.config)
        self._http = http_servers(self.config, self.database, self.vitals)
        await self._keys.use(self.config.keys)
        await self.crew.release(self.config.state_folder)
        self._delivery, self._intake = self._new_delivery(), self._new_intake()
        rules = await self._rules.begin(self.config.rules)
        await self._delivery.start()
        for life in self.crew.start(self.config.workers, rules):
            self._run(life, name="worker")
        await self._intake.start(*(listener.dup() for listener in self._sockets))
        self._run(self._keys.watch(lambda: self.config.keys, self._on_keys))
        self._run(self._rules.watch(lambda: self.config.rules, self.crew.renew))
        for job in (give_back(), sweep(self.database), index(self.database)):
            self._run(job)
        self._run(retain(self.database, lambda: periods(self.config)))
        self._run(room(self.vitals.has_room))
        self._run(periodic.run(self.database, self._office, self._on_posted))
        self._run(watchdog(self.database, self.vitals.delivers))
        for server in self._http.values():
            self._run(server.run())
        del rules
        give_back_what_is_free()

    async def stop(self) -> None:
        """Accepts no more, lets what is in hand come to its end, and closes the database."""
        self._stopping = True
        for task in list(self._tasks):
            if task.get_name() == "job":
                task.cancel()
        async with self._reloading:  # what a reload under way begins must end, too
            pass
        await asyncio.gather(*(intake.close(DRAIN_SECONDS) for intake in self._intakes))
        ending = [self.crew.stop()]
        if self._delivery is not None:
            ending.append(self._delivery.stop())
        await asyncio.gather(*ending)
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for listener in self._sockets:
            listener.close()
        await self.database.close()

    @property
    def _intakes(self) -> list[Intake]:
        """The one that accepts, and those that only finish."""
        return [*([self._intake] if self._intake is not None else []), *self._leaving]

    def reload_soon(self) -> None:
        """What SIGHUP asks for."""
        self._run(self._reload(), name="reload")

    async def _reload(self) -> None:
        """The configuration again and the rules again, each whole or not at all. For the configuration new intake and
        delivery take over, and the old ones finish; for both new workers start when the old ones have."""
        async with self._reloading:
            if self._stopping:
                return
            notify(f"RELOADING=1\nMONOTONIC_USEC={int(asyncio.get_running_loop().time() * 1_000_000)}")
            parts, rules = await self._configured_again(), None
            with logged("rules"):
                rules = await self._rules.take(self.config.rules, "signal")
            if self._stopping:
                return
            if parts is not None:
                await self._replace(*parts)
                log.info("reload.done")
            if parts is not None or rules is not None:
                self.crew.renew(rules)
            notify(f"READY=1\nSTATUS={self.status(refused=parts is None)}")

    async def _configured_again(self) -> tuple[Intake, Delivery] | None:
        """None where the file is refused, and all is as before."""
        old, old_keyring = self.config, self._keys.keyring
        try:
            wanted = load(old.file)
            # The parts that run on share these with those that are made anew.
            config = wanted.model_copy(update={name: getattr(old, name) for name in NEEDS_RESTART})
            await self._keys.use(config.keys)
            self.config = config
            parts = self._new_intake(), self._new_delivery()
        except (ConfigError, KeysError, SQLAlchemyError, OSError, ValueError) as error:
            self.config, self._keys.keyring = old, old_keyring
            self.vitals.configurations_refused += 1
            # A driver's text may quote a row.
            log.error("reload.refused", error=error_of(error) if isinstance(error, SQLAlchemyError) else str(error))
            return None
        if wanted != config:
            log.warning("reload.needs_restart", keys=", ".join(NEEDS_RESTART))
        return parts

    async def _replace(self, intake: Intake, delivery: Delivery) -> None:
        old_intake, old_delivery = self._intake, self._delivery
        await intake.start(*(listener.dup() for listener in self._sockets))
        self._intake, self._delivery = intake, delivery
        if old_intake is not None:
            self._run(self._leave(old_intake), name="leaving")
        if old_delivery is not None:
            await old_delivery.stop()  # what it had in flight, the next would take for lost
        await delivery.start()

    async def _leave(self, intake: Intake) -> None:
        self._leaving.add(intake)
        await intake.hand_over(HAND_OVER_SECONDS)
        await intake.close()
        self._leaving.discard(intake)

    def _office(self) -> Office:
        return office(self.config, self._keys.last)

    def _new_intake(self) -> Intake:
        return Intake(
            self.database,
            self._keys.usable,
            intake_settings(self.config),
            on_stored=self._on_stored,
            refused=self.vitals.refused,
            turned_away=self.vitals.turned_away,
            sessions_refused=self.vitals.sessions_refused,
            known=self._known,
        )

    def _new_delivery(self) -> Delivery:
        self._outcomes = Outcomes(self._office())
        return Delivery(
            self.database,
            transport(self.config),
            self._outcomes,
            delivery_settings(self.config),
            node=self._name,
            attempted=self.vitals.attempts,
        )

    def _on_stored(self, count: int) -> None:
        self.vitals.received += count
        self.crew.wake()

    def _on_posted(self) -> None:
        if self._delivery is not None:
            self._delivery.wake()

    def _worker_settings(self, number: int) -> WorkerSettings:
        return worker_settings(self.config, number, self._keys.last, self._rules.files)

    def _on_keys(self) -> None:
        self.crew.renew()
        if self._outcomes is not None:
            self._outcomes.office = self._office()

    def _run(self, job: Coroutine[Any, Any, None], name: str = "job") -> None:
        task = asyncio.create_task(job, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            # A part that ends by itself is a bug; systemd starts all anew rather than run on with half a gateway.
            log.critical("part.died", error=error_of(error))
            os.kill(os.getpid(), signal.SIGTERM)
