"""N08, N14: whatever a server answers, a mail is delivered only if the server took that very mail and said so."""

from random import Random

import pytest

from gateway.delivery.envelope import Envelope
from gateway.delivery.outcome import Delivered, Failed, Held
from gateway.delivery.session import Timeouts
from gateway.delivery.smarthost import Smarthost, SmarthostAddress
from tests.delivery.sink import Fault, Sink, Step, listening

MAILS = 40  # of one run, over connections that are kept
STAGES = ("connect", "EHLO", "HELO", "MAIL", "RCPT", "DATA", "DOT", "RSET")
OFTEN = 0.35  # of the answers are one of these
ODD: tuple[Step, ...] = (
    *(
        "250 Ok",
        "250 Ok\r\n250 Ok",
        "250-Ok\r\n250 Ok",
        "354 Go on",
        "354 Go on\r\n250 Ok",
        "220 hello",
        "221 bye",
        "250",
    ),
    *("421 busy", "450 later", "451-later\r\n451 later", "500 what", "550 no", "554 no\r\n250 Ok", "999 ?", "25 Ok"),
    *("", "garbage", "250 Ok\r\n\r\n", "550 no\r\n550 no", "  250 Ok", "250\tOk", "250 Ok\r\n354 Go on\r\n250 Ok"),
    *(
        b"250 Ok\n",
        b"\r\n250 Ok\r\n",
        b"\0\xff\r\n",
        b"250-" + b"x" * 40_000 + b"\r\n",
        b"250-a\r\n" * 9000 + b"250 b\r\n",
    ),
    *(Fault.DROP, Fault.RESET, ("250 Ok", Fault.DROP), ("354 Go on", Fault.DROP), ("421 bye", Fault.DROP)),
)


@pytest.mark.parametrize("seed", range(6))
async def test_n08_n14_no_nonsense_of_a_server_makes_a_mail_delivered(seed: int) -> None:
    random = Random(seed)
    async with listening(Sink()) as sink:
        address = SmarthostAddress.parse(f"smtp://127.0.0.1:{sink.port}")
        smarthost = Smarthost(address, local_hostname="q.example.jp", timeouts=Timeouts(0.5, 0.5, 0.5, 0.5, 0.5))
        for number in range(MAILS):
            for stage in STAGES:
                sink.script[stage].clear()
                if random.random() < OFTEN:
                    sink.answer(stage, random.choice(ODD))
            taken = len(sink.mails)
            message = f"Subject: {number}\r\n\r\n".encode()
            outcome = await smarthost.send(Envelope(str(number), "", "yamada@example.jp"), message)
            new = [sunk.data for sunk in sink.mails[taken:]]
            assert new in ([], [message])
            if isinstance(outcome, Delivered):
                assert new == [message]
            if isinstance(outcome, Failed):
                assert new == [] and outcome.code is not None and 500 <= outcome.code <= 599
            assert not isinstance(outcome, Held)
        sink.script.clear()
        assert isinstance(await smarthost.send(Envelope("last", "", "yamada@example.jp"), b"x\r\n"), Delivered)
        await smarthost.close()
