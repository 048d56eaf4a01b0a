"""The main job over real sockets: each test is one line of what the gateway promises, on both databases."""

import email.policy
from datetime import UTC, datetime
from email.header import Header
from email.message import EmailMessage

import aiosmtplib
import pytest
from sqlalchemy import update

from gateway.store.tables import Inquiry, Order, Product
from tests.integration.house import DOMAIN, HANAKO, SUZUKI, TANAKA, House

SHOP = f"testshop@{DOMAIN}"
OTHER = f"othershop@{DOMAIN}"


async def test_inquiry_notification_reply_and_answer_are_one_thread(house: House) -> None:
    await house.writes(
        HANAKO, SHOP, "いつ発送されますか。", Message_ID="<m1@customer.example>", From=f"山田 <{HANAKO}>"
    )
    told = await house.gets(SUZUKI)
    assert str(told.mail["From"].addresses[0].display_name) == "山田様（お客様）"
    assert told.mail["Subject"] == "テスト2 [Q-1]"
    assert told.mail["Auto-Submitted"] == "auto-generated"
    assert told.mail_from.startswith("b")
    await house.writes(SUZUKI, told.from_address, "明日発送します。")
    answer = await house.gets(HANAKO)
    assert answer.mail["Subject"] == "Re: テスト2"
    assert answer.mail["In-Reply-To"] == "<m1@customer.example>"
    assert answer.mail["References"] == "<m1@customer.example>"
    assert answer.text.startswith("明日発送します。")
    assert "いつ発送されますか。" in answer.text
    receipt = await house.gets(SUZUKI, "送信しました")
    assert "明日発送します。" in receipt.text
    assert (await house.inquiry())["status"] == "done"


async def test_neither_side_ever_sees_the_others_address(house: House) -> None:
    await house.writes(HANAKO, SHOP, "質問です。", From=f'"{HANAKO}" <{HANAKO}>')
    told = await house.gets(SUZUKI)
    await house.writes(SUZUKI, told.from_address, "回答です。", From=f'"{SUZUKI}" <{SUZUKI}>')
    answer = await house.gets(HANAKO)
    receipt = await house.gets(SUZUKI, "送信しました")
    customers, sellers = HANAKO.partition("@")[2].encode(), SUZUKI.partition("@")[2].encode()
    for mail in (told, receipt):
        assert customers not in mail.raw
        assert b"-c-" not in mail.raw
    assert sellers not in answer.raw
    assert b"-s-" not in answer.raw


async def test_a_second_mail_joins_by_token(house: House) -> None:
    await house.writes(HANAKO, SHOP, "質問です。")
    told = await house.gets(SUZUKI)
    await house.writes(SUZUKI, told.from_address, "回答です。")
    answer = await house.gets(HANAKO)
    queue_id = await house.writes(HANAKO, answer.from_address, "もう一つあります。", authenticated=False)
    (account,) = (await house.settled(queue_id)).outcome
    assert (account["inquiry"], account["matched_by"]) == (1, "address")
    again = await house.gets(SUZUKI, "テスト2 [Q-1]")
    assert str(told.mail["Message-ID"]) in str(again.mail["References"])
    assert (await house.inquiry())["status"] == "unanswered"


async def test_a_second_mail_joins_by_references(house: House) -> None:
    await house.writes(HANAKO, SHOP, "質問です。")
    told = await house.gets(SUZUKI)
    await house.writes(SUZUKI, told.from_address, "回答です。")
    answer = await house.gets(HANAKO)
    queue_id = await house.writes(
        HANAKO, SHOP, "宛先を打ち直しました。", authenticated=False, References=str(answer.mail["Message-ID"])
    )
    (account,) = (await house.settled(queue_id)).outcome
    assert (account["inquiry"], account["matched_by"]) == (1, "message_id")


