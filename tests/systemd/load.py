"""Customers' mail into a machine at a steady rate while something is done to its gateway, and what became of it."""

import asyncio
import contextlib
import json
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from email import message_from_bytes
from itertools import count
from pathlib import Path

from tests.ledger.mails import STORES, CustomerMail
from tests.ledger.sink import Arrival, arrival
from tests.ledger.verdict import judge_arrivals
from tests.systemd.machine import PROGRAM, Machine

SESSIONS = 40
REPLY_LIMIT = 60  # seconds
LOOK_EVERY, STALLED = 2.0, 60  # seconds between looks at what has come out; after as many without more, no more will
OUT = Path("var/lib/private/toiawase/out")  # `[smarthost]`, below the machine's root


@dataclass
class Load:
    """`refused`: connections that nobody listened for. `repeats`: attempts that were broken off."""

    acknowledged: list[CustomerMail] = field(default_factory=list)
    refused: int = 0
    repeats: int = 0
    served: int = 0
    rate: float = 0.0  # connections served in a second


def add_stores(machine: Machine) -> None:
    for store, sellers in STORES.items():
        addresses = [word for seller in sellers for word in ("--seller", seller)]
        machine.toiawase("store", "add", store, "--title", store, *addresses, "--no-welcome")


async def under_load(rate: float, deeds: Iterable[Callable[[], None]], first: int = 0, most: int = sys.maxsize) -> Load:
    """Mails numbered from `first`, one connection each and `rate` a second at most, until all deeds are done, one
    after the other. Each is sent until it is acknowledged. After the first `most` mails come connections without a
    mail. To be run inside the machine."""
    load, numbers, done = Load(), count(first), asyncio.Event()
    loop = asyncio.get_running_loop()
    began = loop.time()

    async def session() -> None:
        while not done.is_set():
            number = next(numbers)
            await asyncio.sleep(max(0.0, began + (number - first) / rate - loop.time()))
            # Each but every fourth, a thank-you that a rule answers: sellers are not told of it.
            mail = CustomerMail(number + number // 3) if number - first < most else None
            while not await _is_served(mail, load):
                load.repeats += 1
                await asyncio.sleep(0.05)
            load.served += 1
            if mail is not None:
                load.acknowledged.append(mail)

    async with asyncio.TaskGroup() as group:
        for _ in range(SESSIONS):
            group.create_task(session())
        for deed in deeds:
            await asyncio.to_thread(deed)
        done.set()
    load.rate = load.served / (loop.time() - began)
    return load


async def _is_served(mail: CustomerMail | None, load: Load) -> bool:
    with contextlib.suppress(ConnectionResetError, BrokenPipeError, EOFError, TimeoutError):
        async with asyncio.timeout(REPLY_LIMIT):
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", 25)
            except ConnectionRefusedError:
                load.refused += 1
                return False
            try:
                return await _is_taken(mail, reader, writer)
            finally:
                writer.close()
    return False


async def _is_taken(mail: CustomerMail | None, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    """Raises AssertionError for a refusal that is for good."""
    dialog = [(b"", 220), (b"EHLO mx.example.jp\r\n", 250)]
    if mail is not None:
        envelope = (f"MAIL FROM:<{mail.mail_from}>\r\n", f"RCPT TO:<{mail.rcpt_to}>\r\n")
        dialog += [(line.encode(), 250) for line in envelope]
        dialog += [(b"DATA\r\n", 354), (mail.octets() + b".\r\n", 250)]
    for line, code in dialog:
        writer.write(line)
        reply = await reader.readuntil(b"\r\n")
        while reply[3:4] == b"-":
            reply = await reader.readuntil(b"\r\n")
        assert not reply.startswith(b"5"), reply
        if not reply.startswith(b"%d" % code):
            return False
    return True


def broken_promises(machine: Machine, acknowledged: list[CustomerMail]) -> list[str]:
    """Waits until all that was acknowledged has come to its end, then tells what is lost or doubled: nothing."""
    owed = sum(len(mail.sellers) for mail in acknowledged)
    files: dict[Path, Arrival] = {}

    def all_arrived() -> bool:
        found = (file for folder in (machine.root / OUT).glob("*/new") for file in folder.iterdir())
        files.update({file: _read(file) for file in found if file not in files})
        return len({arrival.message_id for arrival in files.values() if arrival.marks and not arrival.is_list}) >= owed

    seen, since = 0, time.monotonic()
    while not all_arrived() and time.monotonic() < since + STALLED:
        if len(files) > seen:
            seen, since = len(files), time.monotonic()
        time.sleep(LOOK_EVERY)
    ledger = json.loads(machine.attempt(PROGRAM, "ledger", "check", "--json").stdout)
    verdict = judge_arrivals(acknowledged, files.values(), ledger["uncertain"])
    verdict.fail("problems that the gateway itself sees", ledger["problems"])
    return verdict.failures


def _read(file: Path) -> Arrival:
    return arrival(message_from_bytes(file.read_bytes()), file.parents[1].name)
