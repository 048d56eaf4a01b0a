"""N29, N32, A12: who is never answered automatically, and why; each from the bytes of a mail and its envelope."""

from typing import Any

import pytest

from gateway.desk.answerable import bar
from gateway.desk.situation import Incoming
from gateway.mail.addresses import Address, parse_local_part
from gateway.mail.authentication import Knowledge
from gateway.mail.parse import parse
from gateway.store.states import Origin
from tests.desk.builders import CUSTOMER, NOW

STORE = "testshop@q.example.jp"
SIGNED = f"q1042-c-{'a' * 24}@q.example.jp"


def barred(
    *header: str,
    sender: str = CUSTOMER,
    mail_from: str | None = None,
    to: str = STORE,
    recipient: str = STORE,
    verdict: str | None = None,
    subject: str = "Re: question",
    body: str = "ありがとうございました。",
    customer: str = CUSTOMER,
    origin: Origin = Origin.DIRECT,
) -> str | None:
    """Why a thank-you with these fields is not answered."""
    domain = sender.rpartition("@")[2]
    lines = [
        f"Authentication-Results: mx.example.jp; {verdict or f'dmarc=pass header.from={domain}'}",
        f"From: {sender}",
        *([f"To: {to}"] if to else []),
        f"Subject: {subject}",
        "Message-ID: <m1@customer.example>",
        *header,
    ]
    if not any(line.lower().startswith("content-type:") for line in header):
        lines.append("Content-Type: text/plain; charset=utf-8")
    raw = "\r\n".join([*lines, "", body, ""]).encode()
    mail = parse(raw, Knowledge("mx.example.jp", trusted_relay=True))
    address: Address | None = parse_local_part(recipient.partition("@")[0])
    assert address is not None
    incoming = Incoming("id", NOW, sender if mail_from is None else mail_from, recipient, address, mail)
    return bar(incoming, customer, origin)


def test_a_person_who_writes_to_the_store_or_the_inquiry_may_be_answered() -> None:
    assert barred() is None
    assert barred(to=f"Shop <{SIGNED.upper()}>", recipient=SIGNED) is None
    assert barred(to="testshop+p123@q.example.jp", recipient="testshop+p123@q.example.jp") is None
    assert barred(to="friend@elsewhere.example", recipient=STORE) == "not addressed to us"
    assert barred("Cc: testshop@q.example.jp", to="friend@elsewhere.example") is None
    assert barred(mail_from="hanako@mail.customer.example") is None


@pytest.mark.parametrize(
    "field",
    [
        "Auto-Submitted: no",
        "Auto-Submitted: no (a person wrote this)",
        "Precedence: first-class",
        "X-Auto-Response-Suppress: None",
        "X-Spam-Flag: NO",
        "X-Spam-Status: No, score=0.1",
        "X-Mailer: iPhone Mail (21E236)",
        "Reply-To: other@elsewhere.example",
    ],
)
def test_an_ordinary_field_bars_nobody(field: str) -> None:
    assert barred(field) is None


@pytest.mark.parametrize(
    ("field", "reason"),
    [
        ("Auto-Submitted: auto-replied", "a machine"),
        ("Auto-Submitted: auto-generated", "a machine"),
        ('Auto-Submitted: auto-notified; owner-email="a@b.example"', "a machine"),
        ("X-Autoreply: yes", "a machine"),
        ("X-Autorespond: vacation", "a machine"),
        ("X-Vacation: 1", "a machine"),
        ("Precedence: auto_reply", "a machine"),
        ("X-Failed-Recipients: a@b.example", "a machine"),
        ("List-Id: <shop.lists.example>", "a machine"),
        ("List-Unsubscribe: <mailto:leave@lists.example>", "a machine"),
        ("List-Post: NO", "a machine"),
        ("List-Unsubscribe-Post: List-Unsubscribe=One-Click", "marked: list-unsubscribe-post"),
        ("Mailing-List: contact shop-help@lists.example", "a machine"),
        ("Precedence: bulk", "a machine"),
        ("Precedence: list", "a machine"),
        ("PRECEDENCE:  Junk", "a machine"),
        ("X-Auto-Response-Suppress: All", "marked: x-auto-response-suppress"),
        ("X-Auto-Response-Suppress: OOF, AutoReply", "marked: x-auto-response-suppress"),
        ("X-Loop: hanako@customer.example", "marked: x-loop"),
        ("X-Spam-Flag: YES", "marked: x-spam-flag"),
        ("X-Spam-Status: Yes, score=9.1", "marked: x-spam-status"),
        ("X-Spam: yes", "marked: x-spam"),
        ("Return-Path: <>", "marked: return-path"),
        ("Content-Type: multipart/report; boundary=x", "marked: content-type"),
    ],
)
def test_N29_a_mark_of_a_machine_a_list_or_spam_bars_every_answer(field: str, reason: str) -> None:
    assert (barred(field) or "").startswith(reason)


