"""F12 over SMTP: what would be public and holds personal data waits until a person has looked at it. F8: 1000
characters."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.integration.house import DOMAIN, HANAKO, SUZUKI, House, open_house
from tests.integration.web import get

FEED = "/stores/testshop/products/598405570/questions.json"
PRODUCT, SHOP = f"testshop+p598405570@{DOMAIN}", f"testshop@{DOMAIN}"
YAMADA = f"山田 花子 <{HANAKO}>"
HELD = "【確認してください】"


@pytest.fixture
async def house(tmp_path: Path, database_url: str) -> AsyncIterator[House]:
    """A shop with a product's page."""
    async with open_house(tmp_path, database_url, listen="127.0.0.1:0") as opened:
        await opened.add_store("testshop", SUZUKI)
        yield opened


async def _page(house: House) -> list[dict[str, object]]:
    return list((await get(house.running.http_ports["public"], FEED)).json)


def _to_customer(house: House) -> int:
    return sum(mail.rcpt_to == HANAKO for mail in house.arrived)


async def test_F12_an_answer_with_personal_data_waits_for_a_second_look(house: House) -> None:
    await house.writes(HANAKO, PRODUCT, "修理はできますか。", From=YAMADA)
    told = await house.gets(SUZUKI)
    assert (
        "お客様の個人情報（お名前、住所、決済情報、ID・パスワード、メールアドレス、電話番号など）を書かないで"
        in told.text
    )

    await house.writes(SUZUKI, told.from_address, "山田様\n\n０９０－１２３４－５６７８の山田花子様へお電話します。")
    held = await house.gets(SUZUKI, HELD)
    assert "お客様にはまだ何も送っていません。" in held.text
    assert "【 】で囲んだ部分をご確認ください（電話番号、お名前）" in held.text
    assert "山田様\n\n【０９０－１２３４－５６７８】の【山田花子様】へお電話します。" in held.text
    assert "もとの通知にもう一度返信してください" in held.text
    assert _to_customer(house) == 0

    await house.writes(SUZUKI, told.from_address, "#送信")
    answer = await house.gets(HANAKO)
    assert "０９０－１２３４－５６７８の山田花子様へお電話します。" in answer.text
    assert "【０９０" not in answer.text
    history = (await house.inquiry())["history"]
    assert ("personal_data", SUZUKI, "sent all the same: telephone, name") in [
        (line["event"], line["by"], line["why"]) for line in history
    ]
    assert "1234" not in str(history)

    await house.writes(SUZUKI, told.from_address, "住所は東京都港区芝公園4-2-8ですね。")
    held = await house.gets(SUZUKI, HELD)
    assert "（住所）" in held.text
    await house.writes(SUZUKI, held.button, "送信してください")
    assert "東京都港区芝公園4-2-8ですね。" in (await house.gets(HANAKO)).text

    reason = "#非表示 ご質問について\n電話番号（090-1234-5678）が書かれていましたので、非表示にしました。"
    await house.writes(SUZUKI, told.from_address, reason)
    held = await house.gets(SUZUKI, HELD)
    assert "ご質問について" in held.text
    assert "電話番号（【090-1234-5678】）が書かれていました" in held.text
    assert not (await house.inquiry())["hidden"]
    await house.writes(SUZUKI, held.button, "送信してください")
    assert (await house.gets(HANAKO)).mail["Subject"] == "ご質問について"
    assert (await house.inquiry())["hidden"]


async def test_F12_only_what_may_become_public_waits_and_a_greeting_does_not(house: House) -> None:
    await house.writes(HANAKO, SHOP, "電話してください。", From=YAMADA)
    told = await house.gets(SUZUKI)
    assert "書かないでください" not in told.text
    await house.writes(SUZUKI, told.from_address, "090-1234-5678の山田花子様でお間違いないでしょうか。")
    assert "090-1234-5678" in (await house.gets(HANAKO)).text

    await house.writes(HANAKO, PRODUCT, "在庫はありますか。", From=YAMADA)
    told = await house.gets(SUZUKI, "テスト2")
    text = "山田様、お問い合わせありがとうございます。\n商品コード598405570は11月20日に2,980円で再入荷しました。"
    await house.writes(SUZUKI, told.from_address, text)
    assert "再入荷しました。" in (await house.gets(HANAKO)).text


async def test_F12_a_mail_that_is_held_for_another_reason_shows_the_personal_data_too(house: House) -> None:
    await house.writes(HANAKO, PRODUCT, "修理はできますか。")
    told = await house.gets(SUZUKI)
    await house.writes(SUZUKI, told.from_address, "support@shop.exampleへどうぞ。", authenticated=False)
    held = await house.gets(SUZUKI, HELD)
    assert "【support@shop.example】へどうぞ。" in held.text
    assert "（メールアドレス）" in held.text
    await house.writes(SUZUKI, held.button, "送信", authenticated=False)
    assert "support@shop.example" in (await house.gets(HANAKO)).text


async def test_F12_a_question_with_personal_data_is_not_shown_until_a_seller_has_seen_it(house: House) -> None:
    await house.writes(HANAKO, PRODUCT, "090-1234-5678に電話をもらえますか。送料も知りたいです。")
    told = await house.gets(SUZUKI)
    assert "商品ページにはまだ表示していません" in told.text
    assert "#公開" in told.text
    assert await _page(house) == []
    await house.writes(SUZUKI, told.from_address, "全国一律500円です。")
    await house.gets(HANAKO)
    await house.gets(SUZUKI, "送信しました")
    (question,) = await _page(house)
    assert question["question"] == "＊＊＊に電話をもらえますか。送料も知りたいです。"


async def test_F8_a_thousand_characters_leave_and_one_more_comes_back_whole(house: House) -> None:
    await house.writes(HANAKO, SHOP, "詳しく教えてください。")
    told = await house.gets(SUZUKI)
    longest = "あ" * 499 + "\n" + "が" * 500
    await house.writes(SUZUKI, told.from_address, f"{longest}！")
    returned = await house.gets(SUZUKI, "【送信していません】")
    assert "1001／1000" in returned.text
    assert f"{longest}！" in returned.text
    assert _to_customer(house) == 0
    await house.writes(SUZUKI, told.from_address, "#送信")
    await house.gets(SUZUKI, "【送信していません】")  # it was returned, not held
    await house.writes(SUZUKI, told.from_address, longest)
    assert longest in (await house.gets(HANAKO)).text
    assert "1000" in (await house.gets(SUZUKI, "送信しました")).text


async def test_F12_a_customers_own_address_is_found_in_the_letters_that_people_write(house: House) -> None:
    author = "taro@пример.рф"  # xn--e1afmkfd.xn--p1ai
    queue_id = await house.writes("taro@xn--e1afmkfd.xn--p1ai", PRODUCT, f"{author} にご返信ください。", From=author)
    await house.settled(queue_id)
    assert await _page(house) == []
    told = await house.gets(SUZUKI)
    await house.writes(SUZUKI, told.from_address, "かしこまりました。")
    await house.gets("taro@xn--e1afmkfd.xn--p1ai")
    assert await _page(house) == []  # it waits for #公開
