"""A known text comes back from every charset, transfer encoding, label and place that octets leave knowable.

What no reader can know is listed in UNKNOWABLE, and said in docs/limits.md.
"""

import base64
import quopri
from collections.abc import Callable, Iterator

import pytest

from gateway.mail import iso2022jp
from gateway.mail.parse import parse

VENDOR = "いつもお世話になっております。①㈱髙﨑の件、在庫はありますか？ ﾊﾝｶｸ 表示"
JAPANESE = "お問い合わせの商品はまだありますか。テストです、表示ソース"
CHINESE = "您好，请问这款手机还有库存吗？朱镕基。谢谢！"
TAIWANESE = "您好，請問這款手機還有庫存嗎？謝謝！"
HONG_KONG = "你哋嘅嘢喺邊度㗎？唔該晒，喺"
KOREAN = "안녕하세요. 이 상품은 아직 재고가 있습니까? 똠방각하 펲시콜라"
RUSSIAN = "Здравствуйте, есть ли этот товар на складе? Спасибо"
THAI = "สวัสดีครับ สินค้านี้ยังมีอยู่ไหมครับ"
FRENCH = "Bonjour, ce modèle est-il encore disponible ? Déjà réservé à 25 €"


def cell_of(character: str) -> bytes:
    """Row and cell of JIS X 0208 with NEC's rows, found by the reader's own formula (checked in test_charset.py)."""
    for row in (*range(0x21, 0x29), *range(0x30, 0x75), 0x2D, *range(0x79, 0x7D)):
        for cell in range(0x21, 0x7F):
            if iso2022jp.shift_jis(row, cell).decode("cp932", "replace") == character:
                return bytes((row, cell))
    raise AssertionError(character)


def iso_2022_jp_ms(text: str) -> bytes:
    octets, state = b"", b"\x1b(B"
    for character in text:
        cp932 = character.encode("cp932")
        if character.isascii():
            designator, code = b"\x1b(B", cp932
        elif len(cp932) == 1:
            designator, code = b"\x1b(I", bytes((cp932[0] & 0x7F,))
        else:
            designator, code = b"\x1b$B", cell_of(character)
        octets += code if designator == state else designator + code
        state = designator
    return octets + (b"" if state == b"\x1b(B" else b"\x1b(B")


def eucjp_ms(text: str) -> bytes:
    octets = b""
    for character in text:
        cp932 = character.encode("cp932")
        if character.isascii():
            octets += cp932
        elif len(cp932) == 1:
            octets += b"\x8e" + cp932
        else:
            octets += bytes(octet | 0x80 for octet in cell_of(character))
    return octets


def python(codec: str) -> Callable[[str], bytes]:
    return lambda text: text.encode(codec)


CHARSETS: dict[str, tuple[str, Callable[[str], bytes]]] = {
    "iso-2022-jp": (VENDOR, iso_2022_jp_ms),
    "shift_jis": (VENDOR, python("cp932")),
    "euc-jp": (VENDOR, eucjp_ms),
    "utf-8": (VENDOR + "🍣👨‍👩‍👧", python("utf-8")),
    "gb2312": (CHINESE, python("gbk")),
    "gb18030": (CHINESE + "㐂", python("gb18030")),
    "hz-gb-2312": ("您好，请问还有吗", python("hz")),
    "big5": (TAIWANESE, python("big5")),
    "big5-hkscs": (HONG_KONG, python("big5hkscs")),
    "euc-kr": (KOREAN, python("cp949")),
    "johab": ("안녕하세요 똠방각하", python("johab")),
    "iso-2022-kr": ("안녕하세요 상품은", python("iso2022_kr")),
    "utf-7": (JAPANESE, python("utf-7")),
    "utf-16": (JAPANESE, python("utf-16")),
    "utf-16le": (JAPANESE, python("utf-16-le")),
    "utf-16be": (JAPANESE, python("utf-16-be")),
    "unicode": (JAPANESE, python("utf-16-le")),
    "koi8-r": (RUSSIAN, python("koi8_r")),
    "windows-1251": (RUSSIAN, python("cp1251")),
    "windows-1252": (FRENCH, python("cp1252")),
    "iso-8859-15": (FRENCH, python("iso8859-15")),
    "tis-620": (THAI, python("cp874")),
}
UNTRUE = ("", "us-ascii", "iso-8859-1", "utf-8", "x-unknown")
# Octets that say nothing of themselves: ASCII that is also a text, one euro sign of Latin-9, UTF-16 without its mark;
# Johab and a short Big5-HKSCS are no less a text of other charsets.
UNKNOWABLE = {"johab", "utf-7", "utf-16le", "utf-16be", "unicode", "iso-8859-15"}
UNKNOWABLE_UNLESS_PLAIN = {"hz-gb-2312": ("", "us-ascii", "x-unknown")}
BINARY = ("utf-16", "utf-16le", "utf-16be", "unicode")


