"""A15: no structure that makes a parser slow reaches one."""

from time import process_time

import pytest

from gateway.mail import bounds
from gateway.mail.parse import parse

HEADER = b"From: yamada@example.jp\r\nSubject: =?utf-8?B?6LOq5ZWP?=\r\n"
MULTIPART = HEADER + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"


def nested(levels: int) -> bytes:
    steps = (b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(levels))
    return HEADER + b"".join(steps) + b"\r\ntext"


BOMBS = {
    "too many parts": MULTIPART + b"--b\r\n\r\nx\r\n" * 10_000,
    "too many header fields": HEADER + b"X: y\r\n" * 50_000 + b"\r\ntext",
    "nested too deeply": nested(2000),
    "header field too long": HEADER + b"X-Long: " + b"x" * 200_000 + b"\r\n\r\ntext",
    "too many parameters": HEADER + b"Content-Type: text/plain" + b"; name*0=a" * 2000 + b"\r\n\r\ntext",
    "too many lines": HEADER + b"\r\n" + b"\n" * 6_000_000,
}


@pytest.mark.parametrize("bound", BOMBS)
def test_a15_a_mail_over_a_bound_keeps_its_header_and_names_the_bound(bound: str) -> None:
    mail = parse(BOMBS[bound])
    assert mail.defects == (bound,)
    assert (mail.subject, mail.from_[0].address) == ("質問", "yamada@example.jp")
    assert (mail.text, mail.attachments, mail.authenticated) == ("", (), False)


@pytest.mark.parametrize(
    "raw",
    [
        nested(99),
        MULTIPART + b"--b\r\n\r\nx\r\n" * 990,
        HEADER + b"X: y\r\n" * 990 + b"\r\ntext",
        HEADER + b"X-Long: " + b"x" * 99_000 + b"\r\n\r\ntext",
    ],
    ids=["levels", "parts", "fields", "field"],
)
def test_a15_a_mail_just_inside_the_bounds_is_read_whole(raw: bytes) -> None:
    assert bounds.measure(raw).exceeded is None
    assert parse(raw).text.startswith(("x", "text"))


def test_a15_messages_enclosed_in_messages_are_counted_with_and_without_a_declared_type() -> None:
    forwarded = HEADER + b"Content-Type: message/rfc822\r\n\r\n" * 2000
    steps = (b"Content-Type: multipart/digest; boundary=b%d\r\n\r\n--b%d\r\n\r\n" % (n, n) for n in range(60))
    assert bounds.measure(forwarded).exceeded == "nested too deeply"
    assert bounds.measure(HEADER + b"".join(steps)).exceeded == "nested too deeply"


def test_a15_a_boundary_in_rfc_2231_pieces_counts_like_any_other() -> None:
    raw = (
        HEADER + b"Content-Type: multipart/mixed; boundary*0=se; boundary*1=am\r\n\r\n" + b"--seam\r\n\r\nx\r\n" * 1500
    )
    assert bounds.measure(raw).exceeded == "too many parts"


def test_a15_each_blank_line_of_a_delivery_status_is_a_message_of_its_own() -> None:
    raw = HEADER + b"Content-Type: message/delivery-status\r\n\r\n" + b"A: b\r\n\r\n" * 5000
    assert bounds.measure(raw).exceeded == "too many parts"


def test_lines_of_dashes_in_a_text_are_no_parts() -> None:
    raw = MULTIPART + b"--b\r\n\r\n" + b"--------------\r\n-- \r\n--x\r\n" * 2000 + b"--b--\r\n"
    assert bounds.measure(raw).exceeded is None
    assert parse(raw).text.count("--x") == 2000


def test_a15_a_header_block_ends_at_a_delimiter_too_so_that_no_part_is_counted_with_the_parts_below_it() -> None:
    raw = MULTIPART + (b"--b\r\n" + b"X: y\r\n" * 600) * 3 + b"--b--\r\n"
    assert bounds.measure(raw).exceeded is None


def test_a15_parts_without_a_blank_line_are_measured_in_linear_time() -> None:
    def seconds(parts: int) -> float:
        raw = MULTIPART + (b"--b\r\n" + b"x" * 20_000 + b"\r\n") * parts
        start = process_time()
        bounds.measure(raw)
        return process_time() - start

    assert min(seconds(400) for _ in range(3)) < 24 * min(seconds(50) for _ in range(3))  # a square: 64 times
