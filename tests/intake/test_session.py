"""The dialogue: order, limits, codes (RFC 5321, 1870, 2034, 2920)."""

import asyncio
import re
import socket

import pytest

from gateway.mail.addresses import normalise_address
from gateway.mail.parse import parse
from gateway.store.database import Database
from tests.intake.conftest import DOMAIN, MAIL, SHOP, Client, Gateway, StartGateway, add_store

ENHANCED = re.compile(r"[245]\d\d ([245])\.\d{1,3}\.\d{1,3} ")

EVERY_KIND_OF_COMMAND = """\
NOOP
NOOP x
HELP
HELP MAIL
HELO
EHLO
VRFY
VRFY <a b>
EXPN x
AUTH
AUTH LOGIN
BDAT 1
ETRN x
STARTTLS
STARTTLS x
XYZZY
送料
MAIL
MAIL FROM
MAIL FROM:
MAIL FROM:a@example.com
MAIL FROM:<a b@example.com>
MAIL TO:<a@b>
MAIL FROM:<a@example.com> SIZE=x
MAIL FROM:<a@example.com> SIZE=²
MAIL FROM:<a@example.com> SIZE=99999999999
MAIL FROM:<a@example.com> X=Y
MAIL FROM:<a@example.com> BODY=BINARYMIME
MAIL FROM:<a@example.com> SMTPUTF8=1
MAIL FROM:<a@example.com> =
RCPT TO:<testshop@q.example.jp>
DATA
MAIL FROM:<a@example.com>
MAIL FROM:<a@example.com>
RCPT
RCPT TO:
RCPT TO:<>
RCPT TO:<x y@z>
RCPT TO:<nobody@q.example.jp>
RCPT TO:<a@example.com>
RCPT TO:<testshop@q.example.jp> NOTIFY=NEVER
DATA x
DATA
RCPT TO:<testshop@q.example.jp>
DATA x
RSET x
RSET
QUIT"""


async def test_n03_n04_a_mail_goes_through_every_command_of_the_minimum(gateway: Gateway) -> None:
    client = await gateway.connect()
    assert await client.reply() == f"220 {DOMAIN} ESMTP"
    assert await client.ask(b"HELO whatever") == f"250 {DOMAIN}"
    assert await client.code(b"NOOP") == "250 2.0.0"
    assert await client.code(b"VRFY testshop") == "252 2.0.0"
    assert await client.code(b"mail from:<a@example.com>") == "250 2.1.0"
    assert await client.code(b"RSET") == "250 2.0.0"
    assert (await client.deliver()).startswith("250 2.0.0 Ok: queued as ")
    assert await client.code(b"QUIT") == "221 2.0.0"
    assert await client.is_closed()


async def test_n03_commands_out_of_order_are_503(gateway: Gateway) -> None:
    client = await gateway.connect()
    await client.reply()
    assert await client.code(b"MAIL FROM:<a@example.com>") == "503 5.5.1"
    assert await client.code(b"RCPT TO:<testshop@q.example.jp>") == "503 5.5.1"
    assert await client.code(b"DATA") == "503 5.5.1"
    await client.ask(b"EHLO x")
    assert await client.code(b"RCPT TO:<testshop@q.example.jp>") == "503 5.5.1"
    assert await client.code(b"DATA") == "503 5.5.1"
    assert await client.code(b"MAIL FROM:<a@example.com>") == "250 2.1.0"
    assert await client.code(b"DATA") == "503 5.5.1"
    assert await client.code(b"MAIL FROM:<b@example.com>") == "503 5.5.1"


@pytest.mark.parametrize("reset", [b"EHLO again", b"HELO again", b"RSET"])
async def test_n03_ehlo_and_rset_begin_anew(gateway: Gateway, reset: bytes) -> None:
    client = await gateway.client()
    assert await client.code(b"MAIL FROM:<a@example.com>") == "250 2.1.0"
    assert await client.code(b"RCPT TO:<testshop@q.example.jp>") == "250 2.1.5"
    assert (await client.ask(reset)).startswith("250")
    assert await client.code(b"DATA") == "503 5.5.1"


@pytest.mark.parametrize("name", [b"localhost", b"[192.0.2.9]", b"liar.example.net", "ホスト".encode(), b"a b", b"_"])
async def test_n03_no_name_in_ehlo_is_refused(gateway: Gateway, name: bytes) -> None:
    client = await gateway.connect()
    await client.reply()
    assert (await client.ask(b"EHLO " + name)).startswith("250-")
    assert (await client.deliver()).startswith("250 ")


