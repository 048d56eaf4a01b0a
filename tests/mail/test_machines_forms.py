"""Machines that are known by their form: answers of calendars (RFC 5546) and reports about domains (RFC 7489, 8460)."""

import pytest

from gateway.mail.parse import parse
from gateway.mail.values import Machine

HEAD = "Return-Path: <yamada@example.jp>\r\nFrom: yamada@example.jp\r\n"


def invitation(text: str, method: str = "REPLY", comment: str = "", subject: str = "Accepted: visit") -> Machine | None:
    """Who wrote the answer to an invitation, with `text` beside it and `comment` within."""
    calendar = (
        f"BEGIN:VCALENDAR\r\nMETHOD:{method}\r\nBEGIN:VEVENT\r\nUID:1@x\r\n{comment}END:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    raw = (
        f"{HEAD}Subject: {subject}\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n"
        f"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
        f"--b\r\nContent-Type: text/calendar; charset=utf-8; method={method}\r\n\r\n{calendar}--b--\r\n"
    )
    return parse(raw.encode()).machine


@pytest.mark.parametrize(
    "text", ["", "  ", "Yamada has accepted your invitation to visit.", "山田さんがこの招待を承諾しました。"]
)
def test_an_answer_to_an_invitation_without_a_word_is_a_calendars(text: str) -> None:
    assert invitation(text) == Machine.AUTO_REPLY


def test_an_invitation_or_a_comment_is_a_persons() -> None:
    assert invitation("I come ten minutes later, is that all right?") is None
    assert invitation("Yamada has accepted your invitation.\n\nMay I bring my son?") is None
    assert invitation("", comment="COMMENT:May I bring my son?\r\n") is None
    assert invitation("", method="REQUEST", subject="visit") is None


def report(subject: str, name: str, text: str = "", sender: str = "reports@mx.example") -> Machine | None:
    """Who wrote a mail with a compressed file."""
    raw = (
        f"From: {sender}\r\nSubject: {subject}\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        f"--b\r\nContent-Type: text/plain\r\n\r\n{text}\r\n"
        f'--b\r\nContent-Type: application/gzip\r\nContent-Disposition: attachment; filename="{name}"\r\n\r\n'
        "x\r\n--b--\r\n"
    )
    return parse(raw.encode()).machine


NAME = "mx.example!desk.example!1795600000!1795686400.xml.gz"


def test_an_aggregate_report_about_our_domain_is_no_persons() -> None:
    subject = "Report Domain: desk.example Submitter: mx.example Report-ID: <77>"
    assert report(subject, NAME, "This is an aggregate report from mx.example.") == Machine.FEEDBACK
    assert report("DMARC", NAME) == Machine.FEEDBACK


def test_a_person_may_send_such_a_file_on_or_any_other() -> None:
    assert report("Fwd: Report domain: desk.example Submitter: mx.example", NAME, "Is this yours?") is None
    assert report("Report domain: desk.example Submitter: x", "photo!1.zip") is None


def test_a_report_about_tls_is_no_persons() -> None:
    raw = (
        "From: tls@mx.example\r\nContent-Type: multipart/report; report-type=tlsrpt; boundary=b\r\n\r\n"
        "--b\r\n\r\ntext\r\n--b--\r\n"
    )
    assert parse(raw.encode()).machine == Machine.FEEDBACK