@pytest.mark.parametrize(
    "local",
    [
        "mailer-daemon", "MAILER-DAEMON", "postmaster", "owner-shop", "shop-owner", "shop-request", "shop-bounces",
        "bounces", "bounce", "noreply", "no-reply", "no_reply", "No.Reply", "donotreply", "do-not-reply",
        "noreply-news", "noreply+17", "root", "nobody", "notifications", "auto-confirm", "majordomo", "listserv",
    ],
)  # fmt: skip
def test_N29_an_address_that_nobody_reads_is_not_answered_as_author_or_envelope_sender(local: str) -> None:
    address = f"{local}@customer.example"
    assert barred(sender=address, customer=address) is not None
    assert barred(mail_from=address) == "an address that nobody reads"


def test_a_variable_return_path_is_no_persons() -> None:
    assert barred(mail_from="bounces+17-hanako=customer.example@customer.example") == "an address that nobody reads"
    assert barred(mail_from="prvs=1234abcdef=hanako@customer.example") is None  # BATV protects a person's own


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"mail_from": ""}, "null sender"),
        ({"verdict": "none"}, "not authenticated"),
        ({"verdict": "dmarc=fail header.from=customer.example"}, "not authenticated"),
        ({"verdict": "spf=pass smtp.mailfrom=elsewhere.example"}, "not authenticated"),
        ({"mail_from": "hanako@elsewhere.example"}, "another envelope sender"),
        ({"mail_from": "hanako@notcustomer.example"}, "another envelope sender"),
        ({"sender": "other@customer.example"}, "another address"),
        ({"origin": Origin.MARKETPLACE}, "marketplace staff"),
        ({"to": ""}, "not addressed to us"),
        ({"to": "undisclosed-recipients:;"}, "not addressed to us"),
        ({"to": "sisters@q.example.jp"}, "not addressed to us"),
        ({"to": "testshop@elsewhere.example"}, "not addressed to us"),
        ({"to": f"q1043-c-{'a' * 24}@q.example.jp", "recipient": SIGNED}, "not addressed to us"),
        ({"sender": "sisters@q.example.jp", "customer": "sisters@q.example.jp"}, "our own address"),
        ({"mail_from": "testshop@Q.example.jp"}, "our own address"),
    ],
)
def test_N32_the_answer_goes_to_the_authenticated_writer_or_to_nobody(fields: dict[str, Any], reason: str) -> None:
    assert barred(**fields) == reason


def test_N40_several_authors_are_answered_by_a_person() -> None:
    assert barred("From: jiro@customer.example") == "not exactly one author"
    assert barred(sender=f"{CUSTOMER}, jiro@customer.example") == "not exactly one author"


def test_a_vacation_notice_without_any_mark_is_known_by_its_words() -> None:
    text = "このメールは自動返信です。\r\nただいま休暇をいただいております。戻り次第ご連絡いたします。"
    assert barred(subject="不在通知", body=text) == "a machine: auto_reply"


def test_a_mail_that_was_too_big_to_read_whole_is_for_a_person() -> None:
    assert barred("Content-Type: multipart/mixed; boundary=x", body="--x\r\n\r\nthanks\r\n" * 1200) is not None
