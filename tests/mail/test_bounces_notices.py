"""The server's words in every dress: charsets, encodings, HTML, damaged or missing structure."""

from base64 import b64encode
from quopri import encodestring

import pytest

from gateway.mail import bounces

WORDS = "次の宛先へのメールは配信できませんでした。\n\n<hanako@shop.example>\n宛先不明\n"
HEAD = "From: MAILER-DAEMON@mx.example\nTo: b1-sig@desk.example\nSubject: failure notice\nMIME-Version: 1.0\n"
RETURNED = "Message-ID: <ours@desk.example>\nTo: hanako@shop.example\n\nother@shop.example\n"


def understood(raw: bytes) -> tuple[list[tuple[str, bool]], str | None]:
    """Who was not reached, whether for good, and of which mail."""
    bounce = bounces.read(raw)
    return [(failure.address, failure.dead) for failure in bounce.recipients], bounce.original_message_id


@pytest.mark.parametrize(
    ("label", "codec"),
    [
        ("iso-2022-jp", "iso2022_jp"),
        ("iso-2022-jp", "euc_jp"),
        ("iso-2022-jp", "cp932"),
        ("shift_jis", "cp932"),
        ("euc-jp", "euc_jp"),
        ("utf-8", "utf-8"),
        ("us-ascii", "utf-8"),
    ],
)
@pytest.mark.parametrize("encoding", ["8bit", "base64", "quoted-printable"])
def test_a_notice_is_read_in_any_charset_and_encoding(label: str, codec: str, encoding: str) -> None:
    octets = WORDS.encode(codec)
    body = {"8bit": octets, "base64": b64encode(octets), "quoted-printable": encodestring(octets)}[encoding]
    head = f"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain; charset={label}\n"
    tail = f"\n--b\nContent-Type: message/rfc822\n\n{RETURNED}\n--b--\n"
    raw = f"{HEAD}{head}Content-Transfer-Encoding: {encoding}\n\n".encode() + body + tail.encode()
    assert understood(raw) == ([("hanako@shop.example", True)], "<ours@desk.example>")


def test_a_notice_in_html_is_read() -> None:
    page = (
        "<html><style>p{}</style><p>Your message wasn't delivered to <b>hanako@shop.example</b></p><p>No such user</p>"
    )
    raw = f"{HEAD}Content-Type: text/html; charset=utf-8\n\n{page}</html>\n"
    assert understood(raw.encode()) == ([("hanako@shop.example", True)], None)


def test_the_plain_text_of_a_notice_is_read_where_both_are_there() -> None:
    raw = f"""{HEAD}Content-Type: multipart/alternative; boundary=b

--b
Content-Type: text/plain

<hanako@shop.example>:
No such user
--b
Content-Type: text/html

<p>hanako@shop.example</p><p>support@mx.example</p>
--b--
"""
    assert understood(raw.encode()) == ([("hanako@shop.example", True)], None)


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_line_ends_do_not_matter(line_end: str) -> None:
    raw = f"{HEAD}\n{WORDS}\n--- Below this line is a copy of the message.\n\n{RETURNED}".replace("\n", line_end)
    assert understood(raw.encode())[0] == [("hanako@shop.example", True)]


def test_the_first_part_may_have_no_header() -> None:
    raw = f"{HEAD}Content-Type: multipart/mixed; boundary=b\n\n--b\nHi. This is the mail program.\n\n{WORDS}\n--b--\n"
    assert understood(raw.encode())[0] == [("hanako@shop.example", True)]


def test_parts_that_no_boundary_divides_are_read_as_text() -> None:
    raw = f"{HEAD}Content-Type: multipart/mixed; boundary=lost\n\n--b\nContent-Type: text/plain\n\n{WORDS}\n--b--\n"
    assert understood(raw.encode())[0] == [("hanako@shop.example", True)]


@pytest.mark.parametrize(
    "rule",
    [
        "--- Below this line is a copy of the message.",
        "--- Enclosed is a copy of the message.",
        "------ This is a copy of the message, including all the headers. ------",
        "----- Original message -----",
        "--- The header of the original message is following. ---",
        "   ----- Unsent message follows -----",
        "Original message follows.",
        "Message headers follow.",
        "Included is a copy of the message header:",
        "---- START OF RETURNED MESSAGE ----",
        "--- Mensaje original adjunto.",
        "Received: from desk.example by mx.example",
    ],
)
def test_what_is_returned_names_nobody(rule: str) -> None:
    body = f"<hanako@shop.example>:\nNo such user\n\n{rule}\n\n{RETURNED}\nother@shop.example: 550 no such user\n"
    assert understood(f"{HEAD}\n{body}".encode()) == ([("hanako@shop.example", True)], "<ours@desk.example>")
