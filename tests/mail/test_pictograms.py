"""What a phone's pictogram meant: by the writer's carrier, in every form that carriers send it. Codes are from their
published tables: the sun is F89F with docomo, F660 with au, F98B with SoftBank."""

from base64 import b64encode

import pytest

from gateway.mail import pictogram_table, pictograms
from gateway.mail.fields import Fields
from gateway.mail.parse import parse
from gateway.mail.pictograms import Carrier

DOCOMO, AU, SOFTBANK = "shop.fan@docomo.ne.jp", "shop-fan@ezweb.ne.jp", "shop_fan@i.softbank.jp"


def mail(author: str, charset: str, text: bytes) -> bytes:
    subject = b"=?%s?B?%s?=" % (charset.encode(), b64encode(text))
    head = f"From: {author}\r\nContent-Type: text/plain; charset={charset}\r\nContent-Transfer-Encoding: 8bit\r\n"
    return head.encode() + b"Subject: " + subject + b"\r\n\r\n" + text + b"\r\n"


@pytest.mark.parametrize(
    ("author", "charset", "text", "meant"),
    [
        (DOCOMO, "Shift_JIS", "晴れ".encode("cp932") + b"\xf8\x9f", "晴れ☀"),
        (DOCOMO, "Shift_JIS", "怖い".encode("cp932") + b"\xf9\xfc", "怖い😱"),
        (AU, "Shift_JIS", "晴れ".encode("cp932") + b"\xf6\x60", "晴れ☀"),
        (AU, "Shift_JIS", "学校".encode("cp932") + b"\xf3\x40", "学校🏫"),
        (AU, "Shift_JIS", "晴れ".encode("cp932") + b"\xeb\x60\xed\x40", "晴れ☀🏫"),  # as in mail, 0x7521 moved
        (AU, "ISO-2022-JP", b"\x1b$B@2$l\x75\x41\x79\x21\x1b(B", "晴れ☀🏫"),
        (SOFTBANK, "Shift_JIS", "晴れ".encode("cp932") + b"\xf9\x8b", "晴れ☀"),
        (SOFTBANK, "Shift_JIS", "汗".encode("cp932") + b"\xfb\x48", "汗😪"),  # a kanji in cp932
        (SOFTBANK, "Shift_JIS", "晴れ".encode("cp932") + b'\x1b$Gj!\x0f"', '晴れ☀👦"'),
        (SOFTBANK, "ISO-2022-JP", b"\x1b$B@2$l\x1b(B\x1b$Gj\x0f!", "晴れ☀!"),
        (SOFTBANK, "UTF-8", "晴れ\ue04a\ue501".encode(), "晴れ☀🏩"),
        (DOCOMO, "UTF-8", "晴れ\ue63e".encode(), "晴れ☀"),
        (AU, "UTF-8", "晴れ\ue488\uef60\ue502".encode(), "晴れ☀☀📺"),
        ("shop.fan@gmail.com", "UTF-8", "晴れ\U000fe000".encode(), "晴れ☀"),
        ("shop.fan@gmail.com", "UTF-8", "晴れ\ue63e\ue488\ue04a".encode(), "晴れ☀☀☀"),
        ("shop.fan@pdx.ne.jp", "Shift_JIS", "晴れ".encode("cp932") + b"\xf8\x9f", "晴れ☀"),  # Willcom took docomo's
    ],
)
def test_a_pictogram_is_the_emoji_of_its_carrier(author: str, charset: str, text: bytes, meant: str) -> None:
    understood = parse(mail(author, charset, text))
    assert understood.text == meant
    assert understood.subject == meant
    assert "undecodable octets in text" not in understood.defects


def test_a_pictogram_in_a_name_and_a_file_name_is_read_too() -> None:
    name = b"=?Shift_JIS?B?" + b64encode("花".encode("cp932") + b"\xf8\x9f") + b"?="
    raw = b"From: " + name + b" <a@docomo.ne.jp>\r\nContent-Type: image/gif; name=" + name + b"\r\n\r\nx"
    understood = parse(raw)
    assert understood.from_[0].name == "花☀"
    assert understood.attachments[0].name == "花☀"


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        (b"\xf8\x9f", "☀"),  # docomo alone uses this
        (b"\xf3\x40", "🏫"),  # au alone
        (b"\xf9\x8b\xf7\x41", "☀📫"),  # SoftBank alone has both
        (b"\xf9\x60", "\ue6bc"),  # docomo's or SoftBank's
        (b"\xf0\x41", "\ue001"),  # a user's own character
    ],
)
def test_without_a_carrier_only_an_unambiguous_code_is_read(text: bytes, meant: str) -> None:
    assert parse(mail("fan@example.jp", "Shift_JIS", "花".encode("cp932") + text)).text == "花" + meant


