"""1,000 mails, each ten times at once on two nodes (PostgreSQL): one inquiry, one answer of a rule, ten times 250."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from contextlib import AsyncExitStack
from itertools import count
from pathlib import Path

from gateway.store.database import Database
from gateway.store.migrate import upgrade
from tests import postgres
from tests.integration.house import DOMAIN, SUZUKI, House, open_house
from tests.integration.relay import HandsIn, at_rest, relay
from tests.integration.responders import automatic, mail
from tests.torture.report import Report

COPIES = 10
LANES = 4  # different mails at once
SHOP = f"testshop@{DOMAIN}"
NO_LIMITS = "\n[limits]\nauto_per_hour = 1000000\nauto_per_store_per_hour = 1000000\n"


async def run(full: bool, folder: Path) -> Report:
    with postgres.running() as server:
        url = server.url("postgres")
        database = Database(url)
        await upgrade(database)
        await database.close()
        return await play(1000 if full else 20, folder, [url, url])


async def play(mails: int, folder: Path, urls: Sequence[str]) -> Report:
    """`urls` is the database of each node."""
    async with AsyncExitStack() as stack:
        nodes = []
        for number, url in enumerate(urls):
            (folder / f"node{number}").mkdir()
            nodes.append(await stack.enter_async_context(open_house(folder / f"node{number}", url, more=NO_LIMITS)))
        await nodes[0].add_store("testshop", SUZUKI)
        queue_ids = await _hand_in(mails, nodes)
        for node in nodes:
            await at_rest(node)
        answers = sum((automatic(node) for node in nodes), Counter[str]())
        told = sum(one.rcpt_to == SUZUKI for node in nodes for one in node.arrived)
        inquiries = await nodes[0].inquiries()
    failures = [f"{times} answers to {customer}" for customer, times in answers.items() if times != 1]
    for what, is_there, should_be in (
        ("times 250", len(queue_ids), mails * COPIES),
        ("inquiries", inquiries, mails),
        ("customers answered", len(answers), mails),
        ("notices to the seller", told, mails),
    ):
        if is_there != should_be:
            failures.append(f"{is_there} {what}, not {should_be}")
    figures = {"250": len(queue_ids), "inquiries": inquiries, "automatic answers": answers.total()}
    return Report(f"{mails} mails, {COPIES} times each, on {len(urls)} nodes", figures, tuple(failures))


async def _hand_in(mails: int, nodes: Sequence[House]) -> set[str]:
    """The queue ids of all that was answered 250."""
    numbers, queue_ids = count(), set[str]()

    async def lane(relays: Sequence[HandsIn]) -> None:
        while (number := next(numbers)) < mails:
            sender = f"c{number}@customer.example"
            raw = mail(sender, SHOP, "ありがとうございました。", Message_ID=f"<same-{number}@customer.example>")
            queue_ids.update(await asyncio.gather(*(hands_in(raw, sender, SHOP) for hands_in in relays)))

    async with AsyncExitStack() as stack:
        lanes = [
            [await stack.enter_async_context(relay(nodes[copy % len(nodes)])) for copy in range(COPIES)]
            for _ in range(LANES)
        ]
        await asyncio.gather(*map(lane, lanes))
    return queue_ids
