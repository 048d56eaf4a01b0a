"""Mail to desk@ over real sockets, on both databases: lists, searches, questions back, and the marketplace's staff."""

from datetime import UTC, datetime, timedelta
from email.utils import parseaddr
from urllib.parse import parse_qs, unquote, urlsplit

from sqlalchemy import update
from sqlmodel import col

from gateway.store.tables import Inquiry, Product, Seller, Store
from tests.integration.house import DOMAIN, HANAKO, SUZUKI, TANAKA, Arrived, House

SHOP, DESK = f"testshop@{DOMAIN}", f"desk@{DOMAIN}"
SATO, STAFF, ANDO = "sato@customer.example", "cs@marketplace.example", "ando@shop.example"


async def asks(house: House, subject: str, text: str = "", reply_to: str = SUZUKI) -> None:
    await house.settled(await house.writes(SUZUKI, DESK, text, Subject=subject, Reply_To=reply_to))


def button(mail: Arrived, label: str) -> tuple[str, str]:
    """Where the button leads, and the subject that it fills in."""
    url = next(line for line in mail.text.splitlines() if line.startswith(f"{label}: ")).partition(": ")[2]
    parts = urlsplit(url)
    return unquote(parts.path), parse_qs(parts.query).get("subject", [""])[0]


async def test_F1_F2_F3_lists_and_searches_by_mail(house: House) -> None:
    await house.add(Product(code="598405570", name="テスト商品", category="その他"))
    await house.settled(
        await house.writes(HANAKO, SHOP, "送料はいくらですか。", Subject="送料", From=f"山田 <{HANAKO}>")
    )
    await house.settled(await house.writes(SATO, f"testshop+p598405570@{DOMAIN}", "色は何色ですか。", Subject="色"))
    await house.settled(await house.writes(HANAKO, f"testshop+oB-7788@{DOMAIN}", "届きません。", Subject="配達"))
    await house.settled(await house.writes(HANAKO, f"othershop@{DOMAIN}", "送料は？", Subject="他店"))
    told = await house.gets(SUZUKI, "色 [Q-2]")
    await house.settled(await house.writes(SUZUKI, told.from_address, "#処理中\n確認します。"))

    await asks(house, "Re: ＃一覧")
    everything = await house.gets(SUZUKI, "お問い合わせ一覧：すべて")
    assert everything.mail["Auto-Submitted"] == "auto-replied"
    assert "【お客様】未回答：2件／処理中：1件" in everything.text
    rows = [line for line in everything.text.splitlines() if "（Q-" in line]
    assert rows == [
        "1. 【未回答】配達（Q-3）",
        "2. 【処理中】色（Q-2）",
        "3. 【未回答】送料（Q-1）",
    ]
    assert "山田様（お客様）" in everything.text and "「送料はいくらですか。」" in everything.text
    assert "商品名: テスト商品" in everything.text and "注文番号: b-7788" in everything.text
    assert HANAKO.encode() not in everything.raw and b"customer.example" not in everything.raw
    assert "Q-4" not in everything.text

    await asks(house, "", "お世話になっております。\n\n一覧　処理中\n\n--\n鈴木商店")
    assert "Q-1" not in (listed := await house.gets(SUZUKI, "お問い合わせ一覧：処理中")).text
    assert "Q-2" in listed.text
    await asks(house, "list by customer")
    grouped = await house.gets(SUZUKI, "お問い合わせ一覧：すべて")
    text = grouped.text
    assert text.index("山田様（お客様） ─") < text.index("（Q-3）") < text.index("（Q-1）") < text.index("（Q-2）")
    await asks(house, "一覧 商品別")
    assert "─ テスト商品 598405570 ─" in (await house.gets(SUZUKI, "お問い合わせ一覧：すべて")).text

    await asks(house, "検索 送料")
    found = await house.gets(SUZUKI, "お問い合わせ一覧：「送料」")
    assert [line for line in found.text.splitlines() if "（Q-" in line] == ["1. 【未回答】送料（Q-1）"]
    today = datetime.now(UTC) + timedelta(hours=9)
    await asks(house, "検索", f"状態：処理中 商品:598405570 期間:{today:%Y/%m/%d}-")
    assert "Q-2" in (await house.gets(SUZUKI, "お問い合わせ一覧：処理中 商品コード 598405570")).text
    await asks(house, "検索 注文:B-7788")
    assert "Q-3" in (await house.gets(SUZUKI, "お問い合わせ一覧：注文番号 B-7788")).text
    await asks(house, "検索 存在しない言葉")
    assert "該当するお問い合わせはありません" in (await house.gets(SUZUKI, "お問い合わせ一覧：「存在")).text


