"""What aiosmtpd asks between two lines: whether there is room at MAIL, and who is admitted at RCPT."""

import asyncio
from collections.abc import Mapping
from typing import Any, Protocol

from aiosmtpd.smtp import SMTP, Envelope, Session

from gateway.intake import replies
from gateway.intake.admission import Admission
from gateway.intake.reception import Reception
from gateway.intake.settings import IntakeSettings
from gateway.mail.addresses import normalise_address


class Client(Protocol):
    """Who is at the other end of a session."""

    remote_address: str
    trusted: bool


class Handler:
    """One for all sessions of a listener; it keeps nothing of any of them."""

    def __init__(self, settings: IntakeSettings, admission: Admission, reception: Reception) -> None:
        self._settings = settings
        self._admission = admission
        self._reception = reception

    async def handle_MAIL(
        self, _server: Any, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """`address` is `<>` for the null sender; aiosmtpd has checked SIZE against the limit."""
        size = next((int(option[5:]) for option in options if option.startswith("SIZE=")), 0)
        refusal = self._reception.refusal(size)
        if refusal is not None:
            return refusal
        envelope.mail_from = address
        return replies.SENDER_OK

    async def handle_RCPT(
        self, client: Client, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if len(envelope.rcpt_tos) >= self._settings.max_recipients:
            return replies.TOO_MANY_RECIPIENTS
        refusal = await self._admission.refusal(
            address, client.remote_address, sender=envelope.mail_from or "", trusted=client.trusted
        )
        if refusal is not None:
            return refusal.reply
        # All forms of one address are one recipient: a mail for two of them would be answered twice.
        recipient = normalise_address(address if "@" in address else f"{address}@{self._settings.domain}").lower()
        if recipient not in envelope.rcpt_tos:
            envelope.rcpt_tos.append(recipient)
        return replies.RECIPIENT_OK


def template(settings: IntakeSettings, handler: Handler) -> Mapping[str, Any]:
    """The attributes that SMTP.__init__ finds out by reflection, once instead of for each connection."""
    protocol = SMTP(
        handler,
        data_size_limit=settings.message_size,
        enable_SMTPUTF8=True,
        hostname=settings.domain,
        timeout=settings.command_timeout,
        loop=asyncio.get_running_loop(),
    )
    return dict(vars(protocol))
