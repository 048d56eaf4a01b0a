"""Addresses, names, ids and dates, however they were written."""

from datetime import UTC, datetime

import pytest

from gateway.mail.parse import parse
from gateway.mail.values import Mailbox


def authors(value: bytes) -> list[tuple[str, str]]:
    return [(author.name, author.address) for author in parse(b"From: " + value + b"\r\n\r\n").from_]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"yamada@example.jp", [("", "yamada@example.jp")]),
        ("山田 <yamada@example.jp>".encode(), [("山田", "yamada@example.jp")]),
        ("山田 <yamada@example.jp>".encode("cp932"), [("山田", "yamada@example.jp")]),
        ("山田 <yamada@example.jp>".encode("iso2022_jp"), [("山田", "yamada@example.jp")]),
        (b"=?ISO-2022-JP?B?GyRCOzNFRBsoQg==?= <yamada@example.jp>", [("山田", "yamada@example.jp")]),
        (b'"=?ISO-2022-JP?B?GyRCOzNFRBsoQg==?=" <yamada@example.jp>', [("山田", "yamada@example.jp")]),
        (b"=?utf-8?Q?Yamada,_Shop?= <yamada@example.jp>", [("Yamada, Shop", "yamada@example.jp")]),
        (b"yamada@example.jp (Taro Yamada)", [("Taro Yamada", "yamada@example.jp")]),
        (b"a..b@docomo.ne.jp", [("", "a..b@docomo.ne.jp")]),
        (b'"a" <abc.@ezweb.ne.jp>', [("a", "abc.@ezweb.ne.jp")]),
        ("花 <.abc@ezweb.ne.jp>".encode(), [("花", ".abc@ezweb.ne.jp")]),
        (b"=?utf-8?B?5bGx55Sw?= <a..b@docomo.ne.jp>", [("山田", "a..b@docomo.ne.jp")]),
        ("a..b@docomo.ne.jp (花)".encode(), [("花", "a..b@docomo.ne.jp")]),
        (b'"a..b"@docomo.ne.jp', [("", "a..b@docomo.ne.jp")]),
        ("花 ＜a@example.jp＞".encode(), [("花", "a@example.jp")]),
        (b"Taro <mailto:a@example.jp>", [("Taro", "a@example.jp")]),
        (b"Taro [mailto:a@example.jp]", [("Taro", "a@example.jp")]),
        (b"'Taro' <'a@example.jp'>", [("Taro", "a@example.jp")]),
        (b"Taro Yamada a@example.jp", [("Taro Yamada", "a@example.jp")]),
        (b"Yamada, Taro <a@example.jp>", [("Yamada, Taro", "a@example.jp")]),
        (b"MAILER-DAEMON (Mail Delivery System)", [("Mail Delivery System", "MAILER-DAEMON")]),
        (b"Mail Delivery System <MAILER-DAEMON>", [("Mail Delivery System", "MAILER-DAEMON")]),
        (b"somebody", []),
        (b"a@example.jp, b@example.jp", [("", "a@example.jp"), ("", "b@example.jp")]),
        (b'"ceo@bank.example\0" <mallory@evil.example>', [("ceo@bank.example", "mallory@evil.example")]),
        ("\u202e田山\u200b <a@example.jp>".encode(), [("田山", "a@example.jp")]),
        (b'"ceo@bank.example" <mallory@evil.example', [("ceo@bank.example", "mallory@evil.example")]),
        (b"undisclosed-recipients:;", []),
        (b"", []),
    ],
)
def test_a21_a_mailbox_is_read_and_safe_to_show(value: bytes, expected: list[tuple[str, str]]) -> None:
    assert authors(value) == expected


def test_n26_every_author_of_every_from_field_is_named() -> None:
    mail = parse(b"From: a@example.jp\r\nSubject: x\r\nFrom: b@example.jp\r\n\r\n")
    assert [author.address for author in mail.from_] == ["a@example.jp", "b@example.jp"]
    assert "not exactly one author" in mail.defects


