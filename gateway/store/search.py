"""The index of words over every thread: which inquiries of a store hold them, the newest first.

One entry for each mail of a thread, and one for an inquiry's tags, written in the transaction that adds them, whoever
does; older ones are added bit by bit (`index_some`). An entry's id is its inquiry's number and the message's id in one,
so that the order of ids is the order of inquiries. SQLite: FTS5 over our own tokens, read backwards. PostgreSQL: GIN,
which has no order; there an entry also holds the blocks of numbers that it is in, and a search asks for block after
block, larger ones further back.
"""

from collections.abc import AsyncIterator, Collection, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, event, false, func, inspect, text, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.store.search_tokens import Phrase, tokens
from gateway.store.tables import Customer, Inquiry, Message

MESSAGE_BITS = 32  # of an entry's id; above them the inquiry's number
HIGHEST_NUMBER = 1 << 30  # the numbers of addresses have nine digits
BLOCKS = (13, 16, 19, 22, 25, 28)  # sizes, in bits of the number; each is eight of the one before
ONE_BY_ONE = 300  # inquiries that SQLite is asked about singly; of more it reads what lies between them
FIRST_PAGE, LARGEST_PAGE = 64, 4096  # entries asked for at once: more when the first did not suffice

_INSERT = {
    "sqlite": text("INSERT INTO search_entry (rowid, tokens) VALUES (:id, :tokens)"),
    "postgresql": text("INSERT INTO search_entry (id, tokens) VALUES (:id, CAST(CAST(:tokens AS text) AS tsvector))"),
}
_FIND = {
    "sqlite": text(
        "SELECT rowid FROM search_entry WHERE search_entry MATCH :query AND rowid < :below"
        " ORDER BY rowid DESC LIMIT :limit"
    ),
    # OFFSET 0: what the index of words finds is sorted. The planner would else walk all ids backwards, word or not.
    "postgresql": text(
        "SELECT id FROM (SELECT id FROM search_entry WHERE tokens @@ CAST(CAST(:query AS text) AS tsquery)"
        " AND id < :below OFFSET 0) AS found ORDER BY id DESC LIMIT :limit"
    ),
}
_AMONG = {
    "sqlite": text(
        "SELECT DISTINCT rowid >> 32 FROM search_entry WHERE search_entry MATCH :query"
        " AND rowid BETWEEN :lowest AND :highest AND (rowid >> 32) IN (SELECT value FROM json_each(:numbers))"
    ),
    "sqlite, one by one": text(
        "SELECT value FROM json_each(:numbers) WHERE EXISTS (SELECT 1 FROM search_entry WHERE search_entry MATCH :query"
        " AND rowid BETWEEN value << 32 AND (value + 1 << 32) - 1)"
    ),
    "postgresql": text(
        "SELECT number FROM unnest(CAST(:numbers AS bigint[])) AS number WHERE EXISTS (SELECT 1 FROM search_entry"
        " WHERE id >= number << 32 AND id < (number + 1) << 32"
        " AND tokens @@ CAST(CAST(:query AS text) AS tsquery))"
    ),
}
_FORGET = {
    "sqlite": text("DELETE FROM search_entry WHERE rowid BETWEEN :lowest AND :highest"),
    "postgresql": text("DELETE FROM search_entry WHERE id BETWEEN :lowest AND :highest"),
}

_CHANGES = text("SELECT total_changes()")
_JOIN = text("INSERT INTO search_entry (search_entry, rank) VALUES ('merge', :pages)")


def tagged(tag: str) -> Phrase:
    """What the entry of an inquiry with this tag, in any case, holds."""
    return Phrase((f"_t{tag.casefold().encode('utf-8', 'surrogatepass').hex()}",), is_prefix=False)


