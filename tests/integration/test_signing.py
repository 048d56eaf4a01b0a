"""N41 over SMTP: what leaves a gateway that has keys is signed, and believed by another verifier and by us."""

import asyncio
from pathlib import Path

import dkim
import pytest

from gateway.config import ConfigError
from gateway.mail.authentication import Knowledge, names_to_ask
from gateway.mail.parse import parse
from gateway.parts import signers
from tests.integration.house import HANAKO, PATIENCE, SUZUKI, House, open_house
from tests.signed_mail import ed25519_key, pem, rsa_key

KEYS = '[dkim]\nselector = "r1"\nkey = "r.pem"\nsecond_selector = "e1"\nsecond_key = "e.pem"\n'


def _write_keys(folder: Path) -> None:
    (folder / "r.pem").write_bytes(pem(rsa_key(2048)))
    (folder / "e.pem").write_bytes(pem(ed25519_key()))


def _records(house: House) -> dict[str, tuple[bytes, ...]]:
    return {one.record_name: (one.record.encode(),) for one in signers(house.running.config)}


async def test_n41_every_mail_that_leaves_is_signed_with_both_keys(tmp_path: Path, database_url: str) -> None:
    _write_keys(tmp_path)
    async with open_house(tmp_path, database_url, more=KEYS) as house:
        await house.add_store("testshop", SUZUKI)
        await house.writes(HANAKO, "testshop@q.example.jp", "在庫はありますか。")
        told = await house.gets(SUZUKI)
        await house.writes(SUZUKI, told.from_address, "はい、\n.あります。")
        answer = await house.gets(HANAKO)
        records = _records(house)
        for arrived in (told, answer, await house.gets(SUZUKI)):
            for index in (0, 1):
                verifier = dkim.DKIM(arrived.raw)
                assert verifier.verify(index, dnsfunc=lambda name, timeout: records[name.decode().rstrip(".")][0])
                assert verifier.domain == b"q.example.jp"
            assert names_to_ask(arrived.raw, Knowledge()) == records.keys()
            assert parse(arrived.raw, Knowledge(records=records)).authenticated


async def test_a_key_that_cannot_be_used_leaves_all_as_it_was(tmp_path: Path, sqlite_url: str) -> None:
    _write_keys(tmp_path)
    async with open_house(tmp_path, sqlite_url, more=KEYS) as house:
        await house.add_store("testshop", SUZUKI)
        (tmp_path / "r.pem").write_text("no key")
        with pytest.raises(ConfigError, match=r"dkim: .*r\.pem is no private key"):
            signers(house.running.config)
        house.running.reload_soon()
        async with asyncio.timeout(PATIENCE):
            while not house.running.vitals.configurations_refused:
                await asyncio.sleep(0.02)
        await house.writes(HANAKO, "testshop@q.example.jp", "在庫はありますか。")
        assert (await house.gets(SUZUKI)).mail["DKIM-Signature"] is not None
