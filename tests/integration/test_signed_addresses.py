"""Signed addresses in a whole gateway: what outlives a rotation, a close, a revocation and a thief (A05, A09)."""

import asyncio
from datetime import UTC, datetime, timedelta

import aiosmtplib
import pytest
from sqlalchemy import update

from gateway import keys, keys_in_force
from gateway.store import key_fingerprints
from gateway.store.tables import Inquiry
from tests.integration.house import DOMAIN, HANAKO, PATIENCE, SUZUKI, Arrived, House

SHOP = f"testshop@{DOMAIN}"
SERVICE = "no-reply@saas.example"
LINK = "https://saas.example/confirm?code=493115"
SIGN_UP = f"Confirm your address:\n{LINK}\nor www.saas.example/confirm"


async def asked_and_told(house: House) -> Arrived:
    await house.writes(HANAKO, SHOP, "質問です。")
    return await house.gets(SUZUKI)


async def answered(house: House) -> tuple[Arrived, Arrived]:
    """What the seller was told, and what the customer was answered."""
    told = await asked_and_told(house)
    await house.writes(SUZUKI, told.from_address, "回答です。")
    await house.gets(SUZUKI, "送信しました")
    return told, await house.gets(HANAKO)


async def close_long_ago(house: House) -> None:
    async with house.database.write() as session:
        await session.exec(update(Inquiry).values(closed_at=datetime.now(UTC) - timedelta(days=91)))


@pytest.mark.parametrize("authenticated", [True, False])
async def test_a05_a_sign_up_with_the_customers_own_side_shows_the_customer_nothing(
    house: House, authenticated: bool
) -> None:
    """The Ticket Trick: a stranger signs up somewhere with an address of the desk, and reads the confirmation there."""
    _, answer = await answered(house)
    before = len([mail for mail in house.arrived if mail.rcpt_to != SUZUKI])
    queue_id = await house.writes(SERVICE, answer.from_address, SIGN_UP, authenticated=authenticated)
    told = await house.gets(SUZUKI)
    assert "別のアドレスから届きました" in told.text
    assert_links_are_dead(told)
    await house.settled(queue_id)
    assert len([mail for mail in house.arrived if mail.rcpt_to != SUZUKI]) == before
    assert await house.inquiries() == 1
    await house.writes(SUZUKI, told.from_address, "これは何ですか。")
    second = await house.gets(HANAKO)
    assert (second.rcpt_to, "493115" in second.text) == (HANAKO, False)


async def test_a05_a_sign_up_mail_to_a_shop_is_shown_as_automatic_and_never_answered(house: House) -> None:
    queue_id = await house.writes(SERVICE, SHOP, SIGN_UP)
    told = await house.gets(SUZUKI)
    assert "自動送信のメールです" in told.text
    assert_links_are_dead(told)
    await house.settled(queue_id)
    await house.writes(SUZUKI, told.from_address, "#自動応答")
    await house.gets(SUZUKI)  # a machine is not answered, by command either
    assert [mail.rcpt_to for mail in house.arrived if mail.rcpt_to == SERVICE] == []


def assert_links_are_dead(mail: Arrived) -> None:
    html = mail.mail.get_body(("html",))
    assert html is not None
    for text in (mail.text, str(html.get_content())):
        assert "https[://]saas[.]example/confirm?code=493115" in text
        assert "://saas" not in text
        assert "www.saas" not in text


async def test_a_persons_links_stay_as_written(house: House) -> None:
    await house.writes(HANAKO, SHOP, f"この商品ですか。 {LINK}")
    assert LINK in (await house.gets(SUZUKI)).text


async def test_a09_an_expired_address_is_accepted_and_joins_nothing(house: House) -> None:
    told, answer = await answered(house)
    await close_long_ago(house)
    await house.writes(HANAKO, answer.from_address, "また質問です。")
    again = await house.gets(SUZUKI)
    assert again.from_address.startswith("q2-")
    queue_id = await house.writes(SUZUKI, told.from_address, "遅くなりました。")
    returned = await house.gets(SUZUKI)
    assert "遅くなりました。" in returned.text
    await house.settled(queue_id)
    assert len([mail for mail in house.arrived if mail.rcpt_to == HANAKO]) == 1
    inquiry = await house.inquiry()
    assert (inquiry["status"], inquiry["messages"]) == ("done", 2)


