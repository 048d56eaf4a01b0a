"""Who sends a mail to whom, as SMTP is told (RFC 5321 2.3.1)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Envelope:
    """For one recipient. Addresses are as SMTP writes them; `mail_from` "" is the null sender."""

    id: str  # of the outbox row
    mail_from: str
    rcpt_to: str
    smtputf8: bool = False
