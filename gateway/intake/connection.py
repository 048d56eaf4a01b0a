"""A connection that speaks in lines: its beginning, its end, and everything sent and read in between.

aiosmtpd's protocol underneath. Replaced is what it does unlike what we promise: how a line ends (N01), enhanced codes
(N17), our own faults told, a session cancelled in mid-transaction. What a command does is `smtp.py`'s question.
"""

import asyncio
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from traceback import extract_tb
from typing import Any, Protocol, cast

import structlog
from aiosmtpd.smtp import SMTP

from gateway.intake import replies
from gateway.intake.clients import client_of
from gateway.intake.data import has_bad_octet
from gateway.intake.reader import Reader
from gateway.intake.reception import Reception
from gateway.intake.settings import IntakeSettings

COMMAND_LIMIT = 2048  # octets: RFC 5321's 512, and an address of 320 octets with every extension we offer (N05)
LINE_LIMIT = 4096  # octets of a line that is read to its end and refused; of a longer one the end is not waited for
BLOCK = 1 << 17  # octets that are taken from the stream at once
LINGER_SECONDS = 5.0  # a refused client may go on sending so long, so that it reads why

COMMANDS = frozenset({"EHLO", "HELO", "MAIL", "RCPT", "DATA", "RSET", "NOOP", "QUIT", "VRFY", "HELP", "STARTTLS"})
PRODUCTIVE = frozenset({"MAIL", "RCPT", "DATA", "QUIT"})
KNOWN_COMMANDS = frozenset({"AUTH", "BDAT", "ETRN", "EXPN", "SAML", "SEND", "SOML", "TURN"})  # N13, N24: 502

logging.getLogger("mail.log").setLevel(logging.WARNING)  # aiosmtpd writes every command line there (A23)
log = structlog.get_logger("intake")


class Listener(Protocol):
    """What a connection knows of the server it belongs to."""

    settings: IntakeSettings
    reception: Reception

    @property
    def under_stress(self) -> bool:
        """True while strangers' time is short (load.py)."""

    def admit(self, connection: "Connection") -> str | None:
        """None, or the reply for a connection that has no place here."""

    def progressed(self, connection: "Connection") -> None:
        """The client has said something whole; it is waited for again."""

    def at_work_for(self, connection: "Connection") -> None:
        """The client waits for us."""

    def delivered(self, connection: "Connection") -> None:
        """The client has finished a mail."""

    def refused(self, connection: "Connection", reply: str) -> None:
        """This is the last reply, for what the client did."""

    def forget(self, connection: "Connection") -> None:
        """The connection is over."""