async def test_a_second_mail_joins_by_facts(house: House) -> None:
    order = f"testshop+oB-7788@{DOMAIN}"
    await house.settled(await house.writes(HANAKO, order, "届くのはいつですか。"))
    queue_id = await house.writes(HANAKO, order, "できれば火曜日にお願いします。", Subject="配達日")
    (account,) = (await house.settled(queue_id)).outcome
    assert (account["inquiry"], account["matched_by"]) == (1, "facts")
    stranger = await house.writes("sato@customer.example", order, "私の注文です。")
    (account,) = (await house.settled(stranger)).outcome
    assert (account["inquiry"], account["matched_by"]) == (2, "new")


async def test_A07_a_stranger_with_a_known_message_id_opens_an_inquiry_of_their_own(house: House) -> None:
    await house.writes(HANAKO, SHOP, "質問です。")
    told = await house.gets(SUZUKI)
    await house.writes(SUZUKI, told.from_address, "回答です。")
    answer = await house.gets(HANAKO)
    queue_id = await house.writes("x@evil.example", SHOP, "割り込み", References=str(answer.mail["Message-ID"]))
    (account,) = (await house.settled(queue_id)).outcome
    assert account["matched_by"] == "new"


async def test_two_stores_in_one_mail_are_two_inquiries_and_neither_sees_the_other(house: House) -> None:
    raw = f"From: {HANAKO}\r\nTo: {SHOP}, {OTHER}\r\nSubject: both\r\nMessage-ID: <b@c.example>\r\n\r\nHello.\r\n"
    await house.hands_in(raw.encode(), HANAKO, SHOP, OTHER)
    first, second = await house.gets(SUZUKI), await house.gets(TANAKA)
    assert {str(first.mail["Subject"]), str(second.mail["Subject"])} == {"both [Q-1]", "both [Q-2]"}
    # A seller of one store at the other store's inquiry is nobody.
    await house.writes(TANAKA, first.from_address, "他店の回答")
    assert (await house.gets(SUZUKI, "【確認してください】")).rcpt_to == SUZUKI
    assert not [mail for mail in house.arrived if mail.rcpt_to == HANAKO]


async def test_product_order_and_staff_addresses_carry_their_facts(house: House) -> None:
    await house.add(Product(code="598405570", name="テスト商品", category="その他", page="https://s.example/1"))
    await house.add(Order(store_id=1, number="B-7788", cart_number="C-100", product_code="598405570", country="JP"))
    await house.add_staff("cs@marketplace.example")
    await house.writes(HANAKO, f"testshop+p598405570@{DOMAIN}", "色は？")
    product = await house.gets(SUZUKI, "テスト2 [Q-1]")
    assert "商品名: テスト商品" in product.text
    assert "個人情報" in product.text
    await house.writes("sato@customer.example", f"testshop+ob-7788@{DOMAIN}", "いつ届きますか。")
    order = await house.gets(SUZUKI, "テスト2 [Q-2]")
    assert "カート番号: C-100" in order.text
    await house.writes("cs@marketplace.example", f"testshop+staff@{DOMAIN}", "確認をお願いします。")
    await house.gets(SUZUKI, "テスト2 [Q-3]")
    views = [await house.inquiry(number) for number in (1, 2, 3)]
    assert [view["origin"] for view in views] == ["product_page", "my_page", "marketplace"]
    assert views[1]["order_number"] == "B-7788"
    assert views[2]["unread"]


def _with_photo(sender: str, to: str, text: str, name: str) -> bytes:
    mail = EmailMessage(policy=email.policy.SMTP)
    mail["From"], mail["To"], mail["Subject"] = sender, to, "写真"
    mail["Message-ID"] = f"<{name.encode().hex()}@{sender.rpartition('@')[2]}>"
    mail.set_content(text)
    mail.add_attachment(b"\x89PNG" + name.encode() * 1000, maintype="image", subtype="png", filename=name)
    return mail.as_bytes()


