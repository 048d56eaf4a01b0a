"""Very many inquiries with their mails, for benchmarks/lists.py."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert, inspect, text

from gateway.store import search
from gateway.store.database import Database
from gateway.store.states import Author, Direction, InquiryStatus, Origin
from gateway.store.tables import Customer, Inquiry, Message, Seller, Store

NOW = datetime(2026, 11, 26, 0, 30, tzinfo=UTC)  # 9:30 in Japan
YEARS = timedelta(days=4 * 365)
OPEN = 2500
CUSTOMERS = 100_000
BATCH = 10_000

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
