"""A smarthost that behaves, and every way in which one may not."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.delivery.envelope import Envelope
from gateway.delivery.outcome import Deferred, Delivered, Failed, Held, Outcome, Uncertain
from gateway.delivery.session import Timeouts, dot_stuffed
from gateway.delivery.smarthost import Smarthost, SmarthostAddress
from gateway.mail.headers import addr_spec
from tests.delivery.sink import Fault, Sink, Step, unstuffed

ENVELOPE = Envelope("1m84x2v7k9wq3e5r6t", "b1-x@q.example.jp", "yamada@example.jp")
MESSAGE = b"Subject: x\r\n\r\nfirst\r\n.second\r\n..third\r\n.\r\nlast\r\n"


async def test_a_mail_is_delivered_with_the_servers_words(sink: Sink, smarthost: Smarthost) -> None:
    assert await smarthost.send(ENVELOPE, MESSAGE) == Delivered(250, "250 2.0.0 Ok: queued")
    [mail] = sink.mails
    assert mail.mail == f"MAIL FROM:<b1-x@q.example.jp> SIZE={len(MESSAGE)}"
    assert mail.rcpt == "RCPT TO:<yamada@example.jp>"
    assert mail.data == MESSAGE


async def test_n11_the_null_sender_is_empty_brackets(sink: Sink, smarthost: Smarthost) -> None:
    await smarthost.send(Envelope("1", "", "yamada@example.jp"), MESSAGE)
    assert sink.mails[0].mail.startswith("MAIL FROM:<> ")


@pytest.mark.parametrize(
    ("address", "written"),
    [
        ("a..b@docomo.ne.jp", '"a..b"@docomo.ne.jp'),
        ("abc.@ezweb.ne.jp", '"abc."@ezweb.ne.jp'),
        (".abc@ezweb.ne.jp", '".abc"@ezweb.ne.jp'),
        ("a-._b@docomo.ne.jp", "a-._b@docomo.ne.jp"),
    ],
)
async def test_a_carriers_address_is_quoted(sink: Sink, smarthost: Smarthost, address: str, written: str) -> None:
    await smarthost.send(Envelope("1", addr_spec(address), addr_spec(address)), MESSAGE)
    assert sink.mails[0].rcpt == f"RCPT TO:<{written}>"
    assert sink.mails[0].mail.startswith(f"MAIL FROM:<{written}> ")


@given(st.lists(st.binary(max_size=5).map(lambda line: line.replace(b"\r", b".").replace(b"\n", b".")), max_size=9))
def test_n02_every_content_survives_dot_stuffing(lines: list[bytes]) -> None:
    message = b"".join(line + b"\r\n" for line in lines)
    stuffed = dot_stuffed(message)
    assert b"\r\n.\r\n" not in b"\r\n" + stuffed
    assert unstuffed(stuffed + b".\r\n") == message


@pytest.mark.parametrize(
    ("stage", "step", "expected"),
    [
        # N08: the first digit decides, at each command.
        ("MAIL", "451 4.3.0 later", Deferred(451, "451 4.3.0 later")),
        ("MAIL", "550 5.7.1 no", Failed(550, "550 5.7.1 no")),
        ("RCPT", "450 4.2.1 greylisted", Deferred(450, "450 4.2.1 greylisted")),
        ("RCPT", "550 5.1.1 unknown", Failed(550, "550 5.1.1 unknown")),
        ("RCPT", "550-5.1.1 un\r\n550 5.1.1 known", Failed(550, "550 5.1.1 un 5.1.1 known")),
        ("RCPT", "599 who knows", Failed(599, "599 who knows")),
        ("DATA", "452 4.3.1 full", Deferred(452, "452 4.3.1 full")),
        ("DATA", "554 5.5.1 no", Failed(554, "554 5.5.1 no")),
        ("DOT", "451 4.3.0 later", Deferred(451, "451 4.3.0 later")),
        ("DOT", "554 5.7.1 spam", Failed(554, "554 5.7.1 spam")),
        ("DOT", "552 5.3.4 too big", Failed(552, "552 5.3.4 too big")),
        ("DOT", "299 fine", Delivered(299, "299 fine")),
        # N05: 552 to RCPT is an old server's 452.
        ("RCPT", "552 5.5.3 too many", Deferred(552, "552 5.5.3 too many")),
        # 421 at any time (N08).
        ("MAIL", "421 4.3.2 bye", Deferred(421, "421 4.3.2 bye")),
        ("RCPT", "421 4.3.2 bye", Deferred(421, "421 4.3.2 bye")),
        ("DATA", "421 4.3.2 bye", Deferred(421, "421 4.3.2 bye")),
        ("DOT", ("421 4.3.2 bye", Fault.DROP), Deferred(421, "421 4.3.2 bye")),
        # What is said about the server is not said about the mail.
        ("connect", "554 5.3.2 no service", Deferred(554, "554 5.3.2 no service")),
        ("connect", "421 4.3.2 busy", Deferred(421, "421 4.3.2 busy")),
        # N24: our own login is the operator's matter.
        ("MAIL", "530 5.7.0 log in", Held(530, "530 5.7.0 log in")),
    ],
)
async def test_n08_a_reply_is_read_by_its_first_digit(
    sink: Sink, smarthost: Smarthost, stage: str, step: Step, expected: Outcome
) -> None:
    sink.answer(stage, step)
    assert await smarthost.send(ENVELOPE, MESSAGE) == expected
    assert len(sink.mails) == isinstance(expected, Delivered)
    # Whatever it was, the next mail finds a connection in order.
    assert isinstance(await smarthost.send(ENVELOPE, MESSAGE), Delivered)


@pytest.mark.parametrize("stage", ["connect", "EHLO", "MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("fault", [Fault.DROP, Fault.RESET, Fault.SILENT, "garbage", "\0\xff"])
async def test_a_fault_before_the_content_is_no_attempt_at_it(
    sink: Sink, smarthost: Smarthost, stage: str, fault: Step
) -> None:
    sink.answer(stage, fault)
    smarthost.timeouts = Timeouts(0.2, 0.2, 0.2, 0.2, 0.2)
    assert isinstance(await smarthost.send(ENVELOPE, MESSAGE), Deferred)
    assert sink.mails == []
    assert isinstance(await smarthost.send(ENVELOPE, MESSAGE), Delivered)


@pytest.mark.parametrize("fault", [Fault.DROP, Fault.RESET, Fault.SILENT, "garbage", "\0\xff"])
async def test_n14_silence_after_the_final_dot_leaves_the_mail_uncertain(
    sink: Sink, smarthost: Smarthost, fault: Step
) -> None:
    smarthost.timeouts = Timeouts(dot=0.2)
    sink.answer("DOT", fault)
    assert isinstance(await smarthost.send(ENVELOPE, MESSAGE), Uncertain)
    assert isinstance(await smarthost.send(ENVELOPE, MESSAGE), Delivered)


async def test_a_250_counts_even_if_the_connection_is_reset_after_it(sink: Sink, smarthost: Smarthost) -> None:
    sink.answer("DOT", ("250 2.0.0 Ok", Fault.DROP))
    assert isinstance(await smarthost.send(ENVELOPE, MESSAGE), Delivered)
    assert isinstance(await smarthost.send(ENVELOPE, MESSAGE), Delivered)
    assert (len(sink.mails), sink.connections) == (2, 2)


def test_n06_every_phase_has_the_patience_of_the_standard() -> None:
    """RFC 5321 4.5.3.2. Which timeout ends which silence, the cases of T09 show."""
    minutes = Timeouts(connect=5 * 60, command=5 * 60, data=2 * 60, block=3 * 60, dot=10 * 60)
    assert Timeouts() == minutes


async def test_a_server_that_is_not_there_defers(smarthost: Smarthost) -> None:
    nowhere = Smarthost(SmarthostAddress.parse("smtp://127.0.0.1:1"), local_hostname="q.example.jp")
    assert isinstance(await nowhere.send(ENVELOPE, MESSAGE), Deferred)


async def test_a_big_mail_arrives_whole(sink: Sink, smarthost: Smarthost) -> None:
    message = b"Subject: big\r\n\r\n" + b".dots and more\r\n" * 400_000
    assert isinstance(await smarthost.send(ENVELOPE, message), Delivered)
    assert sink.mails[0].data == message


@pytest.mark.parametrize(
    ("in_the_middle", "expected"),
    [
        (b"552 5.3.4 too big after all\r\n", Failed(552, "552 5.3.4 too big after all")),
        (b"250 2.0.0 too early to be true\r\n", Deferred(250, "250 2.0.0 too early to be true")),
        (b"", Deferred(None, "4.4.2 the server takes no more of the content")),
    ],
)
async def test_what_happens_in_the_middle_of_a_big_mail(in_the_middle: bytes, expected: Outcome) -> None:
    done = asyncio.Event()

    async def halting(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 x\r\n")
        for reply in (b"250 x", b"250 x", b"250 x", b"354 x"):
            await reader.readline()
            writer.write(reply + b"\r\n")
        await reader.readexactly(1000)
        writer.write(in_the_middle)
        await done.wait()
        writer.close()

    server = await asyncio.start_server(halting, "127.0.0.1", 0, limit=1024)
    address = SmarthostAddress.parse(f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    smarthost = Smarthost(address, local_hostname="q.example.jp", timeouts=Timeouts(block=0.3))
    assert await smarthost.send(ENVELOPE, (b"x" * 998 + b"\r\n") * 20_000) == expected
    done.set()
    server.close()


async def test_connections_are_reused_and_run_side_by_side(sink: Sink, smarthost: Smarthost) -> None:
    for _ in range(3):
        await smarthost.send(ENVELOPE, MESSAGE)
    assert sink.connections == 1
    await asyncio.gather(*(smarthost.send(ENVELOPE, MESSAGE) for _ in range(10)))
    assert (sink.connections, len(sink.mails)) == (10, 13)


async def test_a_reused_connection_that_the_server_closed_is_made_anew(sink: Sink, smarthost: Smarthost) -> None:
    await smarthost.send(ENVELOPE, MESSAGE)
    await sink.hang_up()
    assert isinstance(await smarthost.send(ENVELOPE, MESSAGE), Delivered)
    sink.answer("MAIL", Fault.DROP)
    assert isinstance(await smarthost.send(ENVELOPE, MESSAGE), Delivered)
    sink.answer("MAIL", "421 4.4.2 idle too long")
    assert isinstance(await smarthost.send(ENVELOPE, MESSAGE), Delivered)
    assert (sink.connections, len(sink.mails)) == (4, 4)


async def test_an_old_idle_connection_is_not_trusted(sink: Sink, smarthost: Smarthost) -> None:
    smarthost.idle_limit = 0
    await smarthost.send(ENVELOPE, MESSAGE)
    await asyncio.sleep(0.001)
    await smarthost.send(ENVELOPE, MESSAGE)
    assert sink.connections == 2


async def test_n21_an_address_in_utf8_goes_only_to_a_server_that_offers_it(sink: Sink, smarthost: Smarthost) -> None:
    envelope = Envelope("1", "", "山田@example.jp", smtputf8=True)
    outcome = await smarthost.send(envelope, MESSAGE)
    assert isinstance(outcome, Failed) and outcome.reply.startswith("5.6.7")
    assert sink.count("MAIL") == 0
    await smarthost.close()
    sink.extensions.append("SMTPUTF8")
    assert isinstance(await smarthost.send(envelope, MESSAGE), Delivered)
    assert sink.mails[0].mail.endswith("BODY=8BITMIME SMTPUTF8")
    assert sink.mails[0].rcpt == "RCPT TO:<山田@example.jp>"


async def test_n18_a_mail_over_the_servers_size_is_not_sent(sink: Sink, smarthost: Smarthost) -> None:
    sink.extensions = ["SIZE 10"]
    outcome = await smarthost.send(ENVELOPE, MESSAGE)
    assert isinstance(outcome, Failed) and outcome.reply.startswith("5.3.4")
    assert sink.count("MAIL") == 0


async def test_n20_n33_nothing_is_asked_for_that_is_not_offered(sink: Sink, smarthost: Smarthost) -> None:
    sink.extensions = []
    await smarthost.send(ENVELOPE, MESSAGE)
    assert (sink.mails[0].mail, sink.mails[0].rcpt) == (
        "MAIL FROM:<b1-x@q.example.jp>",
        "RCPT TO:<yamada@example.jp>",
    )


async def test_n33_reports_are_asked_for_where_offered(sink: Sink, smarthost: Smarthost) -> None:
    sink.extensions = ["DSN"]
    await smarthost.send(ENVELOPE, MESSAGE)
    await smarthost.send(Envelope("2", "", "yamada@example.jp"), MESSAGE)
    assert sink.mails[0].mail.endswith(f" RET=HDRS ENVID={ENVELOPE.id}")
    assert [mail.rcpt.rpartition(" ")[2] for mail in sink.mails] == ["NOTIFY=FAILURE,DELAY", "NOTIFY=NEVER"]


async def test_a_server_that_knows_only_helo_is_served(sink: Sink, smarthost: Smarthost) -> None:
    sink.answer("EHLO", "502 5.5.1 what")
    assert isinstance(await smarthost.send(ENVELOPE, MESSAGE), Delivered)
    assert sink.commands[:2] == ["EHLO q.example.jp", "HELO q.example.jp"]


@pytest.mark.parametrize(
    "address", ["x@example.jp> SIZE=1", "x@example.jp\r\nRCPT TO:<y@example.jp>", "x y@example.jp"]
)
async def test_a03_an_address_that_would_be_another_command_is_not_sent(
    sink: Sink, smarthost: Smarthost, address: str
) -> None:
    assert isinstance(await smarthost.send(Envelope("1", "", address), MESSAGE), Failed)
    assert sink.count("RCPT") == 0
    assert sink.mails == []


@pytest.mark.parametrize(("stage", "expected"), [("connect", Deferred), ("RCPT", Deferred), ("DOT", Uncertain)])
async def test_what_is_broken_off_says_what_it_knows(
    sink: Sink, smarthost: Smarthost, stage: str, expected: type[Outcome]
) -> None:
    smarthost.timeouts = Timeouts()
    sink.answer(stage, Fault.SILENT)
    sending = asyncio.create_task(smarthost.send(ENVELOPE, MESSAGE))
    if stage == "connect":
        while not sink.connections:
            await asyncio.sleep(0)
    else:
        await sink.wait_for(stage)
    await smarthost.abort()
    assert isinstance(await sending, expected)


@pytest.mark.parametrize("url", ["smtp://127.0.0.1", "smtp://[::1]:26", "smtp://localhost", "smtps://mx.example.jp"])
def test_n23_a_way_that_nobody_reads_along(url: str) -> None:
    assert not SmarthostAddress.parse(url).is_open_to_read
    assert SmarthostAddress.parse("smtp://mx.example.jp").is_open_to_read
    assert SmarthostAddress.parse("smtp://192.0.2.1").is_open_to_read


def test_a_smarthosts_url_is_read() -> None:
    parse = SmarthostAddress.parse
    assert parse("smtp://mx.example.jp") == SmarthostAddress("smtp", "mx.example.jp", 25)
    assert parse("smtps://u%40x@mx.example.jp") == SmarthostAddress("smtps", "mx.example.jp", 465, "u@x")
    assert parse("smtp+starttls://u@[::1]:2525") == SmarthostAddress("smtp+starttls", "::1", 2525, "u")
    for wrong in ("http://x", "smtp://", "maildir:x", "smtp://user@mx.example.jp"):
        with pytest.raises(ValueError, match=r"smarthost|TLS"):
            parse(wrong)
