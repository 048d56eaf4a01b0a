"""What of people's words the public may read."""

import pytest

from gateway.desk.public_text import masked, public_text


@pytest.mark.parametrize(
    ("written", "customer", "shown"),
    [
        (
            "はじめまして、山田と申します。\nLサイズもありますか。",
            "",
            "はじめまして、○○と申します。\nLサイズもありますか。",
        ),
        ("山田です。Lサイズは？", "山田 花子", "○○です。Lサイズは？"),
        ("山田です。Lサイズは？", "山田花子", "○○です。Lサイズは？"),
        ("Lサイズはありますか。\n山田 花子", "山田 花子", "Lサイズはありますか。"),
        ("山田様\n\n赤がございます。", "", "赤がございます。"),
        ("お客様\nいつもありがとうございます。", "山田", "お客様\nいつもありがとうございます。"),
        ("本日、山田様に発送しました。", "山田花子", "本日、お客様に発送しました。"),
        ("林さんへ、森の香りです。", "林", "お客様へ、森の香りです。"),
        ("Dear Hanako,\nYes, it is red.", "Hanako Yamada", "Yes, it is red."),
        ("Hello, my name is Ann Lee. Is it red?", "", "Hello, my name is ○○. Is it red?"),
        ("Thanks, YAMADA", "Hanako Yamada", "Thanks, ○○"),
        ("Is Ann in Annapolis?", "Ann", "Is ○○ in Annapolis?"),
        ("これと同じですか。https://shop.example/1", "", "これと同じですか。shop.example/1"),
        ("我叫王小明，有货吗？", "", "我叫○○，有货吗？"),
        ("ご注文はq12-s-g7o5xetyk76olzvj6osv3czr@q.example.jp", "", "ご注文は…"),
        ("", "山田", ""),
    ],
)
def test_names_and_live_links_are_gone(written: str, customer: str, shown: str) -> None:
    assert public_text(written, customer) == shown


def test_what_was_found_is_made_unreadable() -> None:
    assert masked("電話は090-1234-5678、夜に。", [(3, 16)]) == "電話は＊＊＊、夜に。"
