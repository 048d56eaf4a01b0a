"""A customer who writes while an answer waits in its hold window, on both databases."""

from datetime import timedelta

import pytest

from gateway.rules.ruleset import RuleSet
from gateway.store.database import Database
from gateway.store.states import InquiryStatus, OutboxState
from gateway.store.tables import Outbox
from tests.worker.hands import CUSTOMER, HOUR, NOW, SELLER, Desk, open_shop, shop

MINUTE = timedelta(minutes=1)


@pytest.fixture
async def desk(database: Database) -> Desk:
    """A shop with a hold window of three minutes, and an answer that waits in it."""
    await open_shop(database)
    desk = Desk(database)
    await desk.change(hold_seconds=180)
    await desk.gets("いつ発送されますか。", sender=CUSTOMER, to=shop())
    await desk.delivers()
    async with database.write() as session:
        (await session.get_one(type(await desk.inquiry()), 1)).remind_at = NOW + HOUR
    await desk.gets("#処理中\n#件名 発送について\n明日発送します。", sender=SELLER, to=await side(desk))
    return desk


async def side(desk: Desk) -> str:
    return (await desk.sent("notification", SELLER))[0].from_address


async def writes_again(desk: Desk) -> None:
    to = desk.worker.office.address(await desk.inquiry(), "c")
    await desk.gets("住所を間違えました。変更できますか。", sender=CUSTOMER, to=to)


def button(letter: Outbox) -> str:
    return letter.text.partition("mailto:")[2].split()[0]


@pytest.mark.parametrize("by", ["button", "#送信"])
@pytest.mark.parametrize("ruled", [False, True])
async def test_a_mail_in_the_hold_window_turns_the_answer_into_a_question(
    desk: Desk, shipped: RuleSet, by: str, ruled: bool
) -> None:
    desk.worker.rules = shipped if ruled else None
    await writes_again(desk)
    (answer,) = await desk.sent("answer")
    assert answer.state is OutboxState.CANCELLED
    inquiry = await desk.inquiry()
    assert inquiry.status is InquiryStatus.UNANSWERED
    assert inquiry.remind_at is not None
    assert inquiry.remind_at <= NOW + HOUR
    (asked,) = await desk.sent("question")
    assert asked.to_address == SELLER
    for words in ("お客様から新しいメール", "住所を間違えました", "明日発送します。", "現在の状態は「未回答」です"):
        assert words in asked.text
    assert "明日発送します" not in (await desk.sent("notification", SELLER))[-1].text
    desk.now = NOW + 5 * MINUTE
    assert "answer" not in await desk.delivers()
    if by == "button":
        await desk.gets("", sender=SELLER, to=button(asked))
    else:
        await desk.gets("#送信", sender=SELLER, to=await side(desk))
    _, again = await desk.sent("answer")
    assert (again.state, again.subject) == (OutboxState.QUEUED, answer.subject)
    assert again.text.startswith("明日発送します。")
    assert (await desk.inquiry()).status is InquiryStatus.IN_PROGRESS


async def test_an_answer_that_left_before_the_customers_new_mail_is_not_called_back(desk: Desk) -> None:
    desk.now = NOW + 4 * MINUTE
    assert "answer" in await desk.delivers()
    await writes_again(desk)
    assert not await desk.sent("question")
    assert [row.state for row in await desk.sent("answer")] == [OutboxState.SENT]
