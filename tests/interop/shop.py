"""A gateway among real servers, configured as docs/postfix.md says, and the mailboxes of the people around it."""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import aiosmtplib

from gateway.keys import create
from tests.integration.house import AUTHSERV_ID, DOMAIN, PATIENCE, SUZUKI, Arrived, House, Smarthost
from tests.interop.postfix import Postfix

SHOP = f"testshop@{DOMAIN}"
PASSWORDS = {"toiawase": "gateway-password", "suzuki": "seller-password"}


@dataclass
class Maildir:
    """A mailbox that a server fills; each mail is taken once."""

    folder: Path
    address: str
    _taken: set[str] = field(default_factory=set)

    async def gets(self, subject: str = "") -> Arrived:
        """The next mail whose subject begins so."""
        async with asyncio.timeout(PATIENCE):
            while (found := self._look(subject)) is None:
                await asyncio.sleep(0.05)
        return found

    def forget(self) -> None:
        """Only what comes after this is there."""
        for file in self._files():
            file.unlink()

    def count(self) -> int:
        return len(self._files())

    def all(self) -> list[Arrived]:
        """Everything that lies there."""
        return [self._read(file) for file in self._files()]

    def subjects(self) -> list[str]:
        return [str(mail.mail["Subject"]) for mail in self.all()]

    def _files(self) -> list[Path]:
        return sorted(self.folder.glob("new/*")) + sorted(self.folder.glob("cur/*"))

    def _read(self, file: Path) -> Arrived:
        raw = file.read_bytes()
        return Arrived(str(Arrived("", "", raw).mail["Return-Path"] or "").strip("<>"), self.address, raw)

    def _look(self, subject: str) -> Arrived | None:
        for file in self._files():
            name = file.name.partition(":")[0]
            if name not in self._taken and str((found := self._read(file)).mail["Subject"]).startswith(subject):
                self._taken.add(name)
                return found
        return None


def mail(sender: str, to: str, text: str, **fields: str) -> EmailMessage:
    """A plain mail; `fields` with _ for -."""
    composed = EmailMessage()
    head = {"From": sender, "To": to, "Subject": "テスト2"} | {key.replace("_", "-"): fields[key] for key in fields}
    head.setdefault("Message-ID", f"<{os.urandom(8).hex()}@{sender.rpartition('@')[2]}>")
    for name, value in head.items():
        composed[name] = value
    composed.set_content(text, cte="8bit")
    return composed


async def hand_in(port: int, sender: str, to: str, text: str, **fields: str) -> None:
    """A stranger's server hands a mail in. Raises aiosmtplib's errors."""
    async with aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False) as client:
        await client.send_message(mail(sender, to, text, **fields), sender=sender, recipients=[to])


async def submit(port: int, user: str, sender: str, to: str, text: str, **fields: str) -> None:
    """A seller's mail program sends a mail: TLS and password, always."""
    async with aiosmtplib.SMTP(hostname="localhost", port=port, start_tls=True) as client:
        await client.login(user, PASSWORDS[user])
        await client.send_message(mail(sender, to, text, **fields), sender=sender, recipients=[to])


@asynccontextmanager
async def opened(
    folder: Path, database_url: str, *, port: int = 0, smarthost: str, password: str = "", **more: Mapping[str, Any]
) -> AsyncIterator[House]:
    """The gateway, with one shop and its seller. `port`: its own; `smarthost`: a URL; `more` sections of its file."""
    (folder / "password").write_text(password, "utf-8")
    settings: dict[str, Mapping[str, Any]] = {
        "": {"domain": DOMAIN, "operator": "ops@shop.example", "database": database_url, "workers": 0},
        "listen": {"smtp": "127.0.0.1:0", "http": "", "public": ""},
        "smarthost": {"url": smarthost, "password_file": str(folder / "password") if password else ""},
        "trust": {"relays": ["127.0.0.1/32"], "authserv_id": AUTHSERV_ID},
        "delivery": {"retry": ["1s"], "settle": "1s"},
        **more,
    }
    lines = []
    for section, keys in settings.items():
        lines += [f"[{section}]"] if section else []
        lines += [f"{key} = {json.dumps(value)}" for key, value in keys.items()]
    (folder / "toiawase.toml").write_text("\n".join(lines), "utf-8")
    create(folder / "keys.toml", datetime.now(UTC))
    house = House(folder, database_url, 0, [], asyncio.Event(), port=port)
    await house.start()
    try:
        await house.add_store("testshop", SUZUKI)
        yield house
    finally:
        await house.running.stop()


@asynccontextmanager
async def town(
    postfix: Postfix, folder: Path, database_url: str, *, smarthost: str = "", password: str = PASSWORDS["toiawase"]
) -> AsyncIterator[House]:
    """The gateway behind its Postfix, which is its smarthost on port 587 if no other URL is given; mail to everybody
    else arrives where `gets` looks."""
    world = Smarthost()
    smarthost = smarthost or f"smtp+starttls://toiawase@localhost:{postfix.submission}"
    gateway = opened(folder, database_url, port=postfix.gateway, smarthost=smarthost, password=password)
    async with world.listening(postfix.outside), gateway as house:
        house.arrived, house.changed, house.smarthost = world.arrived, world.changed, world
        yield house
