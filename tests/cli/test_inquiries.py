"""Inquiries as the contract's JSON and tables show them."""

from datetime import timedelta

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.store.states import InquiryStatus, Origin
from gateway.store.tables import History
from tests.cli import rows
from tests.cli.conftest import Cli


@pytest.fixture
def asked(shop: Cli) -> Cli:
    """A shop with one conversation, its product and its order."""
    goods = shop.folder / "goods.csv"
    goods.write_text(
        "product_code,product_name,product_category,product_page\nX-1,セーター,婦人服,https://shop.example/1\n"
    )
    shop("product", "import", str(goods))
    goods.write_text(
        "order_number,cart_number,product_code,ordered_at,country,store\n"
        "20261120001,C-9,X-1,2026-11-19T10:00:00+09:00,JP,testshop\n"
    )
    shop("order", "import", str(goods))
    shop.write(rows.conversation)
    return shop


def test_the_list_has_exactly_the_contracts_fields(asked: Cli) -> None:
    [row] = asked.json("inquiry", "list")
    address = row["customer"].pop("address")
    assert address.endswith("@customer.example")
    assert row == {
        "number": 1,
        "store": "testshop",
        "status": "done",
        "kind": "一般",
        "category": "その他",
        "origin": "direct",
        "product_code": "X-1",
        "product_name": "セーター",
        "product_category": "婦人服",
        "product_page": "https://shop.example/1",
        "order_number": "20261120001",
        "cart_number": "C-9",
        "ordered_at": "2026-11-19T10:00:00+09:00",
        "country": "JP",
        "unread": False,
        "title": "送料について",
        "customer": {"name": "山田"},
        "received_at": "2026-11-20T14:03:00+09:00",
        "hidden": False,
        "messages": 2,
        "last_rule": None,
        "tags": [],
    }


def test_show_adds_the_thread_and_the_history(asked: Cli) -> None:
    view = asked.json("inquiry", "show", "Q-1")
    [listed] = asked.json("inquiry", "list")
    question, answer, note = view.pop("thread")
    assert view.pop("history") == [
        {"at": "2026-11-20T14:03:00+09:00", "event": "opened", "by": "customer", "rule": None, "why": "by direct"}
    ]
    assert (view.pop("snoozed_until"), view.pop("merged_into"), view.pop("erased_at")) == (None, None, None)
    assert view == listed
    assert question == {
        "id": question["id"],
        "direction": "in",
        "author": "customer",
        "at": "2026-11-20T14:03:00+09:00",
        "subject": "送料について",
        "text": "送料はいくらですか",
        "quoted": "",
        "attachments": [{"name": "写真.png", "type": "image/png", "size": 3}],
        "message_id": "<q1@customer.example>",
        "delivery": None,
        "matched_by": "new",
    }
    assert answer["delivery"] == {"state": "sent", "attempts": 1, "next_at": None, "reply": "250 2.0.0 Ok"}
    assert (note["direction"], note["delivery"]) == ("internal", None)


def test_what_is_unknown_is_null(shop: Cli) -> None:
    shop.write(rows.inquiry)
    [row] = shop.json("inquiry", "list")
    nulls = ("product_code", "product_name", "order_number", "cart_number", "ordered_at", "country", "last_rule")
    assert [row[name] for name in nulls] == [None] * len(nulls)


def test_tables_for_people_hold_the_same(asked: Cli) -> None:
    assert "送料について" in asked("inquiry", "list").stdout
    shown = asked("inquiry", "show", "1").stdout
    assert "送料はいくらですか" in shown
    assert "写真.png (3 octets)" in shown
    assert "250 2.0.0 Ok" in shown


@pytest.fixture
def many(shop: Cli) -> Cli:
    """1: plain. 2: a product question, done. 3: an order's, a day later. 4: from the marketplace."""

    async def work(session: AsyncSession) -> None:
        await rows.question(session)
        done = {"status": InquiryStatus.DONE, "prior_status": InquiryStatus.UNANSWERED}
        await rows.question(session, origin=Origin.PRODUCT_PAGE, product_code="x-1", **done)
        later = rows.AT + timedelta(days=1)
        await rows.question(session, origin=Origin.MY_PAGE, order_number="77", title="返品 100%", received_at=later)
        await rows.question(session, origin=Origin.MARKETPLACE, kind="緊急", category="送料")

    shop.write(work)
    return shop


