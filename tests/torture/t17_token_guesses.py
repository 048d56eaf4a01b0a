"""A million guessed, changed, borrowed, revoked and foreign addresses: none is let in, and time tells nothing."""

import asyncio
import logging
import random
import statistics
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from time import perf_counter_ns

import structlog

from gateway.intake.server import Intake
from gateway.intake.settings import IntakeSettings
from gateway.intake.sockets import open_socket
from gateway.mail.addresses import Address, BounceAddress, InquiryAddress, PracticeAddress, parse_local_part
from gateway.mail.keyring import Key, Keyring
from gateway.store.database import Database
from gateway.store.migrate import upgrade
from gateway.store.states import Author, Direction, DraftState, InquiryStatus, Origin
from gateway.store.tables import Customer, Draft, Inquiry, Message, Seller, Store
from tests.torture.report import Report

DOMAIN = "q.example.jp"
NOW = datetime(2026, 11, 20, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=400)
LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
INQUIRIES = 20
OUTBOX_ID = "0123456789abcdefgh"
LIMIT = 0.05  # the part by which two kinds of refusal may differ in time
AT_ONCE = 100  # guesses of one write

OLD, NEW = (Key(name, name.encode() * 16, NOW + timedelta(days=age)) for name, age in (("old", -9), ("new", 0)))
REVOKED = Keyring([Key("revoked", b"r" * 32, NOW - timedelta(days=5))])
FOREIGN = Keyring([Key("new", b"f" * 32, NOW)])
KEYRING, BEFORE = Keyring([OLD, NEW]), Keyring([OLD])


@dataclass(frozen=True)
class Size:
    guesses: int  # at the keys
    recipients: int  # of such guesses over SMTP
    verifications: int  # of each kind, for their time
    replies: int  # of each kind, for their time


FULL = Size(guesses=1_000_000, recipients=100_000, verifications=200_000, replies=300)
SMALL = Size(guesses=20_000, recipients=2000, verifications=4000, replies=15)


async def run(full: bool, folder: Path) -> Report:
    size = FULL if full else SMALL
    rng = random.Random(17)
    guessed = verified(size.guesses, rng)
    with _quiet():
        async with filled(folder) as database:
            answers = await answers_to_guesses(database, folder, size.recipients, rng)
            welcome = await answers_to(database, folder, list(true_addresses()))
            replies = await _reply_times(database, folder, size.replies, rng)
    checks = _check_times(size.verifications, rng)
    return Report(
        f"{size.guesses} guesses at the keys, {size.recipients} over SMTP; timed: {size.verifications} checks and "
        f"{size.replies} replies of each kind",
        {
            "guesses that verified": guessed,
            "answers to guesses": dict(answers),
            "true addresses": f"{welcome.count('250')} of {len(welcome)} let in",
            "a check, us": checks,
            "a reply, ms": replies,
        },
        tuple(_failures(guessed, answers, welcome, checks, replies)),
    )


def _failures(
    guessed: int, answers: Counter[str], welcome: list[str], checks: dict[str, float], replies: dict[str, float]
) -> Iterator[str]:
    if guessed:
        yield f"{guessed} guesses verified"
    if set(answers) != {"550"}:
        yield f"a guess was answered otherwise than 550: {dict(answers)}"
    if set(welcome) != {"250"}:
        yield f"a true address was refused: {welcome}"
    for what, times in (("check", checks), ("reply", replies)):
        if (spread := max(times.values()) / min(times.values()) - 1) > LIMIT:
            yield f"{what}: kinds differ by {spread:.1%}"


# Addresses


def true_addresses() -> Iterator[str]:
    """Of the newest key and of an older one, in any case, also of inquiries that were closed long ago."""
    for number in range(1, INQUIRIES + 1):
        yield KEYRING.inquiry_address(number, nonce(number), "c").upper()
        yield BEFORE.inquiry_address(number, nonce(number), "s").title()
    yield KEYRING.draft_address(1, nonce(1), "draft").swapcase()
    yield BEFORE.bounce_address(OUTBOX_ID).upper()
    yield KEYRING.practice_address(1, "suzuki@shop.example", "s").upper()


def guesses(rng: random.Random) -> Iterator[str]:
    """Without end; none of them is true."""
    kinds = (_random, _mutated, _mutated, _borrowed, _of_other_keys)
    while True:
        yield rng.choice(kinds)(rng)


def _random(rng: random.Random) -> str:
    signature = "".join(rng.choices(LETTERS, k=24))
    number = rng.randint(1, INQUIRIES)
    forms = (f"q{number}-s", f"q{number}-send", f"q{number + 1000}-c", f"b{OUTBOX_ID}", "t1-s", "t99-s")
    return f"{rng.choice(forms)}-{signature}"


