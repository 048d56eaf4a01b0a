"""The keys file, and its bond with the database."""

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway import keys
from gateway.keys import KeysError, check_fingerprints, load_keys
from gateway.mail.addresses import InquiryAddress, parse_local_part
from gateway.mail.keyring import Keyring
from gateway.store import key_fingerprints
from gateway.store.database import Database
from gateway.store.states import Origin
from gateway.store.tables import Customer, Inquiry, KeyFingerprint, Store

NOW = datetime(2026, 11, 20, 5, 0, tzinfo=UTC)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "keys.toml"


def test_a_new_file_is_for_us_alone_A25(file: Path) -> None:
    entry = keys.create(file, NOW)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    [key] = load_keys(file).keys
    assert (key.id, key.created_at, key.secret) == (entry.id, NOW, entry.secret)
    assert len(key.secret) == 32


def test_a_file_is_never_written_over(file: Path) -> None:
    keys.create(file, NOW)
    before = file.read_bytes()
    with pytest.raises(KeysError, match="there already"):
        keys.create(file, NOW)
    assert file.read_bytes() == before


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_a_file_that_others_may_touch_is_not_used_A25(file: Path, mode: int) -> None:
    keys.create(file, NOW)
    file.chmod(mode)
    with pytest.raises(KeysError, match="chmod 600"):
        load_keys(file)


def test_the_newest_signs_and_older_ones_still_verify(file: Path) -> None:
    old = keys.create(file, NOW)
    address = load_keys(file).inquiry_address(1042, "nonce", "s")
    new = keys.rotate(file, NOW + timedelta(days=1))
    ring = load_keys(file)
    assert [key.id for key in ring.keys] == [new.id, old.id]
    assert ring.inquiry_address(1042, "nonce", "s") != address
    parsed = parse_local_part(address)
    assert isinstance(parsed, InquiryAddress)
    assert ring.verifies(parsed, "nonce")
    keys.revoke(file, old.id)
    assert not load_keys(file).verifies(parsed, "nonce")
    assert [entry.revoked for entry in keys.read(file)] == [False, True]


def test_a_rotated_key_signs_also_where_the_clock_went_back(file: Path) -> None:
    keys.create(file, NOW)
    new = keys.rotate(file, NOW - timedelta(days=1))
    newer = keys.rotate(file, NOW)
    assert [key.id for key in load_keys(file).keys][:2] == [newer.id, new.id]


def test_two_who_rotate_at_once_lose_no_key(file: Path) -> None:
    keys.create(file, NOW)
    with ThreadPoolExecutor() as pool:
        made = list(pool.map(lambda _: keys.rotate(file, NOW).id, range(8)))
    assert {key.id for key in load_keys(file).keys} >= set(made)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give a file away")
def test_the_gateway_keeps_its_keys_when_root_rotates_them(file: Path) -> None:
    keys.create(file, NOW)
    os.chown(file, 12345, 12345)
    keys.rotate(file, NOW)
    status = file.stat()
    assert (status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode)) == (12345, 12345, 0o600)


def test_the_last_key_cannot_be_revoked(file: Path) -> None:
    entry = keys.create(file, NOW)
    with pytest.raises(KeysError, match="rotate"):
        keys.revoke(file, entry.id)
    with pytest.raises(KeysError, match="no key nothing"):
        keys.revoke(file, "nothing")


def test_a_crash_while_writing_leaves_the_old_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keys.create(file, NOW)
    before = file.read_bytes()

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(KeysError, match="No space left"):
        keys.rotate(file, NOW)
    assert file.read_bytes() == before
    assert list(file.parent.iterdir()) == [file]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = [", "is no TOML"),
        ("[keys]\n", "may hold"),
        ("", "has no key in use"),
        ('[[key]]\nid = "a"\ncreated_at = 2026-11-20T00:00:00Z\n', "key 1 has no secret"),
        ('[[key]]\nid = "a"\nsecret = "c2hvcnQ="\ncreated_at = 2026-11-20T00:00:00Z\n', "at least 16 octets"),
        ('[[key]]\nid = "a"\nsecret = "???"\ncreated_at = 2026-11-20T00:00:00Z\n', "key 1 is wrong"),
        ('[[key]]\nid = "a"\nsecret = "c2hvcnQ="\ncreated_at = 2026-11-20\n', "a time with a zone"),
        ('[[key]]\nid = "a b"\nsecret = "c2hvcnQ="\ncreated_at = 2026-11-20T00:00:00Z\n', "id has letters"),
        ("key = [1]\n", "key 1 is wrong"),
    ],
)
def test_a_broken_file_is_named_without_its_secrets_A23(file: Path, text: str, message: str) -> None:
    file.write_text(text)
    file.chmod(0o600)
    with pytest.raises(KeysError, match=message) as caught:
        load_keys(file)
    assert "c2hvcnQ" not in str(caught.value)


