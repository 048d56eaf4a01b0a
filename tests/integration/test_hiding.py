"""F11 over SMTP and HTTP: a question is hidden and its customer told; who may ask no more; and how it is taken back."""

import asyncio
from collections.abc import AsyncIterator
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlmodel import select
from typer.testing import CliRunner

from gateway.cli.main import app
from gateway.store import ledger
from gateway.store.public_tables import Restriction
from gateway.store.tables import Outbox, Product
from tests.integration.house import DOMAIN, HANAKO, SUZUKI, Arrived, House, open_house
from tests.integration.web import get

FEED = "/stores/testshop/products/598405570/questions.json"
PRODUCT, OTHER = f"testshop+p598405570@{DOMAIN}", f"testshop+p111@{DOMAIN}"
COLLEAGUE = "sato@shop.example"


@pytest.fixture
async def house(tmp_path: Path, database_url: str) -> AsyncIterator[House]:
    async with open_house(tmp_path, database_url, listen="127.0.0.1:0") as opened:
        await opened.add_store("testshop", SUZUKI, COLLEAGUE)
        await opened.add(Product(store_id=1, code="598405570", name="テスト商品（ラップ）"))
        yield opened


async def _public(house: House) -> list[str]:
    port = house.running.http_ports["public"]
    return [question["question"] for question in (await get(port, FEED)).json]


async def _asks(house: House, text: str, to: str = PRODUCT) -> Arrived:
    await house.writes(HANAKO, to, text)
    return await house.gets(SUZUKI)


def _form(told: Arrived) -> tuple[str, str]:
    """Address and body that the 非表示 button puts into a mail."""
    html = told.mail.get_body(("html",))
    assert html is not None
    url = next(part for part in str(html.get_content()).split('"') if "-hide-" in part)
    split = urlsplit(url.replace("&amp;", "&"))
    return split.path, parse_qs(split.query)["body"][0].replace("\r\n", "\n")


async def test_F11_hidden_at_once_the_customer_is_told_and_may_answer(house: House) -> None:
    told = await _asks(house, "電話番号は03ではじまります。")
    assert await _public(house) == ["電話番号は03ではじまります。"]
    await house.writes(SUZUKI, told.from_address, "#非表示 ご質問について\n個人情報が含まれておりましたので。")
    notice = await house.gets(HANAKO)
    assert await _public(house) == []
    assert str(notice.mail["Subject"]) == "ご質問について"
    assert notice.mail_from.startswith("b")  # its loss is noticed
    assert notice.mail["Auto-Submitted"] is None
    for words in ("個人情報が含まれておりましたので。", "テスト商品（ラップ）", "> 電話番号は03ではじまります。"):
        assert words in notice.text
    receipt = await house.gets(SUZUKI, "送信しました")
    assert "#再表示" in receipt.text
    copy = await house.gets(COLLEAGUE, "テスト2 [Q-1]")
    assert "個人情報が含まれておりましたので。" in (await house.gets(COLLEAGUE, "テスト2 [Q-1]")).text + copy.text
    inquiry = await house.inquiry()
    assert (inquiry["status"], inquiry["hidden"]) == ("unanswered", True)
    assert "hidden" in [event["event"] for event in inquiry["history"]]

    await house.writes(HANAKO, notice.from_address, "わかりました。")
    again = await house.gets(SUZUKI)
    assert "わかりました。" in again.text
    assert "-hide-" not in again.raw.decode()
    assert await house.inquiries() == 1

    await house.writes(SUZUKI, again.from_address, "#非表示 もう一度\n念のため。")
    assert "すでに商品ページで非表示" in (await house.gets(SUZUKI, "【変更はありません】")).text
    await house.writes(SUZUKI, again.from_address, "#再表示")
    await house.gets(SUZUKI, "変更しました")
    assert await _public(house) == ["電話番号は03ではじまります。"]


