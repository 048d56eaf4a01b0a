"""Who must never be answered automatically, though the words are a pure thank-you (N29, N32, A12), as a table of mails.

Each row is a customer's mail on an inquiry that was answered, or a first mail to the shop; `ANSWERED` are its
controls, mails nearly alike that are answered.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from tests.integration.house import AUTHSERV_ID, DOMAIN, SUZUKI

SHOP, OTHER = f"testshop@{DOMAIN}", f"othershop@{DOMAIN}"
STAFF = "cs@marketplace.example", "cs2@marketplace.example"
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


def _marked(name: str, value: str, fate: Fate = Fate.SEEN) -> Row:
    return Row(f"{name}: {value}", {name: value}, fate)


def _two_parts(part: str) -> str:
    return f"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{THANKS}--b\r\n{part}\r\n--b--\r\n"


_DSN = "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.customer.example\r\n"
_MDN = (
    "Content-Type: message/disposition-notification\r\n\r\n"
    "Final-Recipient: rfc822; c@customer.example\r\nDisposition: manual-action/MDN-sent-manually; displayed\r\n"
)
_MIXED, _RECEIPT = 'multipart/mixed; boundary="b"', "message/disposition-notification"
_ARF = "Content-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\nUser-Agent: x/1\r\nVersion: 1\r\n"
_CALENDAR = (
    "Content-Type: text/calendar; method=REPLY; charset=utf-8\r\n\r\n"
    "BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\n"
    "ATTENDEE;PARTSTAT=ACCEPTED:mailto:c@customer.example\r\nUID:1\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)
_PHOTO = "Content-Type: image/png; name=a.png\r\nContent-Disposition: attachment; filename=a.png\r\n\r\nPNG\r\n"

_SENDERS = [
    Row("the null sender", mail_from=""),
    Row("the null sender in Return-Path", {"Return-Path": "<>"}),
    *(
        Row(
            f"{local}@ as a customer",
            {},
            Fate.RECORDED if local.lower() == "mailer-daemon" else Fate.SEEN,
            customer=f"{local}@{{number}}.customer.example",
        )
        for local in (
            "mailer-daemon",
            "MAILER-DAEMON",
            "postmaster",
            "owner-shoppers",
            "shoppers-owner",
            "shoppers-request",
            "bounces+77",
            "shoppers-bounces",
            "noreply",
            "no-reply",
            "no_reply",
            "donotreply",
            "do-not-reply",
            "do_not_reply",
            "nobody",
            "root",
            "majordomo",
            "notifications",
        )
    ),
    *(
        Row(f"{local}@ as envelope sender", mail_from=f"{local}@customer.example")
        for local in ("MAILER-DAEMON", "postmaster", "owner-shoppers", "shoppers-request", "bounces+77=c=x", "no-reply")
    ),
    *(
        Row(f"our {what} as a customer", first=True, customer=address)
        for what, address in (("store", SHOP), ("other store", OTHER), ("desk", f"desk@{DOMAIN}"))
    ),
    Row("our bounce address as a customer", first=True, customer="{own_bounces}"),
    Row("the inquiry's own address as its customer", {"From": "{inquiry}"}, mail_from="{inquiry}"),
    Row("another inquiry's address as a customer", first=True, customer="{own_other}"),
    *(
        Row(f"our {what} as envelope sender", mail_from=address)
        for what, address in (
            ("store", SHOP),
            ("desk", f"desk@{DOMAIN}"),
            ("bounce address", "{own_bounces}"),
            ("inquiry", "{own_other}"),
        )
    ),
    Row("a seller of the store as a customer", first=True, customer=SUZUKI),
    Row("marketplace staff, to their address", first=True, customer=STAFF[0], to=f"testshop+staff@{DOMAIN}"),
    Row("marketplace staff, to the store", first=True, customer=STAFF[1]),
    Row(
        "another address on a customer's token",
        {"From": "friend@customer.example"},
        mail_from="friend@customer.example",
    ),
]
_MARKS = [
    *(
        _marked("Auto-Submitted", value, Fate.RECORDED)
        for value in (
            "auto-replied",
            "auto-generated",
            "auto-notified",
            "auto-replied (vacation)",
            "yes",
            'auto-replied; owner-email="c@customer.example"',
            "AUTO-Replied",
            "\r\n auto-generated",
        )
    ),
    Row("Auto-Submitted twice", {"Auto-Submitted": "no\r\nAuto-Submitted: auto-replied"}),
    _marked("List-Id", "<shoppers.customer.example>"),
    _marked("List-Unsubscribe", "<https://customer.example/u>"),
    _marked("List-Post", "<mailto:shoppers@customer.example>"),
    _marked("List-Help", "<mailto:help@customer.example>"),
    _marked("List-Subscribe", "<mailto:s@customer.example>"),
    _marked("List-Owner", "<mailto:o@customer.example>"),
    _marked("List-Archive", "<https://customer.example/a>"),
    _marked("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
    _marked("Mailing-List", "list shoppers@customer.example"),
    *(_marked("Precedence", value) for value in ("bulk", "Bulk", "list", "junk")),
    _marked("Precedence", "auto_reply", Fate.RECORDED),
    _marked("X-Precedence", "bulk"),
    *(_marked("X-Auto-Response-Suppress", value) for value in ("All", "OOF", "AutoReply", "DR, OOF, AutoReply")),
    *(
        _marked(name, value, Fate.RECORDED)
        for name, value in (
            ("X-Autoreply", "yes"),
            ("X-Autorespond", "Re: テスト2"),
            ("X-Autoresponder", "1"),
            ("X-Vacation", "yes"),
            ("X-OTRS-Loop", "ticket.customer.example"),
            ("X-Jira-Fingerprint", "ab12"),
            ("X-Mailer", "vacation 1.2"),
            ("X-Mailer", "Kayako AutoResponder 4"),
            ("X-Freescout-Mail-Type", "auto.reply"),
        )
    ),
    *(
        _marked(name, value)
        for name, value in (
            ("X-Loop", "yes"),
            ("X-Loop", "tickets@customer.example"),
            ("Feedback-ID", "1:shop:customer"),
            ("X-Zendesk-From-Account-Id", "ab12"),
            ("X-Mailer", "Zendesk Mailer"),
            ("X-GitHub-Reason", "mention"),
            ("X-JIRA-Project", "SHOP"),
            ("X-Freshdesk-Ticket-Id", "7"),
            ("X-SES-Outgoing", "2026.11.20-54.240.0.1"),
            ("X-SG-EID", "ab12"),
            ("X-Mailgun-Sid", "ab12"),
            ("X-Campaign", "7"),
            ("X-RT-Loop-Prevention", "shop"),
        )
    ),
    _marked("X-Spam-Flag", "YES"),
    _marked("X-Spam-Status", "Yes, score=9.1 required=5.0"),
    _marked("X-Spam", "yes"),
    *(
        _marked("Subject", subject, Fate.RECORDED)
        for subject in (
            "自動応答: Re: テスト2",
            "自動返信: Re: テスト2",
            "Automatic reply: Re: テスト2",
            "Out of Office: Re: テスト2",
            "자동 회신: Re: テスト2",
            "自动回复: Re: テスト2",
        )
    ),
]
_KINDS = [
    *(
        Row(
            f"multipart/report: {name}",
            {"Content-Type": f'multipart/report; {kind}boundary="b"'},
            fate,
            body=_two_parts(part),
        )
        for name, kind, part, fate in (
            ("delivery", "report-type=delivery-status; ", _DSN, Fate.RECORDED),
            ("disposition", "report-type=disposition-notification; ", _MDN, Fate.RECORDED),
            ("feedback", "report-type=feedback-report; ", _ARF, Fate.RECORDED),
            ("of no type", "", _PHOTO, Fate.SEEN),
        )
    ),
    Row("a read receipt beside words", {"Content-Type": _MIXED}, body=_two_parts(_MDN)),
    Row("a read receipt alone", {"Content-Type": _RECEIPT}, body=_MDN.partition("\r\n\r\n")[2]),
    Row("an answer to an invitation", {"Content-Type": _MIXED}, body=_two_parts(_CALENDAR)),
    Row("with an attachment", {"Content-Type": 'multipart/mixed; boundary="b"'}, body=_two_parts(_PHOTO)),
    Row("quarantined", {"Subject": "宝くじ"}, Fate.KEPT),
]
_PROOF = [
    *(
        Row(f"verdict: {results}", results=results and f"{AUTHSERV_ID}; {results}")
        for results in (
            "none",
            "dmarc=none",
            "dmarc=fail header.from={domain}",
            "dmarc=temperror header.from={domain}",
            "spf=fail smtp.mailfrom={domain}; dkim=none",
            "spf=pass smtp.mailfrom=elsewhere.example",
            "dkim=pass header.d=elsewhere.example",
            "dmarc=pass header.from=elsewhere.example",
            "dmarc=fail header.from={domain}; spf=pass smtp.mailfrom={domain}",
        )
    ),
    Row("no verdict", results=None),
    Row("another server's verdict", results="mx.elsewhere.example; dmarc=pass header.from={domain}"),
    Row(
        "a forged verdict below the true one",
        results=f"{AUTHSERV_ID}; dmarc=fail header.from={{domain}}\r\nAuthentication-Results: {PASS}",
    ),
    Row("an envelope sender elsewhere", mail_from="c@elsewhere.example"),
    Row("an envelope sender in a domain that only ends alike", mail_from="c@notcustomer.example"),
    Row("us in Bcc", {"To": "undisclosed-recipients:;"}),
    Row("us in Bcc, somebody else in To", {"To": "friends@customer.example"}),
    Row("another store in To", {"To": OTHER}),
    Row("neither To nor Cc", {"To": None}),
]
_AUTHORS = [
    Row("two From fields", {"From": "{customer}\r\nFrom: {customer}"}),
    Row("two authors", {"From": "{customer}, friend@customer.example"}),
    Row("a group in From", {"From": "shoppers: {customer}, friend@customer.example;"}),
    Row("nobody in From", {"From": "<>"}),
    Row("no From field", {"From": None}),
    Row("a name alone in From", {"From": "花子"}),
]
NEVER: tuple[Row, ...] = (*_SENDERS, *_MARKS, *_KINDS, *_PROOF, *_AUTHORS)


def _answered(name: str, header: Mapping[str, str | None] | None = None, **more: object) -> Row:
    return Row(name, header or {}, Fate.ANSWERED, **more)  # type: ignore[arg-type]


ANSWERED: tuple[Row, ...] = (
    _answered("a plain thank-you"),
    _answered("a first mail", first=True),
    _answered("an envelope sender in a subdomain", mail_from="c@mail.customer.example"),
    _answered("Auto-Submitted: no", {"Auto-Submitted": "no"}),
    _answered("Auto-Submitted: No (a person)", {"Auto-Submitted": "No (a person)"}),
    _answered("a carrier's address", customer="hanako..{number}.@mobile.example"),
    _answered("in ISO-2022-JP", {"Content-Type": "text/plain; charset=ISO-2022-JP"}, body=THANKS.encode("iso-2022-jp")),
    _answered(
        "HTML only", {"Content-Type": "text/html; charset=utf-8"}, body="<div>ありがとうございました。<br></div>\r\n"
    ),
    _answered("Reply-To elsewhere", {"Reply-To": "victim@elsewhere.example"}),
    _answered("X-Auto-Response-Suppress: None", {"X-Auto-Response-Suppress": "None"}),
    _answered("X-Spam-Status: No", {"X-Spam-Status": "No, score=-1.0", "X-Spam-Flag": "NO"}),
    _answered("us in Cc", {"To": "friends@customer.example", "Cc": "{inquiry}"}),
    _answered("SPF alone", results=f"{AUTHSERV_ID}; spf=pass smtp.mailfrom={{domain}}"),
    _answered("DKIM alone", results=f"{AUTHSERV_ID}; spf=fail; dkim=pass header.d={{domain}}"),
    _answered("in other letters", {"From": "C{number}@Customer.Example"}),
    _answered("a name with an address in it", {"From": '"noreply@customer.example" <{customer}>'}),
    _answered("with a detail", customer="hanako+shop{number}@customer.example"),
)
