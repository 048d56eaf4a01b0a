"""What rules do with a customer's mail, from its bytes to what everybody gets, on both databases."""

from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlmodel import col, select
from structlog.testing import capture_logs

from gateway.desk.post import AUTOMATIC_LIFE
from gateway.rules.conditions import Among
from gateway.store import inquiry_views
from gateway.store.database import Database
from gateway.store.states import InquiryStatus, OutboxState, ReceivedState, RuleOutcome
from gateway.store.tables import Outbox, Seller, Staff
from tests.worker.hands import COLLEAGUE, CUSTOMER, DOMAIN, NOW, SELLER, Desk, open_shop, shop
from tests.worker.ruled import HANDLED, THANKS, answered, button, decisions, history


async def test_n31_a_thank_you_after_the_answer_is_answered_once_and_the_sellers_are_told(desk: Desk) -> None:
    await answered(desk)
    (answer,) = await desk.sent("answer")
    row = await desk.gets(
        f"{THANKS}\n\n> 明日です。", sender=CUSTOMER, to=answer.from_address, Message_ID="<thanks@customer.example>"
    )
    assert row.outcome[0]["ruled"] == "answered"
    (automatic,) = await desk.sent("auto_response")
    assert (automatic.to_address, automatic.mail_from, automatic.once) == (CUSTOMER, "", True)
    assert automatic.auto_submitted == "auto-replied"
    assert (automatic.subject, automatic.in_reply_to) == ("Re: question", "<thanks@customer.example>")
    assert automatic.references == ["<thanks@customer.example>"]
    assert automatic.from_address == answer.from_address
    assert automatic.expires_at - automatic.date == AUTOMATIC_LIFE == timedelta(hours=4)
    assert automatic.text.strip() == HANDLED  # A12: nothing of the customer's comes back
    assert "届きました" not in (automatic.html or "")
    inquiry = await desk.inquiry()
    assert (inquiry.status, inquiry.last_rule) == (InquiryStatus.DONE, "thank-you after the answer")
    assert len(await desk.sent("notification", SELLER)) == 1
    notice, _ = await desk.sent("rule_notice")
    assert notice.subject == "Re: question [Q-1]"
    assert notice.in_reply_to == (await desk.sent("notification", SELLER))[0].message_id
    told = (
        "【自動応答しました】",
        THANKS,
        "thank-you after the answer",
        "届きました / ありがとうございました",
        HANDLED[:20],
    )
    assert all(words in notice.text for words in told)
    assert CUSTOMER not in notice.text + (notice.html or "") + notice.from_name
    (decision,) = [one for one in await decisions(desk) if one.rule]
    assert (decision.outcome, decision.prior_status) == (RuleOutcome.ANSWERED, "done")
    assert decision.words == ["届きました", "ありがとうございました"]
    assert decision.told_at == NOW
    (event,) = await history(desk, "rule_answered")
    assert (event.by, event.rule) == ("rule", "thank-you after the answer")
    assert decision.version in event.why
    assert "届きました" in event.why
    async with desk.database.read() as session:
        shown = await inquiry_views.shown(session, 1)
    assert shown is not None
    assert [entry["author"] for entry in shown["thread"]] == ["customer", "seller", "customer", "rule"]
    await desk.gets("ありがとうございました。", sender=CUSTOMER, to=answer.from_address)
    assert len(await desk.sent("auto_response")) == 1
    assert (await decisions(desk))[-1].outcome is RuleOutcome.WITHHELD
    assert (await desk.inquiry()).status is InquiryStatus.DONE
    assert "すでに自動応答を送っているため、自動応答は控えました" in (await desk.sent("rule_notice"))[-1].text


