"""The daemon under systemd: it takes the listening socket, reports its states, reloads and stops (T18, T23).

`systemd-socket-activate` stands for systemd: it listens, and becomes the daemon at the first connection.
"""

import asyncio
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ACTIVATE = shutil.which("systemd-socket-activate")
LIMIT = 60  # seconds

CONFIG = """\
domain = "q.example.jp"
operator = "ops@example.jp"

[listen]
smtp = "systemd"
http = ""
public = ""

[smarthost]
url = "maildir:out"
"""

pytestmark = pytest.mark.skipif(ACTIVATE is None, reason="systemd-socket-activate is not installed")


@dataclass
class Service:
    process: "subprocess.Popen[bytes]"
    port: int
    manager: socket.socket

    def hears(self, wanted: str) -> None:
        """Reads what the service reports until `wanted` comes; raises TimeoutError when it does not."""
        while wanted not in self.manager.recv(4096).decode().splitlines():
            pass


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    (tmp_path / "toiawase.toml").write_text(CONFIG)
    toiawase = [sys.executable, "-m", "gateway", "--config", str(tmp_path / "toiawase.toml")]
    subprocess.run([*toiawase, "init", str(tmp_path)], check=True, capture_output=True)
    command = ["store", "add", "testshop", "--title", "テストショップ", "--seller", "owner@shop.example"]
    subprocess.run([*toiawase, *command], check=True, capture_output=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager, (tmp_path / "log").open("wb") as log:
        name = f"toiawase-test-{os.getpid()}-{port}"
        manager.bind(f"\0{name}")
        manager.settimeout(LIMIT)
        variables = [f"--setenv=NOTIFY_SOCKET=@{name}", "--setenv=WATCHDOG_USEC=2000000"]
        process = subprocess.Popen(
            [str(ACTIVATE), f"--listen=127.0.0.1:{port}", "--fdname=smtp", *variables, *toiawase, "serve"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            yield Service(process, port, manager)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


async def _converse(port: int, *commands: str) -> list[str]:
    """The first line of the banner, and of the reply to each command."""
    async with asyncio.timeout(LIMIT):
        while True:
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                break
            except ConnectionRefusedError:  # systemd-socket-activate does not listen yet
                await asyncio.sleep(0.02)
        replies = []
        for command in ("", *commands):
            if command:
                writer.write(command.encode())
            reply = line = await reader.readuntil(b"\r\n")
            while line[3:4] == b"-":
                line = await reader.readuntil(b"\r\n")
            replies.append(reply.decode().strip())
        writer.close()
        return replies


@pytest.mark.timeout(300)
async def test_t23_systemd_hands_over_the_socket_and_hears_each_state(service: Service, tmp_path: Path) -> None:
    accepting = f"STATUS=accepting mail at 127.0.0.1:{service.port}"
    mail = "Message-ID: <1@customer.example>\r\nFrom: <c@customer.example>\r\n\r\nhello\r\n.\r\n"
    dialog = ("EHLO mx.example\r\n", "MAIL FROM:<c@customer.example>\r\n", "RCPT TO:<testshop@q.example.jp>\r\n")
    replies = await _converse(service.port, *dialog, "DATA\r\n", mail)
    assert [reply[:3] for reply in replies] == ["220", "250", "250", "250", "354", "250"]
    service.hears("READY=1")
    service.hears("WATCHDOG=1")

    service.process.send_signal(signal.SIGHUP)
    service.hears("RELOADING=1")
    service.hears(accepting)
    assert (await _converse(service.port))[0].startswith("220")

    (tmp_path / "toiawase.toml").write_text(f"{CONFIG}mistake = 1\n")
    service.process.send_signal(signal.SIGHUP)
    service.hears(f"{accepting}, with the configuration of before: the new one is refused, see the log")

    service.process.send_signal(signal.SIGTERM)
    service.hears("STOPPING=1")
    assert service.process.wait(LIMIT) == 0
    with pytest.raises(ProcessLookupError):
        os.killpg(service.process.pid, 0)  # no process of it is left for systemd to kill
