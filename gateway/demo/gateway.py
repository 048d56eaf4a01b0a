"""A gateway in a folder of its own, set up as an operator would, and its mailboxes as people's clients see them."""

import json
import os
import signal
import smtplib
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from email import message_from_bytes
from email.message import Message
from email.policy import default
from pathlib import Path
from typing import Any, TypeVar
from urllib.request import urlopen

DOMAIN, AUTHSERV_ID = "q.example.jp", "mx.example.jp"
PATIENCE = 60.0  # seconds that a step may take on a slow machine

CONFIG = f"""\
domain = "{DOMAIN}"
operator = "ops@example.jp"

[listen]
smtp = "127.0.0.1:{{port}}"
http = ""
public = "127.0.0.1:{{public}}"

[smarthost]
url = "maildir:mail"

[trust]
relays = ["127.0.0.1/32"]
authserv_id = "{AUTHSERV_ID}"
"""


T = TypeVar("T")


def _free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as other:
        for probe in (one, other):
            probe.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1]), int(other.getsockname()[1])


class StepError(Exception):
    """What the day promised did not happen."""


class DemoGateway:
    """Made by `toiawase`'s own commands, running as a process, ended by SIGTERM."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.mail = folder / "mail"
        self._read: set[Path] = set()
        self.port, self.public_port = _free_ports()

    def command(self, *words: str) -> str:
        """What one `toiawase` command prints. Raises StepError with its error."""
        line = [sys.executable, "-m", "gateway", "--config", str(self.folder / "toiawase.toml"), *words]
        result = subprocess.run(line, capture_output=True, text=True, check=False)
        if result.returncode:
            raise StepError(f"toiawase {' '.join(words)}: {result.stderr.strip()}")
        return result.stdout

    def json(self, *words: str) -> Any:
        return json.loads(self.command(*words, "--json"))

    def set_up(self) -> None:
        self.command("init", str(self.folder))
        (self.folder / "toiawase.toml").write_text(CONFIG.format(port=self.port, public=self.public_port), "utf-8")

    def start(self) -> None:
        """Starts it and waits for its banner. Raises StepError when it ends before."""
        with (self.folder / "gateway.log").open("ab") as log:
            line = [sys.executable, "-m", "gateway", "--config", str(self.folder / "toiawase.toml"), "serve"]
            self._process = subprocess.Popen(line, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.until("the gateway answers", self._answers)

    def stop(self) -> int:
        """SIGTERM, and its exit code."""
        self._process.send_signal(signal.SIGTERM)
        try:
            return self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            raise StepError("the gateway did not end") from None

    def remove(self) -> None:
        """Ends the process however the day went."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def hand_in(self, raw: bytes, *, authenticated: bool = True) -> str:
        """Gives a mail to the SMTP port as the shop's own mail server would, which has checked its sender. Returns the
        reply to its last dot, or to a recipient that is refused."""
        mail = message_from_bytes(raw, policy=default)
        sender, recipient = (mail[name].addresses[0].addr_spec for name in ("From", "To"))
        domain = sender.rpartition("@")[2]
        verdict = f"dmarc=pass header.from={domain}" if authenticated else "dmarc=none"
        checked = f"Authentication-Results: {AUTHSERV_ID}; {verdict}\r\n".encode() + raw
        with smtplib.SMTP("127.0.0.1", self.port, timeout=PATIENCE) as client:
            client.ehlo()
            client.mail(sender)
            code, text = client.rcpt(recipient)
            if code == 250:
                code, text = client.data(checked)
        return f"{code} {text.decode()}"

    def receives(self, address: str, subject: str) -> Message:
        """The next unread mail of somebody's Maildir whose subject holds `subject`."""
        return self.until(f"{address} gets a mail 「{subject}」", lambda: self._unread(address, subject))

    def page(self, path: str) -> str:
        """What everyone sees there."""
        with urlopen(f"http://127.0.0.1:{self.public_port}{path}", timeout=PATIENCE) as answer:
            return str(answer.read().decode())

    def until(self, what: str, look: Callable[[], T | None]) -> T:
        """The first true value that `look` returns. Raises StepError when it takes too long, or the gateway ended."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if found := look():
                return found
            if self._process.poll() is not None:
                break
            time.sleep(0.05)
        log = (self.folder / "gateway.log").read_text("utf-8")[-1500:]
        raise StepError(f"this did not happen: {what}\n{log}")

    def _unread(self, address: str, subject: str) -> Message | None:
        new = self.mail / address / "new"
        for file in sorted(new.iterdir(), key=os.path.getmtime) if new.is_dir() else ():
            if file not in self._read:
                mail = message_from_bytes(file.read_bytes(), policy=default)
                if subject in str(mail["Subject"]):
                    self._read.add(file)
                    return mail
        return None

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1) as connection:
                return connection.recv(3) == b"220"
        except OSError:
            return False
