"""`toiawase serve` as a process of its own, with the relay, the smarthost and the operator around it."""

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import psutil
from typer.testing import CliRunner

from gateway.cli.main import app
from gateway.keys import create
from gateway.store.database import Database
from tests.integration.house import AUTHSERV_ID, DOMAIN, HANAKO, SUZUKI, House, Smarthost

PATIENCE = 60.0  # seconds until what never happens fails the test
PRIVATE = (HANAKO, SUZUKI, "secret subject", "secret body")  # what no log may say (A23)
T = TypeVar("T")

CONFIG: Mapping[str, Mapping[str, Any]] = {
    "": {"domain": DOMAIN, "operator": "ops@example.jp", "workers": 1},
    "listen": {"smtp": "127.0.0.1:0", "http": "", "public": ""},
    "trust": {"relays": ["127.0.0.1/32"], "authserv_id": AUTHSERV_ID},
    "delivery": {"retry": ["1s"], "settle": "1s"},
}


@dataclass
class Daemon(House):
    """A house whose gateway is a process. What the people do is the same."""

    environment: dict[str, str] = field(default_factory=dict)
    settings: dict[str, dict[str, Any]] = field(default_factory=dict)
    smarthost: Smarthost = field(default_factory=Smarthost)
    process: "subprocess.Popen[bytes] | None" = None

    def __post_init__(self) -> None:
        self.settings = {section: dict(keys) for section, keys in CONFIG.items()}
        self.settings[""]["database"] = self.database_url
        self.settings["smarthost"] = {"url": f"smtp://127.0.0.1:{self.smarthost_port}"}
        self._database = Database(self.database_url)

    @property
    def database(self) -> Database:
        return self._database

    @property
    def config(self) -> Path:
        return self.folder / "toiawase.toml"

    def configure(self, section: str = "", **keys: Any) -> None:
        """Writes the file, with these keys changed."""
        self.settings.setdefault(section, {}).update(keys)
        text = ""
        for name, values in self.settings.items():
            text += f"[{name}]\n" if name else ""
            text += "".join(f"{key} = {json.dumps(value)}\n" for key, value in values.items())
        self.config.write_text(text, "utf-8")

    async def command(self, *words: str, code: int = 0) -> str:
        """Standard output of `toiawase …`, which must end with this exit code."""
        result = await asyncio.to_thread(CliRunner().invoke, app, ["--config", str(self.config), *words])
        assert result.exit_code == code, f"{words}: {result.exit_code}\n{result.output}\n{result.exception!r}"
        return result.stdout

    async def json(self, *words: str) -> Any:
        return json.loads(await self.command(*words, "--json"))

    def launch(self) -> "subprocess.Popen[bytes]":
        """`toiawase serve`; it may still have to start."""
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "gateway", "--config", str(self.config), "serve"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=os.environ | self.environment,
                start_new_session=True,
            )

    async def start(self) -> None:
        before = len(self.events("started"))
        self.process = self.launch()
        await self.logged("started", before + 1)
        self.port = int(self.events("started")[-1]["smtp"][0].rpartition(":")[2])

    async def stop(self) -> int:
        """SIGTERM, and the exit code."""
        self.signal(signal.SIGTERM)
        return await self.ended()

    async def ended(self) -> int:
        assert self.process is not None
        return await asyncio.to_thread(self.process.wait, PATIENCE)

    def signal(self, number: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def remove(self) -> None:
        """Leaves no process behind."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    @property
    def lives(self) -> bool:
        return self.process is not None and self.process.poll() is None

    async def worker(self) -> psutil.Process:
        """The worker of the moment: forked from a server that the daemon starts."""
        assert self.process is not None
        pid = self.process.pid

        def look() -> psutil.Process | None:
            with contextlib.suppress(psutil.NoSuchProcess):
                for child in psutil.Process(pid).children():
                    for worker in child.children():
                        if worker.status() != psutil.STATUS_ZOMBIE:
                            return worker
            return None

        return await self.until(look, "a worker")

    @property
    def log(self) -> Path:
        return self.folder / "serve.log"

    def events(self, name: str) -> list[dict[str, Any]]:
        """The log's events of this name."""
        text = self.log.read_text("utf-8") if self.log.exists() else ""
        lines = [json.loads(line) for line in text.splitlines(keepends=True) if line[:1] == "{" and line[-1] == "\n"]
        return [line for line in lines if line["event"] == name]

    async def logged(self, name: str, times: int = 1) -> None:
        """Waits until the log has said so."""
        await self.until(lambda: len(self.events(name)) >= times, f"{times} x {name}", alive=name != "stopped")

    async def until(self, look: Callable[[], T | None], what: str, *, alive: bool = True) -> T:
        """What `look` finds at last, of things that nobody can wait for."""
        async with asyncio.timeout(PATIENCE):
            while not (found := look()):
                assert not alive or self.lives, f"the gateway ended by itself: {self.log.read_text()[-2000:]}"
                await asyncio.sleep(0.02)
        return found

    async def session(self) -> "Dialog":
        """A connection whose greeting was read."""
        return await Dialog.open(self.port)

    async def code(self, recipient: str) -> int:
        """What RCPT is answered."""
        async with await self.session() as dialog:
            await dialog.ask("EHLO mx.example", "MAIL FROM:<x@customer.example>")
            return int((await dialog.ask(f"RCPT TO:<{recipient}>"))[:3])

    async def accepts(self, recipient: str, wanted: int) -> None:
        """Waits until RCPT is answered so."""
        async with asyncio.timeout(PATIENCE):
            while await self.code(recipient) != wanted:
                await asyncio.sleep(0.1)


@dataclass
class Dialog:
    """One SMTP session, byte by byte."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    @classmethod
    async def open(cls, port: int) -> "Dialog":
        dialog = cls(*await asyncio.open_connection("127.0.0.1", port))
        assert (await dialog.reply()).startswith("220 ")
        return dialog

    async def __aenter__(self) -> "Dialog":
        return self

    async def __aexit__(self, *_: object) -> None:
        self.writer.close()
        with contextlib.suppress(OSError):
            await self.writer.wait_closed()

    async def reply(self) -> str:
        """The whole reply, "" when the connection is over."""
        lines = b""
        async with asyncio.timeout(PATIENCE):
            while True:
                line = await self.reader.readline()
                lines += line
                if line[3:4] != b"-":
                    return lines.decode()

    def send(self, text: str) -> None:
        self.writer.write(text.encode())

    async def ask(self, *commands: str) -> str:
        """The reply to the last of these commands."""
        reply = ""
        for command in commands:
            self.send(f"{command}\r\n")
            reply = await self.reply()
        return reply


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def daemon(folder: Path, database_url: str, *, store: bool = True) -> AsyncIterator[Daemon]:
    """Not started, with a store or without. At the end no process is left, and the log held nothing private."""
    smarthost = Smarthost()
    async with smarthost.listening() as port:
        house = Daemon(folder, database_url, port, smarthost.arrived, smarthost.changed, smarthost=smarthost)
        house.configure()
        create(folder / "keys.toml", datetime.now(UTC))
        if store:
            words = ("--title", "テストショップ", "--seller", SUZUKI, "--no-welcome")
            await house.command("store", "add", "testshop", *words)
        try:
            yield house
        finally:
            house.remove()
            await house.database.close()
        log = house.log.read_text("utf-8") if house.log.exists() else ""
        assert [word for word in PRIVATE if word in log] == []
        assert "Traceback" not in log
