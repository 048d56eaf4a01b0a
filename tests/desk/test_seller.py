"""What a seller's mail does, and what it never does unless we know who wrote it."""

from dataclasses import replace
from datetime import timedelta
from typing import TypeVar

import pytest

from gateway.desk.decide import decide
from gateway.desk.drafts import reading_of
from gateway.desk.effects import (
    AddMessage,
    Decision,
    Help,
    Receipt,
    ReturnDraft,
    SendAnswer,
    SetStatus,
    SettleDraft,
)
from gateway.desk.hold_effects import HoldDraft
from gateway.desk.situation import Candidate
from gateway.mail.addresses import InquiryAddress
from gateway.mail.values import AttachedFile, Machine, Mailbox, Reply
from gateway.store.states import Author, Direction, DraftState, InquiryStatus
from gateway.store.tables import Draft
from gateway.texts import Texts, languages
from tests.desk.builders import (
    NOW,
    SELLER,
    TO_SELLER_SIDE,
    customer,
    done,
    entry,
    incoming,
    seller,
    situation,
    store,
)

COLLEAGUE = seller("tanaka@shop.example", 2)


T = TypeVar("T")


def effects(decision: Decision, kind: type[T]) -> list[T]:
    return [effect for effect in decision.effects if isinstance(effect, kind)]


def reply(text: str, **fields: object) -> Decision:
    return decide(incoming(TO_SELLER_SIDE, text=text, sender=SELLER, **fields), situation())


def test_a_reply_goes_to_the_customer_and_the_inquiry_is_done() -> None:
    decision = reply("明日発送します。")
    (answer,) = effects(decision, SendAnswer)
    assert answer.text == "明日発送します。"
    (status,) = effects(decision, SetStatus)
    assert status.status is InquiryStatus.DONE


def test_a_command_in_the_first_line_sets_the_state_and_never_reaches_the_customer() -> None:
    decision = reply("#処理中\n確認してご連絡します。")
    (answer,) = effects(decision, SendAnswer)
    assert answer.text == "確認してご連絡します。"
    assert answer.status is InquiryStatus.IN_PROGRESS


def test_a_command_alone_sends_nothing() -> None:
    decision = reply("＃完了")
    assert not effects(decision, SendAnswer)
    assert effects(decision, SetStatus)[0].status is InquiryStatus.DONE
    assert effects(decision, Receipt)


@pytest.mark.parametrize("text", ["#対応済み", "#対応済み\nお電話でお答えしました。"])
def test_the_history_knows_what_was_handled_elsewhere_from_what_was_just_closed(text: str) -> None:
    assert effects(reply(text), SetStatus)[0].why == "handled"
    assert effects(reply("#完了"), SetStatus)[0].why == "status"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        ("#処理虫\n確認します。", "unknown_command"),
        ("確認します。\n#完了", "command_below"),
        ("あ" * 1001, "too_long"),
        ("#自動応答\nそれと、明日届きます。", "auto_with_text"),
        ("#処理中\n#完了\n確認します。", "conflict"),
        ("#非表示 タイトル\n理由", "not_public"),
        ("#送信", "no_draft"),
        ("#メモ", "note_empty"),
    ],
)
def test_what_cannot_be_done_comes_back_with_the_reason_and_nothing_is_sent(text: str, reason: str) -> None:
    decision = reply(text)
    (returned,) = effects(decision, ReturnDraft)
    assert returned.reason == reason
    assert not effects(decision, SendAnswer)
    assert not effects(decision, SetStatus)


def test_F8_a_thousand_characters_are_counted_as_people_count_them() -> None:
    decomposed = "か\u3099" * 500 + "\r\n" + "あ" * 499  # 500 が, a line break, 499 あ
    assert effects(reply(decomposed), SendAnswer)


def test_an_attachment_alone_is_an_answer() -> None:
    file = AttachedFile("領収書.pdf", "application/pdf", b"%PDF")
    (answer,) = effects(reply("", attachments=(file,)), SendAnswer)
    assert answer.attachments == (file,)


