"""A whole gateway in this process, on real sockets: a relay hands mail in over SMTP, a smarthost takes mail out."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import compat32, default
from pathlib import Path
from typing import Any, TypeVar

import aiosmtplib
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlmodel import col, select

from gateway.app import Gateway
from gateway.config import load
from gateway.ids import new_id
from gateway.intake.sockets import open_socket
from gateway.keys import create
from gateway.store.database import Database
from gateway.store.inquiry_views import shown
from gateway.store.tables import Inquiry, Received, Seller, Staff, Store

DOMAIN, AUTHSERV_ID = "q.example.jp", "mx.example.jp"
HANAKO, SUZUKI, TANAKA = "hanako@customer.example", "suzuki@shop.example", "tanaka@other-shop.example"
PATIENCE = 30.0  # seconds until what never happens fails the test
T = TypeVar("T")

CONFIG = """\
domain = "{domain}"
operator = "{operator}"
database = "{database}"
workers = {workers}

[listen]
smtp = "127.0.0.1:0"
http = "{listen}"
public = "{listen}"

[smarthost]
url = "smtp://127.0.0.1:{port}"

[trust]
relays = ["127.0.0.1/32"]
authserv_id = "{authserv_id}"

[delivery]
retry = ["1s"]
settle = "1s"
"""


@dataclass(frozen=True)
class Arrived:
    """A mail at the smarthost."""

    mail_from: str
    rcpt_to: str
    raw: bytes

    @property
    def mail(self) -> EmailMessage:
        parsed = message_from_bytes(self.raw, policy=default)
        assert isinstance(parsed, EmailMessage)
        return parsed

    @property
    def header(self) -> list[tuple[str, str]]:
        """Its fields in order, as they stand."""
        return message_from_bytes(self.raw, policy=compat32).items()

    @property
    def text(self) -> str:
        body = self.mail.get_body(("plain",))
        assert body is not None
        return str(body.get_content()).replace("\r\n", "\n")

    @property
    def from_address(self) -> str:
        return str(self.mail["From"].addresses[0].addr_spec)

    @property
    def button(self) -> str:
        """The address behind the first button of the text part."""
        return next(line for line in self.text.splitlines() if "mailto:" in line).partition("mailto:")[2]


@dataclass
class House:
    """The gateway with the people around it."""

    folder: Path
    database_url: str
    smarthost_port: int
    arrived: list[Arrived]
    changed: asyncio.Event
    readers: list[Callable[[Arrived], None]] = field(default_factory=list)  # told of each mail at the smarthost
    domain: str = DOMAIN
    gateway: Gateway | None = None
    port: int = 0
    smarthost: "Smarthost" = field(default_factory=lambda: Smarthost())
    _taken: set[int] = field(default_factory=set)

    async def start(self) -> None:
        """Starts it, or starts it again on the same database and port."""
        config = load(self.folder / "toiawase.toml")
        self.gateway = Gateway(config, [open_socket(f"127.0.0.1:{self.port}")])
        await self.gateway.start()
        self.port = self.gateway.port

    @property
    def running(self) -> Gateway:
        assert self.gateway is not None
        return self.gateway

    @property
    def database(self) -> Database:
        return self.running.database

    async def add_store(self, name: str, *sellers: str, **fields: Any) -> None:
        async with self.database.write() as session:
            now = datetime.now(UTC)
            store = Store(name=name, title=f"{name}商店", created_at=now, **fields)
            session.add(store)
            await session.flush()
            for address in sellers:
                session.add(Seller(store_id=store.id or 0, address=address, name="担当", created_at=now))

    async def add(self, row: Any) -> None:
        async with self.database.write() as session:
            session.add(row)

    async def add_staff(self, address: str) -> None:
        await self.add(Staff(address=address, name="CS Center", created_at=datetime.now(UTC)))

    async def hands_in(self, raw: bytes, sender: str, *recipients: str, authenticated: bool = True) -> str:
        """What the relay sends, with its verdict on the sender on top. The answer to the last dot, or to RCPT."""
        domain = sender.rpartition("@")[2]
        verdict = f"dmarc=pass header.from={domain}" if authenticated else "dmarc=none"
        stamped = f"Authentication-Results: {AUTHSERV_ID}; {verdict}\r\n".encode() + raw
        async with aiosmtplib.SMTP(hostname="127.0.0.1", port=self.port, use_tls=False, start_tls=False) as client:
            _, answer = await client.sendmail(sender, list(recipients), stamped)
        return answer

    async def writes(self, sender: str, to: str, text: str, *, authenticated: bool = True, **fields: str) -> str:
        """A plain UTF-8 mail. Returns the queue id of its 250."""
        head = {
            "From": sender,
            "To": to,
            "Subject": "テスト2",
            "Message-ID": f"<{new_id()}@{sender.rpartition('@')[2]}>",
            "Content-Type": "text/plain; charset=utf-8",
        } | {name.replace("_", "-"): value for name, value in fields.items()}
        lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
        raw = (lines + "\r\n" + text.replace("\n", "\r\n") + "\r\n").encode()
        answer = await self.hands_in(raw, sender, to, authenticated=authenticated)
        return answer.split()[-1]

    async def gets(self, address: str, subject: str = "") -> Arrived:
        """The next mail to an address whose subject begins so, each mail once."""

        def look() -> Arrived | None:
            for index, mail in enumerate(self.arrived):
                if (
                    index not in self._taken
                    and mail.rcpt_to == address
                    and str(mail.mail["Subject"]).startswith(subject)
                ):
                    self._taken.add(index)
                    return mail
            return None

        return await self._until(look, f"a mail to {address} 「{subject}」")

    async def settled(self, queue_id: str) -> Received:
        """The received mail, once it has its final account."""
        async with asyncio.timeout(PATIENCE):
            while True:
                async with self.database.read() as session:
                    row = await session.get(Received, queue_id)
                assert row is not None
                if row.state != "received":
                    return row
                await asyncio.sleep(0.02)

    async def inquiry(self, number: int = 1) -> dict[str, Any]:
        async with self.database.read() as session:
            view = await shown(session, number)
        assert view is not None
        return view

    async def inquiries(self) -> int:
        async with self.database.read() as session:
            return len((await session.exec(select(col(Inquiry.number)))).all())

    async def _until(self, look: Callable[[], T | None], what: str) -> T:
        try:
            async with asyncio.timeout(PATIENCE):
                while True:
                    self.changed.clear()
                    if (found := look()) is not None:
                        return found
                    await self.changed.wait()
        except TimeoutError:
            raise AssertionError(f"never came: {what}; there are {[a.rcpt_to for a in self.arrived]}") from None


@dataclass
class Smarthost:
    """Takes each mail, or gives it another answer."""

    arrived: list[Arrived] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    readers: list[Callable[[Arrived], None]] = field(default_factory=list)
    answer: str = "250 2.0.0 Ok"
    refuses: set[str] = field(default_factory=set)  # these recipients, for good
    refused: int = 0
    unknown: set[str] = field(default_factory=set)  # recipients that it does not know
    asked: list[str] = field(default_factory=list)  # recipients

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        self.asked.append(address)
        if address in self.unknown:
            return "550 5.1.1 User unknown"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        if not self.answer.startswith("250"):
            self.refused += 1
            return self.answer
        if self.refuses.intersection(envelope.rcpt_tos):
            return "550 5.1.1 No such user"
        mail_from = "" if envelope.mail_from in (None, "<>") else str(envelope.mail_from)
        for mail in (Arrived(mail_from, recipient, content) for recipient in envelope.rcpt_tos):
            self.arrived.append(mail)
            for reader in self.readers:
                reader(mail)
        self.changed.set()
        return self.answer

    @asynccontextmanager
    async def listening(self, port: int = 0) -> AsyncIterator[int]:
        """Yields its port."""
        server = await asyncio.get_running_loop().create_server(
            lambda: SMTP(self, enable_SMTPUTF8=True), host="127.0.0.1", port=port
        )
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            server.close()


@asynccontextmanager
async def open_house(
    folder: Path,
    database_url: str,
    *,
    workers: int = 0,
    domain: str = DOMAIN,
    operator: str = "ops@example.jp",
    listen: str = "",
    more: str = "",
) -> AsyncIterator[House]:
    """`workers`: processes of their own that understand mail; 0 does it in this one. `listen`: for HTTP; `more` of the
    configuration."""
    smarthost = Smarthost()
    async with smarthost.listening() as port:
        values = {"domain": domain, "operator": operator, "database": database_url, "port": port}
        values |= {"authserv_id": AUTHSERV_ID, "listen": listen}
        (folder / "toiawase.toml").write_text(CONFIG.format(**values, workers=workers) + more, "utf-8")
        create(folder / "keys.toml", datetime.now(UTC))
        house = House(folder, database_url, port, smarthost.arrived, smarthost.changed, smarthost.readers, domain)
        house.smarthost = smarthost
        await house.start()
        try:
            yield house
        finally:
            await house.running.stop()
