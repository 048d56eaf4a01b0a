"""What of a saved or forwarded mail goes to the other side: never an address of either, however it is encoded."""

from base64 import b64decode, b64encode
from email import message_from_bytes
from email.message import Message
from quopri import encodestring

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.mail.files import name_without_address
from gateway.mail.redact import file_without_addresses, without_addresses

SECRET = "q1042-s-abcdefghijklmnopqrst@q.example.jp"
BUTTON = "q1042-done-abcdefghijklmnopqrst"
SAVED = f"""\
From: =?utf-8?B?5bGx55Sw?= <{SECRET}>
To: suzuki@shop.example
Subject: =?utf-8?B?44OG44K544OI?= [Q-1042]
Received: from mx.example
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: {{encoding}}

{{body}}
"""
WORDS = f"いつ届きますか。\n\n処理完了にする: mailto:{BUTTON}@q.example.jp\n返信先 {SECRET} まで\n"


def _decoded(raw: bytes) -> str:
    """All that a reader could find in a mail: its octets, and each part decoded."""
    found = [raw]
    for part in message_from_bytes(raw).walk():
        payload = part.get_payload(decode=True)
        if isinstance(payload, bytes):
            found.append(payload)
            if str(part.get_filename()).endswith(".eml"):
                found.append(_decoded(payload).encode())
    return b"\n".join(found).decode("utf-8", "replace")


def _saved(encoding: str) -> bytes:
    body = {
        "8bit": WORDS,
        "base64": b64encode(WORDS.encode()).decode(),
        "quoted-printable": encodestring(WORDS.encode()).decode(),
    }[encoding]
    return SAVED.format(encoding=encoding, body=body).encode()


@pytest.mark.parametrize("encoding", ["8bit", "base64", "quoted-printable"])
def test_a_saved_notification_keeps_its_words_and_loses_its_addresses(encoding: str) -> None:
    cleared = without_addresses(_saved(encoding))
    text = _decoded(cleared)
    assert "q1042" not in text
    assert "suzuki" not in text
    assert "いつ届きますか。" in text
    assert isinstance(message_from_bytes(cleared), Message)
    assert "44OG44K544OI" in message_from_bytes(cleared)["Subject"]


@pytest.mark.parametrize(
    "written", ["{}@q.example.jp", "{}%40q.example.jp", "{}&#64;q.example.jp", "{}&#x40;q.example.jp"]
)
def test_an_address_is_found_in_links_too(written: str) -> None:
    page = f'<a href="mailto:{written.format(BUTTON)}?subject=x">処理完了</a>'.encode()
    assert b"q1042" not in file_without_addresses("text/html", "page.html", page)
    assert "処理完了".encode() in file_without_addresses("text/html", "page.html", page)


def test_a_mail_in_a_mail_in_a_mail_tells_nothing_either() -> None:
    inner = _saved("base64")
    forwarded = b"From: a@shop.example\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    forwarded += b"--b\r\nContent-Type: message/rfc822\r\n\r\n" + inner + b"\r\n"
    forwarded += b"--b\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n"
    forwarded += b'Content-Disposition: attachment; filename="saved.eml"\r\n\r\n' + b64encode(inner) + b"\r\n"
    forwarded += b"--b\r\nContent-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    forwarded += b64encode(inner) + b"\r\n--b--\r\n"
    text = _decoded(without_addresses(forwarded))
    assert "q1042" not in text
    assert "suzuki" not in text
    assert text.count("いつ届きますか。") >= 2


def test_a_mail_with_nothing_to_hide_keeps_its_octets() -> None:
    body = b"MIME-Version: 1.0\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\naGVsbG8=\r\n"
    assert without_addresses(b"From: a@b.example\r\n" + body) == body
    photo = b"\xff\xd8" + BUTTON.encode()
    assert file_without_addresses("image/jpeg", "a.jpg", photo) is photo


@given(st.binary(max_size=300), st.sampled_from(["8bit", "base64", "quoted-printable"]), st.integers(0, 400))
def test_no_octets_make_it_fail(noise: bytes, encoding: str, at: int) -> None:
    raw = _saved(encoding)
    assert isinstance(without_addresses(raw[:at] + noise + raw[at:]), bytes)


def test_a_subject_that_hides_an_address_is_left_out() -> None:
    hidden = b64encode(SECRET.encode()).decode()
    cleared = without_addresses(f"Subject: =?utf-8?B?{hidden}?=\r\nDate: x\r\n\r\ntext".encode())
    assert hidden not in cleared.decode()
    assert b64decode(hidden) == SECRET.encode()


def test_no_mime_field_boundary_or_preamble_tells_where_its_sender_writes() -> None:
    encoded = b64encode("写真 hana.secret@c3.example.jpg".encode()).decode()
    original = f"""\
From: hana.secret@c3.example
Message-ID: <hana77xyz@c3.example>
MIME-Version: 1.0
Content-Base: http://c3.example/
Content-Type: multipart/related; boundary="hana77xyz"; start="<t@c3.example>"

written on c3.example
--hana77xyz
Content-Type: text/html; charset=utf-8
Content-ID: <t@c3.example>
Content-Location: http://c3.example/t.html

<p>壊れています。<img src="cid:i%40c3.example"></p>
--hana77xyz
Content-Type: image/jpeg; name="=?utf-8?B?{encoded}?="
Content-Disposition: inline; filename*0=hana.secret; filename*1="%40c3.example.jpg"
Content-Description: from hana.secret@c3.example
Content-ID: <i@c3.example>
Content-Transfer-Encoding: base64

/9g=
--hana77xyz
Content-Type: message/rfc822; name="hana.secret@c3.example.eml"

Content-Location: http://c3.example/t.eml
Content-Type: text/plain; charset=utf-8; x-of="hana.secret@c3.example"

前のメールです。
--hana77xyz--
end of c3.example
""".encode()
    cleared = without_addresses(original)
    assert cleared == without_addresses(original)
    found = _decoded(cleared)
    assert "c3.example" not in found and "hana" not in found and encoded not in found
    related = message_from_bytes(cleared)
    page, photo, _, enclosed = list(related.walk())[1:]
    assert "壊れています。" in found and "前のメールです。" in found
    assert f"cid:{photo['Content-ID'][1:-1]}".encode() in page.get_payload(decode=True)
    assert photo.get_payload(decode=True) == b"\xff\xd8"
    assert enclosed.get_content_charset() == "utf-8"
    assert b"=_" in cleared and str(photo.get_filename()).endswith(".jpg")


@pytest.mark.parametrize(
    ("given", "passed"),
    [
        ("hana.secret@c3.example.eml", "_.eml"),
        ("見積書(hana＠c3.example)2.pdf", "見積書(_)2.pdf"),
        ("花子@例え.jp", "_"),
        ("hana%40c3.example.scf.unsafe", "_.unsafe"),
        ("icon@2x.png", "icon@2x.png"),
    ],
)
def test_an_address_is_cut_out_of_a_files_name(given: str, passed: str) -> None:
    assert name_without_address(given) == passed
