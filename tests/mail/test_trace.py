"""What the intake writes above a mail and what it takes out of its header block."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.mail.trace import (
    HEADER_LIMIT,
    Hop,
    count_hops,
    header_length,
    trace_fields,
    without_forged_results,
)

HOP = Hop(
    helo="mx.example.com",
    remote_address="192.0.2.7",
    by="q.example.jp",
    esmtp=True,
    tls=True,
    smtputf8=False,
    queue_id="0123456789abcdefgh",
    mail_from="yamada@example.com",
    rcpt_to=("testshop@q.example.jp",),
    at=datetime(2026, 11, 20, 5, 3, tzinfo=UTC),
)


def test_n09_the_trace_tells_the_hop() -> None:
    assert trace_fields(HOP) == (
        b"Return-Path: <yamada@example.com>\r\n"
        b"Received: from mx.example.com ([192.0.2.7])\r\n"
        b"\tby q.example.jp with ESMTPS id 0123456789abcdefgh\r\n"
        b"\tfor <testshop@q.example.jp>;\r\n"
        b"\tFri, 20 Nov 2026 05:03:00 +0000\r\n"
    )


def test_n09_several_recipients_never_learn_of_each_other() -> None:
    fields = trace_fields(replace(HOP, rcpt_to=("a@q.example.jp", "b@q.example.jp"), mail_from=""))
    assert b"for <" not in fields
    assert fields.startswith(b"Return-Path: <>\r\n")


@pytest.mark.parametrize(
    ("hop", "words"),
    [
        (replace(HOP, esmtp=False, tls=False), b"with SMTP id"),
        (replace(HOP, tls=False), b"with ESMTP id"),
        (replace(HOP, smtputf8=True), b"with UTF8SMTPS id"),
        (replace(HOP, remote_address="2001:db8::1"), b"([IPv6:2001:db8::1])"),
        (replace(HOP, helo="evil (x)\tfoo"), b"from evil??x??foo ("),
        (replace(HOP, helo=""), b"from unknown ("),
        (replace(HOP, mail_from="用戸@例え.jp"), "<用戸@例え.jp>".encode()),
    ],
)
def test_n09_the_protocol_and_odd_names_in_the_trace(hop: Hop, words: bytes) -> None:
    assert words in trace_fields(hop)


@pytest.mark.parametrize(
    ("raw", "header"),
    [
        (b"A: b\r\n\r\nbody\r\n", b"A: b\r\n"),
        (b"\r\nbody\r\n", b""),
        (b"A: b\r\nC: d\r\n", b"A: b\r\nC: d\r\n"),
        (b"", b""),
        (b"A: " + b"b" * HEADER_LIMIT + b"\r\n\r\n", b""),
        (b"A: b\r\n" + b"b" * HEADER_LIMIT + b"\r\n\r\n", b"A: b\r\n"),
    ],
)
def test_the_header_block_ends_at_the_empty_line(raw: bytes, header: bytes) -> None:
    assert raw[: header_length(raw)] == header


FORGED = b"Authentication-Results: mx.example.jp; dkim=pass header.d=shop.example\r\n"


@pytest.mark.parametrize(
    "field",
    [
        FORGED,
        FORGED.upper(),
        b"Authentication-Results:mx.example.jp;spf=pass\r\n",
        b"Authentication-Results :  mx.example.jp; spf=pass\r\n",
        b"authentication-results:\r\n\tmx.example.jp;\r\n\tspf=pass\r\n",
        b"Authentication-Results: (a (nested) comment) mx.example.jp; spf=pass\r\n",
        b"Authentication-Results: (a \\) quoted one) mx.example.jp; spf=pass\r\n",
        b'Authentication-Results: "mx.example.jp"; spf=pass\r\n',
        b'Authentication-Results: "mx.\\example.jp" 1; spf=pass\r\n',
        b"Authentication-Results: mx.example.jp 1; spf=pass\r\n",
        b"Authentication-Results: mx.example.jp(c); spf=pass\r\n",
    ],
)
def test_n39_a_stranger_cannot_speak_for_us(field: bytes) -> None:
    header = b"From: a@example.com\r\n" + field + b"Subject: x\r\n"
    expected = b"From: a@example.com\r\nSubject: x\r\n"
    assert without_forged_results(header, "mx.example.jp", trusted=False) == expected


def test_n39_of_a_trusted_relay_only_the_topmost_stays() -> None:
    true = b"Authentication-Results: MX.example.jp; dkim=fail\r\n"
    header = b"Received: x\r\n" + true + b"Subject: x\r\n" + FORGED + FORGED
    assert (
        without_forged_results(header, "mx.example.jp", trusted=True) == b"Received: x\r\n" + true + b"Subject: x\r\n"
    )


@pytest.mark.parametrize(
    "field",
    [
        b"Authentication-Results: other.example; spf=pass\r\n",
        b"Authentication-Results: mx.example.jp.example.com; spf=pass\r\n",
        b"Authentication-Results: (unfinished mx.example.jp; spf=pass\r\n",
        b"Authentication-Results:\r\n",
        b"X-Authentication-Results: mx.example.jp; spf=pass\r\n",
        b"Subject: Authentication-Results: mx.example.jp\r\n",
    ],
)
def test_n39_what_others_say_of_themselves_stays(field: bytes) -> None:
    assert without_forged_results(field, "mx.example.jp", trusted=False) == field


def test_n15_hops_are_counted_folded_or_not() -> None:
    header = b"Received: a\r\n\tReceived: b\r\nreceived : c\r\nX-Received: d\r\nRECEIVED:e\r\n"
    assert count_hops(header) == 3


@given(st.lists(st.sampled_from([b"\r\n", b"Received:", b"authentication-results: x", b" ", b"\t", b"a", b":", b"("])))
def test_any_octets_will_do(pieces: list[bytes]) -> None:
    header = b"".join(pieces)
    assert 0 <= header_length(header) <= len(header)
    count_hops(header)
    assert without_forged_results(header, "q.example.jp", trusted=False) == header


def test_a_hostile_header_block_takes_linear_time() -> None:
    # Quadratic work would run into the test's timeout.
    for piece in (b"Authentication-Results: ((((((((((", b"a:\r\n", b"\r\n ", b"x", b'Authentication-Results: "\\'):
        header = piece * (HEADER_LIMIT // len(piece))
        count_hops(header)
        without_forged_results(header, "mx.example.jp", trusted=False)
