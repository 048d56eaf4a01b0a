"""The index of words, on both databases."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, text, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.ids import new_id
from gateway.store import search
from gateway.store.database import Database
from gateway.store.inquiry_filter import Filter, find
from gateway.store.search_tokens import phrases
from gateway.store.states import Author, Direction, InquiryStatus, Origin
from gateway.store.tables import Customer, Inquiry, Message, Store

NOW = datetime(2026, 11, 20, 5, 3, tzinfo=UTC)


async def _store(session: AsyncSession, name: str) -> int:
    store = Store(name=name, title=name, created_at=NOW)
    session.add(store)
    await session.flush()
    return store.id or 0


async def _asked(session: AsyncSession, store_id: int, *texts: str, **fields: Any) -> int:
    """An inquiry with these mails. Its number."""
    customer = Customer(store_id=store_id, address="", address_key=new_id(), created_at=NOW)
    session.add(customer)
    await session.flush()
    values: dict[str, Any] = {
        "origin": Origin.DIRECT,
        "title": "",
        "nonce": "n",
        "created_at": NOW,
        "received_at": NOW,
    } | fields
    inquiry = Inquiry(store_id=store_id, customer_id=customer.id or 0, **values)
    session.add(inquiry)
    await session.flush()
    for words in texts:
        await _writes(session, inquiry.number or 0, words)
    return inquiry.number or 0


async def _writes(session: AsyncSession, number: int, words: str) -> None:
    session.add(Message(inquiry_number=number, direction=Direction.IN, author=Author.CUSTOMER, at=NOW, text=words))
    await session.flush()


async def _found(session: AsyncSession, store_id: int, words: str, below: int = search.HIGHEST_NUMBER) -> list[int]:
    return [n for page in [p async for p in search.holding(session, store_id, phrases(words), below)] for n in page]


async def test_words_of_two_letters_and_of_more_are_found_the_newest_first(database: Database) -> None:
    async with database.write() as session:
        shop, other = await _store(session, "testshop"), await _store(session, "othershop")
        first = await _asked(session, shop, "配送料はいくらですか。", "東京と京都に送れますか。")
        await _asked(session, other, "送料は？")
        second = await _asked(session, shop, "送\n料について。B-7788 の delivery です。", title="リンゴ")
        assert await _found(session, shop, "送料") == [second, first]
        assert await _found(session, shop, "送料", below=second) == [first]
        assert await _found(session, shop, "配送料") == [first]
        assert await _found(session, shop, "東京都") == []
        assert await _found(session, shop, "料") == [second, first]
        assert await _found(session, shop, "りんご deliv b-77") == [second]
        assert await _found(session, shop, "配送料 京都") == []  # not in one mail
        assert await search.among(session, phrases("送料"), [first, second, 999]) == {first, second}
        assert await search.among(session, phrases("配送料"), [second]) == set()


async def test_more_than_a_page_and_more_than_a_block_come_in_order(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "FIRST_PAGE", 2)
    monkeypatch.setattr(search, "LARGEST_PAGE", 2)
    monkeypatch.setattr(search, "BLOCKS", (1, 4))
    async with database.write() as session:
        shop = await _store(session, "testshop")
        numbers = [await _asked(session, shop, "送料", "送料", "送料") for _ in range(40)]
        assert await _found(session, shop, "送料", numbers[-1] + 1) == numbers[::-1]


@pytest.mark.parametrize(("few", "singly"), [(0, 0), (2000, 0), (2000, 2000)])
async def test_words_and_other_filters_together(
    database: Database, few: int, singly: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.store.inquiry_filter.FEW", few)
    monkeypatch.setattr(search, "ONE_BY_ONE", singly)
    done = {"status": InquiryStatus.DONE, "prior_status": InquiryStatus.UNANSWERED}
    async with database.write() as session:
        shop = await _store(session, "testshop")
        first = await _asked(session, shop, "送料は？", product_code="X-1", **done)
        second = await _asked(session, shop, "送料は？", product_code="x-1")
        third = await _asked(session, shop, "色は？", product_code="x-1", tags=["VIP"])
        fourth = await _asked(session, shop, "送料は？", tags=["VIP"])

        async def numbers(**wanted: Any) -> list[int | None]:
            return [row[0].number for row in await find(session, Filter(store="testshop", **wanted))]

        assert await numbers(words="送料", product="X-1") == [second, first]
        assert await numbers(words="送料", product="x-1", status=InquiryStatus.DONE) == [first]
        assert await numbers(words="送料", before=second) == [first]
        assert await numbers(words="送料", tag="vip") == [fourth]
        assert await numbers(tag="vip", product="X-1") == [third]
        assert await numbers(words="送料", limit=1) == [fourth]
        yesterday = NOW - timedelta(days=1)
        await session.exec(
            update(Inquiry).where(col(Inquiry.number).in_([first, second])).values(received_at=yesterday)
        )
        assert await numbers(words="送料", until=yesterday.date()) == [second, first]
        assert await numbers(words="送料", since=NOW.date()) == [fourth]
        assert await numbers(words="送料", since=NOW.date() + timedelta(days=1)) == []


async def test_mails_of_before_are_added_bit_by_bit(database: Database) -> None:
    async with database.write() as session:
        shop = await _store(session, "testshop")
        numbers = [await _asked(session, shop, "送料", tags=["VIP"]) for _ in range(3)]
        await (await session.connection()).execute(text("DELETE FROM search_entry"))
        await session.exec(update(Message).values(searchable=False))
        assert await _found(session, shop, "送料") == []
        assert await search.index_some(session, 2) == 2
        assert await _found(session, shop, "送料") == numbers[:0:-1]
        assert await search.index_some(session, 2) == 1
        assert await search.index_some(session, 2) == 0
        assert await _found(session, shop, "送料") == numbers[::-1]
        assert len(await find(session, Filter(tag="vip"))) == 3


async def test_what_left_an_inquiry_is_not_found_there(database: Database) -> None:
    async with database.write() as session:
        shop = await _store(session, "testshop")
        number = await _asked(session, shop, "送料", "返品")
        await session.exec(delete(Message).where(col(Message.text) == "返品"))
        await search.forget(session, number)
        assert await _found(session, shop, "送料") == []
        await search.index_some(session, 10)
        assert await _found(session, shop, "送料") == [number]
        assert await _found(session, shop, "返品") == []
        assert (await session.exec(select(Message.searchable))).all() == [True]
