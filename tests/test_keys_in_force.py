"""Keys of a running gateway: what another node or a command does to them is in force at once."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway import keys, keys_in_force
from gateway.keys import KeysError
from gateway.keys_in_force import KeysInForce
from gateway.mail.addresses import InquiryAddress, parse_local_part
from gateway.mail.keyring import Keyring
from gateway.store import key_fingerprints
from gateway.store.database import Database
from tests.test_keys import open_inquiry, revoke

NOW = datetime(2026, 11, 20, 5, 0, tzinfo=UTC)
PATIENCE = 20.0  # seconds until something that never happens fails the test


class Watched:
    """Keys in force, and how often they changed."""

    def __init__(self, database: Database) -> None:
        self.in_force = KeysInForce(database)
        self.changes = 0

    def changed(self) -> None:
        self.changes += 1

    async def until(self, true: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not true():
                await asyncio.sleep(0.01)

    @property
    def ids(self) -> list[str]:
        return [key.id for key in self.in_force.last.keys]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "keys.toml"


@asynccontextmanager
async def watching(database: Database, file: Path) -> AsyncIterator[Watched]:
    watched = Watched(database)
    await watched.in_force.use(file)
    task = asyncio.create_task(watched.in_force.watch(lambda: file, watched.changed))
    try:
        yield watched
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.fixture(autouse=True)
def _looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys_in_force, "LOOK", 0.02)


async def test_a09_a_rotation_keeps_old_addresses_and_a_revocation_ends_them(database: Database, file: Path) -> None:
    old = keys.create(file, NOW)
    async with watching(database, file) as watched:
        await open_inquiry(database)
        address = signed(watched.in_force.last)
        new = keys.rotate(file, NOW + timedelta(days=1))
        await watched.until(lambda: watched.ids == [new.id, old.id])
        assert verifies(watched.in_force.last, address)
        assert signed(watched.in_force.last) != address
        keys.revoke(file, old.id)
        await revoke(database, old.id)
        await watched.until(lambda: watched.ids == [new.id])
        assert not verifies(watched.in_force.last, address)


async def test_a09_a_revocation_by_another_node_ends_the_key_here_while_the_file_has_it(
    database: Database, file: Path
) -> None:
    """Also where systemd handed the keys over at the start: the credential does not change before a restart."""
    old = keys.create(file, NOW)
    new = keys.rotate(file, NOW + timedelta(days=1))
    async with watching(database, file) as watched:
        await open_inquiry(database)
        assert watched.ids == [new.id, old.id]
        await revoke(database, old.id)
        await watched.until(lambda: watched.ids == [new.id])
        assert watched.in_force.usable() is not None
        await watched.until(lambda: watched.changes == 1)
        await revoke(database, new.id)
        await watched.until(lambda: watched.in_force.usable() is None)
        assert watched.changes == 1


async def test_a_key_that_another_node_has_does_not_stop_this_one(database: Database, file: Path) -> None:
    old = keys.create(file, NOW)
    async with watching(database, file) as watched:
        await open_inquiry(database)
        elsewhere = file.with_name("elsewhere.toml")
        elsewhere.write_bytes(file.read_bytes())
        elsewhere.chmod(0o600)
        new = keys.rotate(elsewhere, NOW + timedelta(days=1))
        await KeysInForce(database).use(elsewhere)
        await asyncio.sleep(0.1)
        assert (watched.in_force.usable() is not None, watched.ids) == (True, [old.id])
        elsewhere.replace(file)
        await watched.until(lambda: watched.ids == [new.id, old.id])


async def test_a_lost_key_that_is_given_up_brings_the_gateway_back(database: Database, file: Path) -> None:
    lost = keys.create(file, NOW)
    async with watching(database, file) as watched:
        await open_inquiry(database)
        file.unlink()
        await watched.until(lambda: watched.in_force.usable() is None)
        new = keys.rotate(file, NOW)
        await asyncio.sleep(0.1)
        assert watched.in_force.usable() is None
        await revoke(database, lost.id)
        await watched.until(lambda: watched.in_force.usable() is not None)
        assert watched.ids == [new.id]


async def test_a_revocation_just_after_a_look_that_found_no_usable_keys_is_seen_by_the_next(
    database: Database, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = keys.create(file, NOW)
    async with watching(database, file) as watched:
        await open_inquiry(database)
        use = KeysInForce.use

        async def use_and_revoke(in_force: KeysInForce, path: Path) -> None:
            try:
                await use(in_force, path)
            except KeysError:
                if path.exists():
                    monkeypatch.setattr(KeysInForce, "use", use)
                    await revoke(database, lost.id)
                raise

        file.unlink()
        await watched.until(lambda: watched.in_force.usable() is None)
        monkeypatch.setattr(KeysInForce, "use", use_and_revoke)
        new = keys.rotate(file, NOW)
        await watched.until(lambda: watched.in_force.usable() is not None)
        assert watched.ids == [new.id]


async def test_keys_in_use_are_those_that_nobody_revoked(database: Database, file: Path) -> None:
    old = keys.create(file, NOW)
    new = keys.rotate(file, NOW)
    await KeysInForce(database).use(file)
    await open_inquiry(database)
    await revoke(database, old.id)
    async with database.read() as session:
        assert await key_fingerprints.in_use(session) == {new.id}


def signed(keyring: Keyring) -> str:
    return keyring.inquiry_address(1, "0" * 16, "s")


def verifies(keyring: Keyring, local: str) -> bool:
    address = parse_local_part(local)
    assert isinstance(address, InquiryAddress)
    return keyring.verifies(address, "0" * 16)
