"""Stores, sellers and staff, as the operator keeps them."""

from datetime import UTC, datetime

import pytest
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.store.tables import Customer, Seller
from tests.cli.conftest import Cli


def test_a_store_is_added_with_its_sellers_and_listed(cli: Cli) -> None:
    words = ("--title", "テストショップ", "--seller", "a@shop.example", "--seller", "B@Shop.Example")
    assert "testshop@q.example.jp" in cli("store", "add", "testshop", *words).stdout
    [store] = cli.json("store", "list")
    assert store["name"] == "testshop"
    assert store["title"] == "テストショップ"
    assert store["language"] == "ja"
    assert store["sellers"] == ["a@shop.example", "B@shop.example"]
    assert store["hold"] == "0s"
    table = cli("store", "list").stdout
    shown = ("テストショップ", "hours", store["hours"], "digest_at", store["digest_at"], "auto_notice", "--json")
    assert [word for word in shown if word not in table] == []


def test_empty_listings_are_empty_arrays(cli: Cli) -> None:
    for group in ("store", "seller", "staff", "inquiry", "mail", "outbox"):
        assert cli.json(group, "list") == []


def test_the_same_seller_named_twice_is_one(cli: Cli) -> None:
    words = ("--title", "T", "--seller", "a@shop.example", "--seller", "A@shop.example")
    cli("store", "add", "testshop", *words)
    assert len(cli.json("seller", "list")) == 1


@pytest.mark.parametrize("name", ["q1042-s-abc", "desk", "postmaster", "Über", "a+b", "-a", ""])
def test_a_name_that_looks_like_another_address_is_refused(cli: Cli, name: str) -> None:
    cli("store", "add", "--title", "T", "--seller", "a@shop.example", "--", name, code=2)
    assert cli.json("store", "list") == []


@pytest.mark.parametrize("address", ["nobody", "a b@shop.example", "a@shop.example\r\nRCPT TO:<x@y.example>"])
def test_a_seller_needs_a_mail_address_A03(cli: Cli, address: str) -> None:
    result = cli("store", "add", "testshop", "--title", "T", "--seller", address, code=2)
    assert "no mail address" in result.stderr


def test_a_seller_at_the_gateways_own_domain_would_be_a_loop_A13(cli: Cli) -> None:
    result = cli("store", "add", "testshop", "--title", "T", "--seller", "me@Q.example.jp", code=2)
    assert "gateway's own" in result.stderr


def test_a_store_is_not_added_twice(shop: Cli) -> None:
    result = shop("store", "add", "testshop", "--title", "T", "--seller", "a@shop.example", code=1)
    assert "already" in result.stderr


def test_settings_are_typed(shop: Cli) -> None:
    shop(
        "store",
        "set",
        "testshop",
        "hold=3m",
        "receipts=off",
        "subject_prefix=[Re] ",
        "max_chars=500",
        "digest_at=08:30",
        "hours=mon-fri 09:00-12:00,13:00-18:00; sat 10:00-15:00",
        "closed_days=2026-12-29..2027-01-03, wed",
        "auto_notice=digest",
    )
    [store] = shop.json("store", "list")
    assert store["hold"] == "3m"
    assert store["receipts"] is False
    assert store["subject_prefix"] == "[Re] "
    assert store["max_chars"] == 500
    assert store["digest_at"] == "08:30"
    assert store["hours"] == "mon-fri 09:00-12:00,13:00-18:00; sat 10:00-15:00"
    assert store["closed_days"] == "2026-12-29..2027-01-03, wed"
    assert store["auto_notice"] == "digest"
    assert store["title"] == "テストショップ"


@pytest.mark.parametrize(
    ("setting", "hint"),
    [
        ("holt=3m", "did you mean hold"),
        ("hold", "did you mean hold"),
        ("hold=3", "hold is a time such as"),
        ("hold=2d", "at most 1h"),
        ("receipts=yes", "on or off"),
        ("max_chars=0", "a number from 1"),
        ("timezone=Tokio", "an IANA time zone"),
        ("timezone=../Asia/Tokyo", "an IANA time zone"),
        ("digest_at=25:00", "a time of day"),
        ("hours=mon-fri 9-18", 'hours is always, or such as "mon-fri 09:00-12:00'),
        ("closed_days=newyear", "('newyear' is no date and no weekday), not 'newyear'"),
        ("auto_notice=on", "notice, digest or off"),
        ("title=", "one line"),
        ("subject_prefix=\nBcc: x", "one line"),
        ("language=xx", "no texts in 'xx'"),
    ],
)
def test_a_wrong_setting_says_what_is_right(shop: Cli, setting: str, hint: str) -> None:
    assert hint in shop("store", "set", "testshop", "title=changed", setting, code=2).stderr
    assert shop.json("store", "list")[0]["title"] == "テストショップ"


def test_setting_an_unknown_store_is_a_no(cli: Cli) -> None:
    assert "store list" in cli("store", "set", "nowhere", "hold=3m", code=1).stderr


def test_a_store_without_mail_is_removed_with_its_people(shop: Cli) -> None:
    assert "removed" in shop("store", "remove", "testshop").stdout
    assert shop.json("store", "list") == shop.json("seller", "list") == []


def test_a_store_with_mail_is_closed_and_can_be_opened_again(shop: Cli) -> None:
    async def work(session: AsyncSession) -> None:
        session.add(_customer())

    shop.write(work)
    assert "closed" in shop("store", "remove", "testshop").stdout
    assert shop.json("store", "list")[0]["active"] is False
    shop("store", "set", "testshop", "active=on")
    assert shop.json("store", "list")[0]["active"] is True


def _customer() -> Customer:
    address = "yamada@customer.example"
    return Customer(store_id=1, address=address, address_key=address, name="山田", created_at=datetime.now(UTC))


def test_sellers_come_and_go(shop: Cli) -> None:
    shop("seller", "add", "testshop", "b@shop.example", "--name", "鈴木", "--language", "en")
    assert shop.json("seller", "list", "--store", "testshop")[1] == {
        "store": "testshop",
        "address": "b@shop.example",
        "name": "鈴木",
        "language": "en",
    }
    shop("seller", "add", "testshop", "B@SHOP.example", code=1)
    shop("seller", "remove", "testshop", "B@shop.example")
    shop("seller", "remove", "testshop", "b@shop.example", code=1)
    assert len(shop.json("seller", "list")) == 1


def test_a_new_seller_is_to_be_welcomed_unless_the_operator_says_no(shop: Cli) -> None:
    shop("seller", "add", "testshop", "b@shop.example", "--no-welcome")
    shop("store", "add", "other", "--title", "他店", "--seller", "c@shop.example", "--no-welcome")

    async def waiting(session: AsyncSession) -> list[str]:
        return list(await session.exec(select(Seller.address).where(col(Seller.welcome_at).is_not(None))))

    assert shop.write(waiting) == ["a@shop.example"]


def test_a_carriers_odd_address_may_be_a_seller(shop: Cli) -> None:
    shop("seller", "add", "testshop", "a..b.@docomo.ne.jp")
    assert shop.json("seller", "list")[1]["address"] == "a..b.@docomo.ne.jp"


def test_staff_come_and_go(cli: Cli) -> None:
    cli("staff", "add", "cs@market.example", "--name", "CS Center")
    cli("staff", "add", "CS@market.example", code=1)
    assert cli.json("staff", "list") == [{"address": "cs@market.example", "name": "CS Center"}]
    cli("staff", "remove", "cs@market.example")
    cli("staff", "remove", "cs@market.example", code=1)
