"""Who was not reached, how finally, and which of our mails it was about (RFC 3464)."""

import pytest

from gateway.mail import bounces

DSN = """From: MAILER-DAEMON@mx.example.jp
Message-ID: <report@mx.example.jp>
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b

Your mail could not be delivered.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.jp

Final-Recipient: rfc822; <gone@example.jp>
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 user unknown

Final-Recipient: rfc822; full@example.jp
Action: failed
Status: 5.2.2

Original-Recipient: rfc822; slow@example.jp
Action: delayed
Status: 4.4.1

--b
Content-Type: {returned}

Message-ID: <ours@q.example.jp>
Subject: question

--b--
"""


@pytest.mark.parametrize("returned", ["text/rfc822-headers", "message/rfc822"])
def test_n35_a_report_names_each_recipient_and_the_mail_it_is_about(returned: str) -> None:
    bounce = bounces.read(DSN.format(returned=returned).encode())
    assert bounce.original_message_id == "<ours@q.example.jp>"
    assert [(f.address, f.action, f.status, f.permanent, f.dead) for f in bounce.recipients] == [
        ("gone@example.jp", "failed", "5.1.1", True, True),
        ("full@example.jp", "failed", "5.2.2", True, False),
        ("slow@example.jp", "delayed", "4.4.1", False, False),
    ]
    assert bounce.recipients[0].diagnostic == "smtp; 550 5.1.1 user unknown"


def test_a_server_that_writes_only_words_is_understood() -> None:
    raw = b"""From: MAILER-DAEMON@example.jp
Subject: failure notice

Hi. This is the qmail-send program at example.jp.
I'm afraid I wasn't able to deliver your message to the following addresses.

<gone@example.jp>:
Sorry, no mailbox here by that name. (#5.1.1)

--- Below this line is a copy of the message.

Message-ID: <ours@q.example.jp>
Subject: question
"""
    bounce = bounces.read(raw)
    assert [(f.address, f.permanent) for f in bounce.recipients] == [("gone@example.jp", True)]
    assert bounce.original_message_id == "<ours@q.example.jp>"


@pytest.mark.parametrize(
    "raw", [b"", b"\xff\0", b"Content-Type: message/delivery-status\r\n\r\n" + b"a: b\r\n\r\n" * 5000]
)
def test_what_reports_nothing_has_no_recipients(raw: bytes) -> None:
    assert bounces.read(raw) == bounces.Bounce((), None)
