"""What a seller writes with #, over real sockets: each test is a row of mail-interface's table, on both databases."""

from datetime import UTC, datetime

from gateway.desk.templates import put
from gateway.store.tables import Inquiry, Order, Store
from tests.integration.house import DOMAIN, HANAKO, SUZUKI, Arrived, House

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
        inquiry.snoozed_until = NOW
    await house.running.stop()
    await house.start()
    back = await house.gets(SUZUKI, "テスト2 [Q-1]")
    assert back.text.startswith("【ご指定の日時になりました】")
    assert back.mail["In-Reply-To"] == told.mail["Message-ID"]
    assert (await house.inquiry())["history"][-1]["event"] == "came_back"
