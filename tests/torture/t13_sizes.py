"""Many mails at the size limit at once, many of 1 MB, one octet too much, sizes that lie: little memory, no stall."""

import asyncio
import base64
import contextlib
import os
import signal
import time
from pathlib import Path

from benchmarks.big_mails import SIZE, STORE, Client, Sink, attachment, mail
from benchmarks.memory import watched
from tests.ledger.daemon import Daemon
from tests.ledger.mails import DOMAIN
from tests.torture.report import Report

MEMORY = 512 << 20  # octets of the daemon and its processes: PSS, which counts what they share once
STALL = 0.1  # seconds of processor time that one step of the event loop takes at most
MEBIBYTE = 1 << 20
AT_ONCE = 20
FINISHED = 420.0  # seconds that are waited for the last notification
RECIPIENT = f"{STORE}@{DOMAIN}"


async def run(full: bool, folder: Path) -> Report:
    """In small: two at the limit, twenty of 1 MB."""
    limit, of_one = (20, 1000) if full else (2, 20)
    notes = folder / "stall"
    os.environ |= {"PYTHONPATH": str(Path(__file__).parent / "stall"), "TOIAWASE_STALL": str(notes)}
    (mailbox := folder / "sink").mkdir()
    sink = Sink(mailbox)
    async with sink.listening() as sink_port:
        daemon = Daemon(folder / "gateway", f"sqlite:///{folder / 'gateway' / 'toiawase.db'}", sink_port)
        async with daemon.at_work():
            os.kill(daemon.pid, signal.SIGUSR1)  # what its start took is nobody's wait
            with watched(daemon.pid) as memory:
                began = time.monotonic()
                lies = await _lies(daemon.port)
                times = await _at_the_limit(daemon.port, limit)
                await _of_one_mebibyte(daemon.port, of_one)
                received = time.monotonic() - began
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(FINISHED):
                        while len(sink.arrived) < limit + of_one:
                            await asyncio.sleep(0.2)
                told = len(sink.arrived)
            code = await asyncio.to_thread(daemon.stop)
            problems = [str(problem) for problem in (await asyncio.to_thread(daemon.ledger))["problems"]]
    own, clock = map(float, notes.read_text("ascii").split())
    failures = [f"ledger: {problem}" for problem in problems]
    failures += [f"{what}: answered {reply}" for what, reply in lies.items() if not reply.startswith("552")]
    if code != 0:
        failures.append(f"the daemon ended with {code}")
    if memory.pss >= MEMORY:
        failures.append(f"memory: {memory.pss >> 20} MiB")
    if own >= STALL:
        failures.append(f"a step of the event loop took {own * 1000:.0f} ms")
    return Report(
        f"{limit} of {SIZE} octets at once, {of_one} of 1 MB by {AT_ONCE} clients, {len(lies)} too big",
        {
            "all acknowledged after, s": round(received, 1),
            "at the limit: last octet to 250, longest, s": round(max(times), 1),
            "notifications that left": told,
            "too big": lies,
            "longest step of the event loop: its own, and by the clock, ms": [round(own * 1000), round(clock * 1000)],
            "memory of all processes, RSS, PSS, MiB": [memory.rss >> 20, memory.pss >> 20],
            "of each at the time of the highest, MiB": [octets >> 20 for octets in memory.each.values()],
        },
        tuple(failures),
    )


async def _at_the_limit(port: int, number: int) -> list[float]:
    file = attachment()

    async def one(count: int) -> float:
        octets = mail(f"c{count}@customer.example", f"limit{count}", file)
        async with Client.connected(port) as client:
            return await client.send(f"c{count}@customer.example", RECIPIENT, octets)

    return await asyncio.gather(*(one(count) for count in range(number)))


async def _of_one_mebibyte(port: int, number: int) -> None:
    file = os.urandom(MEBIBYTE * 3 // 4)
    waiting = iter(range(number))

    async def some() -> None:
        async with Client.connected(port) as client:
            for count in waiting:
                sender = f"m{count}@customer.example"
                await client.send(sender, RECIPIENT, mail(sender, f"one{count}", file))

    await asyncio.gather(*(some() for _ in range(AT_ONCE)))


async def _lies(port: int) -> dict[str, str]:
    """What is answered where more comes than may, whatever was said of it."""
    line = base64.b64encode(os.urandom(54)) + b"\r\n"
    text = b"Subject: x\r\n\r\n"
    exact = text + line * ((SIZE - len(text)) // len(line))
    exact += b"x" * (SIZE - len(exact) - 2) + b"\r\n"
    longer = exact[:-2] + b"x\r\n"
    return {
        "one octet more than the limit": await _told(port, "", longer),
        "one octet more, said to be ten octets": await _told(port, " SIZE=10", longer),
        "said to be one octet more": await _told(port, f" SIZE={SIZE + 1}", b""),
    }


async def _told(port: int, parameter: str, octets: bytes) -> str:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)

    async def reply() -> str:
        while True:
            line = (await reader.readuntil(b"\r\n")).decode()
            if line[3:4] != "-":
                return line.strip()

    answer = await reply()
    for command in ("EHLO x.example", f"MAIL FROM:<a@x.example>{parameter}", f"RCPT TO:<{RECIPIENT}>", "DATA"):
        writer.write(f"{command}\r\n".encode())
        answer = await reply()
        if answer[0] not in "23":
            break
    else:
        for start in range(0, len(octets), MEBIBYTE):
            writer.write(octets[start : start + MEBIBYTE])
            await writer.drain()
        writer.write(b".\r\n")
        answer = await reply()
    writer.close()
    return answer
