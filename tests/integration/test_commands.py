"""What a seller writes with #, over real sockets: each test is a row of mail-interface's table, on both databases."""

from datetime import UTC, datetime

from gateway.desk.templates import put
from gateway.store.tables import Inquiry, Order, Store
from tests.integration.house import DOMAIN, HANAKO, SUZUKI, TANAKA, Arrived, House

SHOP = f"testshop@{DOMAIN}"
NOW = datetime(2026, 11, 20, 5, 3, tzinfo=UTC)


async def asks(house: House, text: str = "送料はいくらですか。", to: str = SHOP) -> Arrived:
    """Hanako writes; what Suzuki gets."""
    await house.writes(HANAKO, to, text, From=f"山田 <{HANAKO}>")
    return await house.gets(SUZUKI)


async def keeps(house: House, name: str, text: str) -> None:
    """A template of the first shop."""
    async with house.database.write() as session:
        assert await put(session, await session.get_one(Store, 1), name, text, NOW) is True


def to_hanako(house: House) -> list[Arrived]:
    return [mail for mail in house.arrived if mail.rcpt_to == HANAKO]


async def test_F6_a_template_is_sent_with_its_fields_filled_and_the_words_below_it(house: House) -> None:
    await house.add(Order(store_id=1, number="B-7788", product_code="", country="JP"))
    await keeps(house, "送料", "{{ お客様名 }}様\n{{ 注文番号 }} の送料は500円です。")
    told = await asks(house, to=f"testshop+oB-7788@{DOMAIN}")
    await house.writes(SUZUKI, told.from_address, "＃定型　送料\n#処理中\n#件名 送料のご案内\nまたご連絡します。")
    answer = await house.gets(HANAKO)
    assert answer.text.startswith("山田様\nB-7788 の送料は500円です。\n\nまたご連絡します。\n")
    assert answer.mail["Subject"] == "送料のご案内"
    receipt = await house.gets(SUZUKI, "送信しました")
    assert "＃定型　送料 … 定型文を使いました" in receipt.text
    assert "#件名 送料のご案内 … 件名を「送料のご案内」にしました" in receipt.text
    assert "B-7788 の送料は500円です。" in receipt.text
    assert (await house.inquiry())["status"] == "in_progress"


async def test_F6_an_unknown_template_or_an_unresolved_field_sends_nothing_and_says_which(house: House) -> None:
    await keeps(house, "送料のご案内", "{{ 注文番号 }} の送料は500円です。")
    told = await asks(house)
    await house.writes(SUZUKI, told.from_address, "#定型 送料")
    returned = await house.gets(SUZUKI, "【送信していません】")
    assert "「#定型 送料」の定型文は見つかりませんでした。「送料のご案内」のことでしょうか。" in returned.text
    await house.writes(SUZUKI, told.from_address, "#定型 送料のご案内")
    assert "差し込み項目「{{ 注文番号 }}」に入る値がありません。" in (await house.gets(SUZUKI, "【送信して")).text
    await house.writes(SUZUKI, told.from_address, "｛｛お客様の名前｝｝様\n500円です。")
    assert "差し込み項目「{{ お客様の名前 }}」" in (await house.gets(SUZUKI, "【送信していません】")).text
    assert to_hanako(house) == []
    assert (await house.inquiry())["status"] == "unanswered"


async def test_a_category_and_a_day_are_set_without_a_word_to_the_customer(house: House) -> None:
    told = await asks(house)
    await house.writes(SUZUKI, told.from_address, "#カテゴリ 送料\n#2026-12-31")
    receipt = await house.gets(SUZUKI, "変更しました")
    assert "#カテゴリ 送料 … カテゴリを「送料」にしました" in receipt.text
    assert "#2026-12-31 … 2026/12/31 09:00 に改めてお知らせします" in receipt.text
    view = await house.inquiry()
    assert (view["category"], view["status"]) == ("送料", "unanswered")
    assert to_hanako(house) == []