def test_A10_an_unauthenticated_seller_is_held_and_asked_at_the_registered_address() -> None:
    decision = reply("明日発送します。", authenticated=False)
    (held,) = effects(decision, HoldDraft)
    assert (held.reason, held.to) == ("unauthenticated", (SELLER,))
    assert not effects(decision, SendAnswer)


def test_A09_an_unregistered_address_on_a_true_token_is_held_for_the_registered_sellers() -> None:
    known = replace(situation(), sellers=(seller(), COLLEAGUE))
    decision = decide(incoming(TO_SELLER_SIDE, text="送ります", sender="phone@carrier.example"), known)
    (held,) = effects(decision, HoldDraft)
    assert (held.reason, held.to) == ("unregistered", (SELLER, COLLEAGUE.address))


def test_N40_two_authors_are_never_a_seller_even_when_one_is() -> None:
    authors = (Mailbox("", SELLER), Mailbox("", "x@evil.example"))
    decision = decide(incoming(TO_SELLER_SIDE, text="送ります", from_=authors), situation())
    assert effects(decision, HoldDraft)
    assert not effects(decision, SendAnswer)


def test_a_sellers_vacation_responder_sends_nothing_to_the_customer() -> None:
    for fields in ({"machine": Machine.AUTO_REPLY}, {"machine": Machine.BOUNCE}, {"mail_from": ""}):
        decision = reply("休暇中です。", **fields)
        assert not effects(decision, SendAnswer)
        assert effects(decision, AddMessage)[0].direction is Direction.INTERNAL


def test_a_sellers_mail_that_is_marked_automatic_is_held_not_sent_and_not_lost() -> None:
    decision = reply("明日発送します。", auto_submitted=True)
    assert effects(decision, HoldDraft)[0].reason == "automatic"
    assert not effects(decision, SendAnswer)


def test_a_reply_to_an_inquiry_closed_long_ago_comes_back() -> None:
    old = done()
    old.closed_at = NOW - timedelta(days=91)
    known = replace(situation(), named=Candidate(old, customer()))
    decision = decide(incoming(TO_SELLER_SIDE, text="遅くなりました", sender=SELLER), known)
    assert effects(decision, ReturnDraft)[0].reason == "expired"


def button(action: str, text: str = "", **fields: object) -> Decision:
    address = InquiryAddress(1042, action, "x" * 24)
    return decide(incoming(address, text=text, sender=SELLER, **fields), situation())


def test_a_button_needs_no_words_and_its_words_go_to_nobody() -> None:
    assert effects(button("progress"), SetStatus)[0].status is InquiryStatus.IN_PROGRESS
    decision = button("done", "よろしくお願いします")
    assert not effects(decision, SendAnswer)
    assert effects(decision, Receipt)[0].ignored == "よろしくお願いします"


@pytest.mark.parametrize("action", ["progress", "done", "auto", "reopen"])
@pytest.mark.parametrize(
    "text", ["#自動応答", "#処理中", "#処理完了", "#非表示 題\n理由", "#メモ\nメモ文", "#カテゴリ 送料"]
)
def test_another_command_in_a_buttons_mail_is_not_told_as_done(action: str, text: str) -> None:
    own = {"progress": "#処理中", "done": "#処理完了", "auto": "#自動応答"}.get(action, "#要対応")
    if text == own:
        return
    for written in (text, f"{own}\n{text}"):
        decision = button(action, written)
        (returned,) = decision.effects
        assert isinstance(returned, ReturnDraft)
        assert (returned.reason, returned.text) == ("button_command", written)


@pytest.mark.parametrize("action", ["progress", "done", "auto"])
@pytest.mark.parametrize("language", languages())
def test_a_buttons_own_command_is_no_other(action: str, language: str) -> None:
    decision = button(action, Texts(language)(f"button.body.{action}", number=1042).split("\n")[0])
    assert not effects(decision, ReturnDraft)