async def test_a09_a_stranger_with_an_expired_address_of_the_customer_gets_an_inquiry_of_their_own(
    house: House,
) -> None:
    _, answer = await answered(house)
    await close_long_ago(house)
    await house.writes("thief@elsewhere.example", answer.from_address, "住所を教えてください。")
    told = await house.gets(SUZUKI)
    assert told.from_address.startswith("q2-")
    assert "質問です。" not in told.text


async def test_a09_a_token_in_a_strangers_hands_sends_nothing(house: House) -> None:
    """Forwarded or quoted, with the stranger's own authentication and with the seller's name in From."""
    told = await asked_and_told(house)
    for author in ("thief@elsewhere.example", SUZUKI):
        await house.writes("thief@elsewhere.example", told.from_address, f"偽の回答です。{author}", From=author)
        asked = await house.gets(SUZUKI)
        assert "偽の回答です。" in asked.text
    assert [mail for mail in house.arrived if mail.rcpt_to == HANAKO] == []


async def test_a09_the_same_reply_again_is_accepted_and_does_nothing(house: House) -> None:
    told = await asked_and_told(house)
    for _ in range(3):
        queue_id = await house.writes(SUZUKI, told.from_address, "回答です。", Message_ID="<r1@shop.example>")
        await house.settled(queue_id)
    await house.gets(HANAKO)
    await house.gets(SUZUKI, "送信しました")
    assert len([mail for mail in house.arrived if mail.rcpt_to == HANAKO]) == 1


async def test_a09_a_stolen_reply_is_no_second_reply_whatever_envelope_and_blanks_it_comes_in(house: House) -> None:
    """The seller's signature holds for the mail as it is, and its owner is not the only one who has it."""
    told = await asked_and_told(house)
    head = f"From: {SUZUKI}\r\nMessage-ID: <r1@shop.example>\r\nDate: Fri, 20 Nov 2026 14:03:00 +0900\r\n"
    body = "\r\nThe answer is  yes.\r\n"
    stamp = "Authentication-Results: mx.example.jp; dmarc=pass header.from=shop.example\r\n"

    async def comes(sender: str, text: str) -> str:
        raw = (stamp + head + text).encode()
        async with aiosmtplib.SMTP(hostname="127.0.0.1", port=house.port, use_tls=False, start_tls=False) as client:
            _, answer = await client.sendmail(sender, [told.from_address], raw)
        return str((await house.settled(answer.split()[-1])).outcome[0]["result"])

    assert await comes(SUZUKI, body) == "message"
    assert await comes("thief@elsewhere.example", body) == "duplicate"
    assert await comes(SUZUKI, body.replace("  ", " ") + "\r\n") == "duplicate"
    assert await comes(SUZUKI, body.replace("yes", "no")) != "duplicate"


async def test_a09_old_addresses_outlive_a_rotation_and_end_with_a_revocation(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys_in_force, "LOOK", 0.05)
    told, answer = await answered(house)
    file = house.folder / "keys.toml"
    [old] = keys.read(file)
    new = keys.rotate(file, datetime.now(UTC))
    await _in_force(house, new.id, old.id)
    await house.writes(HANAKO, answer.from_address, "もう一つあります。")
    renewed = await house.gets(SUZUKI)
    assert renewed.from_address != told.from_address
    await house.writes(SUZUKI, told.from_address, "古い宛先への回答です。")
    assert "古い宛先への回答です。" in (await house.gets(HANAKO)).text
    keys.revoke(file, old.id)
    async with house.database.write() as session:
        await key_fingerprints.revoke(session, old.id, datetime.now(UTC))
    await _in_force(house, new.id)
    for ended in (told.from_address, answer.from_address, answer.mail_from):
        assert await _code(house, ended) == 550
    assert await _code(house, renewed.from_address) == 250
    await house.writes(SUZUKI, renewed.from_address, "新しい宛先への回答です。")
    assert "新しい宛先への回答です。" in (await house.gets(HANAKO)).text


async def _in_force(house: House, *ids: str) -> None:
    async with asyncio.timeout(PATIENCE):
        while [key.id for key in house.running._keys.last.keys] != list(ids):
            await asyncio.sleep(0.02)


async def _code(house: House, recipient: str) -> int:
    async with aiosmtplib.SMTP(hostname="127.0.0.1", port=house.port, use_tls=False, start_tls=False) as client:
        await client.ehlo()
        await client.mail("someone@elsewhere.example")
        try:
            return (await client.rcpt(recipient)).code
        except aiosmtplib.SMTPRecipientRefused as refused:
            return refused.code
