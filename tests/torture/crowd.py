"""Crowds of SMTP clients, each from a loopback address of its own: slow ones, that never end, and honest ones.

The slow ones are a process of their own, so that their number costs the honest ones, who are timed, nothing but the
machine's time.
"""

import asyncio
import itertools
import multiprocessing
import select
import socket
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from email.utils import make_msgid
from multiprocessing.connection import Connection

from tests.ledger.mails import DOMAIN, STORES

SHOP = f"{next(iter(STORES))}@{DOMAIN}"
PATIENCE = 60.0  # seconds for an honest client's reply
SETTLED = 35.0  # seconds after which nobody is greeted any more who was not
PAUSE = 0.5  # seconds before it comes again after a 4yz


def addresses(network: int) -> Iterator[str]:
    """127.NETWORK.x.y, one after the other."""
    return (f"127.{network}.{third}.{fourth}" for third, fourth in itertools.product(range(256), range(1, 255)))


# Honest clients


@dataclass
class Honest:
    """What the honest clients met with. `seconds`: from connecting to the 250, with every 4yz and coming again."""

    seconds: list[float] = field(default_factory=list)
    told_to_wait: Counter[str] = field(default_factory=Counter)  # replies 4yz, and connections lost
    refused: list[str] = field(default_factory=list)  # replies 5yz, which nobody has earned

    @property
    def p99(self) -> float:
        return self.quantile(0.99)

    def quantile(self, part: float) -> float:
        ordered = sorted(self.seconds) or [0.0]
        return ordered[min(int(len(ordered) * part), len(ordered) - 1)]

    async def deliver(self, port: int, address: str, mail: bytes = b"Please tell me.\r\n") -> None:
        """One mail, until it is answered 250."""
        began = time.monotonic()
        while True:
            try:
                async with asyncio.timeout(PATIENCE):
                    reply = await delivered(port, address, mail)
            except (OSError, EOFError, TimeoutError) as error:
                reply = f"4 {type(error).__name__}"
            if reply[0] == "2":
                self.seconds.append(time.monotonic() - began)
                return
            if reply[0] == "5":
                self.refused.append(reply)
                return
            self.told_to_wait[reply[:9]] += 1
            await asyncio.sleep(PAUSE)


async def delivered(port: int, address: str, mail: bytes = b"Please tell me.\r\n") -> str:
    """The last reply: 250 to the dot, or the first that is no good one."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(address, 0))
    try:
        sender = f"a{address.replace('.', '-')}@customer.example"
        head = f"From: {sender}\r\nTo: {SHOP}\r\nSubject: x\r\nMessage-ID: {make_msgid()}\r\n\r\n".encode()
        commands = (
            b"",
            b"EHLO honest.example",
            f"MAIL FROM:<{sender}>".encode(),
            f"RCPT TO:<{SHOP}>".encode(),
            b"DATA",
        )
        reply = ""
        for octets in (*commands, head + mail + b"."):
            if octets:
                writer.write(octets + b"\r\n")
                await writer.drain()
            reply = await _reply(reader)
            if reply[0] not in "23":
                break
        return reply
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


async def _reply(reader: asyncio.StreamReader) -> str:
    while True:
        line = (await reader.readuntil(b"\r\n")).decode()
        if line[3:4] != "-":
            return line.strip()


# Slow and flooding clients


@dataclass(frozen=True)
class Plan:
    """`connections` from `sources` addresses, so many a second; each sends an octet every `every` seconds until it is
    sent away. `hold`: seconds after which it goes by itself."""

    port: int
    connections: int
    sources: int
    per_second: float
    every: float = 10.0
    hold: float = float("inf")


@dataclass
class Came:
    """What became of them. `gone`: seconds from the last one's coming until none was left that had been greeted. The
    others' system took no connection of: the queue before the door was full, and nobody tells who says nothing."""

    connected: int = 0
    told: Counter[str] = field(default_factory=Counter)  # by the code that they were sent away with
    coming: float = 0.0
    gone: float = 0.0
    left: int = 0  # that were greeted and never sent away
    not_taken: int = 0  # that nobody greeted


