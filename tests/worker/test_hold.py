"""Answers that wait, and what takes them back: the hold window and #取消, on both databases."""

import asyncio
from datetime import timedelta

import pytest

from gateway.desk.withdrawal import cancelled_by_operator
from gateway.rules.ruleset import RuleSet
from gateway.store import answers as answers_of
from gateway.store import attempts, outbox
from gateway.store.database import Database
from gateway.store.states import InquiryStatus, OutboxState
from gateway.store.tables import Outbox
from tests.worker.hands import COLLEAGUE, CUSTOMER, HOUR, NOW, SELLER, Desk, open_shop, shop

MINUTE = timedelta(minutes=1)
UNANSWERED, IN_PROGRESS, DONE = InquiryStatus.UNANSWERED, InquiryStatus.IN_PROGRESS, InquiryStatus.DONE


@pytest.fixture
async def desk(database: Database) -> Desk:
    """A shop with a hold window of three minutes, and a question that its sellers were told of."""
    await open_shop(database)
    desk = Desk(database)
    await desk.change(hold_seconds=180)
    await desk.gets("いつ発送されますか。", sender=CUSTOMER, to=shop())
    await desk.delivers()
    return desk


async def seller_side(desk: Desk) -> str:
    return (await desk.sent("notification", SELLER))[0].from_address


async def answers(desk: Desk, text: str, sender: str = SELLER) -> None:
    await desk.gets(text, sender=sender, to=await seller_side(desk))


async def state(desk: Desk, row: Outbox) -> OutboxState:
    async with desk.database.read() as session:
        return (await session.get_one(Outbox, row.id)).state


def button(letter: Outbox) -> str:
    return letter.text.partition("mailto:")[2].split()[0]


async def test_an_answer_waits_for_the_hold_window_and_its_writer_is_told_at_once(desk: Desk) -> None:
    await answers(desk, "#処理中\n明日発送します。")
    (answer,) = await desk.sent("answer")
    assert answer.next_at == NOW + 3 * MINUTE
    assert await desk.delivers() == ["holding"]
    (note,) = await desk.sent("holding")
    assert note.to_address == SELLER
    assert "11月20日 14:06:00" in note.text
    assert "明日発送します。" in note.text
    assert "#処理中 … 状態を「処理中」にしました" in note.text
    assert note.from_address == button(note)  # a reply is the button
    desk.now = NOW + 3 * MINUTE
    assert await desk.delivers() == ["answer"]
    assert sorted(await desk.delivers()) == ["copy", "receipt"]  # when it has left, and never before


async def test_a_sellers_auto_response_waits_as_an_answer_does(desk: Desk) -> None:
    await answers(desk, "#自動応答")
    (answer,) = await desk.sent("auto_response")
    assert answer.next_at == NOW + 3 * MINUTE
    await answers(desk, "#取消\nやはりやめます。")
    assert await state(desk, answer) is OutboxState.CANCELLED
    (told, *_) = await desk.sent("taken_back")
    assert (
        "このメールに書かれていた次の文は、お客様に送っていません。\n\nやはりやめます。" in told.text
    )  # no button's mail
    await answers(desk, "#自動応答")  # it was not sent: it may be sent now
    assert len(await desk.sent("auto_response")) == 2


@pytest.mark.parametrize("by", ["command", "button", "reply to the note"])
async def test_a_reply_is_taken_back_and_all_is_as_before_it(desk: Desk, by: str) -> None:
    reminded = NOW + HOUR
    async with desk.database.write() as session:
        inquiry = await session.get_one(type(await desk.inquiry()), 1)
        inquiry.remind_at = reminded
    await answers(desk, "明日発送します。")
    assert (await desk.inquiry()).status is DONE
    assert (await desk.inquiry()).remind_at is None
    (note,) = await desk.sent("holding")
    if by == "command":
        await answers(desk, "#取消")
    else:
        text = "" if by == "button" else "#取消\n\n" + "\n".join(f"> {line}" for line in note.text.splitlines())
        await desk.gets(text, sender=SELLER, to=button(note), Subject=f"Re: {note.subject}")
    (answer,) = await desk.sent("answer")
    assert await state(desk, answer) is OutboxState.CANCELLED
    inquiry = await desk.inquiry()
    assert (inquiry.status, inquiry.remind_at) == (UNANSWERED, reminded)
    (told,) = await desk.sent("taken_back")
    assert "状態：未回答" in told.text
    assert "明日発送します。" in told.text
    assert "次の文は、お客様に送っていません" not in told.text
    desk.now = NOW + HOUR
    assert await desk.delivers() == ["holding", "taken_back"]
    assert [row.state for row in [*await desk.sent("receipt"), *await desk.sent("copy")]] == [OutboxState.CANCELLED] * 2
    # The customer never had it: the next notification does not show it.
    await desk.gets("まだですか。", sender=CUSTOMER, to=answer.from_address)
    assert "明日発送します。" not in (await desk.sent("notification", SELLER))[-1].text