async def test_the_buttons_of_a_list_answer_close_and_turn_the_page(house: House) -> None:
    for number in range(22):
        await house.settled(await house.writes(HANAKO, SHOP, f"質問{number}", Subject=f"件名{number}"))
    await asks(house, "一覧 未回答")
    first = await house.gets(SUZUKI, "お問い合わせ一覧：未回答")
    assert "新しいものから20件" in first.text and "（Q-3）" in first.text and "（Q-2）" not in first.text
    to, subject = button(first, "次の20件を見る")
    assert (to, subject) == (DESK, "一覧 未回答 続き:3 @testshop")
    await house.writes(SUZUKI, to, "", Subject=subject)
    second = await house.gets(SUZUKI, "お問い合わせ一覧：未回答")
    assert [line for line in second.text.splitlines() if "（Q-" in line] == [
        "1. 【未回答】件名1（Q-2）",
        "2. 【未回答】件名0（Q-1）",
    ]
    assert "次の20件" not in second.text
    await house.settled(await house.writes(SUZUKI, button(second, "処理完了にする")[0], ""))
    assert (await house.inquiry(2))["status"] == "done"
    await house.writes(SUZUKI, button(second, "返信する")[0], "お待たせしました。", Subject="Re: 件名1 [Q-2]")
    assert (await house.gets(HANAKO)).text.startswith("お待たせしました。")


async def test_what_is_not_understood_is_answered_once_with_the_nearest_word_and_the_help(house: House) -> None:
    await asks(house, "一らん")
    told = await house.gets(SUZUKI, "お問い合わせ窓口：ご指定が分かりませんでした")
    assert "「一覧」のことでしょうか" in told.text and "返信の1行目に書ける指定" in told.text
    await asks(house, "Re: 送信しました：件名 [Q-1]", "すみません。\n訂正します。")
    assert "すみません。\n訂正します。" in (await house.gets(SUZUKI, "お問い合わせ窓口：ご指定が")).text
    for text in ("お休みをいただいています。", "お休みをいただいています。"):
        await asks(house, "Re: お問い合わせ一覧：すべて（testshop商店）[L-1]", text)
    await asks(house, "ヘルプ")
    assert "検索 送料" in (await house.gets(SUZUKI, "お問い合わせ窓口の使い方")).text
    await asks(house, "設定")
    settings = await house.gets(SUZUKI, "設定：testshop商店")
    assert "毎日のまとめの時刻: 09:00" in settings.text and "毎日のまとめ（あなた）: 送る" in settings.text
    await asks(house, "設定 まとめ オフ")
    stopped = await house.gets(SUZUKI, "設定：testshop商店")
    assert "止めました" in stopped.text and "毎日のまとめ（あなた）: 送らない" in stopped.text
    await asks(house, "settings digest on @testshop")
    assert "再開しました" in (await house.gets(SUZUKI, "設定：testshop商店")).text
    await asks(house, "定型 登録 送料 @testshop", "送料は全国一律500円です。")
    await house.gets(SUZUKI, "定型文：testshop商店")
    await asks(house, "", "定型 送料")
    assert "送料は全国一律500円です。" in (await house.gets(SUZUKI, "定型文：testshop商店")).text
    assert len([mail for mail in house.arrived if "分かりませんでした" in str(mail.mail["Subject"])]) == 3


