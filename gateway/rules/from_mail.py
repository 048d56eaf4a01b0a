"""The facts that a mail itself tells, from its bytes. What the database knows, the caller adds."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email import message_from_bytes
from functools import cached_property

from gateway.mail import bounds, language, words
from gateway.mail.fields import Fields, repair
from gateway.mail.reply import divide
from gateway.mail.values import Mail
from gateway.rules.facts import MessageFacts
from gateway.rules.reading import Later, Phrasebook

LARGEST_HEADER = 64 * 1024  # octets that rules may ask about (A17)
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
    return text_facts(text, mail, header, phrases, received=received)


def text_facts(
    text: str,
    mail: Mail,
    header: Mapping[str, str],
    phrases: Phrasebook,
    *,
    received: timedelta | None = None,
) -> MessageFacts:
    """The facts of a mail whose new text is known already."""
    return MessageFacts(
        text=text,
        subject=mail.subject,
        language=language.of(text, mail.charset),
        attachments=len(mail.attachments),
        header=header,
        received=received,
        reading=Later(phrases, text, mail.subject),
    )


def header_block(raw: bytes) -> bytes:
    """The part of a mail, without its body, of which rules may ask."""
    end = raw.find(b"\r\n\r\n")
    return raw[: min(end + 2, LARGEST_HEADER) if end >= 0 else LARGEST_HEADER]


def header_of(raw: bytes) -> dict[str, str]:
    """The header fields by their names in lower case, decoded; several of one name one a line. Never raises."""
    limits = bounds.measure(raw)
    fields = Fields.of(message_from_bytes(repair(bounds.safe_header(raw, limits.header_end))))
    names = list(fields.names())[:MOST_HEADERS]
    return {name: "\n".join(words.decode(value)[:LONGEST_FIELD] for value in fields.all(name)) for name in names}


@dataclass(frozen=True)
class HeaderLater(Mapping[str, str]):
    """`header_of` a mail, read when the first rule asks for a field."""

    raw: bytes

    @cached_property
    def _fields(self) -> dict[str, str]:
        return header_of(self.raw)

    def __getitem__(self, name: str) -> str:
        return self._fields[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)


def received_ago(mail: Mail, now: datetime) -> timedelta | None:
    """How long ago the mail says that it was written, where no intake noted when it came in."""
    return max(now - mail.date, timedelta()) if mail.date and mail.date.tzinfo else None
