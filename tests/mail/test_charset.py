"""Octets become the text that was meant, whatever charset was declared. All samples were written for these tests."""

import pytest

from gateway.mail import charset, iso2022jp, words
from gateway.mail.charset_names import codec_of

QUESTION = "お問い合わせの商品はまだありますか。"
JIS = QUESTION.encode("iso2022_jp")


@pytest.mark.parametrize(
    ("data", "declared", "text"),
    [
        (JIS, "iso-2022-jp", QUESTION),
        (JIS, None, QUESTION),
        (JIS, "us-ascii", QUESTION),
        (JIS, "utf-8", QUESTION),
        (JIS, "iso-8859-1", QUESTION),
        (QUESTION.encode("cp932"), "shift_jis", QUESTION),
        (QUESTION.encode("cp932"), None, QUESTION),
        (QUESTION.encode("cp932"), "utf-8", QUESTION),
        (QUESTION.encode("euc_jp"), "iso-2022-jp", QUESTION),
        (QUESTION.encode("euc_jp"), "us-ascii", QUESTION),
        (QUESTION.encode(), "iso-8859-1", QUESTION),
        (QUESTION.encode(), "shift_jis", QUESTION),
        (QUESTION.encode(), "x-nonsense\0", QUESTION),
        ("①㈱髙﨑".encode("cp932"), "Shift_JIS", "①㈱髙﨑"),
        ("山田".encode("cp932"), None, "山田"),
        ("谢谢".encode("gbk"), "gb2312", "谢谢"),
        ("镕基，你好".encode("gbk"), "gb2312", "镕基，你好"),
        ("똠방각하".encode("cp949"), "ks_c_5601-1987", "똠방각하"),
        ("你好，請問".encode("big5"), "big5", "你好，請問"),
        ("Grüße".encode("latin-1"), None, "Grüße"),
        ("5 € “ok”".encode("cp1252"), "iso-8859-1", "5 € “ok”"),
    ],
)
def test_text_is_known_though_the_charset_may_be_missing_unknown_or_untrue(
    data: bytes, declared: str | None, text: str
) -> None:
    assert charset.decode(data, declared).text == text


@pytest.mark.parametrize(
    ("jis", "text"),
    [
        (b"\x1b$B-!-j\x1b(B", "①㈱"),  # NEC row 13
        (b"\x1b$B|b\x1b(B\x1b$By!\x1b(B", None),  # IBM extensions as NEC selected them
        (b"\x1b$B5HED\x1b(B\x1b$B-5\x1b(B", "吉田Ⅰ"),
        (b"\x1b(I63B1\x1b(B", "ｶｳﾂｱ"),
        (b"\x0e63B1\x0f abc", "ｶｳﾂｱ abc"),
        (b"\x1b$@1Q8l\x1b(J \x5c100", "英語 ¥100"),
        (b"\x1b$(D0!\x1b(B", "丂"),
        (b"\x1b$B-!F|K\\\nnext", "①日本\nnext"),  # the line was cut before its escape
        (b"\x1b$B-!\x1b(B\x1b", "①"),
    ],
)
def test_iso_2022_jp_ms_is_read_as_mailers_write_it(jis: bytes, text: str | None) -> None:
    decoded = charset.decode(jis, "iso-2022-jp")
    assert not decoded.damaged
    assert text is None or decoded.text == text


def test_every_character_of_the_nec_and_ibm_rows_is_read() -> None:
    rows = [*range(0x2D, 0x2E), *range(0x79, 0x7D)]
    for row in rows:
        for cell in range(0x21, 0x7F):
            try:
                expected = iso2022jp.shift_jis(row, cell).decode("cp932")
            except UnicodeDecodeError:
                continue
            assert iso2022jp.decode(b"\x1b$B" + bytes((row, cell)) + b"\x1b(B") == expected


def test_a_cell_that_nobody_assigned_becomes_a_private_use_character_not_a_replacement() -> None:
    text = iso2022jp.decode(b"\x1b$B%F%9%H\x7d\x21\x7e\x7e\x1b(B")
    assert text.startswith("テスト")
    assert all(0xE000 <= ord(character) <= 0xF8FF for character in text[3:])


