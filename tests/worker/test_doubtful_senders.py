"""Who is asked whether a mail is theirs reads which address wrote it, and never a customer's, on both databases."""

import pytest

from gateway.mail.addresses import ADDRESS_LIMIT
from gateway.store.database import Database
from gateway.store.tables import Outbox
from tests.worker.hands import COLLEAGUE, CUSTOMER, SELLER, Desk, open_shop, shop

EVIL = "phone@evil.example"


@pytest.fixture
async def desk(database: Database) -> Desk:
    """A question that nobody has answered yet, and another customer's."""
    await open_shop(database)
    desk = Desk(database)
    await desk.gets("いつ発送されますか。", sender=CUSTOMER, to=shop())
    await desk.gets("サイズはありますか。", sender="jiro@customer.example", to=shop())
    return desk


async def asked(desk: Desk, text: str = "明日発送します。", **fields: str) -> Outbox:
    """The confirmation that came of a mail to the seller's address of the first inquiry."""
    to = (await desk.sent("notification", SELLER))[0].from_address
    sender = fields.pop("sender", EVIL)
    await desk.gets(text, sender=sender, to=to, authenticated=False, **fields)
    return (await desk.sent("confirmation", SELLER))[-1]


async def test_a_confirmation_names_the_unregistered_address_that_wrote(desk: Desk) -> None:
    letter = await asked(desk)
    for part in (letter.text, letter.html or ""):
        assert "差出人：phone@evil.example（登録されていません）" in part
    assert len(await desk.sent("confirmation", COLLEAGUE)) == 1


async def test_a_confirmation_names_the_sellers_own_address_that_nobody_vouched_for(desk: Desk) -> None:
    letter = await asked(desk, sender=SELLER)
    for part in (letter.text, letter.html or ""):
        assert f"差出人：{SELLER}（本人確認ができません）" in part
    assert not await desk.sent("confirmation", COLLEAGUE)
    letter = await asked(desk, "#送信", sender=SELLER)
    assert f"差出人：{SELLER}（本人確認ができません）" in letter.text


@pytest.mark.parametrize(
    "address",
    [
        CUSTOMER,
        "Hanako@CUSTOMER.example",
        "jiro@customer.example",
        "hana\u200bko@customer.example",
        f"{EVIL}, {CUSTOMER}",
    ],
)
async def test_a_confirmation_never_names_a_customers_address(desk: Desk, address: str) -> None:
    letter = await asked(desk, From=address)
    for part in (letter.text, letter.html or ""):
        assert "差出人：お客様のアドレス（登録されていません）" in part
        assert "customer.example" not in part.lower()


async def test_a_signed_address_as_the_sender_is_not_handed_on(desk: Desk) -> None:
    (ours,) = {row.from_address for row in await desk.sent("notification", COLLEAGUE) if row.inquiry_number == 1}
    letter = await asked(desk, From=ours.replace("-s-", "-c-"))
    assert "差出人：…（登録されていません）" in letter.text


async def test_what_an_address_may_hold_is_one_line_without_controls_and_of_bounded_length(desk: Desk) -> None:
    letter = await asked(desk, From='"<b>\u202e\u2066bad\x07\u2028"@evil.example')
    assert "差出人：" in letter.text
    line = next(line for line in letter.text.split("\n") if line.startswith("差出人："))
    assert line.isprintable()
    assert line.endswith("@evil.example（登録されていません）")
    assert "<b>" not in (letter.html or "")
    long = f"{'a' * 60}@{'b' * 60}.{'c' * 60}.{'d' * 60}.evil.example"
    assert len(long) < ADDRESS_LIMIT
    letter = await asked(desk, From=long)
    line = next(line for line in letter.text.split("\n") if line.startswith("差出人："))
    assert (len(line) < 130, "…" in line, line.endswith("d.evil.example（登録されていません）")) == (True, True, True)


async def test_an_answer_that_is_held_for_another_reason_names_no_sender(desk: Desk) -> None:
    await desk.gets(
        "確認しています。", sender=COLLEAGUE, to=(await desk.sent("notification", COLLEAGUE))[0].from_address
    )
    first = (await desk.sent("notification", SELLER))[0]
    await desk.gets("明日発送します。", sender=SELLER, to=first.from_address, In_Reply_To=first.message_id)
    (question,) = await desk.sent("question", SELLER)
    assert "差出人" not in question.text