async def test_F11_the_button_is_a_form_and_says_what_is_missing(house: House) -> None:
    told = await _asks(house, "赤はありますか。")
    address, body = _form(told)
    await house.writes(SUZUKI, address, body.replace("件名：", "件名：ご質問について"))
    returned = await house.gets(SUZUKI, "【送信していません】")
    assert "理由がありませんでした" in returned.text
    assert "ご質問について" in returned.text
    again, body = _form(returned)
    assert again == address
    assert (await house.inquiry())["hidden"] is False
    filled = body.replace("件名：", "件名：ご質問について").replace(
        "理由：", "理由：誤りがありました。\n申し訳ございません。"
    )
    await house.writes(SUZUKI, address, filled, authenticated=False)
    asked = await house.gets(SUZUKI, "【確認してください】")
    assert "商品ページで非表示になり" in asked.text
    assert (await house.inquiry())["hidden"] is False
    await house.writes(SUZUKI, asked.button, "#送信", authenticated=False)
    notice = await house.gets(HANAKO)
    assert notice.text.startswith("誤りがありました。\n申し訳ございません。\n")
    assert (str(notice.mail["Subject"]), await _public(house)) == ("ご質問について", [])


async def test_F11_only_what_stands_on_a_products_page_can_be_hidden(house: House) -> None:
    told = await _asks(house, "届きません。", f"testshop+ob-7788@{DOMAIN}")
    assert "-hide-" not in told.raw.decode()
    for command in ("#非表示 ご質問について\n理由です。", "#再表示", "#公開"):
        await house.writes(SUZUKI, told.from_address, command)
        returned = await house.gets(SUZUKI, "【送信していません】")
        assert "商品ページから届いたお問い合わせにだけ" in returned.text
    assert [one for one in house.arrived if one.rcpt_to == HANAKO] == []


async def test_F11_who_is_restricted_gets_one_refusal_and_disturbs_nobody(house: House) -> None:
    told = await _asks(house, "赤はありますか。")
    await house.writes(SUZUKI, told.from_address, "#非表示 ご質問について\n#制限\n今後はお受けできません。")
    notice = await house.gets(HANAKO)
    assert "今後この商品について" in notice.text
    await house.gets(SUZUKI, "送信しました")

    queue_id = await house.writes(HANAKO, PRODUCT, "青はありますか。", Subject="また質問")
    refusal = await house.gets(HANAKO, "Re: また質問")
    assert (refusal.mail_from, refusal.mail["Auto-Submitted"]) == ("", "auto-replied")
    assert "テスト商品（ラップ）" in refusal.text
    assert "青は" not in refusal.text
    for text, sender, authenticated in (("白は？", HANAKO, True), ("黒は？", HANAKO, False)):
        row = await house.settled(await house.writes(sender, PRODUCT, text, authenticated=authenticated))
        assert row.outcome[0]["result"] == "recorded"
    assert (await house.settled(queue_id)).outcome[0]["inquiry"] == 2
    shown = await house.inquiry(2)
    assert (shown["status"], [entry["author"] for entry in shown["thread"]]) == ("done", ["customer", "gateway"])
    assert await _public(house) == []

    # Other products and the conversation itself go on.
    other = await _asks(house, "111の色は？", OTHER)
    assert "111の色は？" in other.text
    await house.writes(HANAKO, notice.from_address, "残念です。")
    assert "残念です。" in (await house.gets(SUZUKI)).text
    to_seller = [one for one in house.arrived if one.rcpt_to == SUZUKI]
    assert [one for one in to_seller if "青は" in one.text or "白は" in one.text] == []
    assert len([one for one in house.arrived if one.rcpt_to == HANAKO]) == 2

    async with house.database.read() as session:
        assert (await ledger.check(session)).problems == []
    await house.writes(SUZUKI, told.from_address, "#再表示")
    receipt = await house.gets(SUZUKI, "変更しました")
    assert "制限も解除" in receipt.text
    assert "緑は？" in (await _asks(house, "緑は？")).text
    assert await _public(house) == ["緑は？", "赤はありますか。"]


async def _refused(house: House) -> Arrived:
    """What the customer gets who asks once more on the page (Q-2), and may not."""
    told = await _asks(house, "赤はありますか。")
    await house.writes(SUZUKI, told.from_address, "#非表示 ご質問について\n#制限\n今後はお受けできません。")
    await house.gets(HANAKO)
    await house.gets(SUZUKI, "送信しました")
    await house.writes(HANAKO, PRODUCT, "青はありますか。", Subject="また質問")
    return await house.gets(HANAKO, "Re: また質問")


