"""A million mutations of mails that people sent: all are understood in time; of some, handed in, nothing is lost."""

import asyncio
import random
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path
from statistics import quantiles

from sqlmodel import select

from gateway.intake.replies import TOO_MANY_HOPS
from gateway.mail.trace import HOP_LIMIT
from gateway.store import ledger, received
from gateway.store.database import Database
from gateway.store.migrate import upgrade
from gateway.store.tables import Received
from tests import corpora
from tests.integration.house import SUZUKI, open_house
from tests.integration.test_corpora import REFUSED, SESSIONS, Handed, everything_left, hand_in
from tests.score.robustness import USUAL_SIZE, explained, mutated
from tests.torture.report import Report

BATCH = 500
LIMIT = 0.200  # seconds of processor time that 99 of 100 mails take at most


async def run(full: bool, folder: Path) -> Report:
    return await (play(1_000_000, 10_000, folder) if full else play(1000, 100, folder))


async def play(mutations: int, handed_in: int, folder: Path) -> Report:
    failures: list[str] = []
    times: list[float] = []
    with ProcessPoolExecutor() as pool:
        for found, taken in pool.map(_batch, range(0, mutations, BATCH)):
            failures += found
            times += taken
    p99 = quantiles(times, n=100)[-1]
    if p99 > LIMIT:
        failures.append(f"one mail in a hundred takes {p99:.3f} s or more")
    accounts = await _through_the_gateway(handed_in, folder, failures)
    figures = {
        "99 of 100 take less than": f"{p99 * 1000:.0f} ms",
        "longest": f"{max(times):.2f} s",
        "accounts": accounts,
    }
    return Report(f"{mutations} mutations, {handed_in} more through the gateway", figures, tuple(failures))


def _batch(seed: int) -> tuple[list[str], list[float]]:
    chance, mails = random.Random(seed), _originals()
    found, taken = list[str](), list[float]()
    for number in range(BATCH):
        timing = explained(mutated(chance.choice(mails), chance))
        taken.append(timing.seconds)
        if timing.raised:
            found.append(f"mutation {seed}+{number}: {timing.raised:.200}")
    return found, taken


@cache
def _originals() -> list[bytes]:
    return [raw for _, raw in corpora.mails() if 0 < len(raw) <= USUAL_SIZE]


async def _through_the_gateway(mails: int, folder: Path, failures: list[str]) -> dict[str, int]:
    """What became of so many, by their final account."""
    chance, handed = random.Random(-1), list[Handed]()
    mutations = iter([(str(number), mutated(chance.choice(_originals()), chance)) for number in range(mails)])
    async with open_house(folder, await _database(folder), workers=1) as house:
        await house.add_store("testshop", SUZUKI)
        await asyncio.gather(*(hand_in(house.port, mutations, handed) for _ in range(SESSIONS)))
        await everything_left(house)
        async with house.database.read() as session:
            states = {row.queue_id: row.state.value for row in await session.exec(select(Received))}
            raw = await received.load_many(session, [one.queue_id for one in handed if one.reply.startswith("250")])
            book = await ledger.check(session)
    fates = Counter(_refused(one) or states.get(one.queue_id, "LOST") for one in handed)
    failures += [
        f"mail {one.name}: {one.reply}" for one in handed if not (one.reply.startswith("250") or _refused(one))
    ]
    failures += [
        f"mail {one.name} is not there as it came"
        for one in handed
        if one.reply.startswith("250") and not raw.get(one.queue_id, b"").endswith(one.raw.partition(b"\r\n\r\n")[2])
    ]
    failures += book.problems
    if fates["LOST"] or fates.total() != mails:
        failures.append(f"{fates['LOST']} lost of {fates.total()} of {mails}")
    return dict(fates)


async def _database(folder: Path) -> str:
    database = Database(f"sqlite:///{folder}/toiawase.db")
    await upgrade(database)
    await database.close()
    return f"sqlite:///{folder}/toiawase.db"


def _refused(one: Handed) -> str | None:
    """By which rule, where it was refused by right: a mutation may bring a bare LF, or a hundred Received fields."""
    if one.reply.startswith(REFUSED):
        return "refused under N01"
    if one.reply == TOO_MANY_HOPS and one.raw.lower().count(b"received") > HOP_LIMIT:
        return "refused under N15"
    return None