@pytest.mark.parametrize("by", ["button", "command", "held button"])
async def test_a_sellers_reopen_undoes_the_answer_once(desk: Desk, by: str) -> None:
    await answered(desk)
    (answer,) = await desk.sent("answer")
    await desk.gets(THANKS, sender=CUSTOMER, to=answer.from_address)
    notice = (await desk.sent("rule_notice", SELLER))[0]
    if by == "command":
        async with desk.database.write() as session:
            await session.exec(update(Outbox).where(col(Outbox.kind) == "auto_response").values(state="sent"))
        await desk.gets(f"#要対応\n\n> {THANKS}\n", sender=SELLER, to=notice.from_address)
    else:
        body = "#要対応\nこのまま送信してください。Q-1 を「未回答」に戻します。お客様には何も送られません。"
        await desk.gets(body, sender=SELLER, to=button(notice), authenticated=by == "button")
        if by == "held button":
            (held,) = await desk.sent("confirmation", SELLER)
            assert "自動で処理したメールが「未回答」に戻ります" in held.text
            assert (await desk.inquiry()).status is InquiryStatus.DONE
            await desk.gets("", sender=SELLER, to=button(held), authenticated=False)
    assert (await desk.inquiry()).status is InquiryStatus.UNANSWERED
    for seller in (SELLER, COLLEAGUE):
        again = (await desk.sent("notification", seller))[1]
        assert THANKS in again.text
        assert "状態: 未回答" in again.text
    (decision,) = [one for one in await decisions(desk) if one.rule]
    assert (decision.undone_at, decision.undone_by) == (NOW, SELLER)
    (automatic,) = await desk.sent("auto_response")
    has_left = by == "command"
    assert automatic.state is (OutboxState.SENT if has_left else OutboxState.CANCELLED)
    assert ("自動応答をすでに送っています" in again.text) is has_left
    assert (await desk.sent("receipt", SELLER))[-1].subject.startswith("変更しました")
    assert len(await history(desk, "reopened")) == 1
    await desk.gets("#reopen", sender=SELLER, to=notice.from_address)
    (second,) = await desk.sent("returned")
    assert "すでに「要対応」に戻しています" in second.text
    assert len(await desk.sent("notification", SELLER)) == 2


async def test_reopening_what_no_rule_did_or_with_an_answer_in_it_sends_nothing(desk: Desk) -> None:
    told = await answered(desk)
    await desk.gets("#要対応", sender=SELLER, to=told.from_address)
    await desk.gets("#要対応\nもう少しお待ちください。", sender=SELLER, to=told.from_address)
    first, second = await desk.sent("returned")
    assert "自動で処理したメールがありません" in first.text
    assert "もう少しお待ちください。" in second.text
    assert len(await desk.sent("answer")) == 1


async def test_a_thank_you_is_filed_while_an_answer_is_owed_and_shown_where_none_came_yet(desk: Desk) -> None:
    await answered(desk, "#処理中\n確認します。")
    (answer,) = await desk.sent("answer")
    await desk.gets("ありがとうございます。", sender=CUSTOMER, to=answer.from_address)
    assert (await desk.inquiry()).status is InquiryStatus.IN_PROGRESS
    assert await desk.sent("auto_response") == []
    notice = (await desk.sent("rule_notice", SELLER))[0]
    assert "【返信不要として保管しました】" in notice.text
    assert "お客様には何も送っていません（状態：処理中）" in notice.text
    assert len(await desk.sent("notification", SELLER)) == 1
    await desk.gets("#要対応", sender=SELLER, to=notice.from_address)
    assert (await desk.inquiry()).status is InquiryStatus.UNANSWERED
    assert len(await desk.sent("notification", SELLER)) == 2
    await desk.gets("ありがとうございます。", sender=CUSTOMER, to=answer.from_address)  # 未回答 by now
    assert [one.outcome for one in await decisions(desk)][1:] == [RuleOutcome.FILED, RuleOutcome.HUMAN]
    assert len(await desk.sent("notification", SELLER)) == 3


async def test_after_handled_elsewhere_a_thank_you_is_answered_once(desk: Desk) -> None:
    await answered(desk, "#対応済み")
    assert (await desk.inquiry()).status is InquiryStatus.DONE
    side = desk.worker.office.address(await desk.inquiry(), "c")
    await desk.gets("お電話ありがとうございました。", sender=CUSTOMER, to=side)
    await desk.gets("ありがとうございました。", sender=CUSTOMER, to=side)
    assert [one.outcome for one in await decisions(desk)][1:] == [RuleOutcome.ANSWERED, RuleOutcome.WITHHELD]
    assert len(await desk.sent("auto_response")) == 1
    await desk.gets("#要対応", sender=SELLER, to=(await desk.sent("rule_notice", SELLER))[-1].from_address)
    assert [one.undone_by for one in await decisions(desk)] == [None, None, SELLER]  # the newest one
    assert (await desk.inquiry()).status is InquiryStatus.UNANSWERED


