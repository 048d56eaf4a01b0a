"""Machines are told by their marks; a person is never called one (RFC 3834, N29)."""

import pytest

from gateway.mail.parse import parse
from gateway.mail.values import Machine, Mail

REPORT = b"Content-Type: multipart/report; report-type=%s; boundary=b\r\n\r\n--b\r\n\r\ntext\r\n--b\r\n"


def mail(header: str | bytes, sender: str = "yamada@example.jp") -> Mail:
    raw = header.encode() if isinstance(header, str) else header
    return parse(f"From: {sender}\r\n".encode() + raw + b"\r\n\r\ntext\r\n")


def status(action: bytes) -> bytes:
    return (
        REPORT % b"delivery-status"
        + b"Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.jp\r\n\r\n"
        + b"Final-Recipient: rfc822; a@example.jp\r\nAction: "
        + action
    )


@pytest.mark.parametrize(
    ("header", "machine"),
    [
        ("Auto-Submitted: auto-replied", Machine.AUTO_REPLY),
        ("Auto-Submitted: Auto-Generated (cron)", Machine.AUTO_REPLY),
        ("Auto-Submitted: yes", Machine.AUTO_REPLY),
        ("X-Autoreply: yes", Machine.AUTO_REPLY),
        ("X-Autorespond: out of office", Machine.AUTO_REPLY),
        ("Precedence: auto_reply", Machine.AUTO_REPLY),
        ("Precedence: bulk\r\nX-Autoreply: yes", Machine.AUTO_REPLY),
        ("Precedence: bulk", Machine.LIST),
        ("Precedence: List", Machine.LIST),
        ("List-Id: <desk.example.jp>", Machine.LIST),
        ("List-Unsubscribe: <mailto:u@example.jp>", Machine.LIST),
        ("In-Reply-To: <a@b>\r\nSubject: 【自動返信】お問い合わせありがとうございます", Machine.AUTO_REPLY),
        ("In-Reply-To: <a@b>\r\nSubject: 自動応答: 休業のお知らせ", Machine.AUTO_REPLY),
        ("In-Reply-To: <a@b>\r\nSubject: 不在通知: 在庫について", Machine.AUTO_REPLY),
        ("In-Reply-To: <a@b>\r\nSubject: Automatic reply: hello", Machine.AUTO_REPLY),
        ("In-Reply-To: <a@b>\r\nSubject: Out of Office: hello", Machine.AUTO_REPLY),
        ("Subject: Auto: Re: hello\r\nIn-Reply-To: <a@b>", Machine.AUTO_REPLY),
        ("X-Failed-Recipients: a@example.jp", Machine.BOUNCE),
        (REPORT % b"disposition-notification", Machine.DELIVERY_REPORT),
        (REPORT % b"feedback-report", Machine.FEEDBACK),
        (status(b"failed"), Machine.BOUNCE),
        (status(b"delayed"), Machine.DELIVERY_REPORT),
        (status(b"delivered"), Machine.DELIVERY_REPORT),
    ],
)
def test_a_machine_is_known_by_its_marks(header: str | bytes, machine: Machine) -> None:
    found = mail(header)
    assert found.machine == machine
    assert found.auto_submitted


@pytest.mark.parametrize(
    ("sender", "subject"),
    [
        ("MAILER-DAEMON@mx.example.jp", "anything"),
        ("MAILER-DAEMON (Mail Delivery System)", "Undelivered Mail"),
        ("postmaster@mx.example.jp", "配信不能のお知らせ"),
        ("postmaster@carrier.example.jp", "メールエラー通知"),
    ],
)
def test_a_bounce_without_the_standard_form_is_known_by_who_sends_it(sender: str, subject: str) -> None:
    assert mail(f"Subject: {subject}", sender).machine == Machine.BOUNCE


@pytest.mark.parametrize(
    "header",
    [
        "Subject: 自動返信メールが届きません",
        "Subject: 不在通知が入っていました",
        "Subject: Re: Automatic reply: hello",
        "Subject: Auto: Ersatzteile gesucht",
        "Subject: 配信エラーになりました",
        "Subject: Returned mail?",
        "Auto-Submitted: no",
        "Precedence: normal",
        "X-Auto-Response-Suppress: None",
        "X-Autoreply: no",
    ],
)
def test_a_person_is_never_called_a_machine(header: str) -> None:
    found = mail(header)
    assert found.machine is None
    assert not found.auto_submitted


@pytest.mark.parametrize("sender", ["no-reply@shop.example", "owner-list@example.jp", "postmaster@example.jp"])
def test_n29_a_robots_address_suppresses_an_answer_but_is_no_machine(sender: str) -> None:
    assert (mail("Subject: order", sender).machine, mail("Subject: order", sender).auto_submitted) == (None, True)


def test_n29_a_request_for_silence_suppresses_an_answer_but_is_no_machine() -> None:
    found = mail("X-Auto-Response-Suppress: OOF, AutoReply")
    assert (found.machine, found.auto_submitted) == (None, True)
