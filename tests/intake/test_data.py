"""The end of DATA and nothing else ends a mail, however the network cut it (N01, N02, A01)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.intake.data import BadOctetError, DataDecoder, has_bad_octet

TEXT = st.lists(st.sampled_from([b"\r\n", b".", b"..", b"a", b"\r\n.", "送料".encode()]), max_size=30).map(b"".join)
CUTS = st.lists(st.integers(1, 7), max_size=60)


def blocks(octets: bytes, cuts: list[int]) -> list[bytes]:
    pieces = []
    for cut in cuts:
        pieces.append(octets[:cut])
        octets = octets[cut:]
    return [piece for piece in [*pieces, octets] if piece]


def decoded(pieces: list[bytes]) -> tuple[bytes, bytes]:
    """(the mail, what follows it)"""
    decoder = DataDecoder()
    mail = b""
    while not decoder.ended:
        mail += decoder.feed(pieces.pop(0))
    return mail, decoder.rest + b"".join(pieces)


@given(TEXT, CUTS)
def test_n02_dots_come_through_whatever_the_cuts(text: bytes, cuts: list[int]) -> None:
    mail = b"".join(line + b"\r\n" for line in text.split(b"\r\n"))
    sent = (b"\r\n" + mail).replace(b"\r\n.", b"\r\n..")[2:] + b".\r\nQUIT\r\n"
    assert decoded(blocks(sent, cuts)) == (mail, b"QUIT\r\n")


def test_an_empty_mail_is_a_mail() -> None:
    assert decoded([b".\r\nQUIT\r\n"]) == (b"", b"QUIT\r\n")
    assert decoded([b".", b"\r", b"\n"]) == (b"", b"")


OCTETS = st.lists(st.sampled_from([b"\r", b"\n", b"\r\n", b".", b"a", b"\0"]), max_size=12).map(b"".join)


@given(OCTETS, CUTS)
def test_n01_a_bare_cr_lf_or_nul_is_found_in_any_cut(octets: bytes, cuts: list[int]) -> None:
    before_end = octets.partition(b"\r\n.\r\n")[0] if not octets.startswith(b".\r\n") else b""
    good = before_end.replace(b"\r\n", b"")
    bad = any(octet in good for octet in b"\r\n\0")
    decoder = DataDecoder()
    try:
        for piece in blocks(octets + b"\r\n.\r\n", cuts):
            decoder.feed(piece)
            if decoder.ended:
                break
    except BadOctetError:
        assert bad
    else:
        assert not bad
        assert decoder.ended


def test_what_waits_is_never_more_than_the_end_could_be() -> None:
    decoder = DataDecoder()
    total = 0
    for _ in range(1000):
        total += len(decoder.feed(b"x" * 1000 + b"\r\n.x"))
    assert total >= 1000 * 1003 - 4


@pytest.mark.parametrize("line", [b"NOOP\r\n", b"\r\n", "NOOP 送料\r\n".encode()])
def test_a_command_line_ends_with_crlf(line: bytes) -> None:
    assert not has_bad_octet(line)


@pytest.mark.parametrize("line", [b"NOOP\n", b"NO\rOP\r\n", b"NOOP\r\r\n", b"NO\0OP\r\n", b"\n", b"NOOP"])
def test_n01_a_command_line_with_another_end_is_bad(line: bytes) -> None:
    assert has_bad_octet(line)