@pytest.mark.parametrize(
    ("jis", "text"),
    [
        (b"\x1b$B\x93\x21\x96\x7b\x97\x2c\x1b(B", "ⅰ\ufa2c黑"),  # IBM's rows 115 to 119
        (b"\x1b$B%+%J\x1b(B \xb6\xc5", "カナ ｶﾅ"),  # half-width kana as mere octets
        (b"\x1b$B5-;v\x1b(B\r\n" + "追記です".encode(), "記事\r\n追記です"),  # a list's footer in UTF-8
        (b"$B%F%9%H(B 1 $B7o(J", "テスト 1 件"),  # the ESC octets were lost
        (b"\x1b$(Q\x2d\x21\x1b(B", "①"),  # JIS X 0213
        (b"\x1b$B-!\x1b$(D0!\x1b(B", "①丂"),  # NEC's row beside JIS X 0212
        (b"\x1b$B%F%9%H\x1b(B (US$Bank)", "テスト (US$Bank)"),
    ],
)
def test_iso_2022_jp_is_read_through_what_happens_to_it(jis: bytes, text: str) -> None:
    assert charset.decode(jis, "iso-2022-jp").text == text


def test_half_a_character_at_the_end_costs_nothing_else() -> None:
    assert charset.decode(b"\x1b$B%F%9%H%", "iso-2022-jp").text == "テスト\ufffd"


def test_euc_jp_with_nec_characters_is_read() -> None:
    assert charset.decode(b"\xad\xa1\xc6\xfc\xcb\xdc", "euc-jp").text == "①日本"


def test_a_broken_octet_damages_itself_alone() -> None:
    decoded = charset.decode("在庫は".encode() + b"\xff" + "ありますか".encode(), "utf-8")
    assert (decoded.text, decoded.damaged) == ("在庫は\ufffdありますか", True)


@pytest.mark.parametrize(
    ("declared", "codec"),
    [
        ('"utf-8"', "utf-8"),
        ("'Shift_JIS'", "cp932"),
        ("UTF8", "utf-8"),
        ("utf-8;", "utf-8"),
        ("charset=utf-8", "utf-8"),
        ("utf-8*ja", "utf-8"),
        ("utf-8http-equivcontent-type", "utf-8"),
        ("iso-2022-jp?", "iso-2022-jp"),
        ("ISO-2022-JP-MS", "iso-2022-jp"),
        ("cp50221", "iso-2022-jp"),
        ("x-sjis", "cp932"),
        ("CP51932", "euc-jp"),
        ("unicode", "utf-16"),
        ("x-unknown", None),
        ("unknown-8bit", None),
        ("", None),
    ],
)
def test_a_label_is_understood_through_quotes_and_junk(declared: str, codec: str | None) -> None:
    assert codec_of(declared) == codec


@pytest.mark.parametrize(
    ("data", "declared", "text"),
    [
        (QUESTION.encode("euc_jp"), "shift_jis", QUESTION),
        (QUESTION.encode("cp932"), "euc-jp", QUESTION),
        (QUESTION.encode("cp932"), "iso-8859-1", QUESTION),
        ("ｱｲ､ｳ".encode("cp932"), "shift_jis", "ｱｲ､ｳ"),
        ("café à 5 €".encode("cp1252"), "utf-8", "café à 5 €"),
        ("Größe: ƒ 5".encode("cp1252"), "iso-8859-1", "Größe: ƒ 5"),
        ("在庫😀".encode("utf-16-be"), "utf-16", "在庫😀"),
        ("plain text", "utf-16", "plain text"),
        ("机房环境法规".encode("gb2312"), "x-unknown", "机房环境法规"),
        ("在庫確認依頼".encode("euc_jp"), "x-unknown", "在庫確認依頼"),
        ("髙橋".encode("cp932"), "x-unknown", "髙橋"),
        (b"\xed\xa0\xbd\xed\xb8\x80", "utf-8", "😀"),  # CESU-8
        ("本文です\n".encode() + "フッタです".encode("cp932"), "utf-8", "本文です\nフッタです"),
        ("本文です\n".encode("cp932") + "フッタです".encode(), "shift_jis", "本文です\nフッタです"),
        (b"\xc7\x6d\xc6\xa1", "big5", "ゆ①"),  # ETEN
        (b"\x8f\xb0\xa1\x8e\xb1", "euc-jp", "丂ｱ"),  # JIS X 0212 by SS3, half-width by SS2
    ],
)
def test_an_untrue_label_is_seen_through(data: bytes | str, declared: str, text: str) -> None:
    decoded = charset.decode(data if isinstance(data, bytes) else data.encode(), declared)
    assert (decoded.text, decoded.damaged) == (text, False)


