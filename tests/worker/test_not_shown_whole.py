"""A15: a mail whose content cannot be shown says so to the seller, with the mail as it came, and never "no text"."""

import pytest

from gateway.mail.body import NOT_READ, SHORTENED
from gateway.mail.parse import parse
from gateway.store.database import Database
from gateway.texts import Texts
from tests.mail.test_bounds import BOMBS, nested
from tests.worker.hands import CUSTOMER, SELLER, Desk, open_shop, shop

MARK, EMPTY = "【読めないメール】", Texts("ja")("notification.empty")


@pytest.fixture
async def desk(database: Database) -> Desk:
    await open_shop(database)
    return Desk(database)


def deep(**fields: str) -> bytes:
    """2,000 levels of multipart."""
    head = {"From": CUSTOMER, "To": shop(), "Message-ID": "<deep@customer.example>"} | fields
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in head.items())
    return lines.encode() + nested(2000).partition(b"\r\n")[2]


async def test_a_mail_of_2000_levels_is_told_to_be_unreadable_and_goes_along_as_it_came(desk: Desk) -> None:
    mail = await desk.gets_raw(deep(), sender=CUSTOMER, to=shop())
    (told,) = await desk.sent("notification", SELLER)
    assert MARK in told.text
    assert "届いたままのメールを添付しています" in told.text
    assert EMPTY not in told.text
    assert told.raw_of == mail.queue_id


async def test_one_that_joins_an_inquiry_or_has_another_mark_says_so_too(desk: Desk) -> None:
    await desk.gets("いつ発送されますか。", sender=CUSTOMER, to=shop())
    await desk.gets("確認します。", sender=SELLER, to=(await desk.sent("notification", SELLER))[0].from_address)
    side = (await desk.sent("answer"))[0].from_address
    await desk.gets_raw(deep(To=side), sender=CUSTOMER, to=side)
    await desk.gets_raw(deep(To=side, From="other@customer.example"), sender="other@customer.example", to=side)
    _, same, other = await desk.sent("notification", SELLER)
    assert MARK in same.text
    assert "別のアドレスから届きました" in other.text
    for told in (same, other):
        assert "添付のメールをご覧ください" in told.text
        assert EMPTY not in told.text
        assert told.raw_of


async def test_its_subject_is_no_question_on_a_products_page(desk: Desk) -> None:
    page = shop().replace("@", "+p12345@")
    await desk.gets_raw(deep(To=page), sender=CUSTOMER, to=page)
    (told,) = await desk.sent("notification", SELLER)
    assert MARK in told.text
    assert "商品ページにはまだ表示していません" not in told.text


@pytest.mark.parametrize("bound", BOMBS)
def test_a15_over_a_bound_it_is_always_said_whether_a_beginning_or_nothing_is_read(bound: str) -> None:
    mail = parse(BOMBS[bound])
    assert mail.defects[-1] == (SHORTENED if mail.text or bound == "too many lines" else NOT_READ)