class Connection(SMTP):
    """`busy` while a command is being answered: to close it then would leave the client in doubt."""

    transport: asyncio.Transport | None
    _reader: Reader

    def __init__(self, listener: Listener, template: Mapping[str, Any]) -> None:
        self.__dict__.update(template)
        loop = asyncio.get_running_loop()
        asyncio.StreamReaderProtocol.__init__(
            self, Reader(loop), client_connected_cb=self._cb_client_connected, loop=loop
        )
        self.listener = listener
        self.busy = False
        self._retired = False
        self._refused = False
        self._said_last = False
        self._errors = 0
        self._junk = 0  # commands that lead to no mail
        self.remote_address = ""
        self.client = ""  # by which it is counted
        self.trusted = False
        self.settled = False  # keeps its place whoever comes (places.py)
        self._ends = float("inf")
        self._tls = False

    # The connection

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        peer = transport.get_extra_info("peername")
        self.remote_address = str(peer[0]).partition("%")[0] if peer else "::1"
        self.client = client_of(self.remote_address)
        self.trusted = self.listener.settings.trusts(self.remote_address)
        refusal = self.listener.admit(self)
        if refusal is not None:
            self._refused = True
            socket_transport = cast(asyncio.Transport, transport)
            socket_transport.write(f"{refusal}\r\n".encode())
            socket_transport.close()
            return
        if not self.trusted:
            self._ends = self.loop.time() + self.listener.settings.session_timeout
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        # aiosmtpd cancels the session here, also in the middle of its commit. It is left to end by itself: whatever
        # it reads or writes next tells it that the client has gone.
        if self._refused:
            return
        if self._timeout_handle is not None:
            self._timeout_handle.cancel()
        asyncio.StreamReaderProtocol.connection_lost(self, error)
        self.transport = None

    def eof_received(self) -> bool:
        # A client that closed its half still reads its replies.
        return bool(asyncio.StreamReaderProtocol.eof_received(self))

    @property
    def patience(self) -> float:
        """Seconds that the client has for its next command."""
        settings = self.listener.settings
        return settings.stress_timeout if self.listener.under_stress and not self.trusted else settings.command_timeout

    def _reset_timeout(self, duration: float | None = None) -> None:
        """The client has `duration` seconds, or its patience's, and no longer than its session lasts (A26)."""
        left = self._ends - self.loop.time()
        super()._reset_timeout(max(0.001, min(self.patience if duration is None else duration, left)))

    def hurry(self) -> None:
        """From now on it has the time that is left under stress, at most."""
        timer = self._timeout_handle
        if timer is not None and not timer.cancelled() and timer.when() > self.loop.time() + self.patience:
            self._reset_timeout()

    def _timeout_cb(self) -> None:
        self._hang_up(replies.TIMEOUT)

    def give_way(self) -> None:
        """Its place is another's."""
        self._hang_up(replies.TOO_BUSY)

    @contextmanager
    def _our_turn(self) -> Iterator[None]:
        """The client waits for us: no time of its own runs out."""
        if self._timeout_handle is not None:
            self._timeout_handle.cancel()
        self.listener.at_work_for(self)
        try:
            yield
        finally:
            self.listener.progressed(self)
            if self._is_open:
                self._reset_timeout()

    def retire(self) -> None:
        """Ends the session with 421, once the command that is being answered is done."""
        self._retired = True
        if not self.busy:
            self._hang_up(replies.CLOSING)

    def abort(self) -> None:
        if self.transport is not None:
            self.transport.abort()

    def _hang_up(self, reply: str) -> None:
        if self.transport is not None and not self.transport.is_closing():
            if not self._said_last:
                self.transport.write(f"{reply}\r\n".encode())
            self.transport.close()
            if self._tls:  # which waits for the client's close, too: OpenSMTPD sends none before its own idle limit
                self.loop.call_later(LINGER_SECONDS, self.transport.abort)

    @property
    def _is_open(self) -> bool:
        return self.transport is not None and not self.transport.is_closing()

    # Lines in, replies out

    async def _handle_client(self) -> None:
        try:
            await asyncio.sleep(0)  # what came with the connection is read before we greet
            if self._reader.has_input:  # N19
                await self._refuse(replies.TOO_EARLY)
                return
            await self._send(f"220 {self.hostname} ESMTP")
            while self._is_open:
                line = await self._read_command()
                if line is None:
                    break
                self.busy = True
                await self._obey(line)
                self.busy = False
                if self._retired:
                    self._hang_up(replies.CLOSING)
        except (OSError, asyncio.IncompleteReadError):
            pass  # the client has gone
        finally:
            self.busy = False
            if self.transport is not None:
                self.transport.close()
            self.listener.forget(self)

    async def _read_command(self) -> bytes | None:
        """A line with its CRLF, or None when the session is over."""
        try:
            line = await self._reader.line(LINE_LIMIT)
        except asyncio.LimitOverrunError:
            await self._refuse(replies.LINE_TOO_LONG)
            return None
        if has_bad_octet(line):
            await self._refuse(replies.BAD_OCTETS)
            return None
        return line

    async def _obey(self, line: bytes) -> None:
        verb, _, argument = line[:-2].decode("utf-8", "surrogateescape").partition(" ")
        command = verb.upper()
        self._reset_timeout()
        self.listener.progressed(self)
        if command not in PRODUCTIVE:
            self._junk += 1
        if command != "QUIT" and self._is_a_nuisance():
            self.listener.refused(self, replies.TOO_MANY_ERRORS)
            self._hang_up(replies.TOO_MANY_ERRORS)
        elif len(line) > COMMAND_LIMIT:
            await self.push(replies.LINE_TOO_LONG)
        elif command not in COMMANDS:
            await self.push(replies.NOT_IMPLEMENTED if command in KNOWN_COMMANDS else replies.UNKNOWN_COMMAND)
        else:
            try:
                await getattr(self, f"smtp_{command}")(argument.strip() or None)
            except ConnectionError:
                raise
            except Exception as error:  # noqa: BLE001 - any fault of ours is 451, and says nothing about us
                reply = await self.handle_exception(error)
                # Within DATA nobody knows what the client's next line would mean.
                await (self._refuse(reply) if command == "DATA" else self.push(reply))

    def _is_a_nuisance(self) -> bool:
        settings = self.listener.settings
        if self.trusted:
            return self._junk > settings.max_junk
        if self.listener.under_stress:
            return self._errors >= settings.stress_errors or self._junk > settings.stress_junk
        return self._errors >= settings.max_errors or self._junk > settings.max_junk

    def forgive(self) -> None:
        """After an accepted mail the client begins anew: a busy sender has its share of unknown recipients."""
        self._errors = self._junk = 0
        self.listener.delivered(self)

    async def handle_exception(self, error: Exception) -> str:
        """The same 451 for every fault. The log gets no more than the place: a message could hold a customer's mail."""
        place = extract_tb(error.__traceback__)[-1:]
        log.error("session failed", error=type(error).__name__, at=[f"{f.filename}:{f.lineno}" for f in place])
        return replies.TRY_LATER

    async def push(self, status: Any) -> None:
        """One reply (str), with its enhanced code; refusals are counted (A27). After 421 nothing follows (N14)."""
        if status.startswith("421"):
            self._hang_up(status)
            return
        if status.startswith("5"):
            self._errors += 1
        await self._send(replies.with_status(status))

    async def _send(self, reply: str) -> None:
        self._writer.write(f"{reply}\r\n".encode())
        await self._writer.drain()

    async def _refuse(self, reply: str) -> None:
        """The last reply, for a client that may still be sending: closing at once could destroy the reply unread."""
        self.listener.refused(self, reply)
        await self._send(reply)
        self._said_last = True
        if self.transport is not None and self.transport.can_write_eof():  # TLS cannot close one half
            with suppress(OSError, TimeoutError):  # the client may have gone already
                self.transport.write_eof()
                async with asyncio.timeout(LINGER_SECONDS):
                    while await self._reader.read(BLOCK):
                        pass
        if self.transport is not None:
            self.transport.close()
