"""A customer asks again what was answered, by mail and with the shipped rules, on both databases."""

from datetime import timedelta
from functools import cache

import pytest
from sqlalchemy import update
from sqlmodel import col, select

from gateway.rules.ready import ready
from gateway.rules.ruleset import RuleSet
from gateway.rules.shipped import shipped_folder
from gateway.store.database import Database
from gateway.store.rule_tables import RuleDecision
from gateway.store.states import InquiryStatus, OutboxState
from gateway.store.tables import Outbox
from tests.worker.hands import CUSTOMER, SELLER, Desk, open_shop, shop

HOUR = timedelta(hours=1)
BAG = shop().replace("@", "+pX-1@")
ASKED = "この鞄の重さを教えてください。"


@cache
def shipped() -> RuleSet:
    return ready(shipped_folder())


async def asks(desk: Desk, text: str, to: str = BAG) -> RuleDecision:
    """What the rules made of it, an hour later."""
    desk.now += HOUR
    await desk.gets(text, sender=CUSTOMER, to=to, Subject="鞄")
    async with desk.database.read() as session:
        newest = select(RuleDecision).order_by(col(RuleDecision.message_id).desc())
        decision = (await session.exec(newest)).first()
        assert decision is not None
        return decision


async def settles(desk: Desk, text: str) -> None:
    """The seller writes this to everything that was told."""
    desk.now += HOUR
    for told in await desk.sent("notification", SELLER):
        await desk.gets(text, sender=SELLER, to=told.from_address)


async def leave(desk: Desk) -> None:
    """The smarthost takes what was answered."""
    async with desk.database.write() as session:
        for prior, state in ((OutboxState.QUEUED, OutboxState.SENDING), (OutboxState.SENDING, OutboxState.SENT)):
            step = update(Outbox).where(col(Outbox.kind) == "answer", col(Outbox.state) == prior)
            await session.exec(step.values(prior_state=prior, state=state, sent_at=desk.now))


@pytest.mark.parametrize("command", ["850グラムです。", "#対応済み"])
async def test_a_repeated_question_is_answered_and_closed_with_the_words_of_the_guide(
    database: Database, command: str
) -> None:
    await open_shop(database)
    desk = Desk(database, shipped())
    assert (await asks(desk, ASKED)).outcome == "human"
    await settles(desk, command)
    await leave(desk)
    assert (await asks(desk, "まだ返事がありません。この鞄の重さを教えてください。")).outcome == "human"
    await settles(desk, "失礼いたしました。850グラムです。")
    assert (await asks(desk, ASKED, to=shop())).outcome == "human", "of no product"
    again = await asks(desk, f"お世話になっております。\n{ASKED}\nよろしくお願いいたします。")
    assert (again.outcome, again.rule) == ("answered", "repeats a handled inquiry")
    assert (await desk.inquiry(again.inquiry_number)).status is InquiryStatus.DONE
    (answer,) = await desk.sent("auto_response")
    assert "ご対応させていただきました" in answer.text
    notice = (await desk.sent("rule_notice", SELLER))[-1]
    assert "Q-1 と同じ内容のお問い合わせです" in notice.text
    assert again.words == ["Q-1"]
    assert (await asks(desk, ASKED)).outcome == "human", "who asks a third time is not content"


async def test_a_question_that_still_waits_or_was_asked_twice_is_no_repeat(database: Database) -> None:
    await open_shop(database)
    desk = Desk(database, shipped())
    await asks(desk, ASKED)
    assert (await asks(desk, ASKED)).outcome == "human", "nobody has answered it yet"
    await settles(desk, "850グラムです。")
    assert (await asks(desk, ASKED)).outcome == "human", "the answers have not left"
    await settles(desk, "850グラムです。")
    await leave(desk)
    assert (await asks(desk, ASKED)).outcome == "human", "it is the fourth time"
