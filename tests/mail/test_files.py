"""Names of attached files: as they were meant, and safe to hand on."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.mail import files
from gateway.mail.parse import parse
from gateway.mail.values import AttachedFile


def attached(header: bytes) -> AttachedFile:
    raw = (
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\ntext\r\n--b\r\n"
        + header
        + b"\r\n\r\ncontent\r\n--b--"
    )
    return parse(raw).attachments[0]


@pytest.mark.parametrize(
    ("header", "name"),
    [
        (b'Content-Disposition: attachment; filename="a b.pdf"', "a b.pdf"),
        (b"Content-Disposition: attachment; filename*=utf-8''%E8%A6%8B%E7%A9%8D.pdf", "見積.pdf"),
        (b"Content-Disposition: attachment;\r\n filename*0*=utf-8''%E8%A6;\r\n filename*1*=%8B.pdf", "見.pdf"),
        (b"Content-Disposition: attachment; filename=a.pdf; filename*=utf-8''%E8%A6%8B.pdf", "見.pdf"),
        (b"Content-Disposition: attachment; filename*=iso-2022-jp''%1B%24B-%21%1B%28B.pdf", "①.pdf"),
        (b'Content-Type: application/pdf; name="=?ISO-2022-JP?B?GyRCOCtAURsoQi5wZGY=?="', "見積.pdf"),
        (b'Content-Type: application/pdf; name="=?utf-8?B?6KaL?=\r\n =?utf-8?B?56mNLnBkZg==?="', "見積.pdf"),
        ("Content-Type: application/pdf; name=見積.pdf".encode(), "見積.pdf"),
        ('Content-Type: application/pdf; name="見積表.pdf"'.encode("cp932"), "見積表.pdf"),
        (b'Content-Disposition: attachment; filename="%E8%A6%8B%E7%A9%8D.pdf"', "見積.pdf"),
        (b'Content-Disposition: attachment; filename="100%.pdf"', "100%.pdf"),
        (b"Content-Disposition: attachment; filename*=%E8%A6%8B%E7%A9%8D.pdf", "見積.pdf"),
        (b"Content-Disposition: attachment; filename*=''%E8%A6%8B%E7%A9%8D.pdf", "見積.pdf"),
        (b"Content-Disposition: attachment; filename*=utf-8''=?utf-8?B?6KaL56mNLnBkZg==?=", "見積.pdf"),
        (b'Content-Disposition: attachment; filename*0="=?utf-8?B?6KaL"; filename*1="56mNLnBkZg==?="', "見積.pdf"),
        (b"Content-Disposition: attachment; filename*0*=utf-8''%E8%A6; filename*1=%8B.pdf", "見.pdf"),
        (b"Content-Disposition: attachment; filename*1*=%8B.pdf; filename*0*=utf-8''%E8%A6", "見.pdf"),
        (b"Content-Disposition: attachment; filename==?utf-8?B?6KaL56mNLnBkZg==?=", "見積.pdf"),
        (
            b'Content-Type: application/pdf; name="=?utf-8?B?6KaL56mNLnBkZg==?="\r\n'
            b"Content-Disposition: attachment; filename*=iso-8859-1''%3F%3F.pdf",
            "見積.pdf",
        ),
        (b"Content-Type: application/pdf; name=b.pdf\r\nContent-Disposition: attachment; filename=a.pdf", "a.pdf"),
        (b"Content-Type: image/png\r\nContent-ID: <image001.png@01CDB132.D8A510F0>", "image001.png"),
        (b"Content-Type: image/png\r\nContent-ID: <03@110206.172728@docomo.ne.jp>", "attachment-1.png"),
        (b"Content-Type: application/pdf", "attachment-1.pdf"),
        (b"Content-Type: application/octet-stream", "attachment-1.bin"),
        (b'Content-Type: application/pdf; name="../../etc/passwd"', "passwd"),
        (b'Content-Type: application/pdf; name="C:\\\\Users\\\\a.pdf"', "a.pdf"),
        (b'Content-Type: application/pdf; name="/"', "attachment-1.pdf"),
    ],
)
def test_a_file_has_the_name_its_sender_meant(header: bytes, name: str) -> None:
    found = attached(header)
    assert found.content == b"content"
    assert found.name == name


@pytest.mark.parametrize(
    ("given", "safe"),
    [
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("a\0b\r\n.txt", "ab.txt"),
        ("CON.txt", "_CON.txt"),
        ("lpt1", "_lpt1"),
        ("a<b>:c?.pdf", "a_b__c_.pdf"),
        (".htaccess", "htaccess"),
        ("x" * 300 + ".pdf", "x" * 96 + ".pdf"),
        ("か\u3099.pdf", "が.pdf"),
        ("...", None),
        ("\u200b", None),
    ],
)
def test_a22_a_name_is_made_safe(given: str, safe: str | None) -> None:
    assert files.safe_file_name(given) == safe


@given(st.text())
@settings(max_examples=500, deadline=None)
def test_a22_no_name_leads_anywhere(text: str) -> None:
    name = files.safe_file_name(text)
    if name is not None:
        assert 0 < len(name) <= files.MAX_NAME
        assert not set(name) & set('/\\:\0\r\n"<>|?*\u202e')
        assert name.strip(" .") == name


def test_n37_names_that_disagree_on_the_type_are_flagged() -> None:
    raw = b"Content-Disposition: attachment; filename=a.txt; filename*=utf-8''a.exe\r\n\r\nx"
    assert "conflicting file names" in parse(raw).defects


def test_a16_an_archive_is_handed_on_unopened() -> None:
    assert attached(b"Content-Type: application/zip; name=a.zip").content == b"content"


def test_a_name_in_raw_iso_2022_jp_is_not_cut_at_the_quote_its_octets_hold() -> None:
    name = "あ”号;.pdf"  # 0x22 is an octet of あ
    header = b'Content-Disposition: attachment; filename="' + name.encode("iso2022_jp") + b'"'
    assert attached(header).name == name


def test_an_enclosed_mail_with_a_damaged_field_is_attached_as_it_came() -> None:
    enclosed = b"Subject: a\nX-Odd: dns; nyaan.exa\x06\r k5\nMTA: x\n\ntext\n"
    raw = (
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: message/rfc822\n\n" + enclosed + b"\n--b--\n"
    )
    mail = parse(raw)
    assert not any("unreadable" in defect for defect in mail.defects)
    assert b"nyaan.exa" in mail.attachments[0].content


def beside_text(charset: str, header: bytes) -> AttachedFile:
    text = f"Content-Type: text/plain; charset={charset}\r\n\r\n ".encode()
    raw = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" + text + b"\r\n--b\r\n" + header
    return parse(raw + b"\r\n\r\ncontent\r\n--b--").attachments[0]


@pytest.mark.parametrize(
    ("charset", "name"),
    [
        ("big5", "許功蓋.pdf"),  # the second octet of each is that of a backslash
        ("shift_jis", "2表.pdf"),
        ("shift_jis", "ソ.txt"),
        ("euc-kr", "주문서.pdf"),
        ("gb2312", "订单.pdf"),
        ("koi8-r", "счёт.pdf"),
    ],
)
def test_a_raw_name_is_in_the_charset_of_the_text_and_whole(charset: str, name: str) -> None:
    octets = name.encode(charset)
    field = b'Content-Disposition: attachment; filename="%s"'
    assert beside_text(charset, field % octets).name == name
    assert beside_text(charset, field % octets.replace(b"\\", b"\\\\")).name == name


def test_a_name_that_lost_its_letters_does_not_count_beside_one_that_did_not() -> None:
    header = (
        b'Content-Type: application/pdf; name="=?utf-8?B?6KaL56mN5pu4LnBkZg==?="\r\n'
        b'Content-Disposition: attachment; filename="%s"'
    )
    for lost in (b"???.pdf", b"?????????.pdf", b"??????"):
        assert attached(header % lost).name == "見積書.pdf"


def test_a_lacking_semicolon_costs_no_name() -> None:
    assert attached(b'Content-Disposition: attachment filename="a.pdf"').name == "a.pdf"
    assert attached(b'Content-Type: application/pdf\r\n name="a.pdf"').name == "a.pdf"
    assert (
        attached(b"Content-Type: application/pdf\r\nContent-Disposition: inline filename*=utf-8''b.pdf").name == "b.pdf"
    )


@pytest.mark.parametrize("kind", [b"application/p\x01df", b"image/\x1b[31mpng", b"a b/c", b"video/\xe2\x80\xaefdp"])
def test_a_type_that_is_none_is_not_handed_on(kind: bytes) -> None:
    assert attached(b"Content-Type: " + kind + b"; name=a.pdf").type == "application/octet-stream"
