"""What whoever edits the rules of a running gateway may rely on: all of a change works, or nothing of it does and the
operator is told where it is wrong."""

import asyncio
import json
import shutil
import signal
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import select

from gateway import rules_in_force
from gateway.rules.files import Files, read, version_of
from gateway.rules.problems import RulesError
from gateway.rules.ruleset import RuleSet
from gateway.rules.shipped import shipped_folder
from gateway.rules_in_force import RulesInForce
from gateway.store import rule_uses
from gateway.store.database import Database
from gateway.store.rule_tables import RuleUse
from gateway.store.rule_uses import InUse
from tests.integration.daemon import daemon
from tests.integration.house import DOMAIN, HANAKO, SUZUKI, Arrived, House, open_house
from tests.rules.phrasebook import BROKEN

SHOP, OPERATOR = f"testshop@{DOMAIN}", "ops@example.jp"
REFUSED, RIGHT = "ルールに誤りがあるため", "ルールの誤りは解消されました"
RULE = """rules:
  - name: shipping
    when: {{ message.text: {{ contains: 送料 }} }}
    then: {{ category: {} }}
"""
WRONG = RULE.format("送料").replace("category", "categry")
T1, T2 = 0.01, 0.04  # seconds, instead of half a one and two


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules_in_force, "LOOK", T1)
    monkeypatch.setattr(rules_in_force, "QUIET", T2)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The rules of an installation of its own: what is about 送料 is of the category 送料."""
    (tmp_path / "rules" / "replies").mkdir(parents=True)
    (tmp_path / "rules" / "replies" / "handled.ja.txt").write_text("ご対応させていただきました。", "utf-8")
    (tmp_path / "rules" / "10-shipping.yaml").write_text(RULE.format("送料"), "utf-8")
    return tmp_path / "rules"


@pytest.fixture
async def shop(tmp_path: Path, folder: Path, database_url: str) -> AsyncIterator[House]:
    async with open_house(tmp_path, database_url) as opened:
        await opened.add_store("testshop", SUZUKI)
        yield opened


async def uses(house: House) -> list[RuleUse]:
    async with house.database.read() as session:
        return list(await session.exec(select(RuleUse).order_by(RuleUse.id)))  # type: ignore[arg-type]


async def in_use(house: House) -> InUse:
    async with house.database.read() as session:
        found = await rule_uses.in_use(session, (await uses(house))[-1].node)
    assert found is not None
    return found


async def category(house: House, subject: str) -> Any:
    """Of a customer's question about 送料, as the rules of the moment see it."""
    await house.writes(HANAKO, SHOP, "送料はいくらですか。", Subject=subject)
    told = await house.gets(SUZUKI, subject)
    number = int(str(told.mail["Subject"]).rpartition("Q-")[2].rstrip("]"))
    return (await house.inquiry(number))["category"]


async def categories_until(house: House, wanted: str) -> list[Any]:
    """Of questions that are asked until one is of this category."""
    found: list[Any] = []
    async with asyncio.timeout(30):
        while wanted not in found:
            found.append(await category(house, f"question {len(found)}"))
    return found


async def until(house: House, count: int) -> list[RuleUse]:
    """The records, once there are so many."""
    async with asyncio.timeout(30):
        while len(found := await uses(house)) < count:
            await asyncio.sleep(T1)
    return found


async def looked_at() -> None:
    """Time for some looks at the folder."""
    await asyncio.sleep(3 * (T1 + T2))


async def operator_is_told(house: House, subject: str = REFUSED) -> Arrived:
    return await house.gets(OPERATOR, subject)


async def test_no_broken_file_disturbs_the_rules_in_force(tmp_path: Path, folder: Path, sqlite_url: str) -> None:
    async with open_house(tmp_path, sqlite_url) as house:
        await house.add_store("testshop", SUZUKI)
        [start] = await uses(house)
        assert await category(house, "before") == "送料"
        for broken in BROKEN:
            place = folder / broken.name if broken.suffix == ".yaml" else folder / "replies" / broken.name
            shutil.copyfile(broken, place)
            told = await operator_is_told(house)
            expected = broken.with_name(broken.name.split(".")[0] + ".expected").read_text("utf-8")
            file, line, *_ = expected.split(":")
            assert f"{folder}/{file}:{line}:" in told.text
            last = (await uses(house))[-1]
            assert (last.refused or "").startswith(f"{folder}/{file}:{line}:")
            assert last.version == start.version
            if broken in BROKEN[::20]:
                assert await category(house, broken.name) == "送料"
            place.unlink()
        await operator_is_told(house, RIGHT)
        assert await category(house, "after") == "送料"
        assert [use.version for use in await uses(house)] == [start.version] * (len(BROKEN) + 2)


