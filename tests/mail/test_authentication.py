"""N39, N40, A10: who a trusted relay vouched for, and the forgeries that must not pass."""

import pytest

from gateway.mail.authentication import Knowledge
from gateway.mail.parse import parse

SERVER = "mx.example.jp"
AUTHOR = b"From: Suzuki <suzuki@shop.example>\r\n"
DMARC_PASS = b"Authentication-Results: mx.example.jp; dmarc=pass header.from=shop.example\r\n"


def is_authenticated(header: bytes, *, server: str | None = SERVER, trusted: bool = True) -> bool:
    return parse(header + b"Subject: a\r\n\r\ntext", Knowledge(server, trusted)).authenticated


@pytest.mark.parametrize(
    "field",
    [
        b"mx.example.jp; dmarc=pass (p=none) header.from=shop.example",
        b"MX.EXAMPLE.JP 1; dmarc=pass header.from=SHOP.example",
        b"mx.example.jp; dkim=pass header.d=shop.example header.s=k1; spf=none",
        b"mx.example.jp; dkim=pass (2048-bit key) header.i=@mail.shop.example",
        b"mx.example.jp;\r\n\tdkim=fail header.d=list.example;\r\n\tspf=pass smtp.mailfrom=bounce@mail.shop.example",
        b"mx.example.jp; dmarc=none header.from=shop.example; spf=pass smtp.mailfrom=shop.example",
    ],
)
def test_n40_an_aligned_pass_of_the_pinned_server_vouches_for_the_author(field: bytes) -> None:
    assert is_authenticated(b"Authentication-Results: " + field + b"\r\n" + AUTHOR)


def results(text: bytes, server: bytes = b"mx.example.jp") -> bytes:
    return b"Authentication-Results: " + server + b"; " + text + b"\r\n"


PASS = b"dmarc=pass header.from=shop.example"
FORGERIES = {
    "another server's id": results(PASS, b"mx.evil.example") + AUTHOR,
    "ours below another's": results(b"none", b"other.example") + DMARC_PASS + AUTHOR,
    "an id that only begins like ours": results(PASS, b"mx.example.jp.evil.example") + AUTHOR,
    "our id in a comment": results(PASS, b"(mx.example.jp) evil.example") + AUTHOR,
    "a pass in a comment": results(b"spf=fail (" + PASS + b") smtp.mailfrom=evil.example") + AUTHOR,
    "a pass in a reason": results(b'dkim=fail reason="; ' + PASS + b'"') + AUTHOR,
    "a DKIM pass for someone else": results(b"dkim=pass header.d=evil.example") + AUTHOR,
    "an SPF pass for someone else": results(b"spf=pass smtp.mailfrom=evil.example") + AUTHOR,
    "a DMARC pass for someone else": results(b"dmarc=pass header.from=evil.example") + AUTHOR,
    "a domain that only ends like it": results(b"dkim=pass header.d=evilshop.example") + AUTHOR,
    "the top-level domain": results(b"dkim=pass header.d=example") + AUTHOR,
    "a failed DMARC": results(b"dmarc=fail header.from=shop.example; spf=pass smtp.mailfrom=shop.example") + AUTHOR,
    "two From fields": DMARC_PASS + b"From: mallory@evil.example\r\n" + AUTHOR,
    "two From fields, one below a stray line": DMARC_PASS + AUTHOR + b"stray\r\nFrom: mallory@evil.example\r\n",
    "several authors": DMARC_PASS + b"From: suzuki@shop.example, mallory@evil.example\r\n",
    "an address as a name": DMARC_PASS + b'From: "suzuki@shop.example" <mallory@evil.example>\r\n',
    "an address after the address": DMARC_PASS + b"From: <mallory@evil.example> <suzuki@shop.example>\r\n",
    "no author": DMARC_PASS + b"Sender: suzuki@shop.example\r\n",
    "a HELO name": results(b"spf=pass smtp.helo=shop.example") + AUTHOR,
    "a field of another name": b"X-" + DMARC_PASS + AUTHOR,
    "a field that is no syntax": results(PASS + b"; \xff(((") + AUTHOR,
    "an endless field": results(PASS + b"; x-a=pass" * 2000) + AUTHOR,
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_n39_n40_a10_a_forgery_is_not_authenticated(forgery: str) -> None:
    assert not is_authenticated(FORGERIES[forgery])


def test_n39_nothing_pinned_or_an_untrusted_peer_is_never_authenticated() -> None:
    assert is_authenticated(DMARC_PASS + AUTHOR)
    assert not is_authenticated(DMARC_PASS + AUTHOR, server=None)
    assert not is_authenticated(DMARC_PASS + AUTHOR, server="")
    assert not is_authenticated(DMARC_PASS + AUTHOR, trusted=False)
