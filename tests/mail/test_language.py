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
        ("", None, ""),
    ],
)
def test_the_language_of_a_text(text: str, charset: str | None, expected: str) -> None:
    assert language.of(text, charset) == expected
