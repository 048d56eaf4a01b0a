"""The commands of an SMTP session (RFC 5321), where aiosmtpd's own would not do.

Replaced are: the addresses' grammar (A03), EHLO without AUTH (N24), STARTTLS as CPython offers it now, and DATA, which
is read in blocks. What an address means and what becomes of a mail is decided elsewhere.
"""

import asyncio
import re
from typing import cast

import structlog

from gateway.intake import replies
from gateway.intake.connection import BLOCK, Connection
from gateway.intake.data import BadOctetError, DataDecoder
from gateway.intake.reception import Envelope
from gateway.intake.spool import Spool
from gateway.mail.addresses import address_problem, normalise_address

DRAIN_FACTOR = 4  # the end of a mail of more than this many times the limit is not waited for

# <local@domain>, with the source route that RFC 5321 appendix C tells us to ignore, and parameters.
_PATH = re.compile(r"<(?:@[^<>:\s]+:)?([^<>\s]*)>(?:\s+(.*))?", re.DOTALL)

log = structlog.get_logger("intake")


class Session(Connection):
    """The commands; each answers with exactly one reply, multi-line for EHLO, two for DATA."""

    def _getaddr(self, arg: str) -> tuple[str | None, str | None]:
        """(address, parameters) of a path (RFC 5321 4.1.2), `<>` for the null sender; (None, None) is answered 553."""
        match = _PATH.fullmatch(arg)
        if match is not None:
            address, parameters = match[1] or "<>", match[2] or ""
            if address == "<>" or address.lower() == "postmaster" or address_problem(address) is None:
                return address, parameters
        log.info("address refused", client=self.remote_address)
        return None, None

    async def smtp_HELO(self, hostname: str | None) -> None:
        await self._greet(hostname, extended=False)

    async def smtp_EHLO(self, hostname: str | None) -> None:
        await self._greet(hostname, extended=True)

    async def _greet(self, hostname: str | None, *, extended: bool) -> None:
        """Any name is welcome (RFC 5321 4.1.4); the greeting begins anew (N03)."""
        if not hostname:
            await self.push(replies.SYNTAX_HELO)
            return
        assert self.session is not None
        self.envelope = self._create_envelope()
        self.session.host_name = hostname
        self.session.extended_smtp = extended
        if not extended:
            await self._send(f"250 {self.hostname}")
            return
        lines = [self.hostname, "PIPELINING", f"SIZE {self.data_size_limit}"]
        if self.listener.settings.tls is not None and not self._tls:
            lines.append("STARTTLS")
        lines += ["ENHANCEDSTATUSCODES", "8BITMIME", "SMTPUTF8"]
        await self._send("\r\n".join([*(f"250-{line}" for line in lines[:-1]), f"250 {lines[-1]}"]))

    async def smtp_VRFY(self, arg: str | None) -> None:
        await self.push(replies.CANNOT_VERIFY)

    async def smtp_HELP(self, arg: str | None) -> None:
        await self.push(replies.HELP)

    async def smtp_QUIT(self, arg: str | None) -> None:
        await self.push(replies.BYE)
        if self.transport is not None:
            self.transport.close()

    async def smtp_STARTTLS(self, arg: str | None) -> None:
        context = self.listener.settings.tls
        if arg:
            await self.push(replies.SYNTAX_STARTTLS)
        elif context is None or self._tls:
            await self.push(replies.NO_TLS if context is None else replies.TLS_ACTIVE)
        else:
            await self.push(replies.TLS_READY)
            # What was sent in plain text behind the command is not the client's word (N22, CVE-2011-0411).
            if octets := self._reader.forget_input():
                log.info("plain text dropped", octets=octets, client=self.remote_address)
            try:
                await self._writer.start_tls(context)
            except (OSError, TimeoutError):
                self.abort()
                return
            self.transport = cast(asyncio.Transport, self._writer.transport)
            self.session = self._create_session()  # RFC 3207 4.2: all that was known is forgotten
            self.envelope = self._create_envelope()
            self._tls = True

    async def smtp_DATA(self, arg: str | None) -> None:
        assert self.envelope is not None
        if await self.check_helo_needed():
            return
        if arg:
            await self.push(replies.SYNTAX_DATA)
        elif not self.envelope.rcpt_tos:
            await self.push(replies.NEED_RECIPIENT)
        elif self._reader.has_input:
            await self._refuse(replies.TOO_EARLY)  # N19: the text came before the 354
        else:
            await self._send(replies.START_DATA)
            await self._receive()
            self.envelope = self._create_envelope()

    async def _receive(self) -> None:
        spool = self.listener.reception.spool()
        try:
            reply = await self._read_data(spool)
            if reply is None:
                with self._our_turn():
                    reply = await self.listener.reception.receive(self._as_received(), spool)
        except BadOctetError:
            await self._refuse(replies.BAD_OCTETS)
            return
        finally:
            spool.close()
        if reply.startswith("250"):
            self.forgive()
        await self.push(reply)

    async def _read_data(self, spool: Spool) -> str | None:
        """Fills the spool to the end of the data; a reply when the mail is refused. Raises BadOctetError.

        A refused mail is read to its end: a reply in between would be taken for the reply to something else.
        """
        decoder, octets, began = DataDecoder(), 0, self.loop.time()
        refusal: str | None = None
        limit = self.listener.settings.message_size
        while not decoder.ended:
            block = await self._reader.read(BLOCK)
            if not block:
                raise ConnectionAbortedError  # the mail is the client's until the last dot
            octets += len(block)
            self._expect_progress(octets, began)
            text = decoder.feed(block)
            if refusal is None:
                refusal = replies.TOO_BIG if spool.size + len(text) > limit else _write(spool, text)
                if refusal is not None:
                    spool.close()  # at once: others need what it took
            elif octets > limit * DRAIN_FACTOR:
                await self._refuse(refusal)
                raise ConnectionAbortedError
        if decoder.rest:
            self._reader.put_back(decoder.rest)  # the next commands, sent along (RFC 2920)
        return refusal

    def _expect_progress(self, octets: int, began: float) -> None:
        """The next block may take the command's time, less what the mail is slower than the least rate (A26)."""
        ahead = octets / self.listener.settings.min_data_rate - (self.loop.time() - began)
        if ahead >= 0:
            self.listener.progressed(self)
        self._reset_timeout(min(self.patience, self.patience + ahead))

    def _as_received(self) -> Envelope:
        assert self.envelope is not None
        assert self.session is not None
        sender = self.envelope.mail_from
        return Envelope(
            mail_from="" if sender in (None, "<>") else normalise_address(sender),
            rcpt_to=tuple(self.envelope.rcpt_tos),
            helo=(self.session.host_name or "").encode("ascii", "replace").decode(),
            remote_address=self.remote_address,
            trusted_relay=self.trusted,
            esmtp=self.session.extended_smtp,
            tls=self._tls,
            smtputf8=bool(self.envelope.smtp_utf8),
        )


def _write(spool: Spool, octets: bytes) -> str | None:
    """Why the octets could not be kept, or None."""
    try:
        return None if spool.write(octets) else replies.NO_ROOM
    except OSError:  # the disk is full
        return replies.NO_ROOM
