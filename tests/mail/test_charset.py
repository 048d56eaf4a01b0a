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


def test_carrier_pictograms_become_private_use_characters_not_replacements() -> None:
    text = iso2022jp.decode(b"\x1b$B%F%9%H" + b"\x75\x21\x76\x7e\x1b(B")
    assert text.startswith("テスト")
    assert all(0xE000 <= ord(character) <= 0xF8FF for character in text[3:])


def test_euc_jp_with_nec_characters_is_read() -> None:
    assert charset.decode(b"\xad\xa1\xc6\xfc\xcb\xdc", "euc-jp").text == "①日本"


def test_a_broken_octet_damages_itself_alone() -> None:
    decoded = charset.decode("在庫は".encode() + b"\xff" + "ありますか".encode(), "utf-8")
    assert (decoded.text, decoded.damaged) == ("在庫は\ufffdありますか", True)


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
        (b"=?utf-8?B?5ZWG5ZOB", "=?utf-8?B?5ZWG5ZOB"),
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