async def test_n20_n21_n18_n17_n19_n24_what_ehlo_offers_and_what_not(gateway: Gateway) -> None:
    client = await gateway.connect()
    await client.reply()
    lines = (await client.ask(b"EHLO x")).split("\n")
    assert lines[0] == f"250-{DOMAIN}"
    offered = {line[4:] for line in lines[1:]}
    assert offered == {"PIPELINING", f"SIZE {1 << 20}", "ENHANCEDSTATUSCODES", "8BITMIME", "SMTPUTF8"}
    assert await client.code(b"AUTH PLAIN AHgAeA==") == "502 5.5.1"
    assert await client.code(b"STARTTLS") == "454 4.7.0"


async def test_n17_every_reply_has_an_enhanced_code_of_its_class(gateway: Gateway) -> None:
    client = await gateway.client()
    for command in [b"", b" ", b"\xff\xfe", b"x" * 3000, *EVERY_KIND_OF_COMMAND.encode().splitlines()]:
        reply = await client.ask(command)
        match = ENHANCED.match(reply)
        assert match, (command, reply)
        assert match[1] == reply[0], (command, reply)


async def test_n13_vrfy_and_expn_tell_nothing(gateway: Gateway) -> None:
    client = await gateway.client()
    assert await client.ask(b"VRFY testshop") == await client.ask(b"VRFY nobody")
    assert await client.code(b"EXPN testshop") == "502 5.5.1"


async def test_the_null_sender_is_stored_as_nothing(gateway: Gateway) -> None:
    client = await gateway.client()
    assert (await client.deliver(sender="")).startswith("250 ")
    (row,) = await gateway.mails()
    assert row.mail_from == ""
    assert (await gateway.raw(row.queue_id)).startswith(b"Return-Path: <>\r\n")


async def test_n05_the_longest_addresses_and_commands_of_the_standard_are_taken(gateway: Gateway) -> None:
    client = await gateway.client()
    domain = ".".join(["d" * 63] * 4)[:255]
    command = f"MAIL FROM:<{'l' * 64}@{domain}> SIZE=100 BODY=8BITMIME SMTPUTF8".encode()
    assert await client.code(command) == "250 2.1.0"
    assert await client.code(b"RCPT TO:<" + b"x" * 64 + b"@q.example.jp>") == "550 5.1.1"


async def test_n05_a_hundred_recipients_and_then_come_again(gateway: Gateway) -> None:
    client = await gateway.client()
    assert await client.code(b"MAIL FROM:<a@example.com>") == "250 2.1.0"
    for number in range(100):
        assert await client.code(b"RCPT TO:<testshop+o%d@q.example.jp>" % number) == "250 2.1.5"
    assert await client.code(b"RCPT TO:<testshop+o100@q.example.jp>") == "452 4.5.3"
    assert (await client.ask(b"DATA")).startswith("354 ")
    await client.send(MAIL + b".\r\n")
    assert (await client.reply()).startswith("250 ")
    (row,) = await gateway.mails()
    assert len(row.rcpt_to) == 100
    assert b"for <" not in (await gateway.raw(row.queue_id))[:300]


async def test_a_recipient_named_twice_gets_one_copy(gateway: Gateway) -> None:
    client = await gateway.client()
    assert (await client.deliver(MAIL, SHOP, SHOP)).startswith("250 ")
    (row,) = await gateway.mails()
    assert row.rcpt_to == [SHOP]


async def test_a_recipient_named_in_several_spellings_gets_one_copy(gateway: Gateway) -> None:
    client = await gateway.client()
    spellings = (SHOP, "TestShop@q.example.jp", '"testshop"@Q.EXAMPLE.JP')
    assert (await client.deliver(MAIL, *spellings)).startswith("250 ")
    (row,) = await gateway.mails()
    assert row.rcpt_to == [SHOP]


async def test_n05_a_command_line_without_end_closes_the_session(gateway: Gateway) -> None:
    client = await gateway.client()
    await client.send(b"x" * 200_000)
    assert (await client.reply()).startswith("500 5.5.2 ")
    assert await client.is_closed()


async def test_n18_a_declared_size_over_the_limit_is_refused_at_mail(gateway: Gateway) -> None:
    client = await gateway.client()
    assert await client.code(b"MAIL FROM:<a@example.com> SIZE=%d" % ((1 << 20) + 1)) == "552 5.3.4"
    assert await client.code(b"MAIL FROM:<a@example.com> SIZE=%d" % (1 << 20)) == "250 2.1.0"