def _mutated(rng: random.Random) -> str:
    """A true address with one letter of its signature changed."""
    number = rng.randint(1, INQUIRIES)
    keyring = rng.choice((KEYRING, BEFORE))
    true = rng.choice(
        (
            keyring.inquiry_address(number, nonce(number), rng.choice(("c", "s", "auto", "hide", "done"))),
            keyring.draft_address(1, nonce(1), "draft"),
            keyring.bounce_address(OUTBOX_ID),
            keyring.practice_address(1, "suzuki@shop.example", "s"),
        )
    )
    at = rng.randint(len(true) - 24, len(true) - 1)
    return true[:at] + rng.choice([one for one in LETTERS if one != true[at]]) + true[at + 1 :]


def _borrowed(rng: random.Random) -> str:
    """A true signature, of another inquiry, side, button, draft, seller or kind of address."""
    number = rng.randint(1, INQUIRIES - 1)
    signature = rng.choice(
        (
            KEYRING.inquiry_address(number, nonce(number), "c"),
            KEYRING.inquiry_address(number, nonce(number), "reopen1"),
            KEYRING.draft_address(number, nonce(number), "another"),
            KEYRING.practice_address(1, "tanaka@shop.example", "s"),
            KEYRING.bounce_address(OUTBOX_ID[::-1]),
        )
    ).rpartition("-")[2]
    forms = (f"q{number + 1}-c", f"q{number}-s", f"q{number}-send", f"q{number}-reopen2", f"b{OUTBOX_ID}", "t1-s")
    return f"{rng.choice(forms)}-{signature}"


def _of_other_keys(rng: random.Random) -> str:
    number = rng.randint(1, INQUIRIES)
    keyring = rng.choice((REVOKED, FOREIGN))
    return rng.choice((keyring.inquiry_address(number, nonce(number), "s"), keyring.bounce_address(OUTBOX_ID)))


def nonce(number: int) -> str:
    return f"nonce{number:011}"


def verified(number: int, rng: random.Random) -> int:
    """How many of so many guesses any key takes for true: what the admission asks, without the way there."""
    endless = guesses(rng)
    return sum(_is_true(parse_local_part(next(endless))) for _ in range(number))


def _is_true(address: Address | None) -> bool:
    match address:
        case InquiryAddress(purpose="send"):
            return KEYRING.verifies_draft(address, nonce(address.number), "draft")
        case InquiryAddress():
            return KEYRING.verifies(address, nonce(address.number))
        case BounceAddress():
            return KEYRING.verifies_bounce(address)
        case PracticeAddress():
            return KEYRING.verifies_practice(address, "suzuki@shop.example")
        case _:
            raise AssertionError("every guess has the form of an address")


@asynccontextmanager
async def filled(folder: Path) -> AsyncIterator[Database]:
    """The database that is guessed at."""
    database = Database(f"sqlite:///{folder / 'toiawase.db'}")
    try:
        await upgrade(database)
        await _fill(database)
        yield database
    finally:
        await database.close()


@contextmanager
def _quiet() -> Iterator[None]:
    """Each refusal is a line of the log, and these are many."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    try:
        yield
    finally:
        structlog.configure(**before)


async def _fill(database: Database) -> None:
    """Open and closed inquiries, half of these so long ago that their addresses have expired; a draft, a seller."""
    async with database.write() as session:
        session.add(Store(id=1, name="testshop", title="T", created_at=NOW))
        await session.flush()
        session.add(Seller(id=1, store_id=1, address="suzuki@shop.example", created_at=NOW))
        address = "hanako@customer.example"
        session.add(Customer(id=1, store_id=1, address=address, address_key=address, created_at=NOW))
        await session.flush()
        for number in range(1, INQUIRIES + 1):
            inquiry = Inquiry(
                number=number, store_id=1, customer_id=1, origin=Origin.DIRECT, nonce=nonce(number),
                created_at=LONG_AGO, received_at=LONG_AGO,
            )  # fmt: skip
            if number % 2:
                inquiry.status, inquiry.closed_at = InquiryStatus.DONE, LONG_AGO
            session.add(inquiry)
        await session.flush()
        session.add(Message(id=1, inquiry_number=1, direction=Direction.INTERNAL, author=Author.SELLER, at=NOW))
        await session.flush()
        session.add(
            Draft(
                id="draft", state=DraftState.HELD, reason="unauthenticated", inquiry_number=1, message_id=1,
                nonce="draft", created_at=NOW, expires_at=NOW,
            )
        )  # fmt: skip


# Over SMTP


@asynccontextmanager
async def _intake(database: Database, folder: Path, delay: float) -> AsyncIterator[int]:
    """What a guesser meets, but without the limits that would end it early: those are tests/intake/test_failures.py's
    question. Yields the port."""
    settings = IntakeSettings(
        domain=DOMAIN, state_dir=folder, refusal_delay=delay, max_junk=10**9,
        trusted_relays=(ip_network("127.0.0.1/32"),),
    )  # fmt: skip
    intake = Intake(database, lambda: KEYRING, settings)
    listener = open_socket("127.0.0.1:0")
    port = listener.getsockname()[1]
    await intake.start(listener)
    try:
        yield port
    finally:
        await intake.close()


class _Client:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def begun(cls, port: int) -> "_Client":
        client = cls(*await asyncio.open_connection("127.0.0.1", port))
        await client._reply()
        await client.ask(["HELO guesser.example"])
        await client.ask(["MAIL FROM:<guesser@example.com>"])
        return client

    async def ask(self, commands: list[str]) -> list[str]:
        """The code of each command's reply; they are sent at once (RFC 2920)."""
        self._writer.write("".join(f"{command}\r\n" for command in commands).encode())
        return [await self._reply() for _ in commands]

    async def rcpt(self, locals_: list[str]) -> list[str]:
        return await self.ask([f"RCPT TO:<{local}@{DOMAIN}>" for local in locals_])

    async def _reply(self) -> str:
        return (await self._reader.readline()).decode()[:3]

    def close(self) -> None:
        self._writer.close()


