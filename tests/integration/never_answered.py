"""Who must never be answered automatically, though the words are a pure thank-you (N29, N32, A12), as a table of mails.

Each row is a customer's mail on an inquiry that was answered, or a first mail to the shop; `ANSWERED` are its
controls, mails nearly alike that are answered.
"""

from dataclasses import replace

from tests.integration.house import AUTHSERV_ID, DOMAIN, SUZUKI
from tests.integration.thanks import PASS, THANKS, Fate, Row

SHOP, OTHER = f"testshop@{DOMAIN}", f"othershop@{DOMAIN}"
STAFF = "cs@marketplace.example", "cs2@marketplace.example"


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
_FIRST = [
    Row("a first mail from the null sender", mail_from="", first=True),
    Row("a first mail from noreply@", customer="noreply@first.customer.example", first=True),
    Row("a first mail that is marked", {"Auto-Submitted": "auto-generated"}, first=True),
    Row("a first mail over a list", {"List-Id": "<shoppers.customer.example>"}, first=True),
    Row("a first mail whose sender is forged", results=f"{AUTHSERV_ID}; dmarc=fail header.from={{domain}}", first=True),
    Row("a first mail with us in Bcc", {"To": "undisclosed-recipients:;"}, first=True),
]
NEVER: tuple[Row, ...] = (*_FIRST, *_SENDERS, *_MARKS, *_KINDS, *_PROOF, *_AUTHORS)


_CONTROLS = (
    Row("a plain thank-you"),
    Row("a first mail", first=True),
    Row("an envelope sender in a subdomain", mail_from="c@mail.customer.example"),
    Row("Auto-Submitted: no", {"Auto-Submitted": "no"}),
    Row("Auto-Submitted: No (a person)", {"Auto-Submitted": "No (a person)"}),
    Row("a carrier's address", customer="hanako..{number}.@mobile.example"),
    Row("in ISO-2022-JP", {"Content-Type": "text/plain; charset=ISO-2022-JP"}, body=THANKS.encode("iso-2022-jp")),
    Row("HTML only", {"Content-Type": "text/html; charset=utf-8"}, body="<div>ありがとうございました。<br></div>\r\n"),
    Row("Reply-To elsewhere", {"Reply-To": "victim@elsewhere.example"}),
    Row("X-Auto-Response-Suppress: None", {"X-Auto-Response-Suppress": "None"}),
    Row("X-Spam-Status: No", {"X-Spam-Status": "No, score=-1.0", "X-Spam-Flag": "NO"}),
    Row("us in Cc", {"To": "friends@customer.example", "Cc": "{inquiry}"}),
    Row("SPF alone", results=f"{AUTHSERV_ID}; spf=pass smtp.mailfrom={{domain}}"),
    Row("DKIM alone", results=f"{AUTHSERV_ID}; spf=fail; dkim=pass header.d={{domain}}"),
    Row("in other letters", {"From": "C{number}@Customer.Example"}),
    Row("a name with an address in it", {"From": '"noreply@customer.example" <{customer}>'}),
    Row("with a detail", customer="hanako+shop{number}@customer.example"),
)
ANSWERED = tuple(replace(row, fate=Fate.ANSWERED) for row in _CONTROLS)