async def test_n18_t13_one_octet_over_the_limit_is_refused_after_the_end_and_the_session_goes_on(
    gateway: Gateway,
) -> None:
    client = await gateway.client()
    line = b"x" * 1022 + b"\r\n"
    assert (await client.deliver(line * 1024)).startswith("250 ")
    assert (await client.deliver(line * 1024 + b"x\r\n")).startswith("552 5.3.4 ")
    assert (await client.deliver()).startswith("250 ")
    assert len(await gateway.mails()) == 2


async def test_a_mail_without_end_is_cut_off(sqlite_database: Database, start: StartGateway) -> None:
    await add_store(sqlite_database)
    gateway = await start(sqlite_database, message_size=10_000)
    client = await gateway.client()
    await client.begin()
    for _ in range(60):
        await client.send(b"x" * 998 + b"\r\n")
    assert (await client.reply()).startswith("552 5.3.4 ")
    assert await client.is_closed()


async def test_n19_pipelined_commands_are_answered_in_order(gateway: Gateway) -> None:
    client = await gateway.client()
    commands = (
        b"MAIL FROM:<a@example.com>\r\nRCPT TO:<testshop@q.example.jp>\r\nRCPT TO:<nobody@q.example.jp>\r\nDATA\r\n"
    )
    await client.send(commands)
    assert [(await client.reply())[:3] for _ in range(4)] == ["250", "250", "550", "354"]
    await client.send(MAIL + b".\r\n" + b"MAIL FROM:<b@example.com>\r\nRCPT TO:<testshop@q.example.jp>\r\nDATA\r\n")
    assert [(await client.reply())[:3] for _ in range(4)] == ["250", "250", "250", "354"]
    await client.send(MAIL + b".\r\nQUIT\r\n")
    assert [(await client.reply())[:3] for _ in range(2)] == ["250", "221"]
    assert [row.mail_from for row in await gateway.mails()] == ["a@example.com", "b@example.com"]


async def test_n19_a_text_sent_before_the_354_is_refused(gateway: Gateway) -> None:
    client = await gateway.client()
    await client.send(b"MAIL FROM:<a@example.com>\r\nRCPT TO:<testshop@q.example.jp>\r\nDATA\r\n" + MAIL + b".\r\n")
    assert [(await client.reply())[:3] for _ in range(2)] == ["250", "250"]
    assert (await client.reply()).startswith("554 5.5.1 ")
    assert await client.is_closed()
    assert await gateway.mails() == []


async def test_n19_a_client_that_speaks_before_the_greeting_is_refused(gateway: Gateway) -> None:
    # A blocking connect and send while the server's loop waits: the octets are there before the connection is taken.
    early = socket.create_connection(("127.0.0.1", gateway.port))
    early.sendall(b"EHLO x\r\n")
    early.setblocking(False)
    client = Client(*await asyncio.open_connection(sock=early))
    assert (await client.reply()).startswith("554 5.5.1 ")
    assert await client.is_closed()
    await client.close()


async def test_a27_after_five_unknown_recipients_the_client_is_sent_away(
    sqlite_database: Database, start: StartGateway
) -> None:
    gateway = await start(sqlite_database, max_errors=5)
    client = await gateway.client()
    assert await client.code(b"MAIL FROM:<a@example.com>") == "250 2.1.0"
    for _ in range(5):
        assert await client.code(b"RCPT TO:<nobody@q.example.jp>") == "550 5.1.1"
    assert await client.code(b"RCPT TO:<nobody@q.example.jp>") == "421 4.7.0"
    assert await client.is_closed()


async def test_an_accepted_mail_forgives_earlier_mistakes(sqlite_database: Database, start: StartGateway) -> None:
    await add_store(sqlite_database)
    gateway = await start(sqlite_database, max_errors=2)
    client = await gateway.client()
    for _ in range(3):
        assert await client.code(b"XYZZY") == "500 5.5.2"
        assert (await client.deliver()).startswith("250 ")


async def test_commands_that_lead_to_no_mail_have_an_end(sqlite_database: Database, start: StartGateway) -> None:
    gateway = await start(sqlite_database, max_junk=10)
    client = await gateway.client()
    codes = [await client.code(b"NOOP") for _ in range(10)]
    assert codes == ["250 2.0.0"] * 9 + ["421 4.7.0"]
    assert await client.is_closed()