def test_the_automatic_answer_by_button_is_a_sellers_answer_and_comes_once() -> None:
    (answer,) = effects(button("auto"), SendAnswer)
    assert answer.kind == "auto_response"
    answered = entry(Direction.OUT, Author.SELLER, remark="auto_response")
    address = InquiryAddress(1042, "auto", "x" * 24)
    again = decide(incoming(address, text="", sender=SELLER), replace(situation(), thread=(entry(), answered)))
    assert effects(again, ReturnDraft)[0].reason == "auto_again"
    newer = replace(situation(), thread=(entry(), answered, entry()))
    assert effects(decide(incoming(address, text="", sender=SELLER), newer), SendAnswer)


def test_a_machine_is_never_answered_automatically_by_button_either() -> None:
    address = InquiryAddress(1042, "auto", "x" * 24)
    known = replace(situation(), thread=(entry(remark="automatic"),))
    decision = decide(incoming(address, text="", sender=SELLER), known)
    assert effects(decision, ReturnDraft)[0].reason == "machine"


def test_an_unauthenticated_button_is_held_too() -> None:
    assert effects(button("auto", authenticated=False), HoldDraft)[0].action == "auto"


def draft_of(reply: Reply, action: str | None = None, state: DraftState = DraftState.HELD) -> Draft:
    return Draft(
        id="d1", state=state, reason="unauthenticated", inquiry_number=1042, message_id=7, nonce="n",
        reading=reading_of(reply, action), created_at=NOW, expires_at=NOW + timedelta(days=14),
    )  # fmt: skip


SEND = InquiryAddress(1042, "send", "x" * 24)


def test_a_confirmation_sends_the_draft_once_without_authentication() -> None:
    draft = draft_of(Reply("明日発送します。", ""))
    held = entry(Direction.INTERNAL, Author.SELLER, text="明日発送します。")
    known = replace(situation(), draft=draft, draft_message=held)
    decision = decide(incoming(SEND, text="", sender=SELLER, authenticated=False), known)
    assert effects(decision, SettleDraft) == [SettleDraft("d1")]
    assert effects(decision, SendAnswer)[0].text == "明日発送します。"
    used = replace(known, draft=draft_of(Reply("明日発送します。", ""), state=DraftState.SENT))
    again = decide(incoming(SEND, text="", sender=SELLER, authenticated=False), used)
    assert not effects(again, SendAnswer)


def test_a_confirmed_draft_that_cannot_be_sent_comes_back_and_nothing_leaks() -> None:
    draft = draft_of(Reply("本文", "", (), ("#処理虫",), "処理中"))
    known = replace(situation(), draft=draft, draft_message=entry(text="本文"))
    decision = decide(incoming(SEND, text="", sender=SELLER), known)
    assert effects(decision, ReturnDraft)[0].reason == "unknown_command"
    assert not effects(decision, SendAnswer)


def test_a_vacation_responder_does_not_confirm() -> None:
    known = replace(situation(), draft=draft_of(Reply("本文", "")), draft_message=entry(text="本文"))
    decision = decide(incoming(SEND, text="", sender=SELLER, machine=Machine.AUTO_REPLY), known)
    assert not effects(decision, SettleDraft)


def test_an_answer_needs_an_address() -> None:
    nobody = replace(situation(), named=Candidate(done(), customer(address="", address_key="")))
    decision = decide(incoming(TO_SELLER_SIDE, text="はい", sender=SELLER), nobody)
    assert effects(decision, ReturnDraft)[0].reason == "no_address"


def test_a_note_stays_inside_and_help_comes_to_the_seller() -> None:
    assert effects(reply("#メモ\n電話済み"), AddMessage)[0].direction is Direction.INTERNAL
    assert effects(reply("#ヘルプ"), Help)[0].to == SELLER


def test_the_stores_own_limit_counts() -> None:
    short = replace(situation(), store=store(max_chars=3))
    decision = decide(incoming(TO_SELLER_SIDE, text="四文字だ", sender=SELLER), short)
    assert effects(decision, ReturnDraft)[0].detail == (("count", "4"), ("limit", "3"))