async def test_what_lacks_something_is_answered_with_what_is_allowed_there_and_one_store_is_not_several(
    house: House,
) -> None:
    await asks(house, "検索 送料 状態:変")
    told = (await house.gets(SUZUKI, "お問い合わせ窓口")).text
    assert "未回答、処理中、処理完了" in told and "返信の1行目に書ける指定" not in told
    await asks(house, "検索 %")
    assert "記号だけでは検索できません" in (await house.gets(SUZUKI, "お問い合わせ窓口")).text
    await asks(house, "一覧 @shop1")
    told = (await house.gets(SUZUKI, "どの店舗")).text
    assert "「testshop商店」だけです" in told and "複数の店舗" not in told
    await house.writes(HANAKO, f"testshop+p1004@{DOMAIN}", "赤はありますか。", Subject="色")
    await house.gets(SUZUKI, "色")
    await asks(house, "検索 100%")
    assert "該当するお問い合わせはありません" in (await house.gets(SUZUKI, "お問い合わせ一覧：「100%」")).text
    await asks(house, "検索 1004")
    assert "（Q-1）" in (await house.gets(SUZUKI, "お問い合わせ一覧：「1004」")).text


async def test_a_seller_of_several_stores_names_one_or_is_asked(house: House) -> None:
    await house.add(Seller(store_id=2, address=SUZUKI, name="鈴木", language="en", created_at=datetime.now(UTC)))
    await house.settled(await house.writes(HANAKO, f"othershop@{DOMAIN}", "Where is it?", Subject="Delivery"))
    await asks(house, "一覧 未回答")
    asked = await house.gets(SUZUKI, "For which store?")
    to, subject = button(asked, "testshop商店")
    assert subject == "一覧 未回答 @testshop"
    await house.writes(SUZUKI, to, "", Subject=button(asked, "othershop商店")[1])
    listed = await house.gets(SUZUKI, "Inquiries: unanswered (othershop商店)")
    assert "1. [unanswered] Delivery (Q-1)" in listed.text
    await asks(house, "list @nowhere")
    assert '"@nowhere"' in (await house.gets(SUZUKI, "For which store?")).text


async def test_the_desk_answers_nobody_but_an_authenticated_registered_seller(house: House) -> None:
    await house.settled(await house.writes(HANAKO, DESK, "一覧"))
    await house.settled(await house.writes(SUZUKI, DESK, "一覧", authenticated=False))
    await house.settled(await house.writes(SUZUKI, DESK, "一覧", From=f"{SUZUKI}, {HANAKO}"))
    await house.settled(await house.writes(SUZUKI, DESK, "一覧", Auto_Submitted="auto-replied"))
    await asks(house, "一覧", reply_to="x@evil.example")
    await house.gets(SUZUKI, "お問い合わせ一覧")
    assert [mail.rcpt_to for mail in house.arrived] == [SUZUKI]