def labels(charset: str) -> Iterator[str]:
    yield charset
    yield from () if charset in UNKNOWABLE else UNKNOWABLE_UNLESS_PLAIN.get(charset, UNTRUE)


CASES = [pytest.param(charset, label, id=f"{charset} as {label}") for charset in CHARSETS for label in labels(charset)]


BODIES = [
    pytest.param(charset, label, transfer, id=f"{charset} as {label} in {transfer}")
    for charset in CHARSETS
    for label in labels(charset)
    # UTF-16 holds line ends and zeros: it is never sent but in base64.
    for transfer in (("base64",) if charset in BINARY else ("8bit", "base64", "quoted-printable", ""))
]


@pytest.mark.parametrize(("charset", "label", "transfer"), BODIES)
def test_a_body_comes_back(charset: str, label: str, transfer: str) -> None:
    text, encode = CHARSETS[charset]
    octets = encode(text)
    fields = f"Content-Type: text/plain{'; charset=' + label if label else ''}\r\n"
    fields += f"Content-Transfer-Encoding: {transfer}\r\n" if transfer else ""
    body = {"base64": base64.encodebytes, "quoted-printable": quopri.encodestring}.get(transfer, bytes)(octets)
    mail = parse(fields.encode() + b"\r\n" + body + b"\r\n")
    assert mail.text == text
    assert "undecodable octets in text" not in mail.defects


def b_word(label: str, octets: bytes) -> bytes:
    return b"=?%s?B?%s?=" % (label.encode(), base64.b64encode(octets))


def q_word(label: str, octets: bytes) -> bytes:
    return b"=?%s?Q?%s?=" % (label.encode(), b"".join(b"=%02X" % octet for octet in octets))


def raw(_: str, octets: bytes) -> bytes:
    return octets


NEVER_RAW = (*BINARY, *UNKNOWABLE, "big5-hkscs")  # unknowable: a raw field has no label
FIELDS = [
    pytest.param(charset, label, form, id=f"{charset} as {label} in {form.__name__}")
    for charset in CHARSETS
    for label in labels(charset)
    for form in ((b_word, q_word) if charset in NEVER_RAW else (b_word, q_word, raw))
]


@pytest.mark.parametrize(("charset", "label", "form"), FIELDS)
def test_a_subject_a_name_and_a_file_name_come_back(
    charset: str, label: str, form: Callable[[str, bytes], bytes]
) -> None:
    text, encode = CHARSETS[charset]
    value = form(label or "us-ascii", encode(text))
    mail = parse(
        b"Subject: " + value + b'\r\nFrom: "' + value + b'" <a@example.jp>\r\n'
        b'Content-Type: application/pdf\r\nContent-Disposition: attachment; filename="' + value + b'"\r\n\r\nx'
    )
    assert mail.subject == text
    visible = text.replace("\u200d", "")  # names are shown without what shows as nothing (A21)
    assert mail.from_[0].name == visible
    assert mail.attachments[0].name == visible.replace("?", "_")


@pytest.mark.parametrize(("charset", "label"), CASES)
def test_a_file_name_of_rfc_2231_comes_back(charset: str, label: str) -> None:
    text, encode = CHARSETS[charset]
    if charset == "big5-hkscs" and label == "":
        label = "us-ascii"
    value = "".join(f"%{octet:02X}" for octet in encode(text))
    pieces = [value[at : at + 60] for at in range(0, len(value), 60)]
    filename = "".join(
        f";\r\n filename*{number}*={label + chr(39) * 2 if number == 0 else ''}{piece}"
        for number, piece in enumerate(pieces)
    )
    mail = parse(f"Content-Type: application/pdf\r\nContent-Disposition: attachment{filename}\r\n\r\nx".encode())
    assert mail.attachments[0].name == text.replace("?", "_").replace("\u200d", "")