async def test_n06_a_silent_client_is_told_421(sqlite_database: Database, start: StartGateway) -> None:
    gateway = await start(sqlite_database, command_timeout=0.2)
    client = await gateway.client()
    assert (await client.reply()).startswith("421 4.4.2 ")
    assert await client.is_closed()


async def test_a26_a_mail_that_trickles_is_told_421(sqlite_database: Database, start: StartGateway) -> None:
    await add_store(sqlite_database)
    gateway = await start(sqlite_database, command_timeout=0.3, min_data_rate=10_000_000)
    client = await gateway.client()
    await client.begin()

    async def trickle() -> None:
        while True:
            await client.send(b"x\r\n")
            await asyncio.sleep(0.01)

    trickling = asyncio.create_task(trickle())
    assert (await client.reply()).startswith("421 4.4.2 ")
    trickling.cancel()
    await asyncio.gather(trickling, return_exceptions=True)
    assert await gateway.mails() == []


async def test_a26_over_the_cap_a_connection_is_told_421(sqlite_database: Database, start: StartGateway) -> None:
    await add_store(sqlite_database)
    gateway = await start(sqlite_database, max_connections=2)
    first, second = await gateway.client(), await gateway.client()
    assert (await (await gateway.connect()).reply()).startswith("421 4.3.2 ")
    await first.ask(b"QUIT")
    assert await first.is_closed()
    assert (await (await gateway.client()).deliver()).startswith("250 ")
    assert (await second.deliver()).startswith("250 ")


async def test_a_client_that_closes_its_half_still_gets_its_replies(gateway: Gateway) -> None:
    client = await gateway.client()
    await client.begin()
    await client.send(MAIL + b".\r\nQUIT\r\n")
    client.writer.write_eof()
    assert [(await client.reply())[:3] for _ in range(2)] == ["250", "221"]
    assert len(await gateway.mails()) == 1


async def test_n14_a_mail_without_its_last_dot_is_still_the_senders(gateway: Gateway) -> None:
    for ending in (b"", b".", b".\r"):
        client = await gateway.client()
        await client.begin()
        await client.send(MAIL + ending)
        client.writer.write_eof()
        assert await client.is_closed()
    assert await gateway.mails() == []


async def test_n21_an_internationalised_sender_is_kept(gateway: Gateway) -> None:
    client = await gateway.client()
    assert await client.code("MAIL FROM:<用戸@例え.jp> SMTPUTF8".encode()) == "250 2.1.0"
    assert await client.code(b"RCPT TO:<testshop@q.example.jp>") == "250 2.1.5"
    await client.ask(b"DATA")
    await client.send("Subject: 送料\r\n\r\n".encode() + b".\r\n")
    assert (await client.reply()).startswith("250 ")
    (row,) = await gateway.mails()
    assert (row.mail_from, row.smtputf8) == ("用戸@xn--r8jz45g.jp", True)
    assert b"with UTF8SMTP id" in await gateway.raw(row.queue_id)


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("a..b@docomo.ne.jp", "a..b@docomo.ne.jp"),
        ("abc.@ezweb.ne.jp", "abc.@ezweb.ne.jp"),
        (".abc@ezweb.ne.jp", ".abc@ezweb.ne.jp"),
        ('"a..b"@docomo.ne.jp', "a..b@docomo.ne.jp"),
        ('"abc."@ezweb.ne.jp', "abc.@ezweb.ne.jp"),
        ("a-._b@docomo.ne.jp", "a-._b@docomo.ne.jp"),
    ],
)
async def test_a_carriers_customer_is_taken_in_by_either_spelling(gateway: Gateway, written: str, stored: str) -> None:
    client = await gateway.client()
    mail = f"From: 花 <{written}>\r\nSubject: x\r\n\r\nHello.\r\n".encode()
    assert (await client.deliver(mail, sender=written)).startswith("250 ")
    (row,) = await gateway.mails()
    assert row.mail_from == stored
    (author,) = parse(await gateway.raw(row.queue_id)).from_
    assert (author.name, normalise_address(author.address)) == ("花", stored)


async def test_a03_a_sender_that_could_end_a_header_is_refused(gateway: Gateway) -> None:
    client = await gateway.client()
    for sender in ("a b@example.com", "a\x0b@example.com", "a\u2028@example.com", "a\u202e@example.com", "a@"):
        assert await client.code(f"MAIL FROM:<{sender}>".encode()) == "553 5.1.3"
