"""Multiparts whose header does not tell their boundary: the delimiters in the body do."""

import pytest

from gateway.mail import boundaries
from gateway.mail.parse import parse

TEXT = "Content-Type: text/plain; charset=utf-8\r\n\r\n黒はありますか\r\n".encode()
HTML = "Content-Type: text/html; charset=utf-8\r\n\r\n<p>黒はありますか</p>\r\n".encode()
FILE = b"Content-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\nQUJD\r\n"


def body(boundary: bytes, *parts: bytes) -> bytes:
    return b"".join(b"--" + boundary + b"\r\n" + part for part in parts) + b"--" + boundary + b"--\r\n"


@pytest.mark.parametrize("parameter", [b"", b"; boundary=other", b'; boundary=""', b"; boundary"])
def test_a_boundary_that_is_not_told_is_found(parameter: bytes) -> None:
    mail = parse(b"Content-Type: multipart/mixed" + parameter + b"\r\n\r\nA preamble\r\n" + body(b"=_x 1", TEXT, FILE))
    assert mail.text == "黒はありますか"
    assert [(file.name, file.content) for file in mail.attachments] == [("a.pdf", b"ABC")]


def test_of_versions_without_a_boundary_one_is_read() -> None:
    assert parse(b"Content-Type: multipart/alternative\r\n\r\n" + body(b"x", TEXT, HTML)).text == "黒はありますか"


def test_a_boundary_that_an_inner_multipart_shares_ends_the_inner_one_first() -> None:
    inner = b"Content-Type: multipart/alternative; boundary=x\r\n\r\n" + body(b"x", TEXT, HTML)
    mail = parse(b"Content-Type: multipart/mixed; boundary=x\r\n\r\n" + body(b"x", inner, FILE))
    assert mail.text == "黒はありますか"
    assert [file.name for file in mail.attachments] == ["a.pdf"]


def test_an_inner_multipart_with_an_untrue_boundary() -> None:
    inner = b"Content-Type: multipart/alternative; boundary=z\r\n\r\n" + body(b"y", TEXT, HTML)
    mail = parse(b"Content-Type: multipart/mixed; boundary=x\r\n\r\n" + body(b"x", inner, FILE))
    assert mail.text == "黒はありますか"
    assert [file.name for file in mail.attachments] == ["a.pdf"]


@pytest.mark.parametrize("text", ["-- \r\nYamada", "--5\r\nCount: 3", "--\r\nContent-Type: text/html"])
def test_dashes_in_a_text_are_no_boundary(text: str) -> None:
    mail = parse(b"Content-Type: multipart/mixed; boundary=x\r\n\r\nHello\r\n" + text.encode())
    assert "Hello" in mail.text
    assert text.split()[-1] in mail.text


def test_a15_a_multipart_over_the_bounds_is_not_divided() -> None:
    mail = parse(b"Content-Type: multipart/mixed\r\n\r\n" + body(b"x", *[FILE] * 1200))
    assert mail.attachments == ()


def test_a15_only_a_few_multiparts_are_read_again() -> None:
    inner = [
        b"Content-Type: multipart/mixed; boundary=none\r\n\r\n" + body(b"y%d" % number, FILE) for number in range(9)
    ]
    mail = parse(b"Content-Type: multipart/mixed; boundary=x\r\n\r\n" + body(b"x", *inner))
    assert len(mail.attachments) == boundaries.MAX_REPAIRS