async def test_attachments_with_japanese_names_go_both_ways(house: House) -> None:
    await house.hands_in(_with_photo(HANAKO, SHOP, "写真です。", "商品の写真①.png"), HANAKO, SHOP)
    told = await house.gets(SUZUKI)
    (photo,) = told.mail.iter_attachments()
    assert photo.get_filename() == "商品の写真①.png"
    assert photo.get_content() == b"\x89PNG" + "商品の写真①.png".encode() * 1000
    reply = _with_photo(SUZUKI, told.from_address, "返送用の伝票です。", "返送伝票.png")
    await house.hands_in(reply, SUZUKI, told.from_address)
    answer = await house.gets(HANAKO)
    (slip,) = answer.mail.iter_attachments()
    assert slip.get_filename() == "返送伝票.png"
    assert (await house.inquiry())["thread"][1]["attachments"][0]["name"] == "返送伝票.png"


async def test_an_ISO_2022_JP_mail_is_read_as_its_writer_wrote_it(house: House) -> None:
    subject = Header("送料について", "iso-2022-jp").encode()
    head = f"From: {HANAKO}\r\nSubject: {subject}\r\nMessage-ID: <j@c.example>\r\n"
    raw = (head + "Content-Type: text/plain; charset=ISO-2022-JP\r\n\r\n").encode()
    # ① and ㈱ are what Japanese mailers send under this label, and no codec of Python's reads.
    body = "北海道への送料はいくらですか。".encode("iso-2022-jp") + b"\r\n\x1b$B-!-j\x1b(B\r\n"
    await house.hands_in(raw + body, HANAKO, SHOP)
    told = await house.gets(SUZUKI)
    assert told.mail["Subject"] == "送料について [Q-1]"
    assert "北海道への送料はいくらですか。\n①㈱" in told.text


async def test_T03_the_same_mail_ten_times_is_one_inquiry_and_ten_times_250(house: House) -> None:
    ids = [await house.writes(HANAKO, SHOP, "質問です。", Message_ID="<same@c.example>") for _ in range(10)]
    states = [(await house.settled(queue_id)).state for queue_id in ids]
    assert sorted(states) == ["done"] + ["duplicate"] * 9
    assert await house.inquiries() == 1


async def test_an_unknown_recipient_is_550_and_nothing_is_stored(house: House) -> None:
    for address in ("nosuchshop", "q1-s-" + "a" * 24, "b" + "0" * 18 + "-" + "a" * 24):
        with pytest.raises(aiosmtplib.SMTPRecipientsRefused) as refused:
            await house.writes(HANAKO, f"{address}@{DOMAIN}", "質問です。")
        assert refused.value.recipients[0].code == 550
    assert await house.inquiries() == 0


async def test_A10_an_unauthenticated_seller_is_held_confirmed_and_then_sent_once(house: House) -> None:
    await house.writes(HANAKO, SHOP, "質問です。")
    told = await house.gets(SUZUKI)
    await house.writes(SUZUKI, told.from_address, "#処理中\n調べます。", authenticated=False)
    asked = await house.gets(SUZUKI, "【確認してください】")
    assert "調べます。" in asked.text
    assert (await house.inquiry())["status"] == "unanswered"
    assert not [mail for mail in house.arrived if mail.rcpt_to == HANAKO]
    for text in ("", "もう一度"):
        await house.settled(await house.writes(SUZUKI, asked.button, text, authenticated=False))
    answer = await house.gets(HANAKO)
    assert answer.text.startswith("調べます。")
    assert (await house.inquiry())["status"] == "in_progress"
    assert len([mail for mail in house.arrived if mail.rcpt_to == HANAKO]) == 1


async def test_A10_a_forged_verdict_from_an_untrusted_place_is_worth_nothing(house: House) -> None:
    await house.writes(HANAKO, SHOP, "質問です。")
    told = await house.gets(SUZUKI)
    forged = {"Authentication-Results": "mx.example.jp; dmarc=pass header.from=shop.example"}
    # The relay's own field, on top, says that nothing was verified.
    await house.writes(SUZUKI, told.from_address, "偽の回答", authenticated=False, **forged)
    await house.gets(SUZUKI, "【確認してください】")
    assert not [mail for mail in house.arrived if mail.rcpt_to == HANAKO]


