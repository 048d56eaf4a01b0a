"""The gateway as an operator runs it: made by its own commands, started as a process, and killed without warning."""

import asyncio
import contextlib
import json
import os
import random
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from tests.ledger.mails import AUTHSERV_ID, DOMAIN, STORES

START_LIMIT = 60  # seconds
STOP_LIMIT = 45

CONFIG = """\
domain = "{domain}"
operator = "ops@example.jp"
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
"""


@dataclass
class Daemon:
    folder: Path
    database: str  # its URL
    sink_port: int
    port: int = field(init=False)
    kills: int = 0

    def __post_init__(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]

    def set_up(self) -> None:
        """Configuration, keys, stores and sellers, through the command line."""
        self.command("init", str(self.folder))
        self._config.write_text(
            CONFIG.format(
                domain=DOMAIN,
                database=self.database,
                port=self.port,
                sink_port=self.sink_port,
                authserv_id=AUTHSERV_ID,
            )
        )
        for store, sellers in STORES.items():
            addresses = [word for seller in sellers for word in ("--seller", seller)]
            self.command("store", "add", store, "--title", f"{store}商店", *addresses, "--no-welcome")

    def set(self, section: str, *lines: str) -> None:
        """Adds a section to the configuration; `set_up` comes first."""
        with self._config.open("a") as file:
            file.write(f"\n[{section}]\n" + "".join(f"{line}\n" for line in lines))

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
                self._words("serve"), stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
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
        self._process.wait()
        self.kills += 1

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


async def kill_workers(daemon: Daemon, interval: float) -> None:
    """Kills the workers every `interval` seconds, until cancelled."""
    while True:
        await asyncio.sleep(interval)
        daemon.kill_workers()


async def kill_daemon(daemon: Daemon, interval: float, chance: random.Random) -> None:
    """Kills the daemon `interval` seconds after it listens, on average; one time in ten while it still starts."""
    while True:
        if chance.random() >= 0.1:
            await daemon.listens()
        await asyncio.sleep(chance.uniform(0, 2 * interval))
        daemon.kill()
        daemon.start()
