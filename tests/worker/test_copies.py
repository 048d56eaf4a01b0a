"""N30: what is the same mail again, and what is another."""

import pytest

from gateway.mail.parse import parse
from gateway.worker.copies import body_digest, digest_of

OURS = b"Received: from a.example by q.example.jp; Fri, 27 Nov 2026 02:00:00 +0000\r\n"
AGAIN = b"Received: from b.example by q.example.jp; Fri, 27 Nov 2026 02:05:00 +0000\r\n"
DATE = b"Date: Fri, 27 Nov 2026 02:00:00 +0000\r\n"
NAMED = b"From: a@form.example\r\nMessage-ID: <1@form.example>\r\nSubject: s\r\n" + DATE


def digest(raw: bytes) -> str:
    return digest_of("a@form.example", "testshop@q.example.jp", parse(raw), body_digest(raw))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (b"Please cancel order 111\r\n", b"My parcel 222 is broken\r\n"),
        (b"Hello shop,\r\nplease cancel order 333\r\n", b"Hello shop,\r\nwhere is 444\r\n"),
        (b"Order: 111\r\n", b"Order: 222\r\n"),
        (b"From: a@form.example\r\nBackup ok\r\n", "From: a@form.example\r\n在庫 5 個\r\n".encode()),
        (b"first paragraph ONE\r\n\r\nBest regards\r\n", b"first paragraph TWO\r\n\r\nBest regards\r\n"),
        (b"please note: ONE\r\n\r\nBest regards\r\n", b"please note: TWO\r\n\r\nBest regards\r\n"),
        (b"\r\nONE\r\n", b"\r\nTWO\r\n"),
        (
            b"From: a@f.example\r\nOrder: 1\r\nplease\r\n\r\nBest\r\n",
            b"From: a@f.example\r\nOrder: 2\r\nplease\r\n\r\nBest\r\n",
        ),
    ],
)
def test_a_mail_whose_header_has_no_end_is_no_copy_of_another(one: bytes, other: bytes) -> None:
    assert digest(OURS + one) != digest(OURS + other)
    assert digest(OURS + one) == digest(AGAIN + b"X-Spam-Status: No\r\nDKIM-Signature: v=1\r\n" + one)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"Subject: s", b"Subject: t"),
        (b"From: a@", b"From: b@"),
        (b"<1@", b"<2@"),
        (b"text", b"test"),
        (b"Date: Fri, 27", b"Date: Sat, 28"),
    ],
)
def test_one_message_id_in_two_mails_makes_no_copy_of_one(old: bytes, new: bytes) -> None:
    raw = NAMED + b"\r\ntext\r\n"
    assert digest(OURS + raw) != digest(OURS + raw.replace(old, new))
    assert digest(OURS + raw) == digest(AGAIN + b"X-Relay: 2\r\n" + raw)
