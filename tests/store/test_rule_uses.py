"""What the database keeps of rules: what was in use where and when, what was refused, and the files of each version."""

from datetime import UTC, datetime, timedelta

from gateway.store import rule_uses
from gateway.store.database import Database

AT = datetime(2026, 11, 20, 5, 0, tzinfo=UTC)
FILES = {"10-a.yaml": "\ufeffrules: []\r\n# 規則".encode(), "replies/handled.ja.txt": b"x\n"}


def hours(number: int) -> datetime:
    return AT + timedelta(hours=number)


async def test_files_come_back_octet_for_octet_and_are_kept_once(database: Database) -> None:
    async with database.write() as session:
        for node in ("a", "b"):
            await rule_uses.take(session, node, "start", "v1", FILES, 0, AT)
    async with database.read() as session:
        assert await rule_uses.files_of(session, "v1") == FILES
        assert await rule_uses.files_of(session, "v2") is None
        assert [(use.node, rules) for use, rules in await rule_uses.history(session, 10)] == [("b", 0), ("a", 0)]


async def test_the_state_of_a_node_is_what_it_did_last(database: Database) -> None:
    async with database.write() as session:
        assert await rule_uses.in_use(session, "a") is None
        assert await rule_uses.newest(session, "a") is None
        await rule_uses.take(session, "a", "start", "v1", FILES, 3, AT)
        await rule_uses.refuse(session, "a", "change", "v1", "x.yaml:1:1: wrong", 1, hours(1))
        await rule_uses.refuse(session, "a", "change", "v1", "x.yaml:2:1: wrong " + "!" * 2000, 2, hours(2))
        await rule_uses.take(session, "b", "start", "v2", FILES, 3, hours(3))
        a, b, unknown = [await rule_uses.in_use(session, node) for node in ("a", "b", "c")]
        assert a is not None
        assert (a.version, a.since, a.problems, a.refused_since) == ("v1", AT, 2, hours(1))
        assert a.refused == ("x.yaml:2:1: wrong " + "!" * 2000)[: rule_uses.REFUSAL_LENGTH]
        assert b == unknown == rule_uses.InUse("b", "v2", hours(3), rules=3)
        await rule_uses.take(session, "a", "signal", "v1", FILES, 3, hours(4))
        assert await rule_uses.in_use(session, "a") == rule_uses.InUse("a", "v1", hours(4), rules=3)


async def test_a_node_that_never_had_rules_of_its_own_tells_since_when_it_works_with_anothers(
    database: Database,
) -> None:
    async with database.write() as session:
        await rule_uses.take(session, "a", "start", "v1", FILES, 3, AT)
        await rule_uses.refuse(session, "b", "start", "v1", "wrong", 1, hours(1))
        await rule_uses.refuse(session, "b", "change", "v1", "worse", 1, hours(2))
        state = await rule_uses.in_use(session, "b")
        assert state == rule_uses.InUse("b", "v1", hours(1), "worse", 1, hours(1), 3)


async def test_a_version_is_found_by_its_beginning(database: Database) -> None:
    async with database.write() as session:
        for version in ("ab1", "ab2", "ac1", "%"):
            await rule_uses.take(session, "a", "change", version, FILES, 3, AT)
        for beginning, count in (("ab", 2), ("ac", 1), ("a", 2), ("b", 0), ("%", 1), ("ab1", 1)):
            assert len(await rule_uses.versions(session, beginning)) == count, beginning
