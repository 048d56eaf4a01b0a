"""The language is what the letters prove, and nothing where they prove nothing."""

import pytest

from gateway.mail import language


@pytest.mark.parametrize(
    ("text", "charset", "expected"),
    [
        ("在庫はありますか", None, "ja"),
        ("ｻｲｽﾞ?", None, "ja"),
        ("在庫確認", "iso-2022-jp", "ja"),
        ("在庫確認", "utf-8", ""),
        ("您好，请问", "gb18030", "zh"),
        ("안녕하세요 在庫", None, "ko"),
        ("Is it in stock?", None, "en"),
        ("Grüße aus Köln", None, ""),
        ("123 !?", None, ""),
        ("感謝　了解　目的", "utf-8", ""),
        ("株式会社山田商店 東京都新宿区", "utf-8", ""),
        ("圖書　來春　關係", "utf-8", ""),  # old forms, which Japan has too
        ("你好", "utf-8", "zh"),
        ("谢谢！", "utf-8", "zh"),
        ("什么时候发货", "utf-8", "zh"),
        ("請問這件有貨嗎", "utf-8", "zh"),
        ("商品到了，包装破了", "utf-8", "zh"),
        ("您好", "hz", "zh"),
        ("I would like the café chair, please. When will it be sent?", "utf-8", "en"),
        ("Hello, this is Zoë. Is my order on the way?", "utf-8", "en"),
        ("Où est ma commande ? Je ne l’ai pas reçue.", "utf-8", ""),
        ("Ist die Lampe für die Küche noch da?", "utf-8", ""),
        ("Waar is mijn bestelling? Ik heb geen reünie of zo.", "utf-8", ""),
        ("", None, ""),
    ],
)
def test_the_language_of_a_text(text: str, charset: str | None, expected: str) -> None:
    assert language.of(text, charset) == expected