async def test_a_change_works_from_one_mail_to_the_next_and_none_is_lost(shop: House, folder: Path) -> None:
    assert await category(shop, "first") == "送料"
    (folder / "10-shipping.yaml").write_text(RULE.format("配送"), "utf-8")
    found = await categories_until(shop, "配送")
    assert found == ["送料"] * (len(found) - 1) + ["配送"]
    assert await category(shop, "last") == "配送"
    start, change = await uses(shop)
    assert (start.cause, change.cause, change.refused) == ("start", "change", None)
    assert (await in_use(shop)).version == change.version != start.version
    async with shop.database.read() as session:
        files = await rule_uses.files_of(session, start.version)
    assert files == {
        "10-shipping.yaml": RULE.format("送料").encode(),
        "replies/handled.ja.txt": "ご対応させていただきました。".encode(),
    }


async def test_a_file_that_others_may_write_is_refused_until_it_is_ours_alone_A18(shop: House, folder: Path) -> None:
    (folder / "10-shipping.yaml").chmod(0o664)
    told = await operator_is_told(shop)
    assert f"{folder}/10-shipping.yaml:1:1: may be written by others" in told.text
    assert (await in_use(shop)).refused == (
        f"{folder}/10-shipping.yaml:1:1: may be written by others than its owner: chmod go-w 10-shipping.yaml"
    )
    assert await category(shop, "meanwhile") == "送料"
    (folder / "10-shipping.yaml").chmod(0o644)
    await operator_is_told(shop, RIGHT)
    assert (await in_use(shop)).refused is None


async def test_a_folder_that_others_may_write_is_refused_until_it_is_ours_alone_A18(
    tmp_path: Path, folder: Path, sqlite_url: str
) -> None:
    async with open_house(tmp_path, sqlite_url) as shop:
        (folder / "replies").chmod(0o777)
        await operator_is_told(shop)
        assert (await in_use(shop)).refused == (
            f"{folder}/replies:1:1: may be written by others than its owner: chmod go-w replies"
        )
        (folder / "replies").chmod(0o755)
        await operator_is_told(shop, RIGHT)


async def test_rules_that_are_none_are_in_force_with_a_warning(
    tmp_path: Path, folder: Path, sqlite_url: str, capfd: pytest.CaptureFixture[str]
) -> None:
    (folder / "10-shipping.yaml").unlink()
    async with open_house(tmp_path, sqlite_url) as shop:
        assert (await in_use(shop)).rules == 0
    out, err = capfd.readouterr()
    assert "rules.none" in out + err


