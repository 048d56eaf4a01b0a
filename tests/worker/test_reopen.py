"""#要対応 where rules decided about several mails of one inquiry: the mail that is meant decides, on both databases."""

import pytest
from sqlmodel import col, select

from gateway.desk.privacy import without_signed_addresses
from gateway.rules.ruleset import RuleSet
from gateway.store.database import Database
from gateway.store.rule_tables import RuleDecision
from gateway.store.states import InquiryStatus
from gateway.store.tables import Outbox
from tests.worker.hands import CUSTOMER, SELLER, Desk, open_shop, shop

FIRST, SECOND = "届きました。ありがとうございました。", "ご丁寧にありがとうございます。"
REOPEN = "#要対応\nこのまま送信してください。Q-1 を「未回答」に戻します。お客様には何も送られません。"


@pytest.fixture
async def desk(database: Database, shipped: RuleSet) -> Desk:
    """An inquiry with two thank-yous after its answer: the first was answered, the second withheld."""
    await open_shop(database)
    desk = Desk(database, shipped)
    await desk.gets("いつ発送されますか。", sender=CUSTOMER, to=shop())
    await desk.gets("明日です。", sender=SELLER, to=(await desk.sent("notification", SELLER))[0].from_address)
    (answer,) = await desk.sent("answer")
    for text in (FIRST, SECOND):
        await desk.gets(text, sender=CUSTOMER, to=answer.from_address)
    return desk


async def undone(desk: Desk) -> list[bool]:
    """Of the two decisions, whether each is marked."""
    async with desk.database.read() as session:
        query = select(RuleDecision).where(col(RuleDecision.rule).is_not(None)).order_by(col(RuleDecision.message_id))
        return [one.undone_at is not None for one in (await session.exec(query)).all()]


def button(letter: Outbox) -> str:
    return letter.text.partition("mailto:")[2].split()[0]


@pytest.mark.parametrize("by", ["button", "reply", "reply to a reply", "held button", "held reply"])
async def test_reopen_acts_on_the_mail_that_its_notice_is_about(desk: Desk, by: str) -> None:
    first, second = await desk.sent("rule_notice", SELLER)

    async def reopens(notice: Outbox) -> None:
        known = "held" not in by
        if "button" in by:
            await desk.gets(REOPEN, sender=SELLER, to=button(notice), authenticated=known)
        elif by == "reply to a reply":
            named = f"{notice.message_id} <lost@shop.example>"
            await desk.gets(
                "#要対応", sender=SELLER, to=notice.from_address, In_Reply_To="<lost@shop.example>", References=named
            )
        else:
            to = notice.from_address
            await desk.gets("#要対応", sender=SELLER, to=to, authenticated=known, In_Reply_To=notice.message_id)
        if not known:
            held = (await desk.sent("confirmation", SELLER))[-1]
            if by == "#送信":
                await desk.gets("#送信", sender=SELLER, to=second.from_address)
            else:
                await desk.gets("", sender=SELLER, to=button(held), authenticated=False)

    await reopens(first)
    assert await undone(desk) == [True, False]
    assert FIRST in (await desk.sent("notification", SELLER))[-1].text
    await desk.gets("#完了", sender=SELLER, to=first.from_address)
    await reopens(first)
    assert await undone(desk) == [True, False]
    assert (await desk.inquiry()).status is InquiryStatus.DONE
    await reopens(second)
    assert await undone(desk) == [True, True]
    assert SECOND in (await desk.sent("notification", SELLER))[-1].text
    assert (await desk.inquiry()).status is InquiryStatus.UNANSWERED


async def test_reopen_without_a_mail_that_it_answers_takes_the_newest_that_is_not_undone(desk: Desk) -> None:
    inquiry, first = await desk.inquiry(), (await desk.sent("rule_notice", SELLER))[0]
    await desk.gets(REOPEN, sender=SELLER, to=desk.worker.office.address(inquiry, "reopen"))  # as of an older notice
    assert await undone(desk) == [False, True]
    await desk.gets("#要対応", sender=SELLER, to=first.from_address)
    assert await undone(desk) == [True, True]
    await desk.gets("#要対応", sender=SELLER, to=first.from_address)
    assert "すでに「要対応」に戻しています" in (await desk.sent("returned"))[-1].text


async def test_a_button_that_names_an_entry_of_which_no_rule_decided_undoes_nothing(desk: Desk) -> None:
    await desk.gets(REOPEN, sender=SELLER, to=desk.worker.office.address(await desk.inquiry(), "reopen1"))
    assert await undone(desk) == [False, False]
    assert "自動で処理したメールがありません" in (await desk.sent("returned"))[-1].text


async def test_the_customer_never_sees_the_address_of_a_button_that_a_seller_quotes(desk: Desk) -> None:
    notice = (await desk.sent("rule_notice", SELLER))[0]
    assert "-reopen" in button(notice)
    assert without_signed_addresses(f"要対応に戻す: {button(notice)}") == "要対応に戻す: …"
