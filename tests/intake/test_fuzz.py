"""Whatever a client sends: every reply is well formed, the session ends, and the next client is served (T04)."""

import asyncio
import random
import re
from contextlib import suppress

import pytest

from tests.intake.conftest import MAIL, PATIENCE, Gateway

WORDS = [
    *(b"EHLO x", b"HELO x", b"MAIL FROM:<a@example.com>", b"MAIL FROM:<>", b"RCPT TO:<testshop@q.example.jp>", b"DATA"),
    *(b"RSET", b"NOOP", b"QUIT", b"VRFY a", b"STARTTLS", b"AUTH PLAIN", b"BDAT 9 LAST", b" SIZE=1", b" SMTPUTF8"),
    *(b"\r\n", b"\r\n", b"\r\n", b"\r\n", b"\r", b"\n", b"\0", b".", b"\r\n.\r\n", b"\r\n..\r\n", MAIL),
    *(b"<", b">", b":", b"@", b'"', b" " * 50, b"x" * 3000, b"\xff\xfe", "送料".encode()),
]
LINES = [word for word in WORDS if word[:4].isupper()]
REPLY = re.compile(rb"(?:[2-5]\d\d-[^\r\n]*\r\n)*(?:[245]\d\d [^\r\n]*|354 [^\r\n]*)\r\n")


def script(seed: int) -> list[bytes]:
    """Blocks to send: mostly whole commands in a plausible order, spoiled here and there."""
    chance = random.Random(seed)
    blocks = [b"EHLO x\r\n"]
    for _ in range(chance.randint(1, 15)):
        if chance.random() < 0.6:
            blocks.append(chance.choice(LINES) + b"\r\n")
        else:
            blocks.append(b"".join(chance.choices(WORDS, k=chance.randint(1, 6))))
    return blocks


@pytest.mark.parametrize("seed", range(20))
async def test_t04_any_octets_get_well_formed_replies_and_an_end(gateway: Gateway, seed: int) -> None:
    faults: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: faults.append(context))
    answered = 0
    for number in range(25):
        client = await gateway.connect()
        assert (await client.reply()).startswith("220 ")
        replies = b""
        with suppress(OSError):  # the server may hang up at any time, and what it said last may be lost with that
            for block in script(seed * 1000 + number):
                await client.send(block)
                await asyncio.sleep(0)
            client.writer.write_eof()
        with suppress(OSError):
            async with asyncio.timeout(PATIENCE):
                while block := await client.reader.read(65_536):
                    replies += block
        assert REPLY.sub(b"", replies) == b"", (seed, number)
        answered += replies.count(b"\r\n")
        await client.close()
    asyncio.get_running_loop().set_exception_handler(None)
    assert faults == []
    assert answered > 25
    assert (await (await gateway.client()).deliver()).startswith("250 ")
