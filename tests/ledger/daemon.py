"""The gateway as an operator runs it: made by its own commands, started as a process, and killed without warning."""

import asyncio
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from tests.few_rules import write_few_rules
from tests.ledger.mails import AUTHSERV_ID, DOMAIN, OPERATOR, STORES

START_LIMIT = 60  # seconds
STOP_LIMIT = 45

CONFIG = """\
domain = "{domain}"
operator = "{operator}"
database = "{database}"

[listen]
smtp = "127.0.0.1:{port}"
http = ""
public = ""

[smarthost]
url = "smtp://127.0.0.1:{sink_port}"

[trust]
relays = ["127.0.0.1/32"]
authserv_id = "{authserv_id}"

[delivery]
retry = ["1s", "2s", "5s"]
settle = "3s"

[limits]
auto_per_hour = 1000000
auto_per_store_per_hour = 1000000
"""


@dataclass
class Daemon:
    folder: Path
    database: str  # its URL
    sink_port: int
    port: int = field(init=False)
    environment: dict[str, str] = field(default_factory=dict)
    at_death: Callable[[], None] = lambda: None  # done when no process of it is left
    kills: int = 0

    def __post_init__(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]

    def set_up(self) -> None:
        """Configuration, keys, stores and sellers, through the command line."""
        self.folder.mkdir(exist_ok=True)
        self.command("init", str(self.folder))
        self._configure()
        for store, sellers in STORES.items():
            addresses = [word for seller in sellers for word in ("--seller", seller)]
            self.command("store", "add", store, "--title", f"{store}商店", *addresses, "--no-welcome")

    @contextlib.asynccontextmanager
    async def at_work(self, *limits: str) -> AsyncIterator[None]:
        """Set up, with these lines in [limits], and listening; ended and taken away afterwards."""
        await asyncio.to_thread(self.set_up)
        if limits:
            self.set("limits", *limits)
        self.start()
        try:
            await self.listens()
            yield
        finally:
            self.remove()

    def join(self, other: "Daemon") -> None:
        """Another node of the same gateway: with its keys and its database."""
        self.folder.mkdir()
        shutil.copy(other.folder / "keys.toml", self.folder)
        self._configure()

    def _configure(self) -> None:
        write_few_rules(self.folder)
        self._config.write_text(
            CONFIG.format(
                domain=DOMAIN,
                operator=OPERATOR,
                database=self.database,
                port=self.port,
                sink_port=self.sink_port,
                authserv_id=AUTHSERV_ID,
            )
        )

    def set(self, section: str, *lines: str) -> None:
        """Adds lines to a section of the configuration; `set_up` comes first."""
        header, text = f"[{section}]\n", self._config.read_text()
        if header not in text:
            text += f"\n{header}"
        self._config.write_text(text.replace(header, header + "".join(f"{line}\n" for line in lines)))

    def command(self, *words: str) -> str:
        """Standard output of one `toiawase` command. Raises CalledProcessError with what it said."""
        result = subprocess.run(self._words(*words), capture_output=True, text=True)
        if result.returncode:
            raise RuntimeError(f"toiawase {' '.join(words)} ended with {result.returncode}: {result.stderr}")
        return result.stdout

    def ledger(self) -> Any:
        """What `ledger check --json` says, whatever its verdict."""
        return json.loads(subprocess.run(self._words("ledger", "check", "--json"), capture_output=True).stdout)

    def _words(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "gateway", "--config", str(self._config), *words]

    @property
    def _config(self) -> Path:
        return self.folder / "toiawase.toml"

    @property
    def log(self) -> Path:
        return self.folder / "serve.log"

    @property
    def pid(self) -> int:
        return self._process.pid

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._words("serve"),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=os.environ | self.environment,
                start_new_session=True,
            )

    async def listens(self) -> None:
        """Waits for its banner. Raises when it ended by itself."""
        async with asyncio.timeout(START_LIMIT):
            while True:
                if self._process.poll() is not None:
                    raise RuntimeError(f"the gateway ended by itself: {self.log.read_text()[-2000:]}")
                with contextlib.suppress(OSError, EOFError):
                    reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
                    try:
                        await reader.readuntil(b"\r\n")
                        return
                    finally:
                        writer.close()
                await asyncio.sleep(0.02)

    def kill(self) -> None:
        """The daemon and every process of it, at once."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self.killed()

    def killed(self) -> None:
        """Waits for the end of a daemon that somebody kills, and of every process of it."""
        self._process.wait(STOP_LIMIT)
        while _lives(self._process.pid):
            time.sleep(0.001)
        self.at_death()
        self.kills += 1

    @property
    def ended(self) -> bool:
        return self._process.poll() is not None

    def kill_workers(self) -> None:
        """Each process that understands mails: they are forked from a server that the daemon starts."""
        with contextlib.suppress(psutil.NoSuchProcess):
            for child in psutil.Process(self._process.pid).children():
                for worker in child.children(recursive=True):
                    worker.kill()
                    self.kills += 1

    def stop(self) -> int:
        """SIGTERM, and the exit code."""
        self._process.terminate()
        return self._process.wait(STOP_LIMIT)

    def remove(self) -> None:
        """Leaves no process behind, however the run ended."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


def _lives(group: int) -> bool:
    """Whether a process of the group still runs."""
    for process in psutil.process_iter():
        with contextlib.suppress(ProcessLookupError, psutil.NoSuchProcess):
            if os.getpgid(process.pid) == group and process.status() != psutil.STATUS_ZOMBIE:
                return True
    return False