@pytest.mark.parametrize(
    "declared", ["idna", "punycode", "base64", "rot13", "unicode_escape", "\ud800", "a" * 999, "../x"]
)
def test_what_is_no_charset_is_never_used_as_one(declared: str) -> None:
    assert codec_of(declared) is None
    assert charset.decode(b"plain", declared).text == "plain"


def test_lone_surrogates_of_utf_7_never_come_through() -> None:
    assert charset.decode(b"+2AA-", "utf-7").text.encode()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (b"=?ISO-2022-JP?B?GyRCTGQkJDlnJG8kOxsoQg==?=", "問い合わせ"),
        (b"=?iso-2022-jp?B?GyRCLSEtahsoQg==?=", "①㈱"),
        (b"=?utf-8?B?5ZWG5ZOB4w==?=\r\n =?utf-8?B?gas=?=", "商品に"),  # cut inside a character
        (b"=?utf-8?Q?=E5=95=86?= =?UTF-8?Q?=E5=93=81?= abc", "商品 abc"),
        (b"Re: =?utf-8?Q?=E5=95=86_=E5=93=81?=abc", "Re: 商 品abc"),
        (b"=?utf-8?Q?really??=", "really?"),
        (b"=?utf-8*ja?B?5ZWG5ZOB?=", "商品"),
        (b"=?utf-8?B?5ZWG5ZOB", "商品"),  # the end was cut off
        (b"=?utf-8?B?5ZWG5ZOB =?utf-8?B?44Gu5Lu2?=", "商品の件"),
        (b"=?utf-8?B?5ZWG5ZOB? (1)", "商品 (1)"),
        (b"=?utf-8?B?5ZWG 5ZOB?=", "商品"),
        (b"=?utf-8?B?5ZWG5Z\r\n OB?=", "商品"),
        (b"=? utf-8 ?b?5ZWG5ZOB?=", "商品"),
        (b"=?utf-8?B?ngABAu6xAwQb/bDoA?=", "=?utf-8?B?ngABAu6xAwQb/bDoA?="),  # no text (RFC 2047 6.3)
        (b"=??B?5ZWG5ZOB?=", "商品"),
        (b"=?utf-8?B?5ZWG5ZO?= =?utf-8?B?B44Gu?=", "商品の"),  # base64 cut between its four letters
        (b"=?utf-8?B?=E5=95=86=E5=93=81?=", "商品"),  # Q that says B
        (b"=?utf-8?B?5ZWG5ZOB?==?utf-8?B?44Gu5Lu2?=", "商品の件"),
        ("=?utf-8?Q?商 品?=".encode(), "商 品"),
        (b"=?ISO-2022-JP?B?GyRCN28=?= =?ISO-2022-JP?B?TD4bKEI=?=", "件名"),  # cut between two characters
        (b"=?ISO-2022-JP?B?GyRCN29M?= =?ISO-2022-JP?B?PhsoQg==?=", "件名"),  # and within one
        (b"=?ISO-2022-JP?B?GyRCN29MPg==?= =?ISO-2022-JP?B?YWJj?=", "件名abc"),
        (b"=?x\0y?B?5ZWG5ZOB?=", "=?x\0y?B?5ZWG5ZOB?="),
        (b"=?us-ascii?Q?=3D=3Futf-8=3FQ=3Fa=3F=3D?=", "=?utf-8?Q?a?="),  # N36: decoded once
        ("件名".encode(), "件名"),
        ("件名です".encode("cp932"), "件名です"),
        (b"\x1b$B7oL>\x1b(B", "件名"),
    ],
)
def test_n36_header_text_is_decoded_once_however_it_was_sent(value: bytes, text: str) -> None:
    assert words.decode(value) == text


@pytest.mark.parametrize(
    ("data", "declared", "name"),
    [
        (b"hello", None, "us-ascii"),
        (QUESTION.encode(), "UTF-8", "utf-8"),
        (QUESTION.encode("cp932"), "x-sjis", "shift_jis"),
        (JIS, "us-ascii", "iso-2022-jp"),
        ("é".encode("latin-1"), "iso-8859-1", "windows-1252"),
        ("é".encode("latin-1"), "iso-8859-2", "iso-8859-2"),
        ("한글".encode("cp949"), "euc-kr", "euc-kr"),
    ],
)
def test_the_charset_is_told_by_its_name_in_mail(data: bytes, declared: str | None, name: str) -> None:
    assert charset.decode(data, declared).charset == name
