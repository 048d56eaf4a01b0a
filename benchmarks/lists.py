"""How long lists, searches and the digest take with very many inquiries stored, on SQLite and PostgreSQL.

usage: python -m benchmarks.lists [--inquiries 1000000] [--rounds 15] [--folder FOLDER] [--only sqlite|postgresql]

Nine tenths of the inquiries are one store's, spread over four years; a third of them have been answered, and 2,500 of
the last 30 days are open. The texts are put together from sentences, so that words are as frequent as they are in mail:
送料 stands in one of four, 虹色 in about 15. The index of words is filled by what fills it in a gateway that was
upgraded. Each figure is the whole answer: the questions to the database, and the mail with its rows and buttons; CPU is
this process's, SQLite with it, PostgreSQL's server without. With --folder the SQLite file stays and is used again.
"""

import argparse
import asyncio
import random
import statistics
from collections.abc import Awaitable, Callable, Iterator
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import Any

from sqlalchemy import func, insert, inspect, text
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.desk import desk_mail_letters, digest, numbered
from gateway.desk.desk_mail_work import PAGE
from gateway.desk.post import Office
from gateway.mail.addresses import Key, Keyring
from gateway.store import counters, search
from gateway.store.database import Database
from gateway.store.inquiry_filter import Filter, find
from gateway.store.migrate import upgrade
from gateway.store.states import Author, Direction, InquiryStatus, Origin
from gateway.store.tables import Customer, Inquiry, Message, Seller, Store
from gateway.texts import Texts
from tests import postgres

NOW = datetime(2026, 11, 26, 0, 30, tzinfo=UTC)  # 9:30 in Japan
YEARS = timedelta(days=4 * 365)
OPEN = 2500
CUSTOMERS = 100_000
BATCH = 10_000
OFFICE = Office("q.example.jp", "ops@example.jp", Keyring([Key("k", b"s" * 32, NOW)]), timedelta(days=5))

ASKED = (
    "お世話になっております。先日そちらで購入した商品について質問があります。",
    "商品{product}番の在庫はいつ頃入荷する予定でしょうか。",
    "{place}までの送料はいくらになりますか。",
    "注文番号{order}の商品がまだ届いていません。いつ発送されますか。",
    "サイズが合わなかったため、交換をお願いしたいです。",
    "写真を見る限り{colour}に近いようですが、実物はどのような色でしょうか。",
    "領収書を発行していただくことは可能ですか。宛名は{name}でお願いします。",
    "届いた箱が少しつぶれていました。返品の方法を教えてください。",
    "{place}に住んでいますが、日時指定の配達はできますか。",
    "ギフト包装と熨斗をお願いすることはできますか。",
    "Can you ship order {order} to {place}? I need the delivery before Friday.",
    "お手数ですがご確認のほどよろしくお願いいたします。",
)
ANSWERED = (
    "お問い合わせありがとうございます。{place}への発送は三営業日ほどかかります。",
    "ご不便をおかけして申し訳ございません。商品{product}番は来週入荷いたします。",
    "領収書は商品に同封しております。ご確認ください。",
)
PLACES = ("北海道", "青森県", "東京都", "神奈川県", "京都府", "大阪府", "広島県", "福岡県", "沖縄県", "Osaka")
COLOURS = ("青色", "赤色", "黄緑色", "藍色", "桜色", "灰色", "紺色", "白色")
NAMES = ("山田", "佐藤", "鈴木", "高橋", "田中", "伊藤", "渡辺", "中村", "小林", "加藤")


def said(chance: random.Random, sentences: tuple[str, ...], number: int, count: int) -> str:
    colour = "虹色" if number % 20_000 == 7 else chance.choice(COLOURS)
    words = {
        "product": chance.randrange(5000),
        "order": 10_000_000 + number,
        "place": chance.choice(PLACES),
        "colour": colour,
        "name": chance.choice(NAMES),
    }
    return "\n".join(sentence.format(**words) for sentence in chance.sample(sentences, count))