@pytest.mark.parametrize(
    ("words", "numbers"),
    [
        ((), [4, 3, 2, 1]),
        (("--status", "done"), [2]),
        (("--origin", "marketplace"), [4]),
        (("--kind", "緊急"), [4]),
        (("--product", "X-1"), [2]),
        (("--order", "77"), [3]),
        (("--since", "2026-11-21"), [3]),
        (("--until", "2026-11-20"), [4, 2, 1]),
        (("--since", "2026/11/20", "--until", "2026-11-21"), [3, 4, 2, 1]),
        (("--since", "2026/11/20", "--before", "4", "--limit", "1"), [2]),
        (("--since", "2026-11-22"), []),
        (("--words", "返品"), [3]),
        (("--words", "100%"), [3]),
        (("--words", "%"), []),
        (("--words", "x-1"), [2]),
        (("--words", "送料", "--status", "done"), [2]),
        (("--words", "送料", "--until", "2026-11-20", "--before", "4"), [2, 1]),
        (("--category", "送料"), [4]),
        (("--words", "返品 送料"), []),
        (("--words", "山田 送料"), [4, 2, 1]),
        (("--limit", "2"), [4, 3]),
        (("--limit", "2", "--before", "3"), [2, 1]),
        (("--before", "Q-2"), [1]),
        (("--store", "testshop", "--status", "unanswered"), [4, 3, 1]),
    ],
)
def test_filters_narrow_the_list(many: Cli, words: tuple[str, ...], numbers: list[int]) -> None:
    assert [row["number"] for row in many.json("inquiry", "list", *words)] == numbers


def test_a_day_begins_in_the_stores_zone(shop: Cli) -> None:
    async def just_after_midnight_in_japan(session: AsyncSession) -> None:
        await rows.inquiry(session, received_at=rows.AT.replace(hour=15, minute=1))

    shop.write(just_after_midnight_in_japan)
    assert shop.json("inquiry", "list", "--since", "2026-11-21")
    assert not shop.json("inquiry", "list", "--until", "2026-11-20")
    shop("store", "set", "testshop", "timezone=Europe/Berlin")
    assert not shop.json("inquiry", "list", "--since", "2026-11-21")


def test_words_in_a_mail_of_the_thread_are_found(asked: Cli) -> None:
    assert [row["number"] for row in asked.json("inquiry", "list", "--words", "500円")] == [1]


def test_by_product_is_an_object_of_arrays(many: Cli) -> None:
    groups = many.json("inquiry", "list", "--by", "product")
    assert {name: [row["number"] for row in members] for name, members in groups.items()} == {"": [4, 3, 1], "x-1": [2]}
    assert len(many.json("inquiry", "list", "--by", "customer")) == 4
    assert "no product" in many("inquiry", "list", "--by", "product").stdout


def test_an_unknown_store_or_number_is_a_no(shop: Cli) -> None:
    shop("inquiry", "list", "--store", "nowhere", code=1)
    shop("inquiry", "show", "Q-9", code=1)
    shop("inquiry", "status", "Q-9", "done", code=1)


@pytest.mark.parametrize(
    "words", [("show", "Q-0"), ("show", "x"), ("list", "--since", "soon"), ("list", "--status", "S1")]
)
def test_what_is_no_number_day_or_state_is_usage(shop: Cli, words: tuple[str, ...]) -> None:
    shop("inquiry", *words, code=2)


def test_the_state_is_set_by_hand_with_its_history(many: Cli) -> None:
    assert many("inquiry", "status", "Q-1", "done").stdout == "Q-1 is done\n"
    assert many("inquiry", "status", "q1", "done").stdout == "Q-1 is done already\n"
    view = many.json("inquiry", "show", "1")
    assert view["status"] == "done"
    [event] = view["history"]
    assert (event["event"], event["by"]) == ("done", "operator")


def test_a_title_cannot_steer_the_terminal_A21(shop: Cli) -> None:
    async def work(session: AsyncSession) -> None:
        await rows.inquiry(session, title="\x1b[2J\u202egnp.exe [red]x[/red]")

    shop.write(work)
    shown = shop("inquiry", "list").stdout
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert "[red]x[/red]" in shown


def test_tags_are_shown_and_narrow_the_list(shop: Cli) -> None:
    async def work(session: AsyncSession) -> None:
        await rows.inquiry(session, tags=["経理", "Late"])
        await rows.inquiry(session, tags=["経理部", 'a", "b', "50%"])
        await rows.inquiry(session)

    shop.write(work)
    assert [row["tags"] for row in shop.json("inquiry", "list")] == [[], ["経理部", 'a", "b', "50%"], ["経理", "Late"]]
    assert "経理 Late" in shop("inquiry", "show", "1").stdout
    found = {"経理": [1], "late": [1], "経理部": [2], 'a", "b': [2], "b": [], "50%": [2], "5_%": [], "": []}
    for tag, numbers in found.items():
        assert [row["number"] for row in shop.json("inquiry", "list", "--tag", tag)] == numbers, tag


def test_show_names_the_rule_of_each_line_of_the_history(shop: Cli) -> None:
    async def work(session: AsyncSession) -> None:
        number = (await rows.inquiry(session)).number or 0
        session.add(History(inquiry_number=number, at=rows.AT, event="rule", by="rule", rule="お礼", why="version 1"))

    shop.write(work)
    assert "お礼" in shop("inquiry", "show", "1").stdout