@pytest.mark.parametrize(
    "header",
    [
        b"From: a@example.jp\r\nFrom : b@example.jp\r\n",
        b"From : a@example.jp\r\nFrom: b@example.jp\r\n",
        b"FROM \t : a@example.jp\r\nFrom\t:b@example.jp\r\n",
        b"Subject: x\r\nFrom: a@example.jp\r\nX-Any : y\r\nFrom: b@example.jp\r\n",
        b"From: a@example.jp\r\nSubject : x\r\nX: y\r\nfrom : b@example.jp\r\n",
    ],
)
def test_a10_n40_a_from_with_a_blank_before_its_colon_is_an_author_as_any_other(header: bytes) -> None:
    mail = parse(header + b"\r\n\r\ntext")  # RFC 5322 4.5: obsolete, and read by mail clients
    assert [author.address for author in mail.from_] == ["a@example.jp", "b@example.jp"]
    assert "not exactly one author" in mail.defects
    assert mail.text == "text"


def test_n28_other_fields_with_a_blank_before_their_colon_are_read_and_end_no_header() -> None:
    head = b"From : a@example.jp\r\nTo\t: b@example.jp\r\nSubject : one\r\nSubject: two\r\nMessage-ID : <x@y>\r\n"
    mail = parse(head + b"Content-Type : text/html; charset=utf-8\r\nAuto-Submitted : auto-replied\r\n\r\n<b>text</b>")
    assert (mail.from_[0].address, mail.to[0].address) == ("a@example.jp", "b@example.jp")
    assert (mail.subject, mail.message_id, mail.text) == ("one", "<x@y>", "text")
    assert mail.auto_submitted


def test_a_line_of_text_below_a_header_without_a_blank_line_stays_text() -> None:
    assert parse(b"From: a@example.jp\r\nSubject: x\r\nSize : 3 m\r\nthank you").text == "Size : 3 m\nthank you"


@pytest.mark.parametrize(
    "header",
    [
        *(b"Message-ID: <", b"Message-ID: <[]>", b"From: a@[", b'From: "', b"To: a b <", b"From: " + b"(" * 500),
        *(b"Content-Type: text/plain; charset=foo", b'Content-Type: text/plain; charset="\0"', b"Date: ("),
        *(b"Content-Type: ;;;=", b"Content-Disposition: =;\xff", b"References: <" * 300, b":", b" ", b"\0", b""),
        *(b"From: " + b'"\\' * 40_000, b"From: " + b"<" * 90_000, b"Subject: " + b"=?utf-8?q?" * 9000),
    ],
)
def test_a15_tiny_headers_that_break_parsers_are_survived(header: bytes) -> None:
    assert not any(defect.startswith("unreadable:") for defect in parse(header + b"\r\n\r\ntext").defects)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"<a@b>", "<a@b>"),
        (b"  <a@b> (comment)", "<a@b>"),
        (b"a@b", "<a@b>"),
        (b"<a b@c>", None),
        (b"nothing", None),
        (b"<\xff@b>", None),
    ],
)
def test_a_message_id_is_the_first_plausible_token(value: bytes, expected: str | None) -> None:
    assert parse(b"Message-ID: " + value + b"\r\n\r\n").message_id == expected


def test_references_are_ids_in_order_each_once_and_bounded() -> None:
    mail = parse(b"References: <1@x>\r\n <2@x> junk <1@x>\r\nIn-Reply-To: text <2@x> of Monday\r\n\r\n")
    assert mail.references == ("<1@x>", "<2@x>")
    assert mail.in_reply_to == ("<2@x>",)
    many = b" ".join(b"<%d@x>" % number for number in range(500))
    assert parse(b"References: " + many + b"\r\n\r\n").references[-1] == "<499@x>"
    assert len(parse(b"References: " + many + b"\r\n\r\n").references) == 200


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"Fri, 20 Nov 2026 14:03:00 +0900", datetime(2026, 11, 20, 5, 3, tzinfo=UTC)),
        (b"Fri, 20 Nov 2026 14:03:00 +0900 (JST)", datetime(2026, 11, 20, 5, 3, tzinfo=UTC)),
        (b"20 Nov 26 05:03 GMT", datetime(2026, 11, 20, 5, 3, tzinfo=UTC)),
        (b"Fri, 20 Nov 2026 14:03:00", datetime(2026, 11, 20, 14, 3, tzinfo=UTC)),
        (b"yesterday", None),
        (b"Fri, 99 Nov 2026 14:03:00 +0900", None),
    ],
)
def test_n28_a_date_is_a_moment_or_nothing(value: bytes, expected: datetime | None) -> None:
    assert parse(b"Date: " + value + b"\r\n\r\n").date == expected