def test_an_unlabelled_text_with_pictograms_is_still_shift_jis() -> None:
    text = "今日は晴れです".encode("cp932") + b"\xf8\x9f"
    assert parse(b"From: fan@docomo.ne.jp\r\n\r\n" + text).text == "今日は晴れです☀"


@pytest.mark.parametrize(
    ("author", "charset", "text"),
    [
        ("fan@example.jp", "ISO-2022-JP", b"\x1b$B|b\x1b(B"),  # NEC-selected, where au has a pictogram
        ("fan@docomo.ne.jp", "ISO-2022-JP", b"\x1b$B|b\x1b(B"),
        ("fan@ezweb.ne.jp", "Shift_JIS", "髙".encode("cp932")),
        ("fan@i.softbank.jp", "UTF-8", "髙".encode()),
    ],
)
def test_a_kanji_of_nec_or_ibm_stays_a_kanji(author: str, charset: str, text: bytes) -> None:
    assert parse(mail(author, charset, text)).text == "髙"


def test_a_kanji_whose_code_is_a_pictogram_elsewhere_stays_one_with_other_writers() -> None:
    assert parse(mail("fan@example.jp", "Shift_JIS", "渼".encode("cp932"))).text == "渼"


@pytest.mark.parametrize(
    ("charset", "text"),
    [("gb2312", b"\xa6\xfe\xaa\xa1"), ("ISO-2022-JP", b"\x1b$B\x7d\x31\x7e\x7e\x1b(B")],
)
def test_a_users_own_character_in_another_charset_is_no_pictogram(charset: str, text: bytes) -> None:
    read = parse(mail("fan@example.jp", charset, b"ab " + text)).text
    assert all(0xE000 <= ord(character) <= 0xF8FF for character in read[3:])


def test_an_escape_sequence_of_softbank_in_plain_ascii_is_read() -> None:
    assert parse(mail(SOFTBANK, "us-ascii", b"Hi \x1b$Gj\x0f, ok")).text == "Hi ☀, ok"


@pytest.mark.parametrize(
    ("rows", "count"),
    [
        (pictogram_table.DOCOMO, 282),
        (pictogram_table.AU, 647),
        (pictogram_table.SOFTBANK, 485),
        (pictogram_table.GOOGLE, 805),
    ],
)
def test_the_tables_are_whole(rows: str, count: int) -> None:
    codes = {}
    for row in filter(None, rows.split("\n")):
        first, _, items = row.partition(" ")
        for at, item in enumerate(items.split(" ")):
            assert not item or int(first, 16) + at not in codes
            codes[int(first, 16) + at] = item
    assert sum(map(bool, codes.values())) == count
    assert not any(0xE000 <= ord(character) <= 0xF8FF for item in codes.values() for character in item)


@pytest.mark.parametrize(
    ("name", "value", "carrier"),
    [
        ("From", "花 <fan@docomo.ne.jp>", Carrier.DOCOMO),
        ("From", "fan@ezweb.ne.jp", Carrier.AU),
        ("From", "FAN@T.VODAFONE.NE.JP", Carrier.SOFTBANK),
        ("From", "fan@ymobile.ne.jp", Carrier.SOFTBANK),
        ("From", "fan@docomo.ne.jp.example.com", None),
        ("From", "fan@notdocomo.ne.jp", None),
        ("Message-ID", "<2026@nxev15mp07.ezweb.ne.jp>", Carrier.AU),
        ("Received", "from mail103.docomo.ne.jp (mail103.docomo.ne.jp [192.0.2.3]) by mx.example.jp", Carrier.DOCOMO),
        ("Subject", "docomo.ne.jp", None),
    ],
)
def test_the_carrier_is_told_by_the_writers_domain(name: str, value: str, carrier: Carrier | None) -> None:
    assert pictograms.carrier_of(Fields([(name, value.encode())])) is carrier