async def test_F11_a_reply_to_the_refusal_reaches_the_sellers_and_no_page(house: House) -> None:
    refusal = await _refused(house)
    queue_id = await house.writes(HANAKO, refusal.from_address, "不在です。", Auto_Submitted="auto-replied")
    assert (await house.settled(queue_id)).outcome[0]["result"] == "recorded"
    order = "注文番号 B-7788 の配送日を変更できますか。"
    await house.writes(
        HANAKO, refusal.from_address, order, Subject="Re: また質問", In_Reply_To=str(refusal.mail["Message-ID"])
    )
    told = await house.gets(SUZUKI)
    assert order in told.text
    assert "Q-2" in told.text  # which it follows
    assert "青は" not in told.text
    assert "商品ページに表示されることがあります" not in told.text
    assert "-hide-" not in told.raw.decode()
    private = await house.inquiry(3)
    assert (private["origin"], private["order_number"], private["status"]) == ("direct", "B-7788", "unanswered")
    assert (await house.inquiry(2))["status"] == "done"

    # What comes in reply to the refusal stays together, and so does what is answered.
    await house.writes(HANAKO, refusal.from_address, "急ぎません。")
    assert "急ぎません。" in (await house.gets(SUZUKI)).text
    await house.writes(SUZUKI, told.from_address, "明日お届けします。電話は 03-1234-5678 です。")
    answer = await house.gets(HANAKO)
    await house.gets(SUZUKI, "送信しました")
    await house.writes(HANAKO, answer.from_address, "助かりました。届いたら連絡します。")
    assert "助かりました。" in (await house.gets(SUZUKI)).text
    assert await house.inquiries() == 3
    assert await _public(house) == []

    # Who may not ask on the page still may not, whatever his mail there refers to.
    for refers_to in ("<unknown@customer.example>", str(refusal.mail["Message-ID"])):
        queue_id = await house.writes(
            HANAKO, PRODUCT, "白はありますか。", Subject="Re: また質問", In_Reply_To=refers_to
        )
        assert (await house.settled(queue_id)).outcome[0]["result"] == "recorded"
    assert [one for one in house.arrived if one.rcpt_to == SUZUKI and "白は" in one.text] == []
    assert len([one for one in house.arrived if one.rcpt_to == HANAKO]) == 3
    assert await _public(house) == []


async def test_F11_what_answers_the_refusal_at_the_stores_address_is_on_no_page(house: House) -> None:
    refusal = await _refused(house)
    await house.writes(HANAKO, f"testshop@{DOMAIN}", "どうしてですか。", In_Reply_To=str(refusal.mail["Message-ID"]))
    told = await house.gets(SUZUKI)
    assert "どうしてですか。" in told.text
    await house.writes(SUZUKI, told.from_address, "当店の判断です。")
    await house.gets(HANAKO)
    await house.gets(SUZUKI, "送信しました")
    assert await _public(house) == []
    order = f"testshop+ob-7788@{DOMAIN}"
    await house.writes(HANAKO, order, "届きません。", In_Reply_To=str(refusal.mail["Message-ID"]))
    assert "届きません。" in (await house.gets(SUZUKI)).text
    await house.writes(HANAKO, refusal.from_address, "注文番号 C-1234 も届きません。")  # another order: another matter
    assert "C-1234 も届きません。" in (await house.gets(SUZUKI)).text
    assert [(await house.inquiry(number))["order_number"] for number in (3, 4, 5)] == [None, "b-7788", "C-1234"]
    await house.writes(HANAKO, OTHER, "111の色は？", In_Reply_To=str(refusal.mail["Message-ID"]))
    assert "111の色は？" in (await house.gets(SUZUKI)).text


async def test_F11_a_notice_that_is_lost_is_told_and_changes_no_state(house: House) -> None:
    told = await _asks(house, "赤はありますか。")
    await house.writes(SUZUKI, told.from_address, "ございます。")
    await house.gets(HANAKO)
    await house.gets(SUZUKI, "送信しました")
    house.smarthost.refuses.add(HANAKO)
    await house.writes(SUZUKI, told.from_address, "#非表示 ご質問について\n誤りがありました。")
    lost = await house.gets(SUZUKI, "【お届けできませんでした】")
    assert "誤りがありました。" in lost.text
    assert "未回答" not in lost.text
    inquiry = await house.inquiry()
    assert (inquiry["status"], inquiry["hidden"], await _public(house)) == ("done", True, [])