async def test_a_snoozed_inquiry_comes_back_in_its_thread_also_when_it_was_answered(house: House) -> None:
    told = await asks(house)
    await house.writes(SUZUKI, told.from_address, "#2026-12-31\n入荷しだいお知らせします。")
    receipt = await house.gets(SUZUKI, "送信しました")
    assert "2026/12/31 09:00 に改めてお知らせします" in receipt.text
    async with house.database.write() as session:
        inquiry = await session.get_one(Inquiry, 1)
        assert inquiry.snoozed_until == datetime(2026, 12, 31, 0, 0, tzinfo=UTC)
    assert (await house.inquiry())["snoozed_until"] == "2026-12-31T09:00:00+09:00"
    async with house.database.write() as session:
        inquiry = await session.get_one(Inquiry, 1)
        inquiry.snoozed_until = NOW
    await house.running.stop()
    await house.start()
    back = await house.gets(SUZUKI, "テスト2 [Q-1]")
    assert back.text.startswith("【ご指定の日時になりました】")
    assert back.mail["In-Reply-To"] == told.mail["Message-ID"]
    assert (await house.inquiry())["history"][-1]["event"] == "came_back"


async def test_spam_is_silenced_for_the_store_and_one_word_brings_everything_back(house: House) -> None:
    told = await asks(house, "お得な副業のご案内です。")
    await house.writes(SUZUKI, told.from_address, "#迷惑")
    receipt = await house.gets(SUZUKI, "変更しました")
    assert "今後は記録だけして通知しません" in receipt.text
    assert (await house.inquiry())["status"] == "done"
    for text in ("まだ間に合います。", "最後のご案内です。"):
        (account,) = (await house.settled(await house.writes(HANAKO, SHOP, text, Subject=text))).outcome
        assert (account["result"], account["why"]) == ("recorded", "its sender was silenced")
    view = await house.inquiry(3)
    assert (view["status"], view["thread"][0]["text"]) == ("done", "最後のご案内です。")
    await house.writes(HANAKO, f"othershop@{DOMAIN}", "ほかのお店への質問です。")
    assert "ほかのお店への質問です。" in (await house.gets(TANAKA)).text
    assert not [mail for mail in house.arrived if mail.rcpt_to == SUZUKI and "ご案内です。" in mail.text][1:]
    await house.writes(SUZUKI, told.from_address, "#要対応")
    assert "また通知します" in (await house.gets(SUZUKI, "変更しました")).text
    assert "まだ間に合います。" in (await house.gets(SUZUKI, "まだ間に合います。")).text
    assert "最後のご案内です。" in (await house.gets(SUZUKI, "最後のご案内です。")).text
    assert [(await house.inquiry(number))["status"] for number in (1, 2, 3)] == ["unanswered"] * 3
    await house.writes(HANAKO, SHOP, "商品についての質問です。", Subject="質問")
    assert "商品についての質問です。" in (await house.gets(SUZUKI, "質問")).text
    assert to_hanako(house) == []


async def test_F4_the_whole_thread_comes_with_the_originals_and_without_an_address(house: House) -> None:
    told = await asks(house, "一つめの質問です。")
    await house.writes(SUZUKI, told.from_address, "一つめの回答です。")
    answer = await house.gets(HANAKO)
    second_mail = f"二つめの質問です。\n\n差出人: testshop商店 <{answer.from_address}>\n"
    await house.writes(HANAKO, answer.from_address, second_mail, Subject="Re: テスト2")
    await house.gets(SUZUKI, "テスト2 [Q-1]")
    await house.settled(await house.writes(SUZUKI, told.from_address, "#メモ\n電話でも話しました。"))
    await house.gets(SUZUKI, "変更しました")
    await house.writes(SUZUKI, told.from_address, "＃全文")
    whole = await house.gets(SUZUKI, "テスト2 [Q-1]")
    for text in ("一つめの質問です。", "一つめの回答です。", "二つめの質問です。", "電話でも話しました。", "社内メモ"):
        assert text in whole.text
    first, second = (file.get_content() for file in whole.mail.iter_attachments())
    assert "一つめの質問です。".encode() in first
    assert b"Subject: Re: " in second
    for octets in (whole.text.encode(), first, second):
        assert HANAKO.encode() not in octets
        assert b"-c-" not in octets
    await house.writes(SUZUKI, whole.from_address, "二つめの回答です。")
    assert (await house.gets(HANAKO)).text.startswith("二つめの回答です。")