async def fill(database: Database, inquiries: int, oldest: int = 1) -> None:
    """Stores, customers, and the inquiries from the number `oldest` on."""
    async with database.write() as session:
        for name in range(10):
            session.add(Store(name=f"shop{name}", title=f"店舗{name}", created_at=NOW))
        await session.flush()
        session.add(Seller(store_id=1, address="suzuki@shop.example", created_at=NOW))
        rows = [
            {
                "id": number + 1,
                "store_id": 1 + number % 10,
                "address": f"c{number}@customer.example",
                "address_key": f"c{number}@customer.example",
                "name": NAMES[number % len(NAMES)],
                "language": "ja",
                "created_at": NOW - YEARS,
            }
            for number in range(min(CUSTOMERS, inquiries))
        ]
        await (await session.connection()).execute(insert(Customer), rows)
    chance = random.Random(1)
    for first in range(oldest, inquiries + 1, BATCH):
        numbers = range(first, min(first + BATCH, inquiries + 1))
        async with database.write() as session:
            connection = await session.connection()
            await connection.execute(insert(Inquiry), [_inquiry(chance, number, inquiries) for number in numbers])
            await connection.execute(
                insert(Message), [row for number in numbers for row in _mails(chance, number, inquiries)]
            )


def _at(number: int, inquiries: int) -> datetime:
    return NOW - timedelta(hours=1) - YEARS * ((inquiries - number) / inquiries)


