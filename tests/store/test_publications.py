"""Whose product a code is, where the page's short path does not name the store."""

from sqlalchemy import update
from sqlmodel import col

from gateway.store import publications
from gateway.store.database import Database
from gateway.store.tables import Product, Store
from tests.worker.hands import CUSTOMER, DOMAIN, NOW, Desk, open_shop

CODE = "Z598405570"


async def asked(desk: Desk, store: str, code: str = CODE) -> None:
    await desk.gets("在庫はありますか。", sender=CUSTOMER, to=f"{store}+p{code}@{DOMAIN}")


async def owner(database: Database, code: str = CODE) -> str | None:
    async with database.read() as session:
        store = await publications.owner_of(session, code)
        return store.name if store else None


async def add(database: Database, *rows: Store | Product) -> None:
    async with database.write() as session:
        session.add_all(rows)


async def other_store(database: Database) -> Store:
    other = Store(name="othershop", title="ほかの店", created_at=NOW)
    await add(database, other)
    return other


async def test_a_question_to_another_store_does_not_empty_the_page_of_the_store_that_was_asked_first(
    database: Database,
) -> None:
    await open_shop(database)
    await other_store(database)
    desk = Desk(database)
    assert await owner(database) is None
    await asked(desk, "testshop")
    await asked(desk, "othershop", CODE.lower())
    assert await owner(database) == "testshop"
    assert await owner(database, CODE.lower()) == "testshop"


async def test_a_registered_product_is_its_stores_whoever_was_asked_first(database: Database) -> None:
    await open_shop(database)
    other = await other_store(database)
    desk = Desk(database)
    await asked(desk, "testshop")
    await add(database, Product(code=CODE, store_id=other.id))
    assert await owner(database) == "othershop"
    await add(database, Product(code=CODE, store_id=1))  # two sell it: no store's page is shown for the other's
    assert await owner(database) is None


async def test_a_product_of_any_store_or_of_one_that_closed_goes_by_the_first_question(database: Database) -> None:
    await open_shop(database)
    await other_store(database)
    desk = Desk(database)
    await add(database, Product(code=CODE, store_id=None))
    await asked(desk, "othershop")
    await asked(desk, "testshop")
    assert await owner(database) == "othershop"
    async with database.write() as session:
        await session.exec(update(Store).where(col(Store.name) == "othershop").values(active=False))
    assert await owner(database) == "testshop"