async def test_a_file_that_only_a_fault_of_ours_refuses_stops_no_mail(
    tmp_path: Path, folder: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_house(tmp_path, sqlite_url) as shop:
        await shop.add_store("testshop", SUZUKI)

        def fails(_files: Files) -> RuleSet:
            raise ZeroDivisionError

        monkeypatch.setattr(rules_in_force, "ready_from", fails)
        (folder / "10-shipping.yaml").write_text(RULE.format("配送"), "utf-8")
        assert "a fault of ours: ZeroDivisionError" in (await operator_is_told(shop)).text
        assert await category(shop, "meanwhile") == "送料"


async def test_a_folder_that_goes_away_takes_no_rule_with_it(shop: House, folder: Path) -> None:
    folder.rename(folder.with_name("away"))
    told = await operator_is_told(shop)
    assert f"{folder}:1:1: there is no such folder of rules" in told.text
    assert await category(shop, "meanwhile") == "送料"
    folder.with_name("away").rename(folder)
    await operator_is_told(shop, RIGHT)


async def test_the_operator_hears_of_each_problem_once(shop: House, folder: Path) -> None:
    file = folder / "10-shipping.yaml"
    file.write_text(WRONG, "utf-8")
    first = await operator_is_told(shop)
    assert "categry is no action; did you mean category?\n    then: { categry: 送料 }" in first.text
    refused_since = (await in_use(shop)).refused_since
    file.write_text(f"{WRONG}# the same problem\n", "utf-8")
    await looked_at()
    file.write_text(WRONG.replace("contains", "contain"), "utf-8")
    second = await operator_is_told(shop)
    assert "contain " in second.text
    assert len(await uses(shop)) == 3
    state = await in_use(shop)
    assert (state.problems, state.refused_since) == (2, refused_since)
    file.write_text(RULE.format("配送"), "utf-8")
    assert "バージョン" in (await operator_is_told(shop, RIGHT)).text
    assert await category(shop, "at last") == "配送"
    assert [mail.rcpt_to for mail in shop.arrived].count(OPERATOR) == 3


async def test_what_stands_for_a_moment_only_is_not_judged(
    shop: House, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules_in_force, "QUIET", 3600)
    for content in (WRONG, "", "rules: [", RULE.format("配送")):
        (folder / "10-shipping.yaml").write_text(content, "utf-8")
        await looked_at()
    monkeypatch.setattr(rules_in_force, "QUIET", T2)
    _start, change = await until(shop, 2)
    assert change.refused is None
    assert await category(shop, "complete") == "配送"


async def test_a_start_with_broken_rules_goes_on_with_those_of_before(shop: House, folder: Path) -> None:
    [before] = await uses(shop)
    await shop.running.stop()
    (folder / "10-shipping.yaml").write_text(WRONG, "utf-8")
    await shop.start()
    assert f"{folder}/10-shipping.yaml:4:13: categry" in (await operator_is_told(shop)).text
    assert await category(shop, "in the night") == "送料"
    await shop.running.stop()
    await shop.start()
    *_, first, second = await uses(shop)
    assert (first.cause, first.version, first.refused) == (second.cause, before.version, second.refused)
    assert (await in_use(shop)).refused_since == first.at
    assert await category(shop, "in the morning") == "送料"
    assert [mail.rcpt_to for mail in shop.arrived].count(OPERATOR) == 1
    (folder / "10-shipping.yaml").write_text(RULE.format("配送"), "utf-8")
    await operator_is_told(shop, RIGHT)
    assert await category(shop, "mended") == "配送"


async def test_a_database_that_cannot_note_a_change_delays_it(shop: House, folder: Path) -> None:
    async with shop.database.write() as session:
        await session.exec(text("ALTER TABLE rule_use RENAME TO away"))  # type: ignore[call-overload]
    (folder / "10-shipping.yaml").write_text(RULE.format("配送"), "utf-8")
    await looked_at()
    assert await category(shop, "meanwhile") == "送料"
    async with shop.database.write() as session:
        await session.exec(text("ALTER TABLE away RENAME TO rule_use"))  # type: ignore[call-overload]
    await until(shop, 2)
    assert await category(shop, "after") == "配送"


async def test_without_a_folder_the_shipped_rules_apply_until_there_is_one(
    tmp_path: Path, folder: Path, sqlite_url: str
) -> None:
    folder.rename(folder.with_name("away"))
    async with open_house(tmp_path, sqlite_url) as house:
        await house.add_store("testshop", SUZUKI)
        house.running.reload_soon()
        await looked_at()
        [start] = await uses(house)
        assert start.version == version_of(read(shipped_folder()))
        folder.with_name("away").rename(folder)
        _, change = await until(house, 2)
        assert (change.refused, change.version) == (None, version_of(read(folder)))


async def test_rules_of_another_release_that_are_wrong_now_are_no_help(database: Database, folder: Path) -> None:
    rules = RulesInForce(database, "node", pytest.fail, pytest.fail)
    async with database.write() as session:
        await rule_uses.take(session, "node", "start", "old", {"a.yaml": WRONG.encode()}, 1, datetime.now(UTC))
    (folder / "10-shipping.yaml").write_text("rules: [", "utf-8")
    with pytest.raises(RulesError, match=r"10-shipping\.yaml:1:9: a value is missing"):
        await rules.begin(folder)


async def test_a_signal_and_a_start_say_what_the_check_says(tmp_path: Path, folder: Path, sqlite_url: str) -> None:
    file = folder / "10-shipping.yaml"
    async with daemon(tmp_path, sqlite_url) as house:
        file.write_text(WRONG, "utf-8")
        await house.command("rules", "check", code=1)
        process = house.launch()
        assert await asyncio.to_thread(process.wait, 60) == 2
        assert house.log.read_text("utf-8").splitlines() == [
            f"{file}:4:13: categry is no action; did you mean category?",
            "        then: { categry: 送料 }",
            "                ^",
            f"toiawase: 1 error in {folder}",
            "toiawase: cannot start: no rules are known that were in use before",
        ]
        house.log.unlink()
        file.write_text(RULE.format("送料"), "utf-8")
        await house.start()
        assert await category(house, "first") == "送料"

        file.write_text(WRONG, "utf-8")
        house.signal(signal.SIGHUP)
        await house.logged("rules.refused")
        [refused] = house.events("rules.refused")
        assert refused["problems"] == [f"{file}:4:13: categry is no action; did you mean category?"]
        status = json.loads(await house.command("status", "--json", code=1))
        assert status["attention"][0].startswith("rules refused since ")
        assert f"{file}:4:13: categry" in status["attention"][0]
        house.signal(signal.SIGHUP)  # asked once more, it says so once more; the mail is not sent again
        await house.logged("rules.refused", 2)
        await operator_is_told(house)

        # The configuration and the rules are each refused for themselves.
        file.write_text(RULE.format("配送"), "utf-8")
        good = house.config.read_text("utf-8")
        house.config.write_text("not TOML", "utf-8")
        house.signal(signal.SIGHUP)
        await house.logged("rules.loaded", 2)
        await house.logged("reload.refused")
        house.config.write_text(good, "utf-8")
        await operator_is_told(house, RIGHT)
        await categories_until(house, "配送")
        assert (await house.json("status"))["rules"]["refused"] is None
        assert len(house.events("worker.died")) == 0
        await house.command("ledger", "check", "--strict")
        assert await house.stop() == 0