def _inquiry(chance: random.Random, number: int, inquiries: int) -> dict[str, Any]:
    customers = min(CUSTOMERS, inquiries)
    store = 1 if number % 10 else 2 + number // 10 % 9
    is_open = _at(number, inquiries) > NOW - timedelta(days=30) and chance.random() < OPEN / (inquiries * 30 / 1460)
    status = chance.choice((InquiryStatus.UNANSWERED, InquiryStatus.IN_PROGRESS)) if is_open else InquiryStatus.DONE
    origin = Origin.MARKETPLACE if number % 500 == 1 else chance.choice((Origin.DIRECT, Origin.PRODUCT_PAGE))
    return {
        "number": number,
        "store_id": store,
        "customer_id": 1 + (store - 1 + 10 * chance.randrange(customers // 10)) % customers,
        "status": status,
        "prior_status": None if status is InquiryStatus.UNANSWERED else InquiryStatus.UNANSWERED,
        "kind": "緊急" if number % 100_000 == 3 else "一般",
        "category": chance.choice(("その他", "送料", "返品", "在庫")),
        "origin": origin,
        "title": said(chance, ASKED, number, 1)[:30],
        "product_code": str(chance.randrange(5000)) if chance.random() < 0.6 else None,
        "order_number": str(10_000_000 + number) if chance.random() < 0.3 else None,
        "nonce": f"{number:016x}",
        "hidden": False,
        "unread": origin is Origin.MARKETPLACE and is_open,
        "tags": [],
        "created_at": _at(number, inquiries),
        "received_at": _at(number, inquiries),
    }


def _mails(chance: random.Random, number: int, inquiries: int) -> Iterator[dict[str, Any]]:
    at = _at(number, inquiries)
    asked = {"direction": Direction.IN, "author": Author.CUSTOMER, "at": at, "text": said(chance, ASKED, number, 2)}
    answer = {"direction": Direction.OUT, "author": Author.SELLER, "at": at, "text": said(chance, ANSWERED, number, 1)}
    for row in (asked, answer) if number % 3 == 0 else (asked,):
        yield row | {"inquiry_number": number, "subject": "", "quoted": "", "references": [], "searchable": False}


async def index(database: Database) -> None:
    done = 1
    while done:
        async with database.write() as session:
            done = await search.index_some(session, BATCH)


async def fill_postgresql(database: Database, inquiries: int) -> None:
    """The newest tenth as on SQLite; PostgreSQL copies it nine times into the past, numbers, times and blocks moved."""
    step = inquiries // 10
    async with database.engine.begin() as connection:
        await connection.execute(text("DROP INDEX ix_search_entry_tokens"))
    await fill(database, inquiries, inquiries - step + 1)
    await index(database)
    async with database.engine.begin() as connection:
        most = (await connection.execute(text("SELECT max(id) FROM message"))).scalar_one()
        for times in range(1, 10):
            moved = {
                "by": times * step,
                "days": YEARS.days * times / 10,
                "ids": times * most,
                "newest": inquiries - step,
            }
            for statement in (_copied(Inquiry, INQUIRIES), _copied(Message, MAILS), ENTRIES):
                await connection.execute(text(statement), {**moved, "most": most})
        await connection.execute(text("SET maintenance_work_mem = '1GB'"))
        await connection.execute(text("CREATE INDEX ix_search_entry_tokens ON search_entry USING gin (tokens)"))
    async with database.engine.connect() as connection:
        await (await connection.execution_options(isolation_level="AUTOCOMMIT")).execute(text("VACUUM ANALYZE"))


PAST = "- make_interval(secs => CAST(:days AS float) * 86400)"
INQUIRIES = {
    "number": "number - CAST(:by AS integer)",
    "status": "'done'",
    "prior_status": "'unanswered'",
    "order_number": "CAST(CAST(order_number AS integer) - CAST(:by AS integer) AS text)",
    "unread": "false",
    "created_at": f"created_at {PAST}",
    "received_at": f"received_at {PAST}",
    "": "number > CAST(:newest AS integer)",
}
MAILS = {
    "id": "id + CAST(:ids AS integer)",
    "inquiry_number": "inquiry_number - CAST(:by AS integer)",
    "at": f"at {PAST}",
    "": "id <= CAST(:most AS integer)",
}
BLOCKS_OF = (
    "ARRAY(SELECT format('_%s_%s_%s', i.store_id, bits, ({}) >> bits) FROM unnest(ARRAY[13,16,19,22,25,28]) AS bits)"
)
MOVED = "i.number - CAST(:by AS integer)"
ENTRIES = f"""
INSERT INTO search_entry
SELECT CAST({MOVED} AS bigint) << 32 | m.id + CAST(:ids AS integer),
  ts_delete(e.tokens, {BLOCKS_OF.format("i.number")}) || array_to_tsvector({BLOCKS_OF.format(MOVED)})
FROM message m JOIN inquiry i ON i.number = m.inquiry_number
JOIN search_entry e ON e.id = (CAST(i.number AS bigint) << 32 | m.id)
WHERE m.id <= CAST(:most AS integer)
"""


def _copied(table: type[Inquiry] | type[Message], changed: dict[str, str]) -> str:
    columns = inspect(table).columns.keys()
    values = ", ".join(changed.get(name, f'"{name}"') for name in columns)
    names, source = ", ".join(f'"{name}"' for name in columns), table.__tablename__
    return f"INSERT INTO {source} ({names}) SELECT {values} FROM {source} WHERE {changed['']}"


async def listed(session: AsyncSession, wanted: Filter) -> int:
    """The mail that answers 一覧 or 検索, made and thrown away. How many rows it has."""
    store = (await session.exec(select(Store).where(Store.name == wanted.store))).one()
    found = await find(session, replace(wanted, limit=PAGE + 1))
    counted = await counters.of_store(session, store.id or 0, NOW)
    rows = await numbered.rows_of(session, OFFICE, found[:PAGE])
    desk_mail_letters.listing(store, rows, counted, wanted, None, None, 1, Texts("ja"))
    return len(rows)


async def digested(session: AsyncSession, _wanted: Filter) -> int:
    store = await session.get_one(Store, 1)
    store.digest_on = ""
    await session.flush()
    assert await digest.send(session, OFFICE, 1, NOW)
    return 2 * digest.MOST


def questions(inquiries: int) -> Iterator[tuple[str, Filter]]:
    big = Filter(store="shop0")
    yield "一覧", big
    yield "一覧 未回答", replace(big, status=InquiryStatus.UNANSWERED)
    yield "一覧 処理完了, a page of two years ago", replace(big, status=InquiryStatus.DONE, before=inquiries // 2)
    yield "一覧 スタッフ", replace(big, origin=Origin.MARKETPLACE)
    yield "検索 商品:17", replace(big, product="17")
    yield "検索 注文: (no such)", replace(big, order=str(10_000_000 + inquiries // 2 + 1))
    yield "検索 期間: a month, two years ago", replace(big, since=date(2024, 11, 1), until=date(2024, 11, 30))
    yield "検索 タイプ:緊急 (9)", replace(big, kind="緊急")
    yield "検索 送料 (1 of 4)", replace(big, words="送料")
    yield "検索 虹色 (about 15)", replace(big, words="虹色")
    yield "検索 東京都 (two pairs)", replace(big, words="東京都")
    yield "検索 delivery", replace(big, words="delivery")
    yield "検索 領収書 京都", replace(big, words="領収書 京都")
    yield "検索 送料 虹色 (a few)", replace(big, words="送料 虹色")
    yield "検索 存在しない", replace(big, words="存在しない")
    yield "検索 送料 状態:未回答", replace(big, words="送料", status=InquiryStatus.UNANSWERED)
    yield (
        "検索 送料 期間: a week, two years ago",
        replace(big, words="送料", since=date(2024, 11, 1), until=date(2024, 11, 7)),
    )
    yield "検索 送料 商品:17", replace(big, words="送料", product="17")
    yield "検索 送料, small store", Filter(store="shop5", words="送料")


async def measure(database: Database, inquiries: int, rounds: int) -> None:
    works: list[tuple[str, Callable[[AsyncSession, Filter], Awaitable[int]], Filter]] = [
        (name, listed, wanted) for name, wanted in questions(inquiries)
    ]
    works.append(("digest, 60 inquiries", digested, Filter()))
    print(f"| {'':42} | rows | median ms | slowest | CPU ms |")
    for name, work, wanted in works:
        times, cpu, rows = list[float](), list[float](), 0
        for _ in range(rounds + 1):
            async with AsyncSession(database.engine, expire_on_commit=False) as session:
                begun, used = perf_counter(), process_time()
                rows = await work(session, wanted)
                times.append((perf_counter() - begun) * 1000)
                cpu.append((process_time() - used) * 1000)
                await session.rollback()
        middle = statistics.median(times[1:]), max(times), statistics.median(cpu[1:])
        print(f"| {name:42} | {rows:4} | {middle[0]:9.1f} | {middle[1]:7.1f} | {middle[2]:6.1f} |", flush=True)


async def run(url: str, inquiries: int, rounds: int) -> None:
    database = Database(url)
    await upgrade(database)
    async with database.read() as session:
        there = (await session.exec(select(func.count()).select_from(Store))).one()
    if not there:
        begun = perf_counter()
        if database.is_sqlite:
            await fill(database, inquiries)
            await index(database)
        else:
            await fill_postgresql(database, inquiries)
        print(f"filled in {perf_counter() - begun:.0f} s", flush=True)
    await measure(database, inquiries, rounds)
    await database.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inquiries", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    arguments = parser.parse_args()
    if arguments.only != "postgresql":
        with nullcontext(arguments.folder) if arguments.folder else TemporaryDirectory() as folder:
            print(f"SQLite, {arguments.inquiries:,} inquiries")
            asyncio.run(run(f"sqlite:///{Path(folder) / 'lists.db'}", arguments.inquiries, arguments.rounds))
    if arguments.only != "sqlite":
        with postgres.running() as server:
            asyncio.run(server.execute("CREATE DATABASE lists"))
            print(f"PostgreSQL, {arguments.inquiries:,} inquiries")
            asyncio.run(run(server.url("lists"), arguments.inquiries, arguments.rounds))


if __name__ == "__main__":
    main()