def test_a_missing_file_says_what_to_do(file: Path) -> None:
    with pytest.raises(KeysError, match="restore it"):
        load_keys(file)


def test_a_systemd_credential_goes_before_the_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keys.create(file, NOW)
    credentials = file.parent / "credentials"
    credentials.mkdir()
    entry = keys.create(credentials / "reply-token-key", NOW)
    (credentials / "reply-token-key").chmod(0o440)  # as systemd does with an access list
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(credentials))
    assert [key.id for key in load_keys(file).keys] == [entry.id]
    with pytest.raises(KeysError, match="credential"):
        keys.rotate(file, NOW)


async def check(database: Database, file: Path) -> Keyring:
    async with database.write() as session:
        return await check_fingerprints(session, load_keys(file), NOW)


async def revoke(database: Database, key_id: str) -> None:
    async with database.write() as session:
        assert await key_fingerprints.revoke(session, key_id, NOW)


async def known(database: Database) -> set[str]:
    async with database.read() as session:
        return set((await session.exec(select(KeyFingerprint.key_id))).all())


async def open_inquiry(database: Database) -> None:
    async with database.write() as session:
        await _add(session)


async def _add(session: AsyncSession) -> None:
    session.add(Store(id=1, name="testshop", title="T", created_at=NOW))
    await session.flush()
    address = "yamada@customer.example"
    session.add(Customer(id=1, store_id=1, address=address, address_key=address, created_at=NOW))
    await session.flush()
    session.add(
        Inquiry(store_id=1, customer_id=1, origin=Origin.DIRECT, nonce="0" * 16, created_at=NOW, received_at=NOW)
    )


async def test_before_the_first_inquiry_any_keys_will_do(database: Database, file: Path) -> None:
    keys.create(file, NOW)
    await check(database, file)
    file.unlink()
    entry = keys.create(file, NOW)
    await check(database, file)
    assert await known(database) == {entry.id}


async def test_a_rotated_key_is_noted(database: Database, file: Path) -> None:
    old = keys.create(file, NOW)
    await check(database, file)
    await open_inquiry(database)
    new = keys.rotate(file, NOW)
    await check(database, file)
    await check(database, file)
    assert await known(database) == {old.id, new.id}


async def test_a09_a_revocation_in_the_database_goes_before_a_file_that_has_the_key_still(
    database: Database, file: Path
) -> None:
    old = keys.create(file, NOW)
    await check(database, file)
    await open_inquiry(database)
    new = keys.rotate(file, NOW)
    await check(database, file)
    await revoke(database, old.id)
    assert [key.id for key in (await check(database, file)).keys] == [new.id]
    await revoke(database, new.id)
    with pytest.raises(KeysError, match="every key is revoked"):
        await check(database, file)


async def test_a_missing_key_is_noticed(database: Database, file: Path) -> None:
    entry = keys.create(file, NOW)
    await check(database, file)
    await open_inquiry(database)
    file.unlink()
    keys.create(file, NOW + timedelta(days=1))
    with pytest.raises(KeysError, match=f"key {entry.id} is missing"):
        await check(database, file)


async def test_a_foreign_key_of_the_same_name_is_noticed(database: Database, file: Path) -> None:
    entry = keys.create(file, NOW)
    await check(database, file)
    await open_inquiry(database)
    text = file.read_text()
    file.unlink()
    other = keys.create(file, NOW)
    file.write_text(file.read_text().replace(other.id, entry.id))
    with pytest.raises(KeysError, match=f"key {entry.id} is not the one"):
        await check(database, file)
    file.write_text(text)
    await check(database, file)


async def test_a_database_with_inquiries_and_no_key_is_not_whole(database: Database, file: Path) -> None:
    keys.create(file, NOW)
    await open_inquiry(database)
    with pytest.raises(KeysError, match="not a whole copy"):
        await check(database, file)
