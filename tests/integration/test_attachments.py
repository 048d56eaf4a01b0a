"""F7: files go both ways with a mail, within limits, under their names; what could do harm is renamed and said so."""

from collections.abc import AsyncIterator
from email.message import EmailMessage
from email.utils import make_msgid
from pathlib import Path

import pytest

from tests.integration.house import DOMAIN, HANAKO, SUZUKI, Arrived, House, open_house

SHOP = f"testshop@{DOMAIN}"
LIMITS = "\n[limits]\nattachments = 3\nattachments_size = 65536\n"
File = tuple[str, str, bytes]
PHOTO: File = ("写真 その1.jpg", "image/jpeg", b"\xff\xd8" + b"photo" * 100)
PROGRAM: File = ("請求書.pdf.exe", "application/octet-stream", b"MZ program")
BIG: File = ("動画.mp4", "video/mp4", b"v" * 65_000)


@pytest.fixture
async def house(tmp_path: Path, database_url: str) -> AsyncIterator[House]:
    """A shop where three files of 64 KB together may be attached to a mail."""
    async with open_house(tmp_path, database_url, more=LIMITS) as opened:
        await opened.add_store("testshop", SUZUKI)
        yield opened


async def _sends(
    house: House,
    sender: str,
    to: str,
    text: str,
    *files: File,
    subject: str = "写真の件",
    answers: str = "",
    authenticated: bool = True,
) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"], mail["In-Reply-To"] = sender, to, subject, answers
    mail["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2])
    mail.set_content(text)
    for name, kind, content in files:
        major, minor = kind.split("/")
        if major == "message":
            mail.add_attachment(content, "application", "octet-stream", filename=name)
        else:
            mail.add_attachment(content, major, minor, filename=name)
    raw = mail.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    await house.hands_in(raw, sender, to, authenticated=authenticated)


def _files(arrived: Arrived) -> list[File]:
    return [
        (str(part.get_filename()), part.get_content_type(), bytes(part.get_content()))
        for part in arrived.mail.iter_attachments()
    ]


async def test_F7_files_go_both_ways_under_their_names(house: House) -> None:
    await _sends(house, HANAKO, SHOP, "この部分が壊れていました。", PHOTO, PROGRAM)
    told = await house.gets(SUZUKI)
    assert _files(told) == [PHOTO, (f"{PROGRAM[0]}.unsafe", "application/octet-stream", PROGRAM[2])]
    assert "この部分が壊れていました。" in told.text
    assert "【ご注意】次の添付ファイルは、開くとパソコンで動作する種類のものです。" in told.text
    assert "請求書.pdf.exe.unsafe" in told.text
    assert "写真 その1.jpg" in told.text.partition("この線より上に")[2]

    await _sends(house, SUZUKI, told.from_address, "交換いたします。手順をお送りします。", PHOTO, PROGRAM)
    answer = await house.gets(HANAKO)
    assert [name for name, _, _ in _files(answer)] == ["写真 その1.jpg", "請求書.pdf.exe.unsafe"]
    assert "開かないでください" in answer.text
    receipt = await house.gets(SUZUKI, "送信しました")
    assert "写真 その1.jpg, 請求書.pdf.exe.unsafe" in receipt.text
    assert "名前の末尾に「.unsafe」を付けてお送りしています：請求書.pdf.exe.unsafe" in receipt.text


async def test_F7_too_much_of_a_customer_waits_and_is_named_too_much_of_a_seller_comes_back(house: House) -> None:
    await _sends(house, HANAKO, SHOP, "動画です。", BIG, ("動画2.mp4", "video/mp4", b"w" * 60_000), PHOTO)
    told = await house.gets(SUZUKI)
    assert [name for name, _, _ in _files(told)] == ["動画.mp4", "写真 その1.jpg"]
    assert "次のファイルはこのメールに付けていません：動画2.mp4\n" in told.text
    assert "#全文" in told.text
    await house.writes(SUZUKI, told.from_address, "#全文")
    rest = await house.gets(SUZUKI, "残りの添付ファイル")
    assert _files(rest) == [("動画2.mp4", "video/mp4", b"w" * 60_000)]
    assert "動画2.mp4" in rest.text
    kept = (await house.inquiry())["thread"][0]["attachments"]
    assert [file["name"] for file in kept] == ["動画.mp4", "動画2.mp4", "写真 その1.jpg"]

    await _sends(house, SUZUKI, told.from_address, "資料をお送りします。", BIG, BIG)
    returned = await house.gets(SUZUKI, "【送信していません】")
    assert "添付ファイルが大きすぎるため、送っていません（合計0.1MB／0.1MBまで）" in returned.text
    assert "資料をお送りします。" in returned.text
    await _sends(house, SUZUKI, told.from_address, "写真をお送りします。", PHOTO, PHOTO, PHOTO, PHOTO)
    assert "4個／3個まで" in (await house.gets(SUZUKI, "【送信していません】")).text

    await _sends(house, SUZUKI, told.from_address, "1枚だけお送りします。", PHOTO)
    answer = await house.gets(HANAKO)
    assert "1枚だけ" in answer.text
    assert _files(answer) == [PHOTO]
    assert [mail for mail in house.arrived if mail.rcpt_to == HANAKO] == [answer]


async def test_a_mail_of_ours_that_is_attached_tells_neither_side_where_the_other_writes(house: House) -> None:
    await house.writes(HANAKO, SHOP, "いつ届きますか。")
    told = await house.gets(SUZUKI)
    saved = told.raw.replace(b"\r\n", b"\n")
    await _sends(
        house, SUZUKI, told.from_address, "こちらのメールをご覧ください。", ("通知.eml", "message/rfc822", saved)
    )
    answer = await house.gets(HANAKO)
    (_, _, content), *_ = _files(answer)
    passed_on = Arrived("", "", content)
    assert "いつ届きますか。" in passed_on.text
    for written in (content.decode(), passed_on.text, str(passed_on.mail.get_body(("html",)))):
        assert told.from_address.partition("@")[0] not in written
        assert told.button.partition("@")[0] not in written
        assert SUZUKI not in written

    await _sends(house, HANAKO, answer.from_address, "前のメールです。", ("回答.eml", "message/rfc822", answer.raw))
    seen = await house.gets(SUZUKI, "テスト2")
    assert answer.from_address.partition("@")[0].encode() not in b"".join(content for _, _, content in _files(seen))


async def test_a_files_name_does_not_tell_the_customers_address(house: House) -> None:
    await _sends(house, HANAKO, SHOP, "写真です。", (f"{HANAKO}.jpg", "image/jpeg", b"\xff\xd8"))
    told = await house.gets(SUZUKI)
    assert [name for name, _, _ in _files(told)] == ["_.jpg"]
    assert HANAKO.encode() not in told.raw and HANAKO not in told.text


async def test_too_many_files_come_back_with_the_reason_also_when_the_mail_was_held_and_confirmed(house: House) -> None:
    await house.writes(HANAKO, SHOP, "いつ届きますか。")
    told = await house.gets(SUZUKI)
    text = "写真をお送りします。"
    await _sends(house, SUZUKI, told.from_address, text, *[PHOTO] * 4, authenticated=False)
    held = await house.gets(SUZUKI, "【確認")
    await house.writes(SUZUKI, held.button.partition("?")[0], "")
    returned = (await house.gets(SUZUKI, "【送信していません】")).text
    assert "4個／3個まで" in returned and text in returned
    assert [mail for mail in house.arrived if mail.rcpt_to == HANAKO] == []


async def test_the_desk_keeps_the_limits_for_the_staff_and_under_a_number_of_a_list(house: House) -> None:
    await house.add_staff("cs@marketplace.example")
    await _sends(house, SUZUKI, f"desk@{DOMAIN}", "写真の件です。", *[PHOTO] * 4, subject="Qoo10へ 写真の件")
    returned = (await house.gets(SUZUKI, "【操作はしていません】")).text
    assert "担当者にお送りしていません（4個／3個まで）" in returned
    assert "写真の件です。" in returned and "Qoo10へ 写真の件" in returned
    await house.writes(HANAKO, SHOP, "いつ届きますか。")
    await house.gets(SUZUKI, "テスト2")
    await house.writes(SUZUKI, f"desk@{DOMAIN}", "", Subject="一覧")
    listed = await house.gets(SUZUKI, "お問い合わせ一覧")
    answers = listed.mail["Message-ID"]
    await _sends(house, SUZUKI, listed.from_address, "1\n動画です。", BIG, BIG, subject="Re: 一覧", answers=answers)
    returned = (await house.gets(SUZUKI, "【操作はしていません】")).text
    assert "添付ファイルが大きすぎる" in returned and "動画です。" in returned
    assert {mail.rcpt_to for mail in house.arrived} == {SUZUKI}
