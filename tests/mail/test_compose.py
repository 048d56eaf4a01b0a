"""What we write is read by others as it was meant, whatever a customer put into a name, a subject or a text."""

import random
import re
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Any
from unicodedata import normalize

import mailparser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.mail.compose import ComposeError, compose, needs_smtputf8
from gateway.mail.headers import safe_header
from gateway.mail.values import AttachedFile, Mailbox, OutgoingMail

MAIL = OutgoingMail(
    message_id="<1m84x2.abc@q.example.jp>",
    date=datetime(2026, 11, 20, 5, 3, tzinfo=UTC),
    from_=Mailbox("テストショップ", "q1042-c-abcdefghijklmnopqrstuvwx@q.example.jp"),
    to=Mailbox("山田", "yamada@example.jp"),
    subject="Re: テスト2",
    text="お問い合わせありがとうございます。\n送料は500円です。\n",
    in_reply_to="<b@example.jp>",
    references=("<a@example.jp>", "<b@example.jp>"),
    auto_submitted="auto-replied",
)
FIELDS = [
    "Date",
    "From",
    "To",
    "Subject",
    "Message-ID",
    "In-Reply-To",
    "References",
    "Auto-Submitted",
    "MIME-Version",
    "Content-Type",
    "Content-Transfer-Encoding",
]
INJECTIONS = [
    "Hi\r\nBcc: x@example.jp",
    "Hi\nBcc: x@example.jp",
    "Hi\rBcc: x@example.jp",
    "Hi\r\n\r\n<html>",
    "=?utf-8?q?Hi=0D=0ABcc=3A_x=40example.jp?=",
    "=?utf-8?b?SGkNCkJjYzogeEBleGFtcGxlLmpw?=",
    *(f"Hi{separator}Bcc: x@example.jp" for separator in "\v\f\x1c\x1d\x1e\x85\u2028\u2029\0"),
    'Hi" <x@example.jp>, "y',
    "x@example.jp, y@example.jp;",
    "\u202eevil\u202c",
    "\ud800",
    "a" * 5000,
    "あ" * 5000,
    "👨‍👩‍👧‍👦" * 100,
]
# Characters that break headers somewhere, mixed with ordinary ones.
hostile = st.text(
    st.one_of(st.characters(), st.sampled_from("\r\n\t\v\f\0\x1b\x85\u2028\u2029\u202e\u200b=?_:;,<>@()\"\\' ")),
    max_size=120,
)