async def test_F12b_an_inquiry_to_the_marketplaces_staff_and_their_answer(house: House) -> None:
    await asks(house, "Qoo10へ 精算について", "確認をお願いします。")
    assert "登録されていない" in (await house.gets(SUZUKI, "【操作はしていません】")).text
    await house.add_staff(STAFF)
    await house.add_staff("night@marketplace.example")
    await house.add(Seller(store_id=1, address=ANDO, name="安藤", created_at=datetime.now(UTC)))
    await asks(house, "スタッフへ")
    assert "本文がない" in (await house.gets(SUZUKI, "【操作はしていません】")).text
    await asks(house, "Qoo10へ 精算について", "先月分の確認をお願いします。\n\n--\n鈴木商店")
    asked = await house.gets(STAFF)
    assert (asked.mail["Subject"], asked.text) == ("精算について", "先月分の確認をお願いします。\n")
    assert parseaddr(str(asked.mail["From"]))[0] == "testshop商店"
    receipt = (await house.gets(SUZUKI, "送信しました")).text
    assert (
        "先月分の確認" in receipt and "マーケットプレイスに次の内容を送りました" in receipt and "お客様" not in receipt
    )
    copied = (await house.gets(ANDO, "精算について [Q-1]")).text
    assert "マーケットプレイスに送った回答" in copied and "お客様" not in copied
    view = await house.inquiry()
    assert (view["origin"], view["status"], view["unread"]) == ("marketplace", "in_progress", False)

    async with house.database.write() as session:
        await session.exec(update(Seller).where(col(Seller.address) == ANDO).values(language="en"))
    await house.settled(await house.writes("night@marketplace.example", asked.from_address, "確認しました。"))
    told = await house.gets(SUZUKI, "精算について [Q-1]")
    assert "そのままマーケットプレイスに届き" in told.text and "お客様" not in told.text
    answered = (await house.gets(ANDO, "精算について [Q-1]")).text
    assert "Type: General\nCategory: Other\n" in answered
    assert "goes to the marketplace as it is" in answered and "customer" not in answered.lower()
    view = await house.inquiry()
    assert (view["status"], view["unread"], view["thread"][1]["matched_by"]) == ("unanswered", True, "address")
    await asks(house, "一覧 スタッフ")
    listed = await house.gets(SUZUKI, "お問い合わせ一覧：マーケットプレイス")
    assert "【マーケットプレイス】未回答：1件／未読：1件" in listed.text
    assert "1. 【未回答】【未読】精算について（Q-1）" in listed.text
    assert not (await house.inquiry())["unread"]
    await asks(house, "一覧 スタッフ")
    assert "未回答：1件／未読：0件" in (await house.gets(SUZUKI, "お問い合わせ一覧：マーケットプレイス")).text

    async with house.database.write() as session:
        await session.exec(update(Inquiry).values(unread=True))
    await house.writes(SUZUKI, told.from_address, "ありがとうございます。")
    assert (await house.gets(STAFF)).text.startswith("ありがとうございます。")
    assert not (await house.inquiry())["unread"]
    assert not [mail for mail in house.arrived if mail.rcpt_to == TANAKA]


async def test_a_mail_that_poses_as_the_marketplaces_staff_is_marked_and_not_called_by_their_name(house: House) -> None:
    await house.add_staff(STAFF)
    await asks(house, "Qoo10へ 精算について", "先月分の確認をお願いします。")
    own, forged = (await house.gets(STAFF)).from_address, f"CS Center <{STAFF}>"
    for to in (f"testshop+staff@{DOMAIN}", SHOP, own):
        queue_id = await house.writes(
            STAFF, to, "口座を教えてください。", authenticated=False, From=forged, Subject="至急"
        )
        await house.settled(queue_id)
        told = await house.gets(SUZUKI, "精算について" if to == own else "至急")
        assert told.text.startswith("【送信者を確認できていません】")
        assert parseaddr(str(told.mail["From"]))[0] == "送信者未確認"
        assert "CS Center" not in told.text
    assert (await house.inquiry(2))["origin"] == "direct"
    await house.writes(STAFF, own, "確認しました。", From=forged)
    true = await house.gets(SUZUKI, "精算について")
    assert parseaddr(str(true.mail["From"]))[0] == "CS Center（マーケットプレイス）"
    assert "送信者未確認\n> 口座を教えてください。" in true.text and "確認できていません" not in true.text
    await asks(house, "一覧")
    listed = (await house.gets(SUZUKI, "お問い合わせ一覧")).text
    assert listed.count("送信者未確認") == 2 and listed.count("CS Center（マーケットプレイス）") == 1