async def test_what_has_left_is_not_taken_back_and_its_writer_learns_when_it_left(desk: Desk) -> None:
    await answers(desk, "明日発送します。")
    desk.now = NOW + 4 * MINUTE
    await desk.delivers()
    await answers(desk, "#取消")
    (told,) = await desk.sent("too_late")
    assert "11月20日 14:07:00 に送信済み" in told.text
    assert (await desk.inquiry()).status is DONE
    assert not await desk.sent("taken_back")


async def test_an_old_notes_button_takes_back_its_own_answer_and_no_newer_one(desk: Desk) -> None:
    await answers(desk, "明日発送します。")
    desk.now = NOW + 4 * MINUTE
    await desk.delivers()
    await answers(desk, "追伸です。")
    first, second = await desk.sent("holding")
    await desk.gets("", sender=SELLER, to=button(first))
    assert [row.state for row in await desk.sent("answer")] == [OutboxState.SENT, OutboxState.QUEUED]
    await desk.gets("", sender=SELLER, to=button(second))
    await desk.gets("", sender=SELLER, to=button(second))
    assert [row.state for row in await desk.sent("answer")] == [OutboxState.SENT, OutboxState.CANCELLED]
    assert "すでに取り消しています" in (await desk.sent("too_late"))[-1].text


async def test_two_answers_are_taken_back_one_by_one_and_each_leaves_the_state_before_it(desk: Desk) -> None:
    await answers(desk, "#処理中\n確認します。")
    await answers(desk, "明日発送します。")
    await answers(desk, "#取消")
    assert (await desk.inquiry()).status is IN_PROGRESS
    await answers(desk, "#取消")
    assert (await desk.inquiry()).status is UNANSWERED
    await answers(desk, "#取消")
    assert "取り消せる返信はありません" in (await desk.sent("returned"))[-1].text


async def test_the_first_of_two_is_taken_back_and_the_second_begins_where_the_first_did(desk: Desk) -> None:
    await answers(desk, "#処理中\n確認します。")
    await answers(desk, "明日発送します。")
    first, second = await desk.sent("holding")
    await desk.gets("", sender=SELLER, to=button(first))
    assert (await desk.inquiry()).status is DONE
    await desk.gets("", sender=SELLER, to=button(second))
    assert (await desk.inquiry()).status is UNANSWERED


async def test_what_happened_since_the_answer_stays_when_it_is_taken_back(desk: Desk) -> None:
    await answers(desk, "明日発送します。")
    await answers(desk, "#処理中")
    await answers(desk, "#取消")
    assert (await desk.inquiry()).status is IN_PROGRESS


async def test_a_colleague_takes_back_nothing_of_mine(desk: Desk) -> None:
    await answers(desk, "明日発送します。")
    await answers(desk, "#取消", sender=COLLEAGUE)
    (answer,) = await desk.sent("answer")
    assert answer.state is OutboxState.QUEUED
    assert [row.to_address for row in await desk.sent("returned")] == [COLLEAGUE]


async def test_without_a_hold_window_a_reply_that_waits_for_its_next_attempt_can_be_taken_back(desk: Desk) -> None:
    await desk.change(hold_seconds=0)
    await answers(desk, "明日発送します。")
    assert not await desk.sent("holding")
    await desk.delivers(OutboxState.QUEUED)  # the smarthost is down
    await answers(desk, "#取消")
    (answer,) = await desk.sent("answer")
    assert answer.state is OutboxState.CANCELLED


@pytest.mark.parametrize("lost", [False, True])
async def test_a_reply_that_is_being_sent_or_may_have_left_is_never_taken_back(desk: Desk, lost: bool) -> None:
    await answers(desk, "明日発送します。")
    desk.now = NOW + 4 * MINUTE
    (answer,) = await desk.sent("answer")
    assert await claims(desk)
    if lost:
        async with desk.database.write() as session:
            await attempts.recover(session, desk.now, "node", "new")
            await attempts.recover(session, desk.now + 2 * HOUR, "node", "new")
            await outbox.retry(session, desk.now, [answer.id])  # the operator lets it be sent once more
    await answers(desk, "#取消")
    assert await state(desk, answer) is (OutboxState.QUEUED if lost else OutboxState.SENDING)
    (told,) = await desk.sent("too_late")
    assert ("可能性がある" if lost else "ちょうど送信している") in told.text
    assert (await desk.inquiry()).status is DONE


async def claims(desk: Desk) -> bool:
    """What delivery does first; True when it got the answer."""
    async with desk.database.write() as session:
        claimed, _ = await attempts.claim_due(
            session, "node:1", limit=9, now=desk.now, lease=HOUR, wait=lambda _: HOUR, resend=False
        )
    return "answer" in [row.kind for row in claimed]


async def test_either_delivery_has_a_reply_or_its_writer_has_it_back(desk: Desk) -> None:
    """Both at the same time, again and again: never both, never neither, and the words are true."""
    desk.now = NOW + 4 * MINUTE
    to, won = await seller_side(desk), list[bool]()
    for turn in range(6):
        await desk.change(hold_seconds=0)
        await desk.gets(f"{turn} 明日発送します。", sender=SELLER, to=to)
        taken, _ = await asyncio.gather(claims(desk), desk.gets("#取消", sender=SELLER, to=to))
        answer = (await desk.sent("answer"))[-1]
        back, late = len(await desk.sent("taken_back")), len(await desk.sent("too_late"))
        assert answer.state is (OutboxState.SENDING if taken else OutboxState.CANCELLED)
        assert (back, late) == (won.count(False) + (not taken), won.count(True) + taken)
        won.append(taken)
        desk.now += 11 * MINUTE


