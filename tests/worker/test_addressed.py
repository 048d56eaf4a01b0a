"""A seller's or customer's true mail, written to somebody else and handed in here (A09): whoever was sent it has it."""

from typing import Any

import pytest
from sqlmodel import col, select

from gateway.store.public_tables import Publication
from gateway.store.states import Origin
from tests.worker.hands import CUSTOMER, DOMAIN, SELLER, Desk, shop

FRIEND = "friend@elsewhere.example"
DESK = f"desk@{DOMAIN}"


@pytest.fixture
async def addresses(desk: Desk) -> list[str]:
    """Of two inquiries, the seller's side."""
    for number in (1, 2):
        await desk.gets(f"質問その{number}です。", sender=f"c{number}@customer.example", to=shop(), Subject="質問")
    return [letter.from_address for letter in await desk.sent("notification", SELLER)]


async def test_a09_a_sellers_mail_to_somebody_else_is_asked_about(desk: Desk, addresses: list[str]) -> None:
    await desk.gets("値引きしますので、ご検討ください。", sender=SELLER, to=addresses[0], To=FRIEND)
    assert not await desk.sent("answer")
    (asked,) = await desk.sent("confirmation", SELLER)
    assert "宛先（To・Cc）" in asked.text
    assert "値引きしますので" in asked.text


async def test_a09_a_sellers_answer_to_another_inquiry_is_asked_about(desk: Desk, addresses: list[str]) -> None:
    await desk.gets("二番の方へのお返事です。", sender=SELLER, to=addresses[0], To=addresses[1])
    assert not await desk.sent("answer")
    assert await desk.sent("confirmation", SELLER)


async def test_a09_a_command_in_a_mail_to_somebody_else_does_nothing_yet(desk: Desk, addresses: list[str]) -> None:
    was = (await desk.inquiry()).status
    await desk.gets("#完了", sender=SELLER, to=addresses[0], To=FRIEND)
    assert (await desk.inquiry()).status is was


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"To": FRIEND, "Cc": "{own}"}, id="a copy to the inquiry"),
        pytest.param({"To": "{other}, {own}"}, id="to both inquiries"),
        pytest.param({"To": "お客様 <{own_in_capitals}>"}, id="its name in capitals"),
        pytest.param({"To": "q1-s-abcdefghijklmnopqrstuvwx@old.example"}, id="an older domain of ours"),
        pytest.param({"To": "undisclosed-recipients:;"}, id="nobody named"),
    ],
)
async def test_a_sellers_mail_that_names_the_inquiry_or_nobody_is_sent(
    desk: Desk, addresses: list[str], fields: dict[str, str]
) -> None:
    own, other = addresses
    named: dict[str, Any] = {
        key: value.format(own=own, other=other, own_in_capitals=own.upper()) for key, value in fields.items()
    }
    await desk.gets("明日発送します。", sender=SELLER, to=own, **named)
    (answer,) = await desk.sent("answer", "c1@customer.example")
    assert "明日発送します。" in answer.text


@pytest.mark.parametrize(
    ("signed", "to", "cc"),
    [
        pytest.param("from:subject:to", FRIEND, "{own}", id="a Cc that is added"),
        pytest.param("from:subject:to:cc", FRIEND, None, id="to a friend"),
        pytest.param("from:subject:cc", "{own}", FRIEND, id="a To that is added"),
        pytest.param("from:subject:to", DESK, None, id="to the desk"),
        pytest.param("from:subject:to", None, None, id="a blind copy"),
        pytest.param("from:subject:to", "undisclosed-recipients:;", None, id="nobody named"),
        pytest.param("from:subject", FRIEND, "{own}", id="a Cc where nothing is covered"),
    ],
)
async def test_a09_what_a_signature_does_not_cover_names_nobody(
    desk: Desk, addresses: list[str], signed: str, to: str | None, cc: str | None
) -> None:
    await desk.gets_raw(signed_mail(signed, addresses[0], to, cc), sender=SELLER, to=addresses[0])
    assert not await desk.sent("answer")
    assert await desk.sent("confirmation", SELLER)


@pytest.mark.parametrize("signed", ["from:subject:to", "from:subject:to:cc", "from:subject"])
async def test_a_reply_to_the_inquiry_is_sent_whichever_recipients_its_provider_signs(
    desk: Desk, addresses: list[str], signed: str
) -> None:
    await desk.gets_raw(signed_mail(signed, addresses[0], "{own}", None), sender=SELLER, to=addresses[0])
    assert await desk.sent("answer")


def signed_mail(signed: str, own: str, to: str | None, cc: str | None) -> bytes:
    """As a relay hands in what it has verified; another signature that proves nothing is there, too."""
    fields = {
        "Authentication-Results": "mx.example.jp; dmarc=pass header.from=shop.example",
        "DKIM-Signature": f"v=1; a=rsa-sha256; d=shop.example; s=k; h={signed};\r\n b=x",
        "From": SELLER,
        "To": to,
        "Cc": cc,
        "Subject": "Re: question",
        "Message-ID": "<signed@shop.example>",
        "Content-Type": "text/plain; charset=utf-8",
    }
    other = "DKIM-Signature: v=1; a=rsa-sha256; d=shop.example; s=other; h=from:to:cc:subject; b=y\r\n"
    head = other + "".join(f"{name}: {value.format(own=own)}\r\n" for name, value in fields.items() if value)
    return f"{head}\r\n明日発送します。".encode()


async def test_a09_a_sellers_mail_to_somebody_else_asks_nothing_of_the_desk(desk: Desk, addresses: list[str]) -> None:
    row = await desk.gets("一覧", sender=SELLER, to=DESK, To=FRIEND, Subject="一覧")
    assert [account["why"] for account in row.outcome or []] == ["desk: written to others"]
    assert not await desk.sent("list")
    await desk.gets("一覧", sender=SELLER, to=DESK, Subject="一覧")
    assert len(await desk.sent("list", SELLER)) == 1


@pytest.mark.parametrize(("to", "waits"), [(FRIEND, "sender"), (f"testshop+pa-1@{DOMAIN}", None)])
async def test_a09_a_customers_private_mail_does_not_reach_the_products_page(
    desk: Desk, to: str, waits: str | None
) -> None:
    await desk.gets("この色はまだありますか。", sender=CUSTOMER, to=f"testshop+pa-1@{DOMAIN}", To=to, Subject="色")
    assert (await desk.inquiry()).origin is Origin.PRODUCT_PAGE
    async with desk.database.read() as session:
        assert (await session.exec(select(col(Publication.waits)))).all() == [waits]