async def answers(house: House, listed: Arrived, text: str) -> None:
    """A reply to a list or digest, quoting it as clients do."""
    quoted = "\n".join(f"> {line}".rstrip() for line in listed.text.splitlines())
    body = f"{text}\n\n2026年11月26日(木) 9:12 お問い合わせ窓口 <{DESK}>:\n{quoted}"
    subject, message_id = f"Re: {listed.mail['Subject']}", str(listed.mail["Message-ID"])
    await house.settled(await house.writes(SUZUKI, DESK, body, Subject=subject, In_Reply_To=message_id))


async def test_the_lines_of_a_list_are_answered_by_their_numbers_all_or_none(house: House) -> None:
    for number, customer in enumerate((HANAKO, SATO, "ito@customer.example"), 1):
        await house.settled(await house.writes(customer, SHOP, f"質問{number}", Subject=f"件名{number}"))
    await asks(house, "一覧")
    listed = await house.gets(SUZUKI, "お問い合わせ一覧")  # 1 is Q-3, 2 is Q-2, 3 is Q-1
    await house.settled(await house.writes("kato@customer.example", SHOP, "新しい質問", Subject="件名4"))

    await answers(house, listed, "1 完了\n4 完了\n2\n発送しました。")
    refused = await house.gets(SUZUKI, "【操作はしていません】")
    assert "・1 完了（Q-3） … この行は問題ありません" in refused.text
    assert "・4 完了 … このメールに4番はありません（3番まで）" in refused.text
    assert "発送しました。" in refused.text
    await answers(house, listed, "1 完了\n3 処理")
    assert (
        "「処理」という指定はありません。「処理中」のことでしょうか"
        in (await house.gets(SUZUKI, "【操作はしていません】")).text
    )
    assert [(await house.inquiry(number))["status"] for number in (1, 2, 3)] == ["unanswered"] * 3

    await answers(
        house, listed, "1 完了\n２　処理中\n火曜日に発送します。\n\nよろしくお願いします。\n3 自動応答\n\n--\n鈴木商店"
    )
    told = await house.gets(SUZUKI, "番号での操作を受け付けました")
    assert told.text.splitlines()[2:5] == [
        "・1 完了（Q-3） … 状態を「処理完了」にしました",
        "・2 処理中（Q-2） … お客様への回答を受け付けました",
        "・3 自動応答（Q-1） … お客様に自動応答を送ります",
    ]
    answer = await house.gets(SATO)
    assert answer.text.startswith("火曜日に発送します。\n\nよろしくお願いします。\n\n")
    assert "鈴木商店" not in answer.text and "処理中" not in answer.text
    assert (await house.gets(HANAKO)).text.startswith("お問い合わせの件はご対応させていただきました。")
    await house.gets(SUZUKI, "送信しました：件名2")
    states = [(await house.inquiry(number))["status"] for number in (1, 2, 3, 4)]
    assert states == ["done", "in_progress", "done", "unanswered"]
    assert not [mail for mail in house.arrived if mail.rcpt_to in ("ito@customer.example", "kato@customer.example")]


async def test_an_answer_to_a_list_that_the_customer_has_overtaken_is_held(house: House) -> None:
    await house.settled(await house.writes(HANAKO, SHOP, "質問です。", Subject="件名"))
    told = await house.gets(SUZUKI, "件名 [Q-1]")
    await house.writes(SUZUKI, told.from_address, "#処理中\n確認します。")
    first = await house.gets(HANAKO)
    await asks(house, "一覧")
    listed = await house.gets(SUZUKI, "お問い合わせ一覧")
    await house.settled(await house.writes(HANAKO, first.from_address, "やはり要りません。"))
    await answers(house, listed, "1\n発送しました。")
    assert "お預かりしました" in (await house.gets(SUZUKI, "番号での操作")).text
    asked = await house.gets(SUZUKI, "【確認してください】")
    assert "やはり要りません。" in asked.text
    assert len([mail for mail in house.arrived if mail.rcpt_to == HANAKO]) == 1
    await house.writes(SUZUKI, asked.button, "")
    assert (await house.gets(HANAKO)).text.startswith("発送しました。")


