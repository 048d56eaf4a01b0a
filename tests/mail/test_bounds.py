"""A15: no structure that makes a parser slow reaches one."""

from email import message_from_bytes
from time import process_time

import pytest

from gateway.mail import bounds
from gateway.mail.body import SHORTENED
from gateway.mail.parse import parse
from gateway.mail.values import Machine

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
    "header too long": HEADER + (b"X-Long: " + b"x" * 90_000 + b"\r\n") * 12 + b"\r\ntext",
    "too many parameters": HEADER + b"Content-Type: text/plain" + b"; name*0=a" * 2000 + b"\r\n\r\ntext",
    "too many lines": HEADER + b"\r\n" + b"\n" * 6_000_000,
}


@pytest.mark.parametrize("bound", BOMBS)
def test_a15_a_mail_over_a_bound_keeps_its_header_and_names_the_bound(bound: str) -> None:
    mail = parse(BOMBS[bound])
    assert mail.defects[0] == bound
    assert (mail.subject, mail.from_[0].address) == ("質問", "yamada@example.jp")
    assert (mail.attachments, mail.authenticated) == ((), False)


def test_a15_of_a_mail_over_a_bound_the_beginning_is_read_and_told_to_be_no_more() -> None:
    part = b"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + "在庫はありますか。".encode() + b"\r\n"
    file = b"--b\r\nContent-Disposition: attachment; filename=a.txt\r\n\r\n" + b"x\r\n" * 30_000
    mail = parse(MULTIPART + part + file + b"--b\r\n\r\ny\r\n" * 2000)
    assert (mail.text, mail.attachments, mail.language) == ("在庫はありますか。", (), "ja")
    assert mail.defects == ("too many parts", SHORTENED)
    assert parse(BOMBS["too many header fields"]).text == "text"
    assert parse(BOMBS["too many parts"]).text == ""  # so many that even the beginning has too many


@pytest.mark.parametrize("bound", BOMBS)
def test_a15_a_machines_mail_over_a_bound_is_still_known_as_a_machines(bound: str) -> None:
    mail = parse(b"Auto-Submitted: auto-replied\r\n" + BOMBS[bound])
    assert (mail.machine, mail.auto_submitted) == (Machine.AUTO_REPLY, True)
    assert parse(b"Return-Path: <>\r\n" + BOMBS[bound]).auto_submitted


def test_a15_a_report_over_a_bound_is_a_report() -> None:
    report = b'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
    assert parse(HEADER + report + b"--b\r\n\r\nx\r\n" * 5000).machine == Machine.BOUNCE


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
    assert (
        bounds.measure(HEADER + b"Content-Type: message/delivery-status\r\n" + b"\r\n" * 1500).exceeded
        == "too many parts"
    )


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


PART = b"--%s\r\n\r\nx\r\n"


@pytest.mark.parametrize(
    ("content_type", "delimiter"),
    [
        (b'multipart/mixed; boundary=""', b""),
        (b'multipart/mixed; boundary="b  "', b"b"),
        (b"\x1cmultipart/mixed; boundary=b", b"b"),
        (b"\r\n multipart/mixed;\r\n boundary=b", b"b  "),
        (b"MULTIPART/x; charset=a; Boundary=b", b"b"),
        (b"multipart/mixed (comment); boundary=b", b"b"),
        (b"multipart/mixed; boundary=--b", b"--b"),
    ],
)
def test_a15_what_the_parser_takes_for_a_boundary_counts(content_type: bytes, delimiter: bytes) -> None:
    raw = HEADER + b"Content-Type: " + content_type + b"\r\n\r\n"
    assert len(message_from_bytes(raw + (PART % delimiter) * 3).get_payload()) == 3
    assert bounds.measure(raw + (PART % delimiter) * 1500).exceeded == "too many parts"


def test_a15_a_header_that_the_parser_ends_early_hides_no_nesting() -> None:
    steps = (b"Content-Type: multipart/mixed; boundary=b%d\rX : y\r--b%d\r" % (n, n) for n in range(200))
    assert bounds.measure(HEADER + b"".join(steps) + b"\r\rtext").exceeded is not None


def test_a15_the_fields_of_all_parts_are_counted_together() -> None:
    raw = MULTIPART + (b"--b\r\n" + b"X: y\r\n" * 900 + b"\r\nx\r\n") * 50
    assert bounds.measure(raw).exceeded == "too many header fields"
    status = HEADER + b"Content-Type: message/delivery-status\r\n\r\n" + b"X: y\r\n" * 30_000
    assert bounds.measure(status).exceeded == "too many header fields"
