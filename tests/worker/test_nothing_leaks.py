"""Whatever a seller's mail holds, the customer gets a person's words and nothing else, on both databases."""

import re
from itertools import count

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlmodel import select

from gateway.desk.templates import put
from gateway.mail.commands import WORDS, read_commands
from gateway.mail.html import to_text
from gateway.store.tables import Outbox, Store
from tests.worker.hands import COLLEAGUE, DOMAIN, NOW, SELLER, Desk, shop

FORBIDDEN = re.compile(rf"{SELLER}|{COLLEAGUE}|q\d+-[a-z]+-|\{{{{.*\}}}}|｛｛")
QUESTION = "北海道への送料はいくらですか。"
EXAMPLES = 60  # each is a customer's mail and a seller's reply on a real database
NUMBERS = count(1)

COMMANDS = st.sampled_from(
    [
        *(f"#{word}" for words in WORDS.values() for word in words),
        *("＃処理中", "# 完了 ", "♯保留", "#\u200b完了", "**#処理中**", "#処理虫", "#HOLD", "#カテゴリ 送料"),
        *("#定型 送料", "#定型 送", "#定型 発送", "#件名 送料の件", "#件名 {{ 注文番号 }}"),
        *("#明日", "#2020-01-01", "#統合 Q-1", "#非表示 掲載について"),
    ]
)
PLAIN = (
    "500円です。",
    "よろしくお願いいたします。",
    "鈴木",
    "#3番の商品です。",
    "##値引き中です。",
    "｛｛お客様名｝｝様",
)
SAID = st.sampled_from(
    [
        *("", "> 500円です。"),
        *("#処理中", "#完了です"),
        *("{{ 注文番号 }} の件です。", "{{ 名前 }}様", "{{"),
    ]
)
SIGNATURES = st.sampled_from(
    ["", f"\n-- \n鈴木\n{SELLER}\n", "\niPhoneから送信\n", f"\n-- \nテストショップ {COLLEAGUE}"]
)
QUOTED = "\n2026年11月20日(金) 14:03 山田様（お客様） {own}:\n{quoted}"
QUOTES = st.sampled_from(
    [
        "",
        QUOTED,
        "\nOn Fri, 20 Nov 2026 14:03:00 +0900, 山田様 {own} wrote:\n{quoted}",
        "\n-----Original Message-----\nFrom: 山田様 {own}\nSent: Friday, November 20, 2026 2:03 PM\nTo: {seller}\n"
        "Subject: テスト [Q-1]\n\n{told}",
        "\n________________________________\n差出人: 山田様 {own}\n送信日時: 2026年11月20日 14:03\n宛先: {seller}\n"
        "件名: テスト [Q-1]\n\n{told}",
        "\n--- {seller} wrote:\n{quoted}",
    ]
)
USUAL = st.sampled_from([[], [], ["#処理中"], ["＃保留"], ["#定型 送料"], ["#件名 送料の件", "#完了"], ["#明日"]])
TEXT = st.lists(st.sampled_from(PLAIN) | SAID, min_size=1, max_size=4)
MAILS = st.tuples(USUAL | USUAL | st.lists(COMMANDS, max_size=3), TEXT, SIGNATURES, QUOTES, st.booleans())
PLACES = st.sampled_from([shop(), f"testshop+p598405570@{DOMAIN}"])


def written(parts: tuple[list[str], list[str], str, str, bool], told: Outbox) -> str:
    """The mail as a client makes it, its writer above or below what it quotes."""
    commands, words, signature, form, below = parts
    quoted = "\n".join(f"> {line}" for line in told.text.splitlines())
    quote = form.format(own=f"<{told.from_address}>", seller=SELLER, quoted=quoted, told=told.text)
    said = "\n".join([*commands, *words])
    return f"{quote}\n\n{said}{signature}" if below and "> " in quote else f"{said}{signature}{quote}"


def of_ours(told: Outbox) -> set[str]:
    """Lines of the notification that nobody but the gateway wrote."""
    return {line.strip() for line in told.text.splitlines() if len(line.strip()) > 7 and QUESTION not in line}


@pytest.fixture
async def shop_with_templates(desk: Desk) -> Desk:
    async with desk.database.write() as session:
        await put(session, await session.get_one(Store, 1), "送料", "{{ お客様名 }}様\n送料は500円です。", NOW)
        await put(session, await session.get_one(Store, 1), "発送", "{{ 注文番号 }} を発送しました。", NOW)
    return desk


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(MAILS, PLACES)
@example(([], ["500円です。", "#処理中"], "", "", False), shop())
@example((["#非表示 掲載について"], ["個人情報のためです。"], "", QUOTED, False), f"testshop+p598405570@{DOMAIN}")
async def test_what_the_customer_gets_holds_no_command_quote_address_or_open_field(
    shop_with_templates: Desk, parts: tuple[list[str], list[str], str, str, bool], place: str
) -> None:
    desk, customer = shop_with_templates, f"hanako{next(NUMBERS)}@customer.example"
    await desk.gets(QUESTION, sender=customer, to=place, From=f"山田 <{customer}>", Subject="送料")
    told = (await desk.sent("notification", SELLER))[-1]
    await desk.gets(written(parts, told), sender=SELLER, to=told.from_address, In_Reply_To=told.message_id)
    async with desk.database.read() as session:
        letters = (await session.exec(select(Outbox).where(Outbox.to_address == customer))).all()
    for letter in letters:
        for text in (letter.text, to_text(letter.html or ""), letter.subject):
            own = [line for line in text.splitlines() if QUESTION not in line]
            assert [line for line in own if read_commands(line).commands] == []
            assert of_ours(told) & {line.strip(" >") for line in own} == set()
            assert not FORBIDDEN.search("\n".join(own)) and customer not in text
