"""A new seller's first minutes: the welcome, and practising on a question that no customer asked."""

from datetime import UTC, datetime
from typing import Any

import aiosmtplib
import pytest
from sqlmodel import select

from gateway.desk.template_names import name_key
from gateway.store.tables import Customer, Message, Outbox, Seller
from gateway.store.template_tables import Template
from tests.integration.house import DOMAIN, SUZUKI, House

SAITO, ALIAS = "saito@shop.example", "saito@phone.example"
TRUSTED = "ご本人のものと確認できました"


async def _joins(house: House, store: str, address: str, **fields: Any) -> None:
    """As `toiawase seller add` does it."""
    async with house.database.write() as session:
        now, number = datetime.now(UTC), {"testshop": 1, "othershop": 2}[store]
        session.add(Seller(store_id=number, address=address, created_at=now, welcome_at=now, **fields))


async def test_a_new_seller_is_welcomed_and_practises_without_any_customer(house: House) -> None:
    await _joins(house, "testshop", SAITO, name="斉藤")
    welcome = await house.gets(SAITO)
    assert welcome.mail["Subject"] == "ようこそ：練習のお問い合わせです [Q-0]"
    assert welcome.text.startswith("斉藤様\n\n「testshop商店」のお問い合わせ窓口へようこそ。")
    assert welcome.mail["Auto-Submitted"] == "auto-generated"

    await house.writes(
        SAITO, welcome.from_address, "#処理中\nはい、無料で承ります。\n\n> ようこそ", Subject="Re: ようこそ"
    )
    told = await house.gets(SAITO, "【練習】実際には")
    assert "次の文がお客様に届き、状態は「処理中」になります" in told.text
    assert "────\n\nはい、無料で承ります。\n\n────" in told.text
    assert "#処理中" not in told.text
    assert TRUSTED in told.text
    assert told.from_address == f"desk@{DOMAIN}"

    await house.writes(SAITO, welcome.from_address, "#処里中\nはい。")
    told = await house.gets(SAITO, "【練習】このままでは")
    assert "「#処里中」という指定はありません。「#処理中」のことでしょうか。" in told.text

    address = next(line for line in welcome.text.splitlines() if line.startswith("自動応答を送る")).partition(
        "mailto:"
    )[2]
    await house.writes(
        SAITO, address, "#自動応答\nこのまま送信してください。お客様に定型文を送り、Q-0 を「処理完了」にします。"
    )
    told = await house.gets(SAITO, "【練習】実際には")
    assert "お客様に自動応答の定型文が届き" in told.text
    assert "お問い合わせの件はご対応させていただきました。" in told.text

    now, text = datetime.now(UTC), "{{ 商品名 }}は無料で包装します。"
    await house.add(
        Template(store_id=1, name="包装", name_key=name_key("包装"), text=text, created_at=now, changed_at=now)
    )
    await house.writes(SAITO, welcome.from_address, "#定型 包装")
    told = await house.gets(SAITO, "【練習】実際には")
    assert "練習用の商品は無料で包装します。" in told.text

    await house.writes(SAITO, welcome.from_address, "#非表示 非表示のお知らせ\n住所を書いてしまいました。")
    told = await house.gets(SAITO, "【練習】実際には")
    assert "このお問い合わせが商品ページで非表示になり、次の内容がお客様に届きます" in told.text
    assert "件名：非表示のお知らせ\n\n住所を書いてしまいました。" in told.text

    await house.writes(SAITO, welcome.from_address, "#ヘルプ")
    assert "#処理中" in (await house.gets(SAITO, "お問い合わせ窓口の使い方")).text

    assert await house.inquiries() == 0
    async with house.database.read() as session:
        assert (await session.exec(select(Customer.id))).all() == []
        assert (await session.exec(select(Message.id))).all() == []
        assert {*await session.exec(select(Outbox.to_address))} == {SAITO}


async def test_practice_tells_whether_mail_from_this_address_is_believed(house: House) -> None:
    await _joins(house, "testshop", SAITO)
    welcome = await house.gets(SAITO)
    await house.writes(SAITO, welcome.from_address, "はい。", authenticated=False)
    told = await house.gets(SAITO, "【練習】実際には")
    assert "ご本人のものと確認できませんでした" in told.text
    assert "SPF と DKIM" in told.text
    await house.writes(ALIAS, welcome.from_address, "はい。")
    told = await house.gets(SAITO, "【練習】実際には")
    assert f"このメールは {ALIAS} から届きました。登録されているアドレスは {SAITO} です。" in told.text
    away = await house.writes(SAITO, welcome.from_address, "不在です。", Auto_Submitted="auto-replied")
    (account,) = (await house.settled(away)).outcome
    assert (account["result"], account["why"]) == ("recorded", "practice: a machine wrote")


async def test_a_seller_of_a_second_store_gets_a_short_note_and_no_second_welcome(house: House) -> None:
    await _joins(house, "testshop", SAITO, language="en")
    welcome = await house.gets(SAITO)
    assert "Dear" not in welcome.text
    assert "Welcome to the inquiry desk of testshop商店" in welcome.text
    await _joins(house, "othershop", SAITO.title(), language="en")
    note = await house.gets(SAITO.title())
    assert note.mail["Subject"] == "You are now a seller of othershop商店"
    assert note.from_address == f"desk@{DOMAIN}"


@pytest.mark.parametrize("guess", ["t3-s-" + "a" * 24, "t99-s-" + "a" * 24])
async def test_nobody_guesses_a_practice_address(house: House, guess: str) -> None:
    await _joins(house, "testshop", SAITO)
    with pytest.raises(aiosmtplib.SMTPRecipientsRefused):
        await house.writes(SUZUKI, f"{guess}@{DOMAIN}", "はい。")
