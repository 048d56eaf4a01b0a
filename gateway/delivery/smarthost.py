"""The smarthost: where it is, and a pool of reused connections to it.

TLS is 1.2 or newer with the server's name checked, never given up for clear text (RFC 8314 3.3, N22-N24); a password
goes out only inside it. One transaction is session.py's.
"""

import asyncio
import contextlib
import ssl
import time
from collections.abc import Awaitable
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import TypeVar
from urllib.parse import unquote, urlsplit

from aiosmtplib import SMTPException, SMTPServerDisconnected

from gateway.delivery.envelope import Envelope
from gateway.delivery.outcome import Held, Outcome, Uncertain, from_error
from gateway.delivery.session import ConnectionStaleError, Session, Timeouts

IDLE_LIMIT = 30.0  # seconds a connection is kept unused: shorter than any server's patience
PORTS = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}

T = TypeVar("T")


class CredentialError(Exception):
    """There is no way to log in: no password, or a server that offers no login."""


@dataclass(frozen=True)
class SmarthostAddress:
    """`smtp://HOST:PORT`, `smtps://USER@HOST:PORT` or `smtp+starttls://USER@HOST:PORT`."""

    scheme: str
    host: str
    port: int
    user: str | None = None
    password_file: Path | None = field(default=None, repr=False)

    @classmethod
    def parse(cls, url: str, password_file: Path | None = None) -> "SmarthostAddress":
        """Raises ValueError for another form of URL, and for a user without TLS."""
        parts = urlsplit(url)
        if parts.scheme not in PORTS or not parts.hostname:
            raise ValueError("a smarthost is smtp://HOST:PORT, smtps://… or smtp+starttls://…")
        if parts.username and parts.scheme == "smtp":
            raise ValueError("a password is never sent without TLS")
        user = unquote(parts.username) if parts.username else None
        return cls(parts.scheme, parts.hostname, parts.port or PORTS[parts.scheme], user, password_file)

    @property
    def is_open_to_read(self) -> bool:
        """Whether others than this machine see the mails on their way (RFC 8314 3)."""
        if self.scheme != "smtp" or self.host == "localhost":
            return False
        try:
            return not ip_address(self.host).is_loopback
        except ValueError:
            return True

    def password(self) -> str:
        """Read at each login, so that a new one needs no restart. Raises CredentialError."""
        try:
            return self.password_file.read_text("utf-8").rstrip("\r\n") if self.password_file else ""
        except (OSError, UnicodeError) as error:
            raise CredentialError(f"the password file cannot be read: {type(error).__name__}") from error


class Smarthost:
    """Connections to one server. `send` opens one when none is free; how many there are is the caller's concern."""

    def __init__(
        self,
        address: SmarthostAddress,
        *,
        local_hostname: str,
        timeouts: Timeouts | None = None,
        tls: ssl.SSLContext | None = None,
        idle_limit: float = IDLE_LIMIT,
    ) -> None:
        self.address = address
        self.local_hostname = local_hostname
        self.timeouts = timeouts or Timeouts()
        self.idle_limit = idle_limit
        self._tls = tls or ssl.create_default_context()
        self._tls.minimum_version = max(self._tls.minimum_version, ssl.TLSVersion.TLSv1_2)
        self._idle: list[tuple[Session, float]] = []  # the newest last, with the time (monotonic) it was put there
        self._busy: set[Session] = set()
        self._aborted = asyncio.Event()

    async def send(self, envelope: Envelope, message: bytes) -> Outcome:
        while session := self._take_idle():
            # A server may close a connection between two mails; before MAIL that is no attempt (RFC 5321 3.8).
            with contextlib.suppress(ConnectionStaleError):
                return await self._send_on(session, envelope, message, fresh=False)
        try:
            session = await self._open()
        except CredentialError as error:
            return Held(None, f"4.7.0 {error}")
        except (SMTPException, OSError) as error:
            return from_error(error)
        return await self._send_on(session, envelope, message, fresh=True)

    async def greet(self) -> None:
        """Does all that comes before a mail, and leaves. Raises CredentialError, SMTPException or OSError."""
        session = await self._open()
        await session.quit()

    async def abort(self) -> None:
        self._aborted.set()
        for session in self._busy:
            session.abort()

    async def close(self) -> None:
        idle, self._idle = self._idle, []
        await asyncio.gather(*(session.quit() for session, _ in idle))

    def _take_idle(self) -> Session | None:
        oldest = time.monotonic() - self.idle_limit
        while self._idle:
            session, since = self._idle.pop()
            if session.is_connected and since >= oldest:
                return session
            session.abort()
        return None

    async def _send_on(self, session: Session, envelope: Envelope, message: bytes, *, fresh: bool) -> Outcome:
        self._busy.add(session)
        try:
            outcome = await session.transact(envelope, message, fresh=fresh)
        except BaseException:
            session.abort()
            raise
        finally:
            self._busy.discard(session)
        if isinstance(outcome, Uncertain) or self._aborted.is_set() or not session.is_connected:
            session.abort()
        else:
            self._idle.append((session, time.monotonic()))
        return outcome

    async def _open(self) -> Session:
        session = Session(self.local_hostname, self.timeouts)
        try:
            await self._unless_aborted(self._connect(session))
        except BaseException:
            session.abort()
            raise
        return session

    async def _connect(self, session: Session) -> None:
        address = self.address
        if address.scheme == "smtps":
            await session.connect(address.host, address.port, tls=self._tls)
        else:
            await session.connect(address.host, address.port)
        if address.scheme == "smtp+starttls":
            await session.start_tls(self._tls)
        if address.user is not None:
            if not session.offers_login:
                raise CredentialError("the smarthost offers no login that is known")
            password = await asyncio.to_thread(address.password)
            await session.login(address.user, password)

    async def _unless_aborted(self, work: Awaitable[T]) -> T:
        task = asyncio.ensure_future(work)
        stopped = asyncio.ensure_future(self._aborted.wait())
        try:
            await asyncio.wait({task, stopped}, return_when=asyncio.FIRST_COMPLETED)
            if not task.done():
                raise SMTPServerDisconnected("stopped before the connection was made")
            return task.result()
        finally:
            task.cancel()
            stopped.cancel()
