"""What stands under a writer's words without having been written for this mail."""

import pytest

from gateway.mail.reply import divide

COMPANY = "株式会社サンプル商店 お客様相談室\n鈴木 一郎\n〒100-0001 東京都千代田区千代田1-2-3\nTEL 03-0000-0000\nhttps://shop.example/"

SIGNATURES = {
    "rfc 3676": f"-- \n{COMPANY}",
    "without the space": f"--\n{COMPANY}",
    "three dashes": "---\n山田 太郎\n090-0000-0000",
    "between equals signs": "==========\nサンプル商店\n電話 06-0000-0000\nE-mail shop@shop.example\n==========",
    "between asterisks": f"**********************\n{COMPANY}\n**********************",
    "between ornaments": f"◆◇◆◇◆◇◆◇◆◇\n{COMPANY}\n◆◇◆◇◆◇◆◇◆◇",
    "three rules": f"━━━━━━━━━━\n株式会社サンプル商店\n━━━━━━━━━━\n{COMPANY}\n━━━━━━━━━━",
    "under one rule": f"--------------------\n{COMPANY}",
    "a mere name": "-- \n鈴木",
    "iphone": "iPhoneから送信",
    "iphone en": "Sent from my iPhone",
    "docomo": "ドコモのスマートフォンから送信",
    "outlook": "Outlook for iOS を入手",
    "outlook en": "Get Outlook for Android",
    "yahoo": "Yahoo!メールアプリから送信",
    "chinese": "发自我的 iPhone",
    "korean": "나의 iPhone에서 보냄",
    "german": "Von meinem iPhone gesendet",
    "a company's paragraph": f"{COMPANY}",
    "both": "iPhoneから送信\n\n-- \n鈴木",
}


@pytest.mark.parametrize("signature", SIGNATURES.values(), ids=SIGNATURES.keys())
def test_signatures_and_clients_own_lines_are_no_new_text(signature: str) -> None:
    reply = divide(f"はい、交換します。\n\n{signature}\n")
    assert reply.text == "はい、交換します。"
    assert reply.quoted == signature


@pytest.mark.parametrize("signature", SIGNATURES.values(), ids=SIGNATURES.keys())
def test_a_signature_between_answer_and_quotation_or_under_both_goes(signature: str) -> None:
    quotation = "2026/11/20 14:03 店 <a@q.example.jp>:\n> いつですか。"
    assert divide(f"明日です。\n\n{signature}\n\n{quotation}\n").text == "明日です。"
    assert divide(f"明日です。\n\n{quotation}\n\n{signature}\n").text == "明日です。"
    assert divide(f"{signature}\n\n{quotation}\n\n明日です。\n").text == "明日です。"


@pytest.mark.parametrize(
    "own",
    [
        "よろしくお願いいたします。\n鈴木",
        "Regards,\nRoman",
        "振込先は次のとおりです。\n----------\n○○銀行 本店\n普通 1234567\n----------",
        "ヤマト運輸の連絡先です。\n==========\n営業所 TEL 0120-00-0000\n==========",
        "---\n詳しくは下のページをご覧ください。\nhttps://shop.example/",
        "==========\n担当からご連絡します。TEL 03-0000-0000 へお電話ください。\n株式会社サンプル\n==========",
        "明日、別のアドレスから送信しました。",
        "発送はスマートフォンから送信、という手順です。",
    ],
)
def test_what_may_be_an_answer_stays(own: str) -> None:
    assert divide(own).text == own


def test_a_persons_postal_address_is_an_answer() -> None:
    address = "山田 花子\n〒100-0001 東京都千代田区千代田1-2-3\nTEL 090-0000-0000\nhanako@customer.example"
    assert divide(f"届け先は次のとおりです。\n\n{address}\n").text == f"届け先は次のとおりです。\n\n{address}"


def test_sentences_about_a_company_are_no_signature() -> None:
    text = "株式会社サンプルです。\nTEL 03-0000-0000 かFAXでご連絡ください。\nhttps://shop.example/ もご覧ください。"
    assert divide(text).text == text
