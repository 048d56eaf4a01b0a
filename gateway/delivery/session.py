"""One connection to the smarthost and the transactions on it, on aiosmtplib's client.

The commands, replies, TLS and login are aiosmtplib's. The content is written here, piece by piece: so a big mail is
not copied again, and it is known whether the final dot had left when a connection breaks (RFC 1047, N14).
"""

import asyncio
import contextlib
import ssl
from dataclasses import dataclass
from typing import Any

from aiosmtplib import (
    SMTP,
    SMTPDataError,
    SMTPException,
    SMTPHeloError,
    SMTPResponse,
    SMTPResponseException,
    SMTPServerDisconnected,
    SMTPStatus,
)
from aiosmtplib.protocol import SMTPProtocol

from gateway.delivery.dsn import parameters
from gateway.delivery.envelope import Envelope
from gateway.delivery.outcome import Deferred, Delivered, Failed, Outcome, Uncertain, from_error, from_reply, said
from gateway.mail.addresses import address_problem

BLOCK = 65536  # octets written before the server's pace is waited for
SERVICE_CLOSING = 421


@dataclass(frozen=True)
class Timeouts:
    """Seconds to wait for the server in each phase (RFC 5321 4.5.3.2, N06)."""

    connect: float = 300  # and its greeting
    command: float = 300  # EHLO, STARTTLS, AUTH, MAIL, RCPT, RSET
    data: float = 120
    block: float = 180
    dot: float = 600


class ConnectionStaleError(Exception):
    """A reused connection turned out to be closed before it took a MAIL: nothing was attempted."""


