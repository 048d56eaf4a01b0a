"""Only CRLF.CRLF ends a mail (N01, A01): each form another server once took for the end is refused, in any chunking."""

import pytest
from structlog.testing import capture_logs

from gateway.store.database import Database
from tests.intake.conftest import MAIL, Gateway, StartGateway, add_store

FALSE_ENDS = {
    "LF . LF": b"\n.\n",
    "LF . CRLF": b"\n.\r\n",
    "LF . CR": b"\n.\r",
    "CR . CR": b"\r.\r",
    "CR . LF": b"\r.\n",
    "CR . CRLF": b"\r.\r\n",
    "CRLF . LF": b"\r\n.\n",
    "CRLF . CR": b"\r\n.\r",
    "CRLF NUL . CRLF": b"\r\n\0.\r\n",
    "CRLF . NUL CRLF": b"\r\n.\0\r\n",
    "CR CRLF . CRLF": b"\r\r\n.\r\n",
    "LF CRLF . CR CRLF": b"\n\r\n.\r\r\n",
}
CHUNKINGS = ("whole", "at the end", "octet by octet")
SMUGGLED = b"MAIL FROM:<admin@example.com>\r\nRCPT TO:<testshop@q.example.jp>\r\nDATA\r\nx\r\n.\r\n"


@pytest.mark.parametrize("chunking", CHUNKINGS)
@pytest.mark.parametrize("form", FALSE_ENDS)
async def test_n01_a01_a_false_end_of_data_is_refused(gateway: Gateway, form: str, chunking: str) -> None:
    client = await gateway.client()
    await client.begin()
    end = FALSE_ENDS[form]
    octets = b"Subject: x\r\n\r\nHello" + end + SMUGGLED
    if chunking == "whole":
        await client.send(octets)
    elif chunking == "at the end":
        cut = octets.index(end) + len(end) - 1
        await client.send(octets[:cut])
        await client.send(octets[cut:])
    else:
        for octet in octets:
            await client.send(bytes([octet]))
    assert (await client.reply()).startswith("550 5.6.0 ")
    assert await client.is_closed()
    assert await gateway.mails() == []


@pytest.mark.parametrize("command", [b"NOOP\n", b"NO\rOP\r\n", b"NOOP \0\r\n", b"NOOP\r\r\n", b"NOOP\nQUIT\r\n"])
async def test_n01_a_command_line_with_a_bare_cr_lf_or_nul_ends_the_session(gateway: Gateway, command: bytes) -> None:
    client = await gateway.client()
    await client.send(command)
    assert (await client.reply()).startswith("550 5.6.0 ")
    assert await client.is_closed()


async def test_a01_the_operator_sees_whose_session_was_refused_and_why(
    start: StartGateway, sqlite_database: Database
) -> None:
    await add_store(sqlite_database)
    gateway = await start(sqlite_database, max_errors=2)
    with capture_logs() as said:
        client = await gateway.client()
        await client.begin()
        await client.send(b"Subject: x\r\n\r\nHello\n.\r\n" + SMUGGLED)
        assert (await client.reply()).startswith("550 5.6.0 ")
        assert await client.is_closed()
        nuisance = await gateway.client("127.0.1.1")
        assert [await nuisance.code(b"JUNK") for _ in range(3)] == ["500 5.5.2", "500 5.5.2", "421 4.7.0"]
    refused = [(line["reply"][:9], line["client"]) for line in said if line["event"] == "session refused"]
    assert refused == [("550 5.6.0", "127.0.0.1"), ("421 4.7.0", "127.0.1.1")]


async def test_a_refused_sender_reads_why_though_it_still_sends(gateway: Gateway) -> None:
    client = await gateway.client()
    await client.begin()
    for _ in range(20):
        await client.send(b"bare\n" * 2000)
    assert (await client.reply()).startswith("550 5.6.0 ")


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7])
async def test_n02_dots_and_eight_bit_octets_come_through_in_any_chunking(gateway: Gateway, size: int) -> None:
    mail = b"Subject: x\r\n\r\n.\r\n..\r\n...a\r\n. \r\n\r\n.\xe9\xff\r\n" + "送料は？\r\n".encode()
    client = await gateway.client()
    await client.begin()
    stuffed = mail.replace(b"\r\n.", b"\r\n..") + b".\r\n"
    for start in range(0, len(stuffed), size):
        await client.send(stuffed[start : start + size])
    assert (await client.reply()).startswith("250 2.0.0 ")
    (row,) = await gateway.mails()
    assert (await gateway.raw(row.queue_id)).endswith(mail)


async def test_a_line_of_64_kilobytes_is_accepted_as_it_is(gateway: Gateway) -> None:
    mail = MAIL + b"<p>" + b"x" * 65_536 + b"</p>\r\n" + b"y" * 1001 + b"\r\n"
    client = await gateway.client()
    assert (await client.deliver(mail)).startswith("250 2.0.0 ")
    (row,) = await gateway.mails()
    assert (await gateway.raw(row.queue_id)).endswith(mail)
