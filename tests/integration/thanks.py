"""One thank-you mail in every form that it may come in, and what must become of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from tests.integration.house import AUTHSERV_ID

THANKS = "ありがとうございました。\r\n"
PASS = f"{AUTHSERV_ID}; dmarc=pass header.from={{domain}}"


class Fate(StrEnum):
    """What becomes of a mail."""

    SEEN = "seen"  # by the sellers, as any mail of a customer
    RECORDED = "recorded"  # in the thread only: a machine answered our own mail
    KEPT = "kept"  # quarantined by a rule: nobody is told
    ANSWERED = "answered"


@dataclass(frozen=True)
class Row:
    """One mail. `header` adds to the usual fields or replaces them (None takes one away), with the values that
    `mail_of` fills in."""

    name: str
    header: Mapping[str, str | None] = field(default_factory=dict)
    fate: Fate = Fate.SEEN
    customer: str = "c{number}@customer.example"
    mail_from: str = "{customer}"
    results: str | None = PASS  # Authentication-Results, written by the relay on top
    body: str | bytes = THANKS
    first: bool = False  # it opens an inquiry
    to: str = "{inquiry}"  # the envelope's


def mail_of(row: Row, values: Mapping[str, str]) -> bytes:
    """The mail as the relay hands it in; `values` has customer, domain, inquiry, answer (a Message-ID) and number."""
    answers = {} if row.first else {"In-Reply-To": "{answer}", "References": "{answer}"}
    header: dict[str, str | None] = {
        "Authentication-Results": row.results,
        "From": "{customer}",
        "To": "{inquiry}",
        "Subject": "テスト2" if row.first else "Re: テスト2",
        "Date": "Fri, 20 Nov 2026 12:00:00 +0900",
        "Message-ID": "<thanks-{number}@{domain}>",
        **answers,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=utf-8",
        **row.header,
    }
    lines = [f"{name}: {value.format(**values)}\r\n" for name, value in header.items() if value is not None]
    body = row.body.encode() if isinstance(row.body, str) else row.body
    return "".join(lines).encode() + b"\r\n" + body
