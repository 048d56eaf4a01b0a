"""Octets whose label is missing or untrue: the reading that makes sense is taken, and Western words stay."""

from base64 import b64encode

import pytest

from gateway.mail import charset
from gateway.mail.parse import parse

NO_LABEL = (None, "us-ascii", "utf-8")
LATIN = ("iso-8859-1", "windows-1252")
JAPANESE = [
    "問合せ", "再送", "見積依頼", "3月末", "発送日", "㈱鈴木", "②枚", "渡邉", "Re: 欠品", "サンプル", "ﾊﾞｯｸﾞ",
    "〒530-0001", "竹内", "電話", "不足", "納期", "菊地", "丸山", "谷口", "10月31日", "破損", "坂本",
]  # fmt: skip

WESTERN = [
    "Käse", "Größe", "Über", "ÄÖÜ", "ÉTÉ", "çà et là", "«Où»", "»Größe«", "«»", "L’été", "It’s “fine” – really", "à",
    "“época”", "¿Qué tal?", "¡Ñandú!", "ações", "ÅÄÖ", "Øå", "50€", "100 °C", "3½", "m²", "±5", "§ 5", "Foo™", "é",
    "ÜBERGRÖSSE", "Köln – Düsseldorf", "Preis: 5,–", "item • item", "1º andar", "l·l col·lecció", "don´t", "5×3",
    "„Größe“", "smørrebrød", "Jürgen Müßig", "Hôtel (réservé)", "Þór", "œuvre",
    "créée", "naïveté", "Accueil » Été", "n° 5", "[“été”]", "d’œuvres", "‹é›", "Œuvre", "Šárka",
    "’80er Jahre für Große",
]  # fmt: skip


@pytest.mark.parametrize("codec", ["cp932", "euc-jp"])
@pytest.mark.parametrize("text", JAPANESE)
@pytest.mark.parametrize("declared", [*NO_LABEL, *LATIN, "iso-2022-jp"])
def test_a_few_words_of_japanese_are_read_whatever_they_are_called(codec: str, text: str, declared: str | None) -> None:
    octets = text.encode("cp932") if codec == "cp932" else in_eucjp(text)
    assert charset.decode(octets, declared).text == text


def in_eucjp(text: str) -> bytes:
    """With NEC's row 13, which Python's own codec lacks."""
    nec = {"㈱": b"\xad\xea", "②": b"\xad\xa2"}
    return b"".join(nec.get(character) or character.encode("euc_jp") for character in text)


@pytest.mark.parametrize("declared", ["iso-2022-jp", "ISO-2022-JP-MS"])
@pytest.mark.parametrize("text", ["円", "2個", "様", "ｱ", "A3判", "10/3", "10月"])
def test_eight_bit_text_called_iso_2022_jp_is_japanese_however_little_it_is(declared: str, text: str) -> None:
    assert charset.decode(text.encode("cp932"), declared).text == text


@pytest.mark.parametrize("text", WESTERN)
@pytest.mark.parametrize("declared", [*NO_LABEL, *LATIN])
def test_western_words_are_not_taken_for_japanese(text: str, declared: str | None) -> None:
    assert charset.decode(text.encode("cp1252"), declared).text == text


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        ("您好，请问有货吗", "gb18030"),
        ("什么时候发货", "gb18030"),
        ("請問何時會到貨", "big5"),
        ("可以退換貨嗎", "big5"),
        ("주문 확인 부탁드립니다", "cp949"),
        ("배송 언제 되나요", "cp949"),
        ("Когда придёт заказ", "koi8_r"),
        ("Здравствуйте", "cp1251"),
    ],
)
@pytest.mark.parametrize("declared", [*NO_LABEL, "iso-8859-1"])
def test_short_text_of_a_neighbour_is_read_under_no_label_and_an_untrue_one(
    text: str, codec: str, declared: str | None
) -> None:
    assert charset.decode(text.encode(codec), declared).text == text


@pytest.mark.parametrize("text", ["返品希望", "サイズ交換", "ありがとう", "お届け先変更", "齋藤"])
def test_the_two_japanese_charsets_under_each_others_name(text: str) -> None:
    assert charset.decode(text.encode("euc_jp"), "shift_jis").text == text
    assert charset.decode(text.encode("cp932"), "euc-jp").text == text


@pytest.mark.parametrize("text", ["ﾔﾏﾀﾞ ﾊﾅｺ", "ｻｲｽﾞ", "ｶﾀﾛｸﾞ", "ﾃﾞﾝﾜ", "自社", "自失"])
def test_half_width_kana_and_kanji_that_eucjp_has_too_stay_what_their_label_says(text: str) -> None:
    assert charset.decode(text.encode("cp932"), "shift_jis").text == text


def test_what_cannot_be_all_of_the_text_does_not_beat_what_can() -> None:
    odd = "ｻｲｽﾞﾊ?"
    assert charset.decode(odd.encode("cp932")).text == odd
    long = "ﾁｭｳﾓﾝ ﾊﾞﾝｺﾞｳ ｦ ｵｼｴﾃ ｸﾀﾞｻｲ"
    assert charset.decode(long.encode("cp932")).text == long
    assert charset.decode(long.encode("euc_jp")).text == long


def test_an_encoded_word_of_another_charset_than_it_names() -> None:
    for name, codec in (("iso-8859-1", "cp932"), ("utf-8", "euc_jp"), ("shift_jis", "euc_jp"), ("us-ascii", "cp932")):
        word = b64encode("領収書を再発行".encode(codec)).decode()
        assert parse(f"Subject: =?{name}?B?{word}?=\r\n\r\n".encode()).subject == "領収書を再発行"
