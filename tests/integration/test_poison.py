"""A mail that kills its reader costs a worker, never the daemon, and a killed worker costs no mail (A15)."""

from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlmodel import select

from gateway.store.tables import Received
from gateway.worker.loop import MOST_ATTEMPTS
from gateway.worker.marker import marked
from tests.few_rules import write_few_rules
from tests.integration.daemon import Daemon, daemon
from tests.integration.house import DOMAIN, HANAKO, SUZUKI

SHOP = f"testshop@{DOMAIN}"
POISON = Path(__file__).parent / "poison"
POISONS = ("poison-spin", "poison-allocate", "poison-crash")


@pytest.fixture
async def poisoned(tmp_path: Path, database_url: str) -> AsyncIterator[Daemon]:
    """Its readers fall for the words of poison/sitecustomize.py."""
    async with daemon(tmp_path, database_url) as house:
        house.environment = {"PYTHONPATH": f"{POISON}:{POISON.parents[2]}", "TOIAWASE_POISON": str(tmp_path)}
        write_few_rules(tmp_path)
        await house.start()
        yield house


def readings(house: Daemon) -> Counter[str]:
    """How often each mail was read: begun, where it is poison; to its end, where not."""
    file = house.folder / "read"
    return Counter(file.read_text().splitlines() if file.exists() else ())


async def test_A15_a_mail_that_kills_its_reader_is_set_aside_and_nobody_else_notices(poisoned: Daemon) -> None:
    process = poisoned.process
    await poisoned.writes(HANAKO, SHOP, "質問です。", Subject="poison-linger")  # the rest is claimed at once after it
    await poisoned.until(lambda: readings(poisoned)["poison-linger"], "the reading")
    ids = {word: await poisoned.writes(HANAKO, SHOP, f"{word}\nsecret body", Subject=word) for word in POISONS}
    for number in range(4):
        await poisoned.writes(f"c{number}@customer.example", SHOP, "質問です。", Subject=f"question {number}")
    (poisoned.folder / "go-on").touch()
    for number in range(4):
        await poisoned.gets(SUZUKI, f"question {number} ")
    await poisoned.command("ledger", "check")
    told = [await poisoned.gets(SUZUKI, "読めないメール") for _ in POISONS]

    for mail in told:
        (attached,) = mail.mail.iter_attachments()
        raw = attached.get_content()
        octets = raw.as_bytes() if hasattr(raw, "as_bytes") else raw
        assert b"poison-" in octets
        assert HANAKO.encode() not in mail.raw
        assert HANAKO.encode() not in octets
    times = readings(poisoned)
    assert {word: times[word] for word in POISONS} == dict.fromkeys(POISONS, MOST_ATTEMPTS)
    assert process is poisoned.process
    assert poisoned.lives
    rows = await poisoned.json("mail", "list", "--state", "set_aside")
    assert {row["id"] for row in rows} == set(ids.values())
    await poisoned.command("ledger", "check", "--strict")

    (poisoned.folder / "cured").touch()
    for queue_id in ids.values():
        await poisoned.command("mail", "replay", queue_id)
    for word in ids:
        told_at_last = await poisoned.gets(SUZUKI, f"{word} [")
        assert "secret body" in told_at_last.text
    for queue_id in ids.values():
        assert (await poisoned.settled(queue_id)).state == "done"
    await poisoned.command("ledger", "check", "--strict")


async def test_a_worker_killed_while_idle_or_between_two_mails_costs_no_mail_an_attempt(
    poisoned: Daemon,
) -> None:
    (await poisoned.worker()).kill()
    await poisoned.logged("worker.died")
    await poisoned.writes(HANAKO, SHOP, "質問です。", Subject="question")
    await poisoned.gets(SUZUKI, "question")
    for round_ in range(MOST_ATTEMPTS):
        await _killed_before_it_wrote(poisoned, round_)
    (poisoned.folder / "go-on").touch()
    for subject in ("poison-linger", "neighbour"):
        await poisoned.gets(SUZUKI, subject)
    assert await poisoned.json("mail", "list", "--state", "set_aside") == []
    await poisoned.command("ledger", "check", "--strict")


async def _killed_before_it_wrote(house: Daemon, round_: int) -> None:
    """Kills the worker when it has read its mails and waits for its turn to write."""
    if not round_:
        for subject in ("poison-linger", "neighbour"):
            await house.writes(HANAKO, SHOP, "質問です。", Subject=subject)
    begun = 2 * round_ + 1
    await house.until(lambda: readings(house)["poison-linger"] == begun, "the reading")
    async with house.database.write() as session:
        await session.exec(select(Received).with_for_update())
        (house.folder / "go-on").touch()
        await house.until(lambda: readings(house)["poison-linger"] == begun + 1, "the mail's end")
        await house.until(lambda: marked(house.folder / "worker-0.mail") is None, "the end of the reading")
        (house.folder / "go-on").unlink()
        (await house.worker()).kill()
    await house.logged("worker.died", round_ + 2)


@pytest.mark.parametrize("kind", ["sqlite"])
async def test_the_death_of_the_workers_parent_is_a_workers_death_only(poisoned: Daemon) -> None:
    parent = (await poisoned.worker()).parent()
    assert parent is not None
    parent.kill()
    await poisoned.writes(HANAKO, SHOP, "質問です。", Subject="question")
    await poisoned.gets(SUZUKI, "question")
    assert await poisoned.stop() == 0
