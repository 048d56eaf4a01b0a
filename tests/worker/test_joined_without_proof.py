"""A11: a mail that joins an inquiry in the customer's name without a proof is marked, where earlier ones had one."""

import pytest
from sqlalchemy import update
from sqlmodel import col

from gateway.rules.ruleset import RuleSet
from gateway.store.database import Database
from gateway.store.tables import Outbox, Seller
from tests.worker.hands import COLLEAGUE, CUSTOMER, SELLER, Desk, open_shop, shop

MARK = "【送信者を確認できていません】"


@pytest.fixture
async def desk(database: Database) -> Desk:
    await open_shop(database)
    return Desk(database)


async def answered(desk: Desk, *, authenticated: bool = True) -> str:
    """An inquiry that a seller answered; the customer's address of it."""
    await desk.gets("いつ発送されますか。", sender=CUSTOMER, to=shop(), authenticated=authenticated)
    await desk.gets("明日発送します。", sender=SELLER, to=(await last(desk)).from_address)
    return (await desk.sent("answer"))[-1].from_address


async def last(desk: Desk, seller: str = SELLER) -> Outbox:
    return (await desk.sent("notification", seller))[-1]


async def test_a_forged_mail_in_an_inquiry_of_a_customer_who_proved_who_wrote_has_one_line(desk: Desk) -> None:
    side = await answered(desk)
    assert MARK not in (await last(desk)).text
    for _ in range(2):  # the first does not make the second an ordinary one
        await desk.gets("送り先を変えてください。", sender=CUSTOMER, to=side, authenticated=False)
        told = await last(desk)
        assert told.text.startswith(MARK)
        assert told.text.count(MARK) == 1
        assert "送り先を変えてください。" in told.text
    await desk.gets("まだですか。", sender=CUSTOMER, to=side)
    assert MARK not in (await last(desk)).text
    await desk.gets("まだですか。", sender=SELLER, to=(await last(desk)).from_address)
    assert {row.to_address for row in await desk.sent("answer")} == {CUSTOMER}


async def test_a_seller_who_reads_english_has_it_in_english(desk: Desk) -> None:
    async with desk.database.write() as session:
        await session.exec(update(Seller).where(col(Seller.address) == COLLEAGUE).values(language="en"))
    await desk.gets("変えてください。", sender=CUSTOMER, to=await answered(desk), authenticated=False)
    assert "[Sender not verified] Unlike this customer's earlier mails" in (await last(desk, COLLEAGUE)).text


async def test_customers_who_never_prove_who_writes_are_not_marked(desk: Desk) -> None:
    side = await answered(desk, authenticated=False)
    await desk.gets("ありがとうございます。", sender=CUSTOMER, to=side, authenticated=False)
    assert MARK not in (await last(desk)).text


async def test_a_mail_from_another_address_has_its_own_mark_alone(desk: Desk) -> None:
    side = await answered(desk)
    await desk.gets("わたしです。", sender="evil@other.example", to=side, authenticated=False)
    told = await last(desk)
    assert "別のアドレスから届きました" in told.text
    assert MARK not in told.text
    await desk.gets("別人のあとです。", sender=CUSTOMER, to=side, authenticated=False)
    assert MARK in (await last(desk)).text


async def test_a_long_mail_does_not_hide_it(desk: Desk) -> None:
    side = await answered(desk)
    await desk.gets("変えてください。\n" * 60_000, sender=CUSTOMER, to=side, authenticated=False)
    told = await last(desk)
    assert "【長文のため、途中まで表示しています】" in told.text
    assert MARK in told.text


async def test_it_stays_where_rules_look_at_the_mail_or_it_becomes_an_inquiry_of_its_own(
    database: Database, shipped: RuleSet
) -> None:
    await open_shop(database)
    desk = Desk(database, shipped)
    side = await answered(desk)
    await desk.gets("ありがとうございました。", sender=CUSTOMER, to=side, authenticated=False)
    assert MARK in (await last(desk)).text
    await desk.gets("#別件", sender=SELLER, to=(await last(desk)).from_address)
    told = await last(desk)
    assert told.inquiry_number == 2
    assert "ありがとうございました。" in told.text
