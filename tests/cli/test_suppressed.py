"""Dead addresses, as the operator finds and frees them."""

from datetime import UTC, datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.store import suppressions
from tests.cli.conftest import Cli


def test_a_dead_address_is_listed_and_sent_to_again(shop: Cli) -> None:
    async def found_dead(session: AsyncSession) -> None:
        for address in ("A@shop.example", "hanako@customer.example"):
            await suppressions.add(session, address, "1" * 18, "550 5.1.1 unknown", datetime.now(UTC))

    assert shop.json("suppressed", "list") == []
    shop.write(found_dead)
    listed = shop.json("suppressed", "list")
    assert sorted(row["address"] for row in listed) == ["a@shop.example", "hanako@customer.example"]
    assert {(row["mail"], row["reply"]) for row in listed} == {("1" * 18, "550 5.1.1 unknown")}
    assert "550 5.1.1 unknown" in shop("suppressed", "list").stdout
    shop("suppressed", "remove", "Hanako@Customer.example")
    shop("suppressed", "remove", "hanako@customer.example", code=1)
    shop("store", "add", "another", "--title", "別の店", "--seller", "b@shop.example")
    shop("seller", "add", "another", "a@shop.example")  # whoever registers it believes that it lives
    assert shop.json("suppressed", "list") == []


def test_status_names_a_sellers_dead_address(keyed: Cli) -> None:
    async def found_dead(session: AsyncSession) -> None:
        for address in ("A@shop.example", "hanako@customer.example"):
            await suppressions.add(session, address, "1" * 18, "550 5.1.1 unknown", datetime.now(UTC))

    assert keyed.json("status")["attention"] == []
    keyed.write(found_dead)
    [line] = keyed.json("status", code=1)["attention"]
    assert line.startswith("nothing is sent to a seller's address") and "a@shop" not in line
