"""Products and orders from CSV files: whole or not at all, with the line of the first mistake."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.store.tables import Order, Product
from tests.cli.conftest import Cli

PRODUCTS = "product_code,product_name,product_category,product_page\n"
ORDERS = "order_number,cart_number,product_code,ordered_at,country,store\n"


def written(cli: Cli, text: str, encoding: str = "utf-8") -> str:
    file = cli.folder / "goods.csv"
    file.write_bytes(text.encode(encoding))
    return str(file)


def products(cli: Cli) -> list[Product]:
    async def work(session: AsyncSession) -> list[Product]:
        return list((await session.exec(select(Product).order_by(col(Product.id)))).all())

    return cli.write(work)


def orders(cli: Cli) -> list[Order]:
    async def work(session: AsyncSession) -> list[Order]:
        return list((await session.exec(select(Order).order_by(col(Order.id)))).all())

    return cli.write(work)


def test_products_are_added_and_then_changed(shop: Cli) -> None:
    first = PRODUCTS + "598405570,セーター,婦人服,https://shop.example/p/1\nX-2,帽子,,\n"
    assert shop("product", "import", written(shop, first)).stdout == "2 new, 0 changed\n"
    second = PRODUCTS + '598405570,"セーター, 赤",婦人服,https://shop.example/p/1\nX-3,靴,,\n'
    assert shop("product", "import", written(shop, second)).stdout == "1 new, 1 changed\n"
    assert [(product.code, product.name) for product in products(shop)] == [
        ("598405570", "セーター, 赤"),
        ("X-2", "帽子"),
        ("X-3", "靴"),
    ]


def test_the_same_code_may_be_one_stores_and_any_stores(shop: Cli) -> None:
    text = PRODUCTS.strip() + ",store\nX-1,いずれの店,,,\nX-1,この店,,,testshop\n"
    for counted in ("2 new, 0 changed\n", "0 new, 2 changed\n"):
        assert shop("product", "import", written(shop, text)).stdout == counted
    assert [(product.name, product.store_id is None) for product in products(shop)] == [
        ("いずれの店", True),
        ("この店", False),
    ]


def test_a_sheet_saved_on_windows_is_read(shop: Cli) -> None:
    text = (PRODUCTS + "X-1,帽子,,\n\n").replace("\n", "\r\n")
    shop("product", "import", written(shop, text, "utf-8-sig"))
    assert products(shop)[0].code == "X-1"


def test_a_value_may_span_lines_and_errors_still_name_the_right_one(shop: Cli) -> None:
    text = PRODUCTS + 'X-1,"帽子\n(赤)",,\nX-1,靴,,\n'
    assert "goods.csv:4: X-1 stands on line 3 already" in shop("product", "import", written(shop, text), code=2).stderr


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "goods.csv:1: has no column product_code"),
        ("product_code,product_name\n", "goods.csv:1: has no column product_category"),
        (PRODUCTS.strip() + ",price\n", "goods.csv:1: has an unknown column 'price'"),
        (PRODUCTS.strip() + ",product_code\n", "goods.csv:1: has a column twice"),
        (PRODUCTS + "X-1,帽子,,\nX-2,靴\n", "goods.csv:3: has 2 values, the header 4"),
        (PRODUCTS + ",帽子,,\n", "goods.csv:2: product_code must be 1 to 64 characters"),
        (PRODUCTS + "X 1,帽子,,\n", "goods.csv:2: product_code must be 1 to 64 characters"),
        (PRODUCTS + f"X-1,{'帽' * 2001},,\n", "goods.csv:2: a value is over 2000 characters"),
        (PRODUCTS + "X-1,帽子,,javascript:alert(1)\n", "goods.csv:2: product_page must be an http(s) address"),
        (PRODUCTS + 'X-1,"帽子,,\n', "is no CSV"),
        (
            PRODUCTS.strip() + ",store\nX-1,帽子,,,testshpo\n",
            "goods.csv:2: there is no store 'testshpo'; did you mean testshop?",
        ),
    ],
)
def test_a_mistake_imports_nothing_and_is_named(shop: Cli, text: str, message: str) -> None:
    assert message in shop("product", "import", written(shop, text), code=2).stderr
    assert products(shop) == []


def test_a_mistake_far_down_leaves_nothing_behind(shop: Cli) -> None:
    text = PRODUCTS + "".join(f"X-{number},帽子,,\n" for number in range(1200)) + ",靴,,\n"
    assert "goods.csv:1202:" in shop("product", "import", written(shop, text), code=2).stderr
    assert products(shop) == []


def test_a_file_that_is_not_utf8_is_named_with_its_line(shop: Cli) -> None:
    result = shop("product", "import", written(shop, PRODUCTS + "X-1,帽子,,\n", "cp932"), code=2)
    assert "goods.csv:2: is not UTF-8" in result.stderr


def test_a_missing_file_is_named(shop: Cli) -> None:
    assert "nothing.csv cannot be read" in shop("product", "import", "nothing.csv", code=2).stderr


def test_orders_are_added_and_changed_with_the_stores_time(shop: Cli) -> None:
    text = ORDERS + "20261120001,C-9,X-1,2026/11/20 14:03,jp,testshop\n20261120002,,,2026-11-20T05:03:00Z,,testshop\n"
    assert shop("order", "import", written(shop, text)).stdout == "2 new, 0 changed\n"
    assert shop("order", "import", written(shop, text)).stdout == "0 new, 2 changed\n"
    first, second = orders(shop)
    assert first.ordered_at == second.ordered_at == datetime(2026, 11, 20, 5, 3, tzinfo=UTC)
    assert (first.number, first.cart_number, first.product_code, first.country) == ("20261120001", "C-9", "X-1", "JP")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("1,,,2026-11-20,JP,", "there is no store ''"),
        (",,,2026-11-20,JP,testshop", "order_number must be"),
        ("1,,,yesterday,JP,testshop", "ordered_at must be a time"),
        ("1,,,2026-11-20,Japan,testshop", "country must be two letters"),
    ],
)
def test_an_orders_mistake_is_named(shop: Cli, line: str, message: str) -> None:
    assert f"goods.csv:2: {message}" in shop("order", "import", written(shop, ORDERS + line + "\n"), code=2).stderr
    assert orders(shop) == []


def test_many_rows_fit_in_one_transaction(shop: Cli, tmp_path: Path) -> None:
    text = PRODUCTS + "".join(f"X-{number},帽子,,\n" for number in range(2001))
    assert shop("product", "import", written(shop, text)).stdout == "2001 new, 0 changed\n"
    assert shop("product", "import", written(shop, text)).stdout == "0 new, 2001 changed\n"
