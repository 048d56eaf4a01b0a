"""The tree of a mail whose long bodies the standard parser does not see: the same as if it had seen them."""

from email.feedparser import BytesFeedParser
from email.message import Message
from email.policy import compat32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.mail import bounds, tree
from gateway.mail.fields import repair
from gateway.mail.parse import parse

LINES = b"0123456789abcdef" * 4 + b"\r\n"
BIG = LINES * 200
MULTIPART = b"From: a@example.net\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"


def shape(message: Message) -> object:
    """All that the parser made of a message, its bodies undecoded."""
    body: object = message._payload  # type: ignore[attr-defined]
    parts = [shape(part) for part in body] if isinstance(body, list) else body
    defects = [type(defect) for defect in message.defects]
    return list(message.raw_items()), parts, message.preamble, message.epilogue, defects, message.get_content_type()


def as_the_standard_parser_reads(raw: bytes, header_end: int) -> Message:
    parser = BytesFeedParser(policy=compat32)
    parser.feed(repair(raw[:header_end]) + raw[header_end:])
    return parser.close()


def assert_same(raw: bytes) -> None:
    header_end = bounds.measure(raw).header_end
    assert shape(tree.read(raw, header_end)) == shape(as_the_standard_parser_reads(raw, header_end))


def test_a_big_file_stands_in_its_part_and_never_passed_the_parser() -> None:
    raw = MULTIPART + b"--b\r\n\r\n\xe3\x81\x82\r\n--b\r\nContent-Type: image/png\r\n\r\n" + BIG + b"--b--\r\n"
    short, runs = tree._without_long_runs(raw, bounds.measure(raw).header_end)
    assert len(short) < 300
    assert list(runs.values()) == [BIG.removesuffix(b"\r\n")]
    assert_same(raw)
    assert parse(raw).text == "あ"


@pytest.mark.parametrize(
    "raw",
    [
        MULTIPART + BIG + b"--b\r\n\r\ntext\r\n--b--\r\n",
        MULTIPART + b"--b\r\n\r\ntext\r\n--b--\r\n\r\n" + BIG,
        MULTIPART + b"--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: enclosed\r\n\r\n" + BIG + b"--b--\r\n",
        MULTIPART + b"--b\r\nContent-Type: message/rfc822\r\n\r\n" + BIG + b"--b--\r\n",
        MULTIPART + b"--b\r\nContent-Type: message/delivery-status\r\n\r\nAction: failed\r\n" + BIG + b"--b--\r\n",
        MULTIPART + b"--b\r\n\r\n" + BIG,
        MULTIPART + BIG,
        b"Subject: \xe3\x81\x82\r\n\r\n" + "本文\r\n".encode() * 900 + b"-- \r\n" + "署名\r\n".encode() + b"\r\n" + BIG,
        b"Subject: one\r\n\r\n" + BIG.replace(b"\r\n", b"\r"),
        b"Subject: one\r\n\r\n" + tree._PLACEHOLDER + b"0\r\n" + BIG,
        b"\r\n" + BIG,
        BIG,
    ],
    ids=[
        "preamble", "epilogue", "enclosed", "enclosed without a header", "status", "unclosed", "no part", "8-bit",
        "bare CR", "the placeholder itself", "no header", "nothing but lines",
    ],
)  # fmt: skip
def test_a_long_run_of_lines_is_read_where_it_stands(raw: bytes) -> None:
    assert_same(raw)


PIECES = [
    b"--b", b"--b--", b"--c", b"--", b"-- ", b"--b ", b"x--b", b"text", b"\xff\xfe", b"=3D", b"A: b", b" folded", b":",
    b"Content-Type: text/plain", b"Content-Type: multipart/mixed; boundary=b", b"Content-Type: message/rfc822",
    b"Content-Type: multipart/digest; boundary=c", b"Content-Type: message/delivery-status", b"From me", b"", b"", b"",
]  # fmt: skip
LINE_ENDS = [b"\r\n", b"\n", b"\r"]


@given(
    st.lists(st.tuples(st.sampled_from(PIECES), st.sampled_from(LINE_ENDS)).map(b"".join)).map(b"".join),
    st.sampled_from([MULTIPART, b"From: a@example.net\r\n\r\n", b""]),
    st.sampled_from([1, 4, 20]),
)
def test_any_lines_are_read_as_the_standard_parser_reads_them(lines: bytes, header: bytes, long: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tree, "_LONG", long)
        assert_same(header + lines)