async def holding(
    session: AsyncSession, store_id: int, wanted: Sequence[Phrase], below: int = HIGHEST_NUMBER
) -> AsyncIterator[list[int]]:
    """The numbers under `below` of the store's inquiries with one mail that holds every phrase, the highest first, page
    by page."""
    connection = await session.connection()
    dialect = connection.dialect.name
    of_store = select(func.max(Inquiry.number)).where(Inquiry.store_id == store_id, col(Inquiry.number) < below)
    highest = (await session.exec(of_store)).one()
    if highest is None:
        return
    below, size = highest + 1, FIRST_PAGE
    for query in _queries(dialect, store_id, wanted, below):
        top = below
        while True:
            values = {"query": query, "below": top << MESSAGE_BITS, "limit": size}
            ids = (await connection.execute(_FIND[dialect], values)).scalars().all()
            if numbers := list(dict.fromkeys(entry >> MESSAGE_BITS for entry in ids)):
                yield numbers
                top = numbers[-1]
            if len(ids) < size:
                break
            size = min(size * 4, LARGEST_PAGE)


async def among(session: AsyncSession, wanted: Sequence[Phrase], numbers: Collection[int]) -> set[int]:
    """Which of these inquiries hold every phrase in one mail."""
    if not numbers:
        return set()
    connection = await session.connection()
    if connection.dialect.name == "postgresql":
        values: dict[str, object] = {"query": _all(wanted), "numbers": list(numbers)}
        return set((await connection.execute(_AMONG["postgresql"], values)).scalars())
    values = {"query": _phrases(wanted), "numbers": str(list(numbers))}
    if len(numbers) <= ONE_BY_ONE:
        return set((await connection.execute(_AMONG["sqlite, one by one"], values)).scalars())
    values |= {"lowest": _lowest(min(numbers)), "highest": _highest(max(numbers))}
    return set((await connection.execute(_AMONG["sqlite"], values)).scalars())


async def forget(session: AsyncSession, number: int) -> None:
    """The inquiry's entries go; those of its messages that are still there come back with the next `index_some`."""
    connection = await session.connection()
    ends = {"lowest": _lowest(number), "highest": _highest(number)}
    await connection.execute(_FORGET[connection.dialect.name], ends)
    await session.exec(update(Message).where(col(Message.inquiry_number) == number).values(searchable=False))


async def forget_for_good(session: AsyncSession, pages: int, *, first: bool) -> bool:
    """SQLite: its index only marks what was forgotten, until its parts are joined: joins about so many pages of them.
    False when all is joined. PostgreSQL's autovacuum does the like by itself."""
    connection = await session.connection()
    if connection.dialect.name != "sqlite":
        return False
    before = (await connection.execute(_CHANGES)).scalar_one()
    await connection.execute(_JOIN, {"pages": -pages if first else pages})  # fts5: a negative number begins with all
    return bool((await connection.execute(_CHANGES)).scalar_one() - before >= 2)


async def is_behind(session: AsyncSession) -> bool:
    """Whether messages wait for `index_some`."""
    waiting = select(Message.id).where(col(Message.searchable) == false()).limit(1)
    return (await session.exec(waiting)).first() is not None