async def test_words_beside_help_or_the_whole_thread_come_back_each_time(house: House) -> None:
    told = await asks(house)
    for command in ("#ヘルプ", "#ヘルプ", "#全文"):
        await house.writes(SUZUKI, told.from_address, f"{command}\n明日発送します。")
        returned = (await house.gets(SUZUKI, "【送信していません】")).text
        assert f"「{command}」と一緒に書かれた文や添付ファイルは、お客様に送っていません。" in returned
        assert "明日発送します。" in returned
    await house.gets(SUZUKI, "テスト2 [Q-1]")
    for subject in ("ヘルプ", "ヘルプ", "全文 Q-1"):
        await house.writes(SUZUKI, f"desk@{DOMAIN}", "明日発送します。", Subject=subject)
        returned = (await house.gets(SUZUKI, "【操作はしていません】")).text
        assert "どなたにも送っていません。" in returned and "明日発送します。" in returned
    helps = [mail for mail in house.arrived if mail.mail["Subject"] == "お問い合わせ窓口の使い方"]
    assert len(helps) <= 2  # a slot of ten minutes may end meanwhile
    assert to_hanako(house) == []


async def test_another_matter_becomes_an_inquiry_of_its_own_and_can_be_merged_again(house: House) -> None:
    told = await asks(house, "送料はいくらですか。")
    await house.writes(SUZUKI, told.from_address, "#別件")
    assert "1通しかない" in (await house.gets(SUZUKI, "【送信していません】")).text
    await house.writes(SUZUKI, told.from_address, "500円です。")
    answer = await house.gets(HANAKO)
    await house.writes(HANAKO, answer.from_address, "注文番号 B-7788 が届きません。", Subject="Re: 届きません")
    await house.gets(SUZUKI, "テスト2 [Q-1]")
    await house.writes(SUZUKI, told.from_address, "#別件")
    assert "最後のメールを Q-2 として分けました" in (await house.gets(SUZUKI, "変更しました")).text
    apart = await house.gets(SUZUKI, "届きません [Q-2]")
    assert apart.text.startswith("【分けました】Q-1 から分けたお問い合わせです。")
    old, new = await house.inquiry(1), await house.inquiry(2)
    assert [entry["text"] for entry in old["thread"]] == ["送料はいくらですか。", "500円です。"]
    assert (old["status"], new["status"], new["order_number"]) == ("done", "unanswered", "B-7788")
    assert [entry["text"] for entry in new["thread"]] == ["注文番号 B-7788 が届きません。"]
    await house.writes(SUZUKI, apart.from_address, "調べております。")
    second = await house.gets(HANAKO)
    assert second.mail["Subject"] == "Re: 届きません"
    await house.gets(SUZUKI, "送信しました")
    await house.writes(HANAKO, second.from_address, "送料の件と同じ話ですが、いつ届きますか。")
    await house.gets(SUZUKI, "届きません [Q-2]")

    await house.writes(SUZUKI, apart.from_address, "#統合 Q-77")
    assert "このお客様のお問い合わせではない" in (await house.gets(SUZUKI, "【送信して")).text
    await house.writes(SUZUKI, apart.from_address, "#統合 Q-1")
    assert "Q-2 を Q-1 にまとめました" in (await house.gets(SUZUKI, "変更しました")).text
    one = await house.inquiry(1)
    assert [entry["direction"] for entry in one["thread"]] == ["in", "out", "in", "out", "in"]
    two = await house.inquiry(2)
    assert (one["status"], two["thread"], two["merged_into"]) == ("unanswered", [], 1)
    await house.writes(SUZUKI, apart.from_address, "承知しました。")
    last = await house.gets(HANAKO)
    assert last.text.startswith("承知しました。")
    assert last.mail["References"].split()[-1] == last.mail["In-Reply-To"]
    (account,) = (await house.settled(await house.writes(HANAKO, second.from_address, "追伸です。"))).outcome
    assert account["inquiry"] == 1
    assert "追伸です。" in (await house.gets(SUZUKI, "テスト2 [Q-1]")).text


async def test_questions_of_a_product_page_and_of_other_customers_are_not_merged(house: House) -> None:
    told = await asks(house, "サイズを教えてください。", to=f"testshop+p598405570@{DOMAIN}")
    await house.settled(await house.writes(HANAKO, SHOP, "私の注文の件です。", Subject="注文"))
    await house.settled(await house.writes("sato@customer.example", SHOP, "いつ発送されますか。"))
    for number, why in (
        (2, "商品ページに表示される"),
        (3, "このお客様のお問い合わせではない"),
        (1, "番号が分かりません"),
    ):
        await house.writes(SUZUKI, told.from_address, f"#統合 Q-{number}")
        assert why in (await house.gets(SUZUKI, "【送信していません】")).text
    assert [len((await house.inquiry(number))["thread"]) for number in (1, 2, 3)] == [1, 1, 1]
