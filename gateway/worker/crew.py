"""All the workers of a gateway: processes of their own, or a single worker in the main process."""

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from pathlib import Path
from typing import Any

import structlog

from gateway.ids import new_nonce
from gateway.resolver import Resolver
from gateway.rules.ruleset import RuleSet
from gateway.store import received
from gateway.store.database import Database
from gateway.worker.loop import Worker
from gateway.worker.marker import all_marked, marked
from gateway.worker.process import Supervisor, WorkerSettings

log = structlog.get_logger("app")


class Crew:
    """`settings` are those of the moment for the worker of a number; `posted` is called after mail was put into the
    outbox."""

    def __init__(
        self, node: str, database: Database, settings: Callable[[int], WorkerSettings], posted: Callable[[], None]
    ) -> None:
        self._node, self._database, self._settings, self._posted = node, database, settings, posted
        self._supervisors: list[Supervisor] = []
        self.worker: Worker | None = None  # the one in this process

    async def release(self, state_folder: Path) -> None:
        """Frees what the workers of this node held when they died with their gateway."""
        async with self._database.write() as session:
            await received.release_claims(session, f"{self._node}:", struck=all_marked(state_folder))

    def start(self, processes: int, rules: RuleSet) -> list[Coroutine[Any, Any, None]]:
        """The workers' lives, which end after `stop`. Without processes of its own the one worker starts with
        `rules`."""
        name = f"{self._node}:{new_nonce()[:6]}"
        if processes == 0:
            settings = self._settings(0)
            self.worker = Worker(name, self._database, settings.office(), settings.authserv_id, self._posted)
            self.worker.ask_dns = Resolver(settings.dns_servers).texts
            self.worker.rules = rules
            return [self.worker.run()]
        self._supervisors = [Supervisor(f"{name}{number}", self._posted, self._died) for number in range(processes)]
        return [one.run(partial(self._settings, number)) for number, one in enumerate(self._supervisors)]

    def wake(self) -> None:
        """There is mail."""
        for supervisor in self._supervisors:
            supervisor.wake()
        if self.worker is not None:
            self.worker.wake()

    def renew(self, rules: RuleSet | None = None) -> None:
        """Everybody finishes the mail at hand and goes on with the settings of now; `rules` where they are new."""
        for supervisor in self._supervisors:
            supervisor.restart()
        if self.worker is not None:
            settings = self._settings(0)
            self.worker.office, self.worker.authserv_id = settings.office(), settings.authserv_id
            self.worker.ask_dns = Resolver(settings.dns_servers).texts
            self.worker.rules = rules or self.worker.rules

    async def stop(self) -> None:
        """Everybody finishes the batch at hand."""
        if self.worker is not None:
            self.worker.stop()
        await asyncio.gather(*(supervisor.stop() for supervisor in self._supervisors))

    async def _died(self, worker: str, marker: Path, code: int | None) -> bool:
        struck = marked(marker)
        log.warning("worker.died", worker=worker, exit=code, reading=struck)
        async with self._database.write() as session:
            await received.release_claims(session, worker, struck=[struck] if struck else [])
        return struck is not None
