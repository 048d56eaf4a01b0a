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
import statistics
from collections.abc import Awaitable, Callable, Iterator
from contextlib import nullcontext
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time

from sqlalchemy import func
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from benchmarks.lists_data import NOW, fill, fill_postgresql, index
from gateway.desk import desk_mail_letters, digest, numbered
from gateway.desk.desk_mail_work import PAGE
from gateway.desk.post import Office
from gateway.mail.keyring import Key, Keyring
from gateway.store import counters
from gateway.store.database import Database
from gateway.store.inquiry_filter import Filter, find
from gateway.store.migrate import upgrade
from gateway.store.states import InquiryStatus, Origin
from gateway.store.tables import Store
from gateway.texts import Texts
from tests import postgres

OFFICE = Office("q.example.jp", "ops@example.jp", Keyring([Key("k", b"s" * 32, NOW)]), timedelta(days=5))


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