class Session:
    """Connect first; then any number of transactions, one at a time."""

    def __init__(self, local_hostname: str, timeouts: Timeouts) -> None:
        self.timeouts = timeouts
        self._client = SMTP(local_hostname=local_hostname, start_tls=False, timeout=timeouts.command)

    @property
    def is_connected(self) -> bool:
        return self._client.is_connected

    @property
    def offers_login(self) -> bool:
        """Whether there is a way to log in that both sides know (RFC 4954 3)."""
        return bool(self._client.supported_auth_methods)

    async def connect(self, host: str, port: int, *, tls: ssl.SSLContext | None = None) -> None:
        """Raises SMTPException or OSError. With `tls` the connection begins with it (RFC 8314)."""
        await self._client.connect(
            hostname=host, port=port, use_tls=tls is not None, tls_context=tls, timeout=self.timeouts.connect
        )
        await self._hello()

    async def start_tls(self, tls: ssl.SSLContext) -> None:
        """Raises SMTPException or OSError, also when the server does not offer it: clear text is no way out."""
        await self._client.starttls(tls_context=tls)
        await self._hello()  # RFC 3207 4.2: what was said before is forgotten

    async def login(self, user: str, password: str) -> None:
        """Raises SMTPAuthenticationError when the server refuses. Never without TLS (RFC 4954 4)."""
        if self._client.get_transport_info("sslcontext") is None:
            raise SMTPException("a password is never sent without TLS")
        await self._client.login(user, password)

    async def transact(self, envelope: Envelope, message: bytes, *, fresh: bool) -> Outcome:
        """One mail. Raises ConnectionStaleError if the connection, not `fresh`, was closed before this."""
        if (refusal := self._unsendable(envelope, message)) is not None:
            return refusal
        try:
            await self._mail(envelope, message)
        except (SMTPException, OSError, ValueError) as error:
            if not fresh and (not self.is_connected or getattr(error, "code", None) == SERVICE_CLOSING):
                raise ConnectionStaleError from error
            return await self._given_up(error)
        try:
            await self._rcpt(envelope)
            protocol = await self._data()
        except (SMTPException, OSError, ValueError) as error:
            return await self._given_up(error)
        outcome = await self._content(protocol, message)
        if self._is_out_of_step:
            self.abort()
        return outcome

    def abort(self) -> None:
        """Breaks the connection now; a transaction on it ends with what is known then."""
        if self._client.transport is not None:
            transport = self._client.transport
            if isinstance(transport, asyncio.WriteTransport):
                transport.abort()
            self._client.close()

    async def quit(self) -> None:
        with contextlib.suppress(SMTPException, OSError):
            await self._client.quit(timeout=1)
        self.abort()

    async def _hello(self) -> None:
        try:
            await self._client.ehlo()
        except SMTPHeloError as error:
            if error.code < 500:
                raise
            await self._client.helo()

    def _unsendable(self, envelope: Envelope, message: bytes) -> Outcome | None:
        # aiosmtplib would drop what follows an address silently, where it could be another command (A03).
        for address in filter(None, (envelope.mail_from, envelope.rcpt_to)):
            if problem := address_problem(address):
                return Failed(None, f"5.1.3 {problem}")
        if envelope.smtputf8 and not self._client.supports_extension("smtputf8"):
            return Failed(None, "5.6.7 the address needs SMTPUTF8, which the smarthost does not offer")  # N21
        limit = self._client.esmtp_extensions.get("size", "").strip()
        if limit.isdigit() and 0 < int(limit) < len(message):
            return Failed(None, f"5.3.4 {len(message)} octets are more than the smarthost takes")  # RFC 1870, N18
        return None

    @property
    def _is_out_of_step(self) -> bool:
        # What is left of an answer would be taken for the next: a 250 to MAIL for the one after the final dot.
        return self._client.protocol is not None and bool(self._client.protocol._buffer)

    def _must_be_in_step(self) -> None:
        if self._is_out_of_step:
            raise SMTPServerDisconnected("the server said more than it was asked")

    async def _mail(self, envelope: Envelope, message: bytes) -> None:
        self._must_be_in_step()
        options = []
        if self._client.supports_extension("size"):
            options.append(f"SIZE={len(message)}")
        if envelope.smtputf8:
            options += ["BODY=8BITMIME", "SMTPUTF8"]
        if self._client.supports_extension("dsn"):  # only where offered, or the mail is refused (RFC 3461 4, N33)
            options += parameters(envelope).mail
        encoding = "utf-8" if envelope.smtputf8 else "ascii"
        await self._client.mail(envelope.mail_from, options=options, encoding=encoding)

    async def _rcpt(self, envelope: Envelope) -> None:
        self._must_be_in_step()
        options = parameters(envelope).rcpt if self._client.supports_extension("dsn") else []
        encoding = "utf-8" if envelope.smtputf8 else "ascii"
        await self._client.rcpt(envelope.rcpt_to, options=options, encoding=encoding)

    async def _data(self) -> SMTPProtocol:
        self._must_be_in_step()
        response = await self._client.execute_command(b"DATA", timeout=self.timeouts.data)
        if response.code != SMTPStatus.start_input:
            raise SMTPDataError(response.code, response.message)
        if self._client.protocol is None:
            raise SMTPServerDisconnected("Connection lost")
        self._must_be_in_step()
        return self._client.protocol

    async def _given_up(self, error: SMTPException | OSError | ValueError) -> Outcome:
        """The outcome of an error before the content. After an answer the connection is made ready for the next mail;
        after silence or nonsense it is closed, since a late answer would be taken for another command's."""
        if isinstance(error, ValueError) or _is_answer(error):
            try:
                await self._client.rset()
            except (SMTPException, OSError):
                self.abort()
        else:
            self.abort()
        return from_error(error)

    async def _content(self, protocol: SMTPProtocol, message: bytes) -> Outcome:
        # The answer is awaited from the first octet on: a server may refuse and hang up in the middle.
        answer = asyncio.ensure_future(protocol.read_response())
        try:
            await asyncio.sleep(0)  # aiosmtplib drops what nobody reads yet: on uvloop an answer may be that quick
            complete = await self._write(protocol, message, answer)
            if complete:
                await asyncio.wait({answer}, timeout=self.timeouts.dot)
            outcome = _outcome(answer, complete)
        except (SMTPException, OSError) as error:
            complete, outcome = False, Deferred(None, f"4.4.2 {error}")
        finally:
            answer.cancel()
        if not complete or isinstance(outcome, Uncertain):
            self.abort()  # nothing that is said on it could be understood any more
        return outcome

    async def _write(self, protocol: SMTPProtocol, message: bytes, answer: "asyncio.Future[SMTPResponse]") -> bool:
        """Writes the content and the final dot. False when the answer, or the end, came before the last piece."""
        content = dot_stuffed(message)
        for start in range(0, len(content), BLOCK):
            last = start + BLOCK >= len(content)
            if answer.done():
                return False
            protocol.write(content[start : start + BLOCK] + (b".\r\n" if last else b""))
            if not last:
                await self._drained(protocol, answer)
        return True

    async def _drained(self, protocol: SMTPProtocol, answer: "asyncio.Future[SMTPResponse]") -> None:
        drained = asyncio.ensure_future(protocol._drain_helper())
        either: set[asyncio.Future[Any]] = {drained, answer}
        try:
            done, _ = await asyncio.wait(either, timeout=self.timeouts.block, return_when=asyncio.FIRST_COMPLETED)
            if not done:
                raise SMTPServerDisconnected("the server takes no more of the content")
            if drained in done:
                drained.result()
        finally:
            drained.cancel()


def dot_stuffed(message: bytes) -> bytes:
    """The content with every line that begins with a dot beginning with two (RFC 5321 4.5.2, N02); the same object
    when there is none. `message` has CRLF line ends, its last line too."""
    content = message.replace(b"\r\n.", b"\r\n..")
    return b"." + content if content.startswith(b".") else content


def _is_answer(error: Exception) -> bool:
    return isinstance(error, SMTPResponseException) and error.code >= 400 and error.code != SERVICE_CLOSING


def _outcome(answer: "asyncio.Future[SMTPResponse]", complete: bool) -> Outcome:
    if not answer.done():
        return Uncertain(None, "4.4.2 no answer after the final dot")
    error = answer.exception()
    if error is None:
        code, message = answer.result()
        if complete and 200 <= code <= 299:
            return Delivered(code, said(code, message))
        return from_reply(code, message)
    return (Uncertain if complete else Deferred)(None, f"4.4.2 {error}"[:500])