async def test_A12_who_may_not_be_answered_is_shown_to_a_person_and_only_sorted(desk: Desk) -> None:
    await answered(desk)
    side = desk.worker.office.address(await desk.inquiry(), "c")
    for changed in (
        {"authenticated": False},
        {"Precedence": "bulk"},
        {"X_Loop": "a"},
        {"sender": "other@customer.example"},
        {"To": "friend@elsewhere.example"},
    ):
        await desk.gets("ありがとうございました。", **({"sender": CUSTOMER, "to": side} | changed))
        assert (await desk.inquiry()).status is InquiryStatus.UNANSWERED
        await desk.gets("#完了", sender=SELLER, to=(await desk.sent("notification", SELLER))[-1].from_address)
    barred = (await decisions(desk))[1:]
    assert {one.outcome for one in barred} == {RuleOutcome.BARRED}
    assert [one.withheld for one in barred] == [
        "not authenticated",
        "a machine: list",
        "marked: x-loop",
        "another address",
        "not addressed to us",
    ]
    assert {one.rule for one in barred} == {"thank-you after the answer"}
    assert len(await desk.sent("notification", SELLER)) == 1 + len(barred)
    assert await desk.sent("auto_response") + await desk.sent("rule_notice") == []
    row = await desk.gets("送料はいくらですか。", sender="jiro@customer.example", to=shop(), authenticated=False)
    assert (await desk.inquiry(row.outcome[0]["inquiry"])).category == "送料"


async def test_rules_look_at_nothing_but_customers_mails(desk: Desk) -> None:
    async with desk.database.write() as session:
        session.add(Staff(address="cs@market.example", created_at=NOW))
    told = await answered(desk)
    side = desk.worker.office.address(await desk.inquiry(), "c")
    await desk.gets("ありがとうございました。", sender=SELLER, to=told.from_address)  # a seller's
    await desk.gets("休暇中です。", sender=CUSTOMER, to=side, Auto_Submitted="auto-replied")  # a machine's, recorded
    for state in (ReceivedState.DONE, ReceivedState.DUPLICATE):
        row = await desk.gets("まだですか。", sender=CUSTOMER, to=side, Message_ID="<same@customer.example>")
        assert row.state is state
    await desk.gets("ありがとうございました。", sender="cs@market.example", to=f"testshop+staff@{DOMAIN}")
    looked_at = await decisions(desk)
    assert [one.outcome for one in looked_at] == [RuleOutcome.HUMAN, RuleOutcome.HUMAN, RuleOutcome.BARRED]
    assert looked_at[-1].withheld == "a seller or marketplace staff"
    assert await desk.sent("auto_response") == []


async def test_a_rule_that_fails_loses_and_silences_no_mail(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    await answered(desk)
    side = desk.worker.office.address(await desk.inquiry(), "c")

    def breaks(*_: object) -> None:
        raise RecursionError("secret words of the mail")

    monkeypatch.setattr(Among, "judge", breaks)
    with capture_logs() as logged:
        row = await desk.gets("ありがとうございました。", sender=CUSTOMER, to=side)
    assert row.state is ReceivedState.DONE
    assert len(await desk.sent("notification", SELLER)) == 2
    (failure,) = [line for line in logged if line["event"] == "rules.failed"]
    assert failure["rule"] in {rule.name for rule in (desk.worker.rules or pytest.fail()).rules}
    assert "secret" not in str(failure)
    assert len(await decisions(desk)) == 1


async def test_A17_a_very_long_mail_is_for_a_person(desk: Desk) -> None:
    await desk.gets("ありがとうございました。\n" * 2000, sender=CUSTOMER, to=shop())
    assert (await decisions(desk))[0].withheld == "a very long text"
    assert await desk.sent("auto_response") == []


async def test_without_rules_every_mail_is_for_a_person(database: Database) -> None:
    await open_shop(database)
    desk = Desk(database)
    await desk.gets("ありがとうございました。", sender=CUSTOMER, to=shop())
    assert len(await desk.sent("notification")) == 2
    assert await decisions(desk) == []


async def test_an_english_seller_reads_english(desk: Desk) -> None:
    async with desk.database.write() as session:
        for seller in (await session.exec(select(Seller))).all():
            seller.language = "en"
    await answered(desk)
    (answer,) = await desk.sent("answer")
    await desk.gets("Thank you very much!", sender=CUSTOMER, to=answer.from_address)
    notice = (await desk.sent("rule_notice", SELLER))[0]
    assert "[Answered automatically]" in notice.text
    assert "It needs an answer: mailto:q1-reopen" in notice.text