def parsed(mail: OutgoingMail) -> EmailMessage:
    raw = compose(mail)
    lines = raw.split(b"\r\n")
    assert lines[-1] == b""
    assert all(len(line) <= 998 and b"\r" not in line and b"\n" not in line for line in lines)
    message = message_from_bytes(raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    assert not message.defects
    return message


def old_mailbox(raw: bytes, field: str) -> tuple[str, str]:
    name, address = parseaddr(str(message_from_bytes(raw)[field]).replace("\r", "").replace("\n", ""))
    return str(make_header(decode_header(name))), address


def third_reader(raw: bytes) -> Any:
    return mailparser.parse_from_bytes(raw)  # type: ignore[no-untyped-call]


def same_words(one: str, other: str) -> bool:
    return one.split() == other.split()  # readers differ in what they make of a space beside a no-break space


def text_of(part: EmailMessage) -> str:
    return str(part.get_content()).replace("\r\n", "\n")


def old(raw: bytes, field: str) -> str:
    """A field as the older interface of the standard library decodes it."""
    return str(make_header(decode_header(str(message_from_bytes(raw)[field]).replace("\r", "").replace("\n", ""))))


def test_an_answer_has_exactly_its_fields_and_its_text() -> None:
    message = parsed(MAIL)
    assert message.keys() == FIELDS
    assert message["From"].addresses[0].display_name == "テストショップ"
    assert message["To"].addresses[0].addr_spec == "yamada@example.jp"
    assert message["Subject"] == "Re: テスト2"
    assert message["Date"].datetime == MAIL.date
    assert message["In-Reply-To"] == "<b@example.jp>"
    assert str(message["References"]).split() == ["<a@example.jp>", "<b@example.jp>"]
    assert message["Auto-Submitted"] == "auto-replied"
    assert text_of(message) == MAIL.text


def test_the_same_mail_is_the_same_bytes() -> None:
    mail = replace(MAIL, html="<p>x</p>", attachments=(AttachedFile("a.txt", "text/plain", b"x"),))
    assert compose(mail) == compose(mail)


def test_n42_only_what_can_be_stopped_by_mail_says_how() -> None:
    url = "mailto:desk@q.example.jp?subject=settings%20digest%20off"
    assert f"\r\nList-Unsubscribe: <{url}>\r\n".encode() in compose(replace(MAIL, unsubscribe=url))
    for other in ("https://q.example.jp/off", "mailto:a@b.example>\r\nBcc: x@example.jp", "mailto:" + "a" * 1000, ""):
        assert b"Unsubscribe" not in compose(replace(MAIL, unsubscribe=other))


def test_a_first_mail_has_no_empty_fields() -> None:
    message = parsed(replace(MAIL, in_reply_to=None, references=(), auto_submitted=None))
    assert message.keys() == [field for field in FIELDS if field not in ("In-Reply-To", "References", "Auto-Submitted")]
    message = parsed(replace(MAIL, in_reply_to="no id", references=("no id", "<a b>"), auto_submitted="no\r\nBcc: x"))
    assert "In-Reply-To" not in message and "References" not in message and "Auto-Submitted" not in message


@pytest.mark.parametrize("value", INJECTIONS)
def test_n26_a04_no_value_adds_a_field(value: str) -> None:
    mail = replace(MAIL, subject=value, from_=replace(MAIL.from_, name=value), to=replace(MAIL.to, name=value))
    message = parsed(mail)
    assert message.keys() == FIELDS
    assert len(message["To"].addresses) == len(message["From"].addresses) == 1
    assert message["To"].addresses[0].addr_spec == "yamada@example.jp"


@settings(max_examples=500, deadline=None)
@given(hostile, hostile, hostile)
def test_t06_n25_n26_whatever_the_values_all_readers_see_what_was_meant(subject: str, name: str, text: str) -> None:
    readers_agree(subject, name, text)


def readers_agree(subject: str, name: str, text: str) -> None:
    """Fails unless a mail with these values reads as it was meant."""
    mail = replace(MAIL, subject=subject, from_=replace(MAIL.from_, name=name), text=text)
    raw = compose(mail)
    head = raw.partition(b"\r\n\r\n")[0]
    assert re.findall(rb"^([!-9;-~]+):", head, re.MULTILINE) == [field.encode() for field in FIELDS]
    assert all(len(line) <= 78 for line in head.split(b"\r\n"))
    assert all(len(word) <= 75 for word in re.findall(rb"=\?\S+\?=", head))
    assert head.isascii()
    # The standard library's two interfaces and mail-parser agree.
    message = parsed(mail)
    assert message.keys() == FIELDS
    assert old_mailbox(raw, "From") == (safe_header(name), MAIL.from_.address)
    assert message["From"].addresses[0].addr_spec == MAIL.from_.address
    assert same_words(message["Subject"], safe_header(subject))
    assert old(raw, "Subject") == safe_header(subject)
    assert old_mailbox(raw, "To") == ("山田", "yamada@example.jp")
    third = third_reader(raw)
    assert same_words(third.subject, normalize("NFC", safe_header(subject)))  # as mail-parser does
    assert third.from_[0][1] == MAIL.from_.address
    # The text is whole; only line ends are made one kind.
    lines = text.encode("utf-8", "replace").decode().replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n")
    payload = message_from_bytes(raw).get_payload(decode=True)
    assert isinstance(payload, bytes)
    assert payload.decode().replace("\r\n", "\n") == lines + "\n"


@settings(max_examples=300, deadline=None)
@given(hostile)
def test_safe_header_is_one_visible_line(text: str) -> None:
    safe = safe_header(text)
    assert len(safe) <= 200
    assert safe_header(safe) == safe
    assert len(safe.splitlines()) <= 1
    assert not re.search("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2064\u2066-\u2069\ufeff]", safe)


def test_safe_header_keeps_words_apart_and_says_when_it_cut() -> None:
    assert safe_header("a\r\n\tb\u2028c  d") == "a b c d"
    assert safe_header("a\u3000b") == "a\u3000b"
    assert safe_header("x" * 300) == "x" * 199 + "…"


@settings(max_examples=200, deadline=None)
@given(hostile, hostile, st.binary(max_size=300))
def test_n37_a_files_name_and_content_arrive(name: str, content_type: str, content: bytes) -> None:
    mail = replace(MAIL, attachments=(AttachedFile(name, content_type, content),))
    [file] = parsed(mail).iter_attachments()
    expected = safe_header(name.translate({ord(character): "_" for character in "/\\:<>"}), 100)
    assert file.get_filename("") == expected
    assert file.get_payload(decode=True) == content
    assert file.keys() == ["Content-Type", "Content-Transfer-Encoding", "Content-Disposition"]
    assert file.get_content_maintype() not in ("multipart", "message")


@pytest.mark.parametrize(
    "name",
    [
        "<見積>",
        "<a b>",
        "見積書（最終版）.pdf",
        "長い名前" * 24 + ".pdf",
        "report.pdf",
        'a"b\\c.txt',
        "100%.txt",
        "x" * 90,
    ],
)
def test_a_japanese_file_name_is_in_both_forms_that_clients_read(name: str) -> None:
    raw = compose(replace(MAIL, attachments=(AttachedFile(name, "application/pdf", b"x"),)))
    part = message_from_bytes(raw).get_payload()[1]  # type: ignore[index]
    expected = safe_header(re.sub(r"[\\<>]", "_", name), 100)
    assert part.get_filename() == expected  # type: ignore[union-attr]
    old_form = str(part.get_param("name")).replace("\r\n", "").replace("\n", "")  # type: ignore[union-attr]
    assert str(make_header(decode_header(old_form))) == expected
    assert [found["filename"] for found in third_reader(raw).attachments] == [expected]
    assert all(len(line) <= 78 for line in raw.split(b"\r\n"))


def test_text_html_and_files_are_nested_as_clients_expect() -> None:
    files = (AttachedFile("a.txt", "text/plain", b"a\xff"), AttachedFile("b.bin", "", bytes(range(256)) * 1000))
    message = parsed(replace(MAIL, html="<p>お問い合わせ</p>\n", attachments=files))
    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "text/plain",
        "application/octet-stream",
    ]
    html = message.get_body(("html",))
    assert isinstance(html, EmailMessage) and text_of(html) == "<p>お問い合わせ</p>\n"
    assert [part.get_payload(decode=True) for part in message.iter_attachments()] == [file.content for file in files]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("plain words\n-- \nA shop\n", "7bit"),
        ("", "7bit"),
        ("a line of more than seventy-eight characters " * 9 + "\n", "quoted-printable"),
        ("Grüße aus Köln, mit freundlichem Gruß an alle, die dies hier lesen\n", "quoted-printable"),
        ("こんにちは\n", "base64"),
        ("From here on\n", "base64"),  # a mailbox file would make it >From
        ("x" * 75 + "From here on " + "y" * 60 + "\n", "base64"),  # where quoted-printable would break the line
        ("x\n.\ny\n", "7bit"),
        ("\x1b$B\n", "quoted-printable"),
    ],
)
def test_the_text_goes_in_the_form_that_suits_it(text: str, encoding: str) -> None:
    message = parsed(replace(MAIL, text=text))
    assert message["Content-Transfer-Encoding"] == encoding
    assert text_of(message) == (text or "\n")


