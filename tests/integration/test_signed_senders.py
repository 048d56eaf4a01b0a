"""Our own DKIM check at work, over SMTP, with a DNS server: who is believed without any relay, and who is not."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiosmtplib
import pytest

from gateway import resolver
from gateway.mail import authentication
from gateway.store.mail_views import shown
from gateway.store.tables import Received
from tests.dns_server import DnsServer, dns_server
from tests.integration.house import AUTHSERV_ID, HANAKO, SUZUKI, Arrived, House, open_house
from tests.signed_mail import SELECTOR, record, signed

SHOP, CUSTOMERS = "shop.example", "customer.example"
TESTSHOP = "testshop@q.example.jp"
ATTACKER = "attacker.example"
JIRO = "jiro@customer.example"


@pytest.fixture
async def dns() -> AsyncIterator[DnsServer]:
    async with dns_server() as server:
        for domain in (SHOP, CUSTOMERS, ATTACKER):
            server.publish(record(), SELECTOR, domain)
        yield server


@asynccontextmanager
async def shop(folder: Path, database_url: str, dns: DnsServer, workers: int) -> AsyncIterator[House]:
    async with open_house(folder, database_url, workers=workers, more=dns.configuration) as opened:
        await opened.add_store("testshop", SUZUKI)
        yield opened


@pytest.fixture
async def house(tmp_path: Path, database_url: str, dns: DnsServer) -> AsyncIterator[House]:
    async with shop(tmp_path, database_url, dns, workers=0) as opened:
        yield opened


def mail(sender: str, to: str, text: str, message_id: str = "1") -> bytes:
    head = {"From": sender, "To": to, "Subject": "Re: テスト2", "Date": "Thu, 26 Nov 2026 10:00:00 +0900"}
    head |= {"Message-ID": f"<{message_id}@{sender.rpartition('@')[2]}>", "Content-Type": "text/plain; charset=utf-8"}
    lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
    return (lines.replace("テスト2", "=?utf-8?B?44OG44K544OIMg==?=") + "\r\n" + text + "\r\n").encode()


async def comes(house: House, raw: bytes, sender: str, to: str) -> Received:
    """From a server that nobody trusts, straight to us."""
    async with aiosmtplib.SMTP(
        hostname="127.0.0.1", port=house.port, source_address=("127.0.0.2", 0), use_tls=False, start_tls=False
    ) as client:
        _, answer = await client.sendmail(sender, [to], raw)
    return await house.settled(answer.split()[-1])


async def asked(house: House) -> Arrived:
    """The notification of a customer's question."""
    await comes(house, mail(HANAKO, TESTSHOP, "在庫はありますか。"), HANAKO, TESTSHOP)
    return await house.gets(SUZUKI)


@pytest.mark.parametrize("workers", [0, 1])
async def test_a_seller_whose_mail_is_signed_answers_without_a_confirmation(
    workers: int, tmp_path: Path, sqlite_url: str, dns: DnsServer
) -> None:
    async with shop(tmp_path, sqlite_url, dns, workers) as house:
        told = await asked(house)
        raw = signed(mail(SUZUKI, told.from_address, "はい、あります。"), SHOP)
        row = await comes(house, raw, SUZUKI, told.from_address)
        assert "はい、あります。" in (await house.gets(HANAKO)).text
        assert row.authentication == "dkim=pass header.d=shop.example header.s=k1"
        async with house.database.read() as session:
            assert (await shown(session, row))["authentication"] == row.authentication


def _forgeries(honest: bytes) -> dict[str, tuple[str, bytes]]:
    """What is found, and the mail: each from who knows the signed address."""
    by_shop, by_attacker = signed(honest, SHOP), signed(honest, ATTACKER)
    own_results = f"Authentication-Results: {AUTHSERV_ID}; dmarc=pass header.from={SHOP}\r\n".encode()
    return {
        "unsigned": ("dkim=none", honest),
        "another text": ("dkim=fail ", by_shop.replace("はい、あります。".encode(), "いいえ。".encode())),
        "another subject": ("dkim=fail ", by_shop.replace(b"Subject: Re: ", b"Subject: #hide ")),
        "text below": ("dkim=policy ", signed(honest, SHOP, length=True) + "口座はこちら。\r\n".encode()),
        "a second subject": ("dkim=policy ", b"Subject: #hide\r\n" + by_shop),
        "a stranger's signature": ("dkim=none", by_attacker),
        "one that looks alike": ("dkim=none", signed(honest, f"{SHOP}.{ATTACKER}")),
        "a relay's word, from elsewhere": ("dkim=none", own_results + honest),
        "SPF of one's own": ("dkim=none", b"Received-SPF: pass (shop.example)\r\n" + honest),
        "the key of another domain": (
            "dkim=permerror ",
            by_attacker.replace(b"d=attacker.example", b"d=old.shop.example"),
        ),
        "two authors": ("dmarc=permerror", b"From: mallory@attacker.example\r\n" + by_shop),
    }


async def test_a10_t16_ten_forged_sellers_are_asked_about_and_the_customer_hears_nothing(
    house: House, dns: DnsServer
) -> None:
    told = await asked(house)
    dns.records[f"_dmarc.{SHOP}"] = ["v=DMARC1; p=none"]
    for number, name in enumerate(_forgeries(mail(SUZUKI, TESTSHOP, "はい、あります。"))):
        verdict, raw = _forgeries(mail(SUZUKI, told.from_address, "はい、あります。", f"f{number}"))[name]
        row = await comes(house, raw, SUZUKI, told.from_address)
        assert row.authentication.startswith(verdict), name
        if name != "two authors":  # who are never a seller, and not asked
            assert (await house.gets(SUZUKI)).button.endswith("@q.example.jp"), name
    await comes(
        house, signed(mail(SUZUKI, told.from_address, "在庫はございます。", "true"), SHOP), SUZUKI, told.from_address
    )
    assert "在庫はございます。" in (await house.gets(HANAKO)).text
    assert len([one for one in house.arrived if one.rcpt_to == HANAKO]) == 1


async def test_n40_a_mail_whose_key_dns_does_not_tell_is_kept_and_asked_about(
    house: House, dns: DnsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resolver, "PATIENCE", 0.5)
    told = await asked(house)
    dns.failing.add(f"{SELECTOR}._domainkey.{SHOP}")
    raw = signed(mail(SUZUKI, told.from_address, "はい、あります。"), SHOP)
    row = await comes(house, raw, SUZUKI, told.from_address)
    assert row.authentication.startswith("dkim=temperror ")
    confirmation = await house.gets(SUZUKI)
    await comes(house, mail(SUZUKI, confirmation.button, "", "2"), SUZUKI, confirmation.button)
    assert "はい、あります。" in (await house.gets(HANAKO)).text


async def test_t16_a_thank_you_is_answered_by_a_rule_only_where_its_sender_is_proved(house: House) -> None:
    for customer, signer in ((HANAKO, ATTACKER), (JIRO, CUSTOMERS)):
        thanks = mail(customer, TESTSHOP, "商品が届きました。ありがとうございます！")
        row = await comes(house, signed(thanks, signer), customer, TESTSHOP)
        assert authentication.passes(row.authentication) is (customer == JIRO)
    assert (await house.gets(JIRO)).mail["Auto-Submitted"] == "auto-replied"
    assert {one.rcpt_to for one in house.arrived} <= {JIRO, SUZUKI}
