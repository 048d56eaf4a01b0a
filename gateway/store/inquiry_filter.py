"""Which inquiries a listing shows, in which order: for every filter an index, and no question walks through history.

By number, the highest first; by the time of the last mail, the newest first, where days are asked for. Words and other
filters together: whichever leaves fewer inquiries is asked first.
"""

import json
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Text, cast, tuple_
from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.store import search, stores
from gateway.store.search_tokens import Phrase, phrases
from gateway.store.states import InquiryStatus, Origin
from gateway.store.tables import Customer, Inquiry, Store

Row = tuple[Inquiry, Store, Customer]
FEW = 2000  # inquiries that can be asked one by one whether they hold the words
SAMPLE = 5000  # inquiries of a period that tell where its numbers lie
SLICE = 5000  # numbers in one question


@dataclass(frozen=True)
class Filter:
    """What `inquiry list` or 一覧 and 検索 by mail ask for. `since` and `until` are days of the store's own zone, both
    included; `before` is the last inquiry of the page before."""

    store: str | None = None
    status: InquiryStatus | None = None
    since: date | None = None
    until: date | None = None
    product: str | None = None
    order: str | None = None
    origin: Origin | None = None
    kind: str | None = None
    category: str | None = None
    tag: str | None = None  # in any case
    words: str | None = None  # every one in the same mail, its title, or its customer's name
    before: int | None = None
    limit: int = 100

    @property
    def by_time(self) -> bool:
        return bool(self.since or self.until) and not self.words and self.tag is None

    @property
    def narrows(self) -> bool:
        """True when it asks for more than words."""
        return replace(self, store=None, words=None, before=None, limit=0) != Filter(limit=0)


async def find(session: AsyncSession, wanted: Filter) -> list[Row]:
    """Inquiries that fit, of one store or of all, in the order of the listing; none of an unknown store."""
    if wanted.store is not None:
        named = await stores.named(session, wanted.store)
        of = [named] if named else []
    else:
        of = await stores.all_stores(session)
    rows = [row for store in of for row in await _rows(session, await _in_store(session, store, wanted), store)]
    if len(of) > 1:
        rows.sort(
            key=lambda row: (row[0].received_at.timestamp() if wanted.by_time else 0, row[0].number), reverse=True
        )
    return rows[: wanted.limit]


async def _in_store(session: AsyncSession, store: Store, wanted: Filter) -> list[int]:
    searched = phrases(wanted.words or "")
    if wanted.words and not searched:
        return []  # nothing but marks
    if not searched and wanted.tag is not None:
        return await _searched(session, store, wanted, [search.tagged(wanted.tag)])
    if not searched:
        return await _listed(session, store, wanted, wanted.limit)
    if wanted.narrows:
        few = await _listed(session, store, wanted, FEW + 1)
        if len(few) <= FEW:
            holding = await search.among(session, searched, few)
            return [number for number in few if number in holding][: wanted.limit]
    return await _searched(session, store, wanted, searched)


async def _searched(session: AsyncSession, store: Store, wanted: Filter, searched: list[Phrase]) -> list[int]:
    """The words lead, the other filters look at what they find."""
    found: list[int] = []
    lowest, highest = await _ends(session, store, wanted)
    below = min(wanted.before or search.HIGHEST_NUMBER, highest + 1)
    conditions = _conditions(store, wanted)
    async for numbers in search.holding(session, store.id or 0, searched, below):
        lower = numbers[-1]
        if wanted.narrows:
            fitting = select(Inquiry.number).where(col(Inquiry.number).in_(numbers), *conditions)
            fit = set(await session.exec(fitting))
            numbers = [number for number in numbers if number in fit]
        found += numbers
        if len(found) >= wanted.limit or lower < lowest:
            break
    return found[: wanted.limit]


async def _ends(session: AsyncSession, store: Store, wanted: Filter) -> tuple[int, int]:
    """Between which numbers the inquiries of the days lie. Of very many the newest tell the upper end: what is opened
    later has later mail."""
    days = _days(store, wanted)
    if not days:
        return 0, search.HIGHEST_NUMBER - 1
    newest = select(Inquiry.number).where(col(Inquiry.store_id) == store.id, *days)
    newest = newest.order_by(col(Inquiry.received_at).desc()).limit(SAMPLE)
    numbers = [number for number in await session.exec(newest) if number is not None]
    return 0 if len(numbers) == SAMPLE else min(numbers, default=0), max(numbers, default=0)