@pytest.mark.parametrize(
    ("address", "written"),
    [
        ("yamada@example.jp", "yamada@example.jp"),
        ("a..b@docomo.ne.jp", '"a..b"@docomo.ne.jp'),
        ("abc.@ezweb.ne.jp", '"abc."@ezweb.ne.jp'),
        (".abc@ezweb.ne.jp", '".abc"@ezweb.ne.jp'),
        ('"a b"@example.jp', None),
        ("yamada@例え.jp", "yamada@xn--r8jz45g.jp"),
    ],
)
def test_addresses_are_written_as_servers_take_them(address: str, written: str | None) -> None:
    mail = replace(MAIL, to=Mailbox("", address))
    if written is None:
        with pytest.raises(ComposeError):
            compose(mail)
    else:
        assert f"\r\nTo: {written}\r\n".encode() in compose(mail)
        assert not needs_smtputf8(mail.to)


def test_n21_a_local_part_in_utf8_is_written_as_it_is() -> None:
    mail = replace(MAIL, to=Mailbox("山田", "山田@example.jp"))
    assert needs_smtputf8(mail.to)
    assert "<山田@example.jp>".encode() in compose(mail)


@pytest.mark.parametrize(
    "address", ["", "x", "x@example.jp, y@example.jp", "x@example.jp\r\nBcc: y@example.jp", "<x@example.jp>", "x@y z"]
)
def test_a04_a_mail_to_no_single_address_is_not_composed(address: str) -> None:
    for mail in (replace(MAIL, to=Mailbox("", address)), replace(MAIL, from_=Mailbox("", address))):
        with pytest.raises(ComposeError):
            compose(mail)


@pytest.mark.parametrize("message_id", ["", "x@example.jp", "<x@example.jp>\r\nBcc: y", "<>"])
def test_n27_a_mail_without_a_message_id_is_not_composed(message_id: str) -> None:
    with pytest.raises(ComposeError):
        compose(replace(MAIL, message_id=message_id))


def test_a_very_long_message_id_is_still_answered() -> None:
    long = f"<{'a' * 990}@x>"
    message = parsed(replace(MAIL, in_reply_to=long, references=(long, "<b@example.jp>")))
    assert str(message["In-Reply-To"]).strip() == long


def test_n25_five_thousand_random_headers_are_folded_at_78() -> None:
    chance = random.Random(7)  # the same each time
    letters = "\r\n\t\0\x85\u2028\u202e\u200b=?_:;,<>@()\"\\' éあ漢👨" + "".join(map(chr, range(32, 127)))
    for _ in range(5000):
        name, subject = ("".join(chance.choices(letters, k=chance.randrange(90))) for _ in range(2))
        raw = compose(replace(MAIL, subject=subject, to=replace(MAIL.to, name=name)))
        head = raw.partition(b"\r\n\r\n")[0]
        assert re.findall(rb"^([!-9;-~]+):", head, re.MULTILINE) == [field.encode() for field in FIELDS]
        assert all(len(line) <= 78 for line in head.split(b"\r\n"))
