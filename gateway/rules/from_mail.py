"""The facts that a mail itself tells, from its bytes. What the database knows, the caller adds."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from email import message_from_bytes

from gateway.mail import bounds, language, words
from gateway.mail.fields import Fields
from gateway.mail.reply import divide
from gateway.mail.values import Mail
from gateway.rules.facts import MessageFacts
from gateway.rules.reading import Later, Phrasebook

MOST_HEADERS = 200  # names
LONGEST_FIELD = 2000  # characters of one field


def message_facts(
    mail: Mail,
    header: Mapping[str, str],
    phrases: Phrasebook,
    *,
    sent: Sequence[str] = (),
    received: timedelta | None = None,
) -> MessageFacts:
    """`sent` are the texts that it may quote; judged is the new text only."""
    text = divide(mail.text, sent, [author.address for author in mail.from_]).text
    return MessageFacts(
        text=text,
        subject=mail.subject,
        language=language.of(text, mail.charset),
        attachments=len(mail.attachments),
        header=header,
        received=received,
        reading=Later(phrases, text, mail.subject),
    )


def header_of(raw: bytes) -> dict[str, str]:
    """The header fields by their names in lower case, decoded; several of one name one a line. Never raises."""
    limits = bounds.measure(raw)
    fields = Fields.of(message_from_bytes(bounds.safe_header(raw, limits.header_end)))
    names = list(fields.names())[:MOST_HEADERS]
    return {name: "\n".join(words.decode(value)[:LONGEST_FIELD] for value in fields.all(name)) for name in names}


def domain_of(mail: Mail) -> str:
    """What stands behind the @ of the one author; "" where nobody or several are named."""
    return mail.from_[0].address.rpartition("@")[2].lower() if len(mail.from_) == 1 else ""


def received_ago(mail: Mail, now: datetime) -> timedelta | None:
    """How long ago the mail says that it was written, where no intake noted when it came in."""
    return max(now - mail.date, timedelta()) if mail.date and mail.date.tzinfo else None
