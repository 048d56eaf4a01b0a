"""A way out for mails, and which one a configured URL means."""

from datetime import timedelta
from pathlib import Path
from typing import Protocol

from gateway.delivery.envelope import Envelope
from gateway.delivery.maildir import MaildirTransport
from gateway.delivery.outcome import Outcome
from gateway.delivery.session import Timeouts
from gateway.delivery.smarthost import Smarthost, SmarthostAddress


class Transport(Protocol):
    async def send(self, envelope: Envelope, message: bytes) -> Outcome:
        """Hands one mail over. Raises nothing but what is a bug."""

    async def abort(self) -> None:
        """Breaks off every attempt at once: each `send` returns what it then knows."""

    async def close(self) -> None:
        """Ends idle connections in an orderly way."""


def transport_for(
    url: str, *, local_hostname: str, password_file: Path | None = None, dot_timeout: timedelta | None = None
) -> Transport:
    """`maildir:FOLDER` or a smarthost's URL. `local_hostname` is told to the server at EHLO. Raises ValueError."""
    if url.startswith("maildir:"):
        return MaildirTransport(Path(url.removeprefix("maildir:")))
    timeouts = Timeouts() if dot_timeout is None else Timeouts(dot=dot_timeout.total_seconds())
    return Smarthost(SmarthostAddress.parse(url, password_file), local_hostname=local_hostname, timeouts=timeouts)