async def test_numbers_without_their_list_do_nothing_and_the_tag_in_the_subject_binds_them(house: House) -> None:
    await house.settled(await house.writes(HANAKO, SHOP, "質問です。"))
    await asks(house, "一覧")
    listed = await house.gets(SUZUKI, "お問い合わせ一覧")
    await asks(house, "Re:", "1 完了")
    assert "どの一覧の番号か" in (await house.gets(SUZUKI, "【操作はしていません】")).text
    assert (await house.inquiry())["status"] == "unanswered"
    await house.settled(await house.writes(TANAKA, DESK, "1 完了", Subject=f"Re: {listed.mail['Subject']}"))
    await house.gets(TANAKA, "【操作はしていません】")
    assert (await house.inquiry())["status"] == "unanswered"
    await asks(house, f"RE: {listed.mail['Subject']}", "1 完了")
    await house.gets(SUZUKI, "番号での操作")
    assert (await house.inquiry())["status"] == "done"


async def test_F1_F15_a_digest_is_answered_and_its_numbers_stay_bound_to_it(house: House) -> None:
    for number, customer in enumerate((HANAKO, SATO), 1):
        await house.settled(await house.writes(customer, SHOP, f"質問{number}", Subject=f"件名{number}"))
    async with house.database.write() as session:
        await session.exec(update(Store).values(digest_asked_at=datetime.now(UTC)))
    digest = await house.gets(SUZUKI, "お問い合わせのまとめ：未回答2件・処理中0件")
    assert digest.mail["Auto-Submitted"] == "auto-generated"
    stop = f"mailto:{DESK}?subject=settings%20digest%20off%20@testshop"
    assert digest.mail["List-Unsubscribe"] == f"<{stop}>"  # N42
    assert len([mail for mail in house.arrived if mail.mail["List-Unsubscribe"]]) == 1
    assert [line for line in digest.text.splitlines() if "（Q-" in line] == [
        "1. 【未回答】件名1（Q-1）",
        "2. 【未回答】件名2（Q-2）",
    ]
    await house.settled(await house.writes("ito@customer.example", SHOP, "新しい質問", Subject="件名3"))
    await house.settled(await house.writes(SUZUKI, button(digest, "処理完了にする")[0], ""))
    await answers(house, digest, "1 明日\n2\nお待たせしました。\n本日発送します。")
    told = await house.gets(SUZUKI, "番号での操作を受け付けました")
    assert "・1 明日（Q-1） … " in told.text and "改めてお知らせします" in told.text
    assert (await house.gets(SATO)).text.startswith("お待たせしました。\n本日発送します。")
    assert [(await house.inquiry(number))["status"] for number in (1, 2, 3)] == ["done", "done", "unanswered"]
    assert not [mail for mail in house.arrived if mail.rcpt_to == TANAKA]  # nothing waits there


async def test_F4_the_whole_thread_comes_for_a_number_of_the_sellers_own_store(house: House) -> None:
    await house.settled(await house.writes(HANAKO, SHOP, "質問です。"))
    await house.settled(await house.writes(HANAKO, f"othershop@{DOMAIN}", "他店への質問です。", Subject="他店"))
    await asks(house, "一覧")
    to, subject = button(await house.gets(SUZUKI, "お問い合わせ一覧"), "全文を見る")
    assert (to, subject) == (DESK, "全文 Q-1")
    await house.writes(SUZUKI, to, "", Subject=subject)
    thread = await house.gets(SUZUKI, "テスト2 [Q-1]")
    while not list(thread.mail.iter_attachments()):  # the first is the notification
        thread = await house.gets(SUZUKI, "")
    assert "質問です。" in thread.text and HANAKO.encode() not in thread.raw
    await asks(house, "全文 Q-2")
    assert "ご担当の店舗にはありません" in (await house.gets(SUZUKI, "【操作はしていません】")).text