def begin(plan: Plan, limit: float) -> tuple[multiprocessing.process.BaseProcess, Connection]:
    """A process of its own for them all, and where it says `Came` at the end, `limit` seconds after the last came at
    the latest."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_crowd, args=(plan, limit, there), daemon=True)
    process.start()
    there.close()
    return process, here


# A third each: silent, in a command, in DATA.
_SAYS = (b"", b"EHLO slow", b"EHLO s\r\nMAIL FROM:<s@example.com>\r\nRCPT TO:<" + SHOP.encode() + b">\r\nDATA\r\n")


def _crowd(plan: Plan, limit: float, there: Connection) -> None:
    came, watch = Came(), select.epoll()
    open_: dict[int, tuple[socket.socket, float, bool]] = {}  # since when, and whether it has said its beginning
    said: dict[int, bytes] = {}
    turns: dict[int, float] = {}
    sources = list(itertools.islice(addresses(10), plan.sources))
    began = last = time.monotonic()
    made = 0
    while True:
        now = time.monotonic()
        while made < plan.connections and made < (now - began) * plan.per_second:
            if (one := _connecting(plan.port, sources[made % len(sources)])) is not None:
                watch.register(one, select.EPOLLIN | select.EPOLLRDHUP)
                open_[one.fileno()] = (one, now, False)
                turns[one.fileno()] = now + plan.every * (made % 100) / 100
            made += 1
            last = now
        for number, _event in watch.poll(0.01):
            _hear(number, open_, said, came, watch)
        for number in [number for number, turn in turns.items() if turn <= now]:
            if number not in open_:
                del turns[number]
            elif now - open_[number][1] > plan.hold:
                _end(number, open_, said, came, watch)
            else:
                turns[number] = now + min(plan.every, plan.hold)
                _drip(number, open_)
        inside = any(has_begun for _, _, has_begun in open_.values())
        if inside:
            came.gone = now - last
        if made == plan.connections and (not open_ or now - last > (limit if inside else SETTLED)):
            break
    came.coming = last - began
    came.left = sum(has_begun for _, _, has_begun in open_.values())
    came.not_taken = len(open_) - came.left
    there.send(came)


def _connecting(port: int, source: str) -> socket.socket | None:
    one = socket.socket()
    one.setblocking(False)
    try:
        one.bind((source, 0))
        with suppress(BlockingIOError):
            one.connect(("127.0.0.1", port))
    except OSError:
        one.close()
        return None
    return one


def _drip(number: int, open_: dict[int, tuple[socket.socket, float, bool]]) -> None:
    one, _, has_begun = open_[number]
    with suppress(OSError):
        if has_begun:
            one.send(b"x")


def _hear(
    number: int,
    open_: dict[int, tuple[socket.socket, float, bool]],
    said: dict[int, bytes],
    came: Came,
    watch: select.epoll,
) -> None:
    if number not in open_:
        return
    one, since, has_begun = open_[number]
    try:
        octets = one.recv(4096)
    except BlockingIOError:
        return
    except OSError:
        octets = b""
    if not octets:
        _end(number, open_, said, came, watch)
        return
    said[number] = (said.get(number, b"") + octets)[-200:]
    if not has_begun and octets.startswith(b"220"):
        came.connected += 1
        open_[number] = (one, since, True)
        with suppress(OSError):
            one.send(_SAYS[number % 3])


def _end(
    number: int,
    open_: dict[int, tuple[socket.socket, float, bool]],
    said: dict[int, bytes],
    came: Came,
    watch: select.epoll,
) -> None:
    one, _, _ = open_.pop(number)
    lines = said.pop(number, b"").split(b"\r\n")
    came.told[next((line[:9].decode() for line in reversed(lines) if line.startswith(b"421")), "nothing")] += 1
    with suppress(OSError):
        watch.unregister(one)
    one.close()