@pytest.mark.parametrize("first", ["delivery", "writer"])
async def test_who_comes_second_waits_for_the_first_and_sees_what_it_did(desk: Desk, first: str) -> None:
    await answers(desk, "明日発送します。")
    desk.now = NOW + 4 * MINUTE
    (answer,) = await desk.sent("answer")
    begun = asyncio.Event()

    async def delivery() -> bool:
        async with desk.database.write() as session:
            claimed, _ = await attempts.claim_due(
                session, "node:1", limit=9, now=desk.now, lease=HOUR, wait=lambda _: HOUR, resend=False
            )
            begun.set()
            await asyncio.sleep(0.1)
        return answer.id in [row.id for row in claimed]

    async def writer() -> bool:
        async with desk.database.write() as session:
            done = await outbox.withdraw(session, answer.id)
            begun.set()
            await asyncio.sleep(0.1)
        return done

    leader, follower = (delivery, writer) if first == "delivery" else (writer, delivery)
    leading = asyncio.create_task(leader())
    await begun.wait()
    assert await follower() is False
    assert await leading is True
    assert await state(desk, answer) is (OutboxState.SENDING if first == "delivery" else OutboxState.CANCELLED)


async def test_the_operator_takes_a_reply_back_and_its_writer_gets_the_text(desk: Desk) -> None:
    await answers(desk, "明日発送します。")
    (answer,) = await desk.sent("answer")
    async with desk.database.write() as session:
        entry = await answers_of.of_mail(session, answer.id)
        assert entry is not None
        assert await cancelled_by_operator(session, desk.worker.office, entry, desk.now)
    assert (await desk.inquiry()).status is UNANSWERED
    (told,) = await desk.sent("taken_back")
    assert told.to_address == SELLER
    assert "管理者が返信を取り消しました" in told.text


async def test_a_restart_shortens_no_hold_window_and_neither_does_retry_all(desk: Desk) -> None:
    await answers(desk, "明日発送します。")
    async with desk.database.write() as session:
        await attempts.recover(session, desk.now, "node", "node:new")
        assert await outbox.retry_all(session, desk.now) == 0
    assert "answer" not in await desk.delivers()


@pytest.mark.parametrize("text", ["#キャンセル", "#やめる\n間違えました。", "あさっての間違いでした。"])
async def test_whatever_a_reply_to_the_note_says_it_takes_the_reply_back(desk: Desk, text: str) -> None:
    await answers(desk, "明日発送します。")
    (note,) = await desk.sent("holding")
    await desk.gets(text, sender=SELLER, to=note.from_address)
    assert [row.state for row in await desk.sent("answer")] == [OutboxState.CANCELLED]
    (told,) = await desk.sent("taken_back")
    assert ("あさっての間違い" in told.text) is ("あさっての間違い" in text)


async def test_a_held_cancel_means_the_reply_that_it_meant_then_and_no_newer_one(desk: Desk) -> None:
    await answers(desk, "明日発送します。")
    await desk.gets("#取消", sender=SELLER, to=await seller_side(desk), authenticated=False)
    (asked,) = await desk.sent("confirmation")
    assert "まだ送られていない返信を取り消します" in asked.text
    await answers(desk, "追伸です。")
    await desk.gets("", sender=SELLER, to=button(asked), authenticated=False)
    assert [row.state for row in await desk.sent("answer")] == [OutboxState.CANCELLED, OutboxState.QUEUED]


async def test_a_thank_you_before_the_answer_left_does_not_thank_for_it(desk: Desk, shipped: RuleSet) -> None:
    desk.worker.rules = shipped
    await answers(desk, "明日発送します。")
    side = (await desk.sent("answer"))[0].from_address
    await desk.gets("ありがとうございます。", sender=CUSTOMER, to=side)
    assert not await desk.sent("auto_response")
    assert len(await desk.sent("notification", SELLER)) == 2
    await desk.gets("", sender=SELLER, to=button((await desk.sent("question"))[0]))
    desk.now = NOW + 4 * MINUTE
    await desk.delivers()
    await answers(desk, "#完了")
    await desk.gets("ありがとうございました。", sender=CUSTOMER, to=side)
    (thanks,) = await desk.sent("auto_response")
    # Neither the operator nor a seller who wants it back leaves it in the thread.
    async with desk.database.write() as session:
        entry = await answers_of.of_mail(session, thanks.id)
        assert entry is not None
        assert await cancelled_by_operator(session, desk.worker.office, entry, desk.now)
    assert (await desk.inquiry()).status is UNANSWERED
    assert {row.to_address for row in await desk.sent("taken_back")} == {SELLER, COLLEAGUE}