def test_a06_a_from_without_an_address_is_nobody_whatever_the_reply_to() -> None:
    mail = parse(b'From: "Taro" <>\r\nReply-To: taro@example.jp\r\n\r\n')
    assert mail.from_ == ()
    assert "invalid-angle-address" in " ".join(mail.defects)


def test_raw_octets_in_a_header_are_in_the_charset_of_the_first_part_that_names_one() -> None:
    raw = b"Subject: \xd0\xbb\xd0\xbb\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    raw += b"--b\r\nContent-Type: text/plain; charset=gb2312\r\n\r\n\xd0\xbb\xd0\xbb\r\n--b--\r\n"
    mail = parse(raw)
    assert (mail.subject, mail.text) == ("谢谢", "谢谢")


def test_a04_a_subject_is_one_line_without_controls() -> None:
    assert parse(b"Subject: =?utf-8?q?Hi=0D=0ABcc:_x=40y?=\r\n\r\n").subject == "Hi Bcc: x@y"
    assert parse("Subject: a\u2028b\u202ec".encode() + b"\x07\r\n\r\n").subject == "a bc"


def test_a_stray_line_does_not_end_the_header() -> None:
    mail = parse(b"Received: from x\nstray line\nSubject: a\nFrom: a@example.jp\n\ntext")
    assert (mail.subject, mail.from_, mail.text) == ("a", (Mailbox("", "a@example.jp"),), "text")


def test_a_line_before_the_header_does_not_hide_it() -> None:
    mail = parse(b"---- Original message ----\r\nSubject: a\r\nFrom: a@example.jp\r\n\r\ntext")
    assert (mail.subject, mail.text) == ("a", "text")
    assert parse(b"From MAILER-DAEMON Fri Nov 20 14:03:00 2026\nSubject: a\n\ntext").subject == "a"


def test_a_text_without_a_blank_line_is_still_text() -> None:
    assert parse(b"Subject: a\nhello there\n").text == "hello there"


@pytest.mark.parametrize(
    "preface",
    [
        b"\xef\xbb\xbf",
        b"\r\n",
        b"\n \n\n",
        b"From yamada@example.jp Thu Nov 26 10:00:00 2026\r\n",
        b">From yamada@example.jp Thu Nov 26 10:00:00 2026\n",
        b"\xef\xbb\xbf\r\nFrom - Thu Nov 26 10:00:00 2026\r\n",
    ],
)
def test_what_a_program_puts_before_a_saved_mail_is_none_of_it(preface: bytes) -> None:
    mail = parse(preface + b"From: yamada@example.jp\r\nSubject: size\r\n\r\nHello")
    assert (mail.subject, mail.from_, mail.text) == ("size", (Mailbox("", "yamada@example.jp"),), "Hello")


@pytest.mark.parametrize("text", ["Hello: there", "From here on", "Hello there"])
def test_a_text_without_a_header_stays_a_text(text: str) -> None:
    assert parse(f"\r\n{text}\r\nbye".encode()).text == f"{text}\nbye"


def test_mailboxes_stand_in_the_order_in_which_they_were_written() -> None:
    mail = parse(b"To: a@example.jp, b..c@docomo.ne.jp, Taro <d@example.jp>, .e@docomo.ne.jp, f@example.jp\r\n\r\n")
    assert [mailbox.address for mailbox in mail.to] == [
        "a@example.jp", "b..c@docomo.ne.jp", "d@example.jp", ".e@docomo.ne.jp", "f@example.jp",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ('"a..b"@docomo.ne.jp', "a..b@docomo.ne.jp"),
        ('Hana <"abc."@ezweb.ne.jp>', "abc.@ezweb.ne.jp"),
        ('"a b"@example.jp', '"a b"@example.jp'),
        ('"a@b"@example.jp', '"a@b"@example.jp'),
    ],
)
def test_quotes_that_a_local_part_does_not_need_go(given: str, address: str) -> None:
    mail = parse(f"From: {given}\r\nCc: {given}\r\n\r\n".encode())
    assert [mailbox.address for mailbox in mail.from_ + mail.cc] == [address, address]
