"""Answers that a colleague or a newer mail overtook, what becomes of their drafts, and copies, on both databases."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from gateway.desk.outcomes import Outcomes
from gateway.store import attempts, outbox
from gateway.store.database import Database
from gateway.store.states import DraftState, InquiryStatus, OutboxState
from gateway.store.tables import Draft, Outbox
from gateway.worker import periodic
from tests.worker.hands import COLLEAGUE, CUSTOMER, NOW, SELLER, Desk, open_shop, shop

DAY = timedelta(days=1)


@pytest.fixture
async def desk(database: Database) -> Desk:
    """A question that two sellers were told of."""
    await open_shop(database)
    desk = Desk(database)
    await desk.gets("いつ発送されますか。昨日注文した山田です。", sender=CUSTOMER, to=shop())
    await desk.delivers()
    return desk


async def told(desk: Desk, seller: str = SELLER, kind: str = "notification") -> Outbox:
    """The newest mail of a kind to a seller."""
    return (await desk.sent(kind, seller))[-1]


async def answers(desk: Desk, text: str, to: Outbox, sender: str = SELLER, **fields: Any) -> None:
    await desk.gets(text, sender=sender, to=to.from_address, **({"In_Reply_To": to.message_id} | fields))


async def writes_again(desk: Desk) -> None:
    await desk.gets("すみません、住所を間違えました。変更できますか。", sender=CUSTOMER, to=await customer_side(desk))
    await desk.delivers()


async def customer_side(desk: Desk) -> str:
    return desk.worker.office.address(await desk.inquiry(), "c")


def button(letter: Outbox) -> str:
    return letter.text.partition("mailto:")[2].split()[0]


def quoting(letter: Outbox, text: str) -> str:
    return text + "\n\n" + "\n".join(f"> {line}" for line in letter.text.splitlines())


async def drafts(desk: Desk) -> list[Draft]:
    async with desk.database.read() as session:
        return list((await session.exec(select(Draft).order_by(col(Draft.id)))).all())


async def test_a_newer_mail_turns_the_answer_into_a_question_that_shows_it(desk: Desk) -> None:
    first = await told(desk)
    await writes_again(desk)
    await answers(desk, "明日発送します。", first)
    assert not await desk.sent("answer")
    (asked,) = await desk.sent("question")
    assert asked.to_address == SELLER
    for words in ("お客様から新しいメール", "住所を間違えました", "明日発送します。", "現在の状態は「未回答」です"):
        assert words in asked.text
    assert (await desk.inquiry()).status is InquiryStatus.UNANSWERED
    await desk.gets("", sender=SELLER, to=button(asked), authenticated=False)  # the address is enough
    (answer,) = await desk.sent("answer")
    assert answer.text.startswith("明日発送します。")
    assert (await desk.inquiry()).status is InquiryStatus.DONE
    await desk.gets("", sender=SELLER, to=button(asked))
    assert len(await desk.sent("answer")) == 1


async def test_a_colleagues_answer_turns_mine_into_a_question_that_shows_it_without_an_address(desk: Desk) -> None:
    await answers(desk, "#処理中\nただいま確認しています。", await told(desk, COLLEAGUE), COLLEAGUE)
    await answers(desk, "明日発送します。", await told(desk))
    (asked,) = await desk.sent("question")
    for words in ("ほかの担当者が", "tanakaさんの回答", "ただいま確認しています。", "現在の状態は「処理中」です"):
        assert words in asked.text
    assert COLLEAGUE not in asked.text
    assert len(await desk.sent("answer")) == 1
    await desk.gets("#送信", sender=COLLEAGUE, to=(await told(desk, COLLEAGUE)).from_address)
    assert (
        "送信を待っているあなたの返信はありません" in (await told(desk, COLLEAGUE, "returned")).text
    )  # it is not theirs
    await desk.gets("#送信", sender=SELLER, to=(await told(desk)).from_address)
    assert [row.text[:7] for row in await desk.sent("answer")] == ["ただいま確認し", "明日発送します"]


async def test_two_sellers_in_the_same_second_the_second_is_asked(desk: Desk, database: Database) -> None:
    other = Desk(database)
    other.worker.name = "other"
    await asyncio.gather(
        answers(desk, "明日発送します。", await told(desk)),
        answers(other, "あさって発送します。", await told(desk, COLLEAGUE), COLLEAGUE),
    )
    assert len(await desk.sent("answer")) == 1
    assert len(await desk.sent("question")) == 1


@pytest.mark.parametrize("text", ["#処理中", "#メモ\n電話済み"])
async def test_what_sends_nothing_to_the_customer_is_never_a_question(desk: Desk, text: str) -> None:
    first = await told(desk)
    await writes_again(desk)
    await answers(desk, text, first)
    assert not await desk.sent("question")
    assert len(await desk.sent("receipt")) == 1


async def test_who_was_asked_once_is_not_asked_the_same_again(desk: Desk) -> None:
    await desk.change(copies=False)
    await answers(desk, "ただいま確認しています。", await told(desk, COLLEAGUE), COLLEAGUE)
    await answers(desk, "明日発送します。", await told(desk))
    await answers(desk, "#送信", await told(desk))
    await answers(desk, "追跡番号は後ほど。", await told(desk))  # there is no newer mail that could be answered
    assert len(await desk.sent("question")) == 1
    assert len(await desk.sent("answer")) == 3


async def test_a_question_is_answered_by_a_mended_text_with_one_press_and_is_not_asked_again(desk: Desk) -> None:
    await desk.change(copies=False)
    await answers(desk, "ただいま確認しています。", await told(desk, COLLEAGUE), COLLEAGUE)
    await answers(desk, "明日発送します。", await told(desk))
    await desk.delivers()
    (asked,) = await desk.sent("question")
    mended = asked.text.partition("直して送る")[2].partition("mailto:")[2].split()[0]
    await desk.gets("担当が代わりました。明日発送します。", sender=SELLER, to=mended)
    assert len(await desk.sent("question")) == 1
    assert (await desk.sent("answer"))[-1].text.startswith("担当が代わりました。")


@pytest.mark.parametrize("of", ["header", "references", "quotation", "nothing"])
async def test_which_notification_is_answered(desk: Desk, of: str) -> None:
    first = await told(desk)
    await writes_again(desk)
    second = await told(desk)
    for letter in (first, second):
        text, fields = "明日発送します。", {"In_Reply_To": "<own@shop.example>"}
        if of == "header":
            fields = {"In_Reply_To": letter.message_id}
        elif of == "references":
            fields["References"] = " ".join([*letter.references, letter.message_id, "<own@shop.example>"])
        elif of == "quotation":  # a telephone dropped the header
            text = quoting(letter, text)
        await desk.gets(text, sender=SELLER, to=letter.from_address, **fields)  # type: ignore[arg-type]
    held = 0 if of == "nothing" else 1  # nothing tells: the newest that was sent
    assert (len(await desk.sent("question")), len(await desk.sent("answer"))) == (held, 2 - held)


async def test_a_mail_that_nobody_was_told_of_yet_is_newer_than_an_answer_without_header(desk: Desk) -> None:
    first = await told(desk)
    await desk.gets("住所を間違えました。変更できますか。", sender=CUSTOMER, to=await customer_side(desk))
    await desk.gets("明日発送します。", sender=SELLER, to=first.from_address)
    assert len(await desk.sent("question")) == 1


async def test_my_own_second_answer_and_an_answer_to_a_copy_are_no_question(desk: Desk) -> None:
    await answers(desk, "明日発送します。", await told(desk))
    await answers(desk, "追跡番号は後ほど。", await told(desk))
    await desk.delivers()
    await desk.delivers()
    copy = await told(desk, COLLEAGUE, "copy")
    assert copy.references[0] == (await told(desk, COLLEAGUE)).message_id  # in the thread of the notification
    assert "suzukiさんがお客様に送った回答です" in copy.text
    assert SELLER not in copy.text
    await answers(desk, "補足です。", copy, COLLEAGUE)
    assert not await desk.sent("question")
    assert len(await desk.sent("answer")) == 3


async def test_copies_are_a_setting_and_go_to_the_others_alone(desk: Desk) -> None:
    await answers(desk, "明日発送します。", await told(desk))
    assert [row.to_address for row in await desk.sent("copy")] == [COLLEAGUE]
    await desk.change(copies=False)
    await answers(desk, "追伸です。", await told(desk))
    assert len(await desk.sent("copy")) == 1


async def test_an_answer_that_did_not_arrive_overtakes_nothing(desk: Desk) -> None:
    await answers(desk, "明日発送します。", await told(desk, COLLEAGUE), COLLEAGUE)
    await desk.delivers(OutboxState.FAILED)
    await answers(desk, "あさって発送します。", await told(desk))
    assert not await desk.sent("question")


async def test_what_comes_while_a_draft_is_held_does_not_stop_it_but_is_said(desk: Desk) -> None:
    await answers(desk, "明日発送します。", await told(desk), authenticated=False)
    await writes_again(desk)
    (asked,) = await desk.sent("confirmation")
    await desk.gets("", sender=SELLER, to=button(asked))
    assert len(await desk.sent("answer")) == 1
    assert "お預かりしているあいだに、お客様から新しいメール" in (await told(desk, SELLER, "receipt")).text


async def test_a_held_draft_is_taken_back_with_its_text_and_its_address_says_so(desk: Desk) -> None:
    first = await told(desk)
    await writes_again(desk)
    await answers(desk, "#処理中\n明日発送します。", first)
    (asked,) = await desk.sent("question")
    await desk.gets("#取消", sender=SELLER, to=first.from_address)
    assert [draft.state for draft in await drafts(desk)] == [DraftState.CANCELLED]
    assert "#処理中\n明日発送します。" in (await told(desk, SELLER, "taken_back")).text
    await desk.gets("", sender=SELLER, to=button(asked))
    assert "すでに取り消しています" in (await told(desk, SELLER, "returned")).text
    assert not await desk.sent("answer")


async def test_the_newest_of_two_drafts_is_sent_by_command_and_each_by_its_own_button(desk: Desk) -> None:
    first = await told(desk)
    await writes_again(desk)
    await answers(desk, "一つ目です。", first)
    await answers(desk, "二つ目です。", first)
    asked, _ = await desk.sent("question")
    await answers(desk, "#送信", await told(desk))
    assert [row.text[:5] for row in await desk.sent("answer")] == ["二つ目です"]
    await desk.gets("", sender=SELLER, to=button(asked))
    assert [row.text[:5] for row in await desk.sent("answer")] == ["二つ目です", "一つ目です"]


async def passes(desk: Desk, to: timedelta) -> int:
    """Returns how often the owners of drafts were told by then."""
    desk.now = NOW + to
    await periodic.do_due(desk.database, desk.worker.office, desk.now)
    return len(await desk.sent("draft_going"))


async def test_a_held_draft_is_kept_fourteen_days_and_its_owner_told_a_day_before(desk: Desk) -> None:
    await answers(desk, "#処理中\n明日発送します。", await told(desk), authenticated=False)
    assert await passes(desk, 12 * DAY) == 0
    assert await passes(desk, 13 * DAY) == 1
    assert await passes(desk, 13 * DAY) == 1
    (going,) = await desk.sent("draft_going")
    assert going.to_address == SELLER
    assert "2026/12/04 14:03 に期限" in going.text
    assert "#処理中\n明日発送します。" in going.text
    await passes(desk, 14 * DAY)
    assert [draft.state for draft in await drafts(desk)] == [DraftState.EXPIRED]
    await desk.gets("", sender=SELLER, to=button(going))
    returned = await told(desk, SELLER, "returned")
    assert "お預かりする期間が過ぎた" in returned.text
    assert "明日発送します。" in returned.text
    assert not await desk.sent("answer")


async def test_a_draft_that_is_sent_on_its_last_day_leaves_and_does_not_expire(desk: Desk) -> None:
    await answers(desk, "明日発送します。", await told(desk), authenticated=False)
    await passes(desk, 13 * DAY)
    await desk.gets("", sender=SELLER, to=button(await told(desk, SELLER, "draft_going")))
    await passes(desk, 15 * DAY)
    assert [draft.state for draft in await drafts(desk)] == [DraftState.SENT]
    assert len(await desk.sent("answer")) == 1


async def test_no_draft_goes_unannounced_though_the_gateway_was_away_that_day(desk: Desk) -> None:
    await answers(desk, "明日発送します。", await told(desk), authenticated=False)
    assert await passes(desk, 20 * DAY) == 1
    assert [draft.state for draft in await drafts(desk)] == [DraftState.HELD]
    await passes(desk, 21 * DAY)
    assert [draft.state for draft in await drafts(desk)] == [DraftState.EXPIRED]


async def test_a_failed_answer_that_the_operator_sends_again_has_its_receipt_and_its_state(desk: Desk) -> None:
    await answers(desk, "明日発送します。", await told(desk))
    await desk.delivers(OutboxState.FAILED)
    assert (await desk.inquiry()).status is InquiryStatus.UNANSWERED
    assert "明日発送します。" in (await told(desk, SELLER, "failure_text")).text
    (answer,) = await desk.sent("answer")
    async with desk.database.write() as session:
        receipt = (await desk.sent("receipt"))[0].id
        assert await outbox.retry(session, desk.now, [answer.id, receipt]) == [answer.id]  # never the receipt alone
    await desk.delivers()
    assert (await desk.inquiry()).status is InquiryStatus.DONE
    assert "receipt" in await desk.delivers()


async def test_the_writer_of_an_answer_that_is_not_delivered_for_four_hours_is_told_with_its_text(desk: Desk) -> None:
    await answers(desk, "明日発送します。", await told(desk))
    await desk.delivers(OutboxState.QUEUED)  # the smarthost cannot reach the customer's server
    desk.now = NOW + timedelta(hours=4)
    async with desk.database.write() as session:
        outcomes = Outcomes(desk.worker.office)
        for row in await attempts.late(session, desk.now, timedelta(hours=4)):
            await outcomes.late(session, row, 4, desk.now)
    late = await told(desk, SELLER, "failure_late")
    assert late.subject.startswith("【まだ届いていません】")
    assert "4時間たってもまだお客様に届いていません" in late.text
    assert "明日発送します。" in late.text
    await answers(desk, "#取消", await told(desk))  # and it may be taken back still
    assert [row.state for row in await desk.sent("answer")] == [OutboxState.CANCELLED]