async def index_some(session: AsyncSession, most: int) -> int:
    """Adds messages that are not in the index yet, the newest first: those of before it was there, or of an older node.
    Returns how many."""
    waiting = (
        select(Message.id)
        .where(col(Message.searchable) == false())
        .order_by(col(Message.id).desc())
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    ids = [number for number in await session.exec(waiting) if number is not None]
    if ids:
        connection = await session.connection()
        await connection.run_sync(_write, _documents().where(col(Message.id).in_(ids)))
        await connection.run_sync(_write_tags, col(Inquiry.number).in_(_inquiries(ids)))
        await session.exec(update(Message).where(col(Message.id).in_(ids)).values(searchable=True))
    return len(ids)


def _inquiries(message_ids: list[int]) -> Any:
    return select(Message.inquiry_number).where(col(Message.id).in_(message_ids))


@event.listens_for(Message, "after_insert")
def _added(_mapper: object, connection: Connection, message: Message) -> None:
    _write(connection, _documents().where(col(Message.id) == message.id))


@event.listens_for(Inquiry, "after_insert")
@event.listens_for(Inquiry, "after_update")
def _changed(_mapper: object, connection: Connection, inquiry: Inquiry) -> None:
    if inspect(inquiry).attrs.tags.history.has_changes():
        _write_tags(connection, col(Inquiry.number) == inquiry.number)


def _documents() -> Any:
    return (
        select(  # type: ignore[call-overload]
            Message.id,
            Message.inquiry_number,
            Inquiry.store_id,
            Message.subject,
            Message.text,
            Inquiry.product_code,
            Inquiry.order_number,
            Inquiry.title,
            Customer.name,
        )
        .join(Inquiry, col(Inquiry.number) == col(Message.inquiry_number))
        .join(Customer, col(Customer.id) == col(Inquiry.customer_id))
    )


def _write(connection: Connection, which: Any) -> None:
    """Adds the entries of messages; `which` is a selection of documents."""
    dialect = connection.dialect.name
    rows = [
        {
            "id": number << MESSAGE_BITS | message,
            "tokens": _entry(dialect, store_id, number, "\n\n".join(filter(None, dict.fromkeys(words)))),
        }
        for message, number, store_id, *words in connection.execute(which)
    ]
    connection.execute(_INSERT[dialect], rows)


def _write_tags(connection: Connection, which: Any) -> None:
    """Replaces the entries of inquiries' tags; `which` is a condition."""
    dialect = connection.dialect.name
    found = select(Inquiry.number, Inquiry.store_id, Inquiry.tags).where(which)
    for number, store_id, tags in connection.execute(found).all():
        if number is not None:
            key = _lowest(number)
            connection.execute(_FORGET[dialect], {"lowest": key, "highest": key})
            names = [f"'{name}'" if dialect != "sqlite" else name for tag in tags for name in tagged(tag).tokens]
            if names:
                values = {"id": key, "tokens": " ".join([_places(dialect, store_id, number), *names])}
                connection.execute(_INSERT[dialect], values)


def _entry(dialect: str, store_id: int, number: int, words: str) -> str:
    if dialect == "sqlite":
        return " ".join([_places(dialect, store_id, number), *tokens(words)])
    at: dict[str, list[int]] = {}
    for place, token in enumerate(tokens(words), 1):
        at.setdefault(token, []).append(place)
    found = [f"'{token}':{','.join(map(str, places))}" for token, places in at.items()]
    return " ".join([_places(dialect, store_id, number), *found])


def _places(dialect: str, store_id: int, number: int) -> str:
    """Where an inquiry is: its store, and for PostgreSQL its blocks."""
    blocks = BLOCKS if dialect == "postgresql" else ()
    return " ".join([_store(store_id), *(_block(store_id, bits, number >> bits) for bits in blocks)])


def _queries(dialect: str, store_id: int, wanted: Sequence[Phrase], below: int) -> Iterator[str]:
    """One question after the other, for ever older inquiries; together they are the whole store's."""
    if dialect == "sqlite":
        yield f'"{_store(store_id)}" AND {_phrases(wanted)}'
        return
    for bits, blocks in _blocks(below - 1):
        names = " | ".join(_block(store_id, bits, block) for block in blocks)
        yield f"({names}) & {_all(wanted)}"


def _blocks(highest: int) -> Iterator[tuple[int, range]]:
    """Blocks that cover the numbers from `highest` down to 0, the highest first: its own, then at each size those that
    are left of the next larger one."""
    block = highest >> BLOCKS[0]
    yield BLOCKS[0], range(block, block + 1)
    for bits in BLOCKS:
        first = block & ~7 if bits != BLOCKS[-1] else 0
        if first < block:
            yield bits, range(first, block)
        block >>= 3


def _phrases(wanted: Sequence[Phrase]) -> str:
    """The phrases as FTS5's query."""
    return " AND ".join(f'"{" ".join(phrase.tokens)}"{" *" if phrase.is_prefix else ""}' for phrase in wanted)


def _all(wanted: Sequence[Phrase]) -> str:
    """The phrases as PostgreSQL's tsquery."""
    return " & ".join(
        "({})".format(" <-> ".join(f"'{token}'" for token in phrase.tokens) + (":*" if phrase.is_prefix else ""))
        for phrase in wanted
    )


def _store(store_id: int) -> str:
    return f"_{store_id}"


def _block(store_id: int, bits: int, block: int) -> str:
    return f"_{store_id}_{bits}_{block}"


def _lowest(number: int) -> int:
    return number << MESSAGE_BITS


def _highest(number: int) -> int:
    return (number + 1 << MESSAGE_BITS) - 1