async def test_a_restart_in_the_middle_loses_nothing_and_keeps_the_thread(house: House) -> None:
    await house.writes(HANAKO, SHOP, "質問です。")
    await house.running.stop()
    await house.start()
    told = await house.gets(SUZUKI)
    await house.running.stop()
    await house.start()
    await house.writes(SUZUKI, told.from_address, "回答です。")
    answer = await house.gets(HANAKO)
    await house.running.stop()
    await house.start()
    queue_id = await house.writes(HANAKO, answer.from_address, "もう一つあります。")
    (account,) = (await house.settled(queue_id)).outcome
    assert (account["inquiry"], account["matched_by"]) == (1, "address")
    await house.gets(SUZUKI, "テスト2 [Q-1]")
    assert len([mail for mail in house.arrived if mail.rcpt_to == HANAKO]) == 1


async def test_a_refused_answer_comes_back_to_the_seller_and_the_inquiry_is_unanswered(house: House) -> None:
    long = "あ" * 1001
    await house.writes(HANAKO, SHOP, "質問です。")
    told = await house.gets(SUZUKI)
    await house.writes(SUZUKI, told.from_address, long)
    returned = await house.gets(SUZUKI, "【送信していません】")
    assert "1001／1000" in returned.text
    assert long in returned.text
    assert (await house.inquiry())["status"] == "unanswered"


async def test_a_button_from_the_notification_works_as_an_empty_mail(house: House) -> None:
    await house.writes(HANAKO, SHOP, "箱が少しつぶれていました。")
    told = await house.gets(SUZUKI)
    button = next(line for line in told.text.splitlines() if line.startswith("自動応答を送る")).partition("mailto:")[2]
    await house.writes(SUZUKI, button, "")
    answer = await house.gets(HANAKO)
    assert answer.text.startswith("お問い合わせの件はご対応させていただきました。")
    assert (await house.inquiry())["status"] == "done"
    assert (await house.inquiry())["thread"][1]["author"] == "seller"


async def test_postmaster_is_always_reachable_and_goes_to_the_operator(house: House) -> None:
    await house.writes("x@y.example", f"postmaster@{DOMAIN}", "Your server is odd.")
    passed = await house.gets("ops@example.jp")
    (attached,) = passed.mail.iter_attachments()
    assert b"Your server is odd." in attached.get_content()


async def test_A11_another_address_on_the_customers_token_sees_nothing_and_the_seller_is_warned(house: House) -> None:
    await house.writes(HANAKO, SHOP, "質問です。")
    told = await house.gets(SUZUKI)
    await house.writes(SUZUKI, told.from_address, "回答です。")
    answer = await house.gets(HANAKO)
    await house.writes("friend@elsewhere.example", answer.from_address, "代わりに書いています。")
    warned = await house.gets(SUZUKI, "テスト2 [Q-1]")
    assert "別のアドレスから届きました" in warned.text
    await house.writes(SUZUKI, warned.from_address, "承知しました。")
    second = await house.gets(HANAKO)
    assert "代わりに書いています。" not in second.text  # only their own words are quoted to the customer
    assert not [mail for mail in house.arrived if mail.rcpt_to == "friend@elsewhere.example"]


async def test_a_reminder_that_fell_due_while_the_gateway_was_away_comes_at_its_start(house: House) -> None:
    await house.writes(HANAKO, SHOP, "いつ発送されますか。")
    told = await house.gets(SUZUKI)
    async with house.database.write() as session:
        await session.exec(update(Inquiry).values(remind_at=datetime.now(UTC)))
    await house.running.stop()
    await house.start()
    reminder = await house.gets(SUZUKI)
    assert reminder.text.startswith("【まだ回答していません】")
    assert reminder.mail["In-Reply-To"] == told.mail["Message-ID"]
    assert reminder.mail["Subject"] == told.mail["Subject"]
    await house.writes(SUZUKI, reminder.from_address, "明日発送します。")
    assert (await house.gets(HANAKO)).text.startswith("明日発送します。")