async def answers_to(database: Database, folder: Path, locals_: list[str]) -> list[str]:
    async with _intake(database, folder, 0) as port:
        client = await _Client.begun(port)
        codes = await client.rcpt(locals_)
        client.close()
    return codes


async def answers_to_guesses(database: Database, folder: Path, number: int, rng: random.Random) -> Counter[str]:
    answers: Counter[str] = Counter()
    endless = guesses(rng)
    async with _intake(database, folder, 0) as port:
        client = await _Client.begun(port)
        while answers.total() < number:
            answers.update(await client.rcpt([next(endless) for _ in range(min(AT_ONCE, number - answers.total()))]))
        client.close()
    return answers


async def _reply_times(database: Database, folder: Path, number: int, rng: random.Random) -> dict[str, float]:
    """Each kind of refusal in milliseconds, asked in a shuffled order."""
    kinds = {
        "no form": ["x+y", "q1-s-short"],
        "no store": ["nobody", "nobody+p1"],
        "no inquiry": [f"q{INQUIRIES + 1}-s-{'a' * 24}"],
        "false signature": [f"q1-s-{'a' * 24}", f"b{OUTBOX_ID}-{'a' * 24}", f"t1-s-{'a' * 24}"],
        "false draft": [f"q1-send-{'a' * 24}"],
        "revoked key": [REVOKED.inquiry_address(1, nonce(1), "s")],
    }
    order = [kind for kind in kinds for _ in range(number)]
    rng.shuffle(order)
    times: dict[str, list[float]] = {kind: [] for kind in kinds}
    async with _intake(database, folder, IntakeSettings.refusal_delay) as port:

        async def ask_some(some: list[str]) -> None:
            client = await _Client.begun(port)
            for kind in some:
                began = perf_counter_ns()
                await client.rcpt([rng.choice(kinds[kind])])
                times[kind].append((perf_counter_ns() - began) / 1e6)
            client.close()

        await asyncio.gather(*(ask_some(order[start::8]) for start in range(8)))
    return {kind: round(_typical(of), 2) for kind, of in times.items()}


# In the keyring


def _check_times(number: int, rng: random.Random) -> dict[str, float]:
    """Each kind of check in microseconds."""
    true = KEYRING.inquiry_address(1, nonce(1), "s")
    of_old = BEFORE.inquiry_address(1, nonce(1), "s")
    kinds = {
        "true, by the newest key": true,
        "true, by the oldest key": of_old,
        "first letter wrong": _changed(true, len(true) - 24),
        "last letter wrong": _changed(true, len(true) - 1),
        "another inquiry's": KEYRING.inquiry_address(2, nonce(2), "s").replace("q2", "q1"),
        "revoked": REVOKED.inquiry_address(1, nonce(1), "s"),
    }
    addresses = {kind: parse_local_part(local) for kind, local in kinds.items()}
    times: dict[str, list[int]] = {kind: [] for kind in kinds}
    order = list(kinds)
    for _ in range(number):
        rng.shuffle(order)
        for kind in order:
            address = addresses[kind]
            assert isinstance(address, InquiryAddress)
            began = perf_counter_ns()
            KEYRING.verifies(address, nonce(1))
            times[kind].append(perf_counter_ns() - began)
    return {kind: round(_typical(of) / 1000, 3) for kind, of in times.items()}


def _typical(times: Sequence[float]) -> float:
    """The lower quartile: what is above it is the machine's other work."""
    return statistics.quantiles(times, n=4)[0]


def _changed(local: str, at: int) -> str:
    return local[:at] + ("b" if local[at] == "a" else "a") + local[at + 1 :]