async def test_F11_the_operator_hides_and_shows_by_command(house: House) -> None:
    await _asks(house, "赤はありますか。")

    async def command(*words: str) -> tuple[int, str]:
        line = ["--config", str(house.folder / "toiawase.toml"), "inquiry", *words]
        result = await asyncio.to_thread(CliRunner().invoke, app, line)
        return result.exit_code, result.output.strip().rpartition("\n")[2]  # above it stands the gateway's log

    words = ("--title", "ご質問について", "--reason", "誤りがありました。", "--restrict")
    assert (await command("hide", "Q-1", *words))[0] == 0
    notice = await house.gets(HANAKO)
    assert (parseaddr(str(notice.mail["From"]))[0], str(notice.mail["Subject"])) == ("testshop商店", "ご質問について")
    assert "誤りがありました。" in notice.text
    assert await _public(house) == []
    assert await command("hide", "Q-1", *words) == (0, "Q-1 is hidden already")
    async with house.database.read() as session:
        assert len((await session.exec(select(Restriction))).all()) == 1
        kinds = (await session.exec(select(Outbox.kind).where(Outbox.to_address == HANAKO))).all()
    assert kinds == ["hide_notice"]
    assert await command("unhide", "Q-1") == (0, "Q-1 is shown again")
    assert await _public(house) == ["赤はありますか。"]
    assert (await command("hide", "Q-2", *words))[0] == 1
    assert (await command("hide", "Q-1", "--title", " ", "--reason", "x"))[0] == 2


async def test_a_question_that_was_never_public_is_not_told_as_one_that_was(house: House) -> None:
    await house.writes(HANAKO, PRODUCT, "090-1234-5678 の桁数は？")
    told = await house.gets(SUZUKI)
    await house.writes(SUZUKI, told.from_address, "#非表示 ご質問について\n掲載できない内容でした。")
    notice = await house.gets(HANAKO)
    assert "掲載されていた" not in notice.text
    assert "商品ページに掲載しないことといたしました。" in notice.text
    await house.writes(SUZUKI, told.from_address, "#再表示")
    receipt = await house.gets(SUZUKI, "変更しました")
    assert "商品ページにはまだ表示されていません" in receipt.text
    assert "もう一度表示しました" not in receipt.text
    assert await _public(house) == []


async def test_a_restriction_is_added_to_what_is_hidden_already(house: House) -> None:
    told = await _asks(house, "赤はありますか。")
    await house.writes(SUZUKI, told.from_address, "#非表示 ご質問について\n誤りがありました。")
    await house.gets(HANAKO)
    await house.gets(SUZUKI, "送信しました")
    await house.writes(SUZUKI, told.from_address, "#非表示\n#制限")
    receipt = await house.gets(SUZUKI, "変更しました")
    assert "#非表示 … すでに商品ページで非表示になっています。お客様には、改めてお知らせしていません" in receipt.text
    assert "#制限 … このお客様が今後" in receipt.text
    queue_id = await house.writes(HANAKO, PRODUCT, "青はありますか。")
    assert (await house.settled(queue_id)).outcome[0]["result"] == "recorded"
    await house.writes(SUZUKI, told.from_address, "#非表示\n#制限")
    assert "すでに商品ページで非表示" in (await house.gets(SUZUKI, "【変更はありません】")).text


async def test_publishing_what_waited_for_a_look(house: House) -> None:
    await house.writes(HANAKO, PRODUCT, "090-1234-5678 の桁数は？")
    told = await house.gets(SUZUKI)
    assert await _public(house) == []
    await house.writes(SUZUKI, told.from_address, "#公開")
    await house.gets(SUZUKI, "変更しました")
    assert await _public(house) == ["090-1234-5678 の桁数は？"]
    await house.writes(SUZUKI, told.from_address, "#公開")
    assert "すでに商品ページに表示" in (await house.gets(SUZUKI, "【変更はありません】")).text
