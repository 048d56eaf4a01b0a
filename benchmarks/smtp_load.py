"""A load generator: sessions that hand in the same mail again and again, each waiting for every reply.

usage: python -m benchmarks.smtp_load PORT SESSIONS SECONDS OCTETS RECIPIENT

Its own process, so that it takes no time of the listener's. Prints one line of JSON: mails acknowledged a second, and
the time from the last dot to the 250 in milliseconds. It never talks to anything but 127.0.0.1.
"""

import asyncio
import base64
import json
import sys
from time import perf_counter

LINE = base64.b64encode("お届けはいつになりますか。送料を教えてください。".encode())[:76] + b"\r\n"


def mail(octets: int) -> bytes:
    """A mail of about that many octets, as base64 text has them."""
    header = (
        b"From: =?UTF-8?B?5bGx55Sw?= <yamada@example.com>\r\nTo: testshop@q.example.jp\r\n"
        b"Subject: =?UTF-8?B?6YCB5paZ?=\r\nMessage-ID: <load@example.com>\r\nDate: Fri, 20 Nov 2026 14:00:00 +0900\r\n"
        b"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    )
    return header + LINE * max(1, (octets - len(header)) // len(LINE))


class Sender(asyncio.Protocol):
    """One session. The next command leaves when the last line of a reply has come."""

    def __init__(self, octets: bytes, recipient: str, deadline: float) -> None:
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.latencies: list[float] = []
        self.refused = 0
        self._deadline = deadline
        self._commands = (
            b"MAIL FROM:<yamada@example.com>\r\n",
            f"RCPT TO:<{recipient}>\r\n".encode(),
            b"DATA\r\n",
            octets + b".\r\n",
        )
        self._step = -1
        self._sent_at = 0.0
        self._input = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._input += data
        if not self._input.endswith(b"\r\n"):
            return
        last = self._input[self._input.rfind(b"\n", 0, -2) + 1 :]
        self._input = b""
        if last[3:4] == b" ":
            self._reply(last)

    def _reply(self, line: bytes) -> None:
        if line[:1] not in b"23":
            self.refused += 1
            self._transport.close()
            return
        if self._step == 4:
            now = perf_counter()
            self.latencies.append(now - self._sent_at)
            if now >= self._deadline:
                self._transport.write(b"QUIT\r\n")
                self._transport.close()
                return
            self._step = 0
        if self._step < 0:
            self._transport.write(b"EHLO load.example.com\r\n")
        else:
            self._transport.write(self._commands[self._step])
            if self._step == 3:
                self._sent_at = perf_counter()
        self._step += 1

    def connection_lost(self, exc: Exception | None) -> None:
        self.done.set_result(None)


async def load(port: int, sessions: int, seconds: float, octets: int, recipient: str) -> dict[str, float]:
    loop = asyncio.get_running_loop()
    began = perf_counter()
    text = mail(octets)
    senders = []
    for _ in range(sessions):
        _, sender = await loop.create_connection(lambda: Sender(text, recipient, began + seconds), "127.0.0.1", port)
        senders.append(sender)
    await asyncio.gather(*(sender.done for sender in senders))
    took = perf_counter() - began
    latencies = sorted(latency for sender in senders for latency in sender.latencies)
    if not latencies:
        raise SystemExit("no mail was acknowledged")
    return {
        "mails": len(latencies),
        "per_second": len(latencies) / took,
        "p50_ms": latencies[len(latencies) // 2] * 1000,
        "p99_ms": latencies[len(latencies) * 99 // 100] * 1000,
        "refused": sum(sender.refused for sender in senders),
    }


if __name__ == "__main__":
    _, port, sessions, seconds, octets, recipient = sys.argv
    print(json.dumps(asyncio.run(load(int(port), int(sessions), float(seconds), int(octets), recipient))))