async def _listed(session: AsyncSession, store: Store, wanted: Filter, limit: int) -> list[int]:
    """The other filters alone. A code may stand in its writer's case or in an address's: each is asked for itself."""
    order: tuple[Any, ...] = (col(Inquiry.number),)
    after = [] if wanted.before is None else [col(Inquiry.number) < wanted.before]
    if wanted.by_time:
        order = (col(Inquiry.received_at), col(Inquiry.number))
        last = await session.get(Inquiry, wanted.before) if wanted.before is not None else None
        after = [tuple_(*order) < tuple_(last.received_at, last.number)] if last is not None else after
    found: list[tuple[datetime, int]] = []
    for codes in product(_cases(wanted.product), _cases(wanted.order)):
        query = select(Inquiry.received_at, Inquiry.number).where(*_conditions(store, wanted, codes), *after)
        query = query.order_by(*(column.desc() for column in order)).limit(limit)
        found += [(at, number) for at, number in await session.exec(query) if number is not None]
    found.sort(key=lambda one: (one[0].timestamp() if wanted.by_time else 0, one[1]), reverse=True)
    return [number for _, number in found[:limit]]


def _conditions(
    store: Store, wanted: Filter, codes: tuple[str | None, str | None] | None = None
) -> list[ColumnElement[bool]]:
    """Without `codes` those of the filter in every case that they may have."""
    equal = [
        (Inquiry.status, wanted.status),
        (Inquiry.origin, wanted.origin),
        (Inquiry.kind, wanted.kind),
        (Inquiry.category, wanted.category),
    ]
    conditions = [col(Inquiry.store_id) == store.id, col(Inquiry.merged_into).is_(None)]
    conditions += [col(column) == value for column, value in equal if value]
    columns = (col(Inquiry.product_code), col(Inquiry.order_number))
    if codes is None:
        both = zip(columns, (wanted.product, wanted.order), strict=True)
        conditions += [column.in_(_cases(value)) for column, value in both if value]
    else:
        conditions += [column == value for column, value in zip(columns, codes, strict=True) if value]
    conditions += _days(store, wanted)
    if wanted.tag is not None:
        conditions.append(_is_tagged(wanted.tag))
    return conditions


def _days(store: Store, wanted: Filter) -> list[ColumnElement[bool]]:
    zone = ZoneInfo(store.timezone)
    conditions: list[ColumnElement[bool]] = []
    if wanted.since:
        conditions.append(col(Inquiry.received_at) >= datetime.combine(wanted.since, time(), zone))
    if wanted.until:
        conditions.append(col(Inquiry.received_at) < datetime.combine(wanted.until + timedelta(days=1), time(), zone))
    return conditions


def _cases(value: str | None) -> list[str | None]:
    """What came by a mail address is in lower case, what came from an import as imported."""
    return list(dict.fromkeys((value, value.lower(), value.upper()))) if value else [None]


def _is_tagged(tag: str) -> ColumnElement[bool]:
    """True for inquiries with this tag. In JSON's text a bare quotation mark only ever begins or ends an item."""
    tags, item = cast(Inquiry.tags, Text), json.dumps(tag)
    return or_(tags.istartswith(f"[{item}", autoescape=True), tags.icontains(f", {item}", autoescape=True))


async def _rows(session: AsyncSession, numbers: list[int], store: Store) -> list[Row]:
    """The inquiries themselves, in this order."""
    found: dict[int | None, Row] = {}
    for start in range(0, len(numbers), SLICE):
        query = (
            select(Inquiry, Customer)
            .join(Customer, col(Customer.id) == col(Inquiry.customer_id))
            .where(col(Inquiry.number).in_(numbers[start : start + SLICE]))
        )
        found |= {inquiry.number: (inquiry, store, customer) for inquiry, customer in await session.exec(query)}
    return [found[number] for number in numbers]
