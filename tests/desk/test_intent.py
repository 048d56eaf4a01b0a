"""What every command means: alone, with words, and beside others (mail-interface, "What the seller can write")."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import combinations

import pytest

from gateway.desk import grammar
from gateway.desk.drafts import as_written
from gateway.desk.intent import Intent, Refusal
from gateway.desk.reading import intent_of
from gateway.desk.situation import Candidate, Situation
from gateway.mail.commands import WORDS
from gateway.mail.reply import divide_seller
from gateway.store.public_tables import Publication, Restriction
from gateway.store.states import InquiryStatus, Origin
from gateway.store.template_tables import Template
from tests.desk.builders import NOW, answer, customer, entry, inquiry, situation, store

TEXTS = {"送料": "{{ お客様名 }}様、500円です。", "お断り": "{{store_title}}です。", "注文": "{{ 注文番号 }}"}
TEMPLATES = tuple(
    Template(id=number, store_id=1, name=name, name_key=name, text=text, created_at=NOW, changed_at=NOW)
    for number, (name, text) in enumerate(TEXTS.items(), 1)
)
PUBLIC = situation(
    named=Candidate(inquiry(origin=Origin.PRODUCT_PAGE, product_code="598405570"), customer()),
    templates=TEMPLATES,
    answer=answer(),
    question=Publication(message_id=1, waits="sender"),
    restrictions={"598405570": Restriction(customer_id=1, product_code="598405570", inquiry_number=1)},
)
HIDDEN = replace(
    PUBLIC, named=Candidate(inquiry(origin=Origin.PRODUCT_PAGE, product_code="598405570", hidden=True), customer())
)
PROGRESS, DONE = InquiryStatus.IN_PROGRESS, InquiryStatus.DONE
ARGUMENTS = {
    "template": " 送料",
    "title": " ご案内",
    "category": " 送料",
    "snooze": " 明日",
    "merge": " Q-12",
    "hide": " 件",
}


def read(text: str, known: Situation = PUBLIC, action: str | None = None, *, files: bool = False) -> Intent | Refusal:
    return intent_of(divide_seller(text), known, action=action, has_attachments=files)


def intent(text: str, known: Situation = PUBLIC, action: str | None = None, *, files: bool = False) -> Intent:
    found = read(text, known, action, files=files)
    assert isinstance(found, Intent), found
    return found


@pytest.mark.parametrize(
    ("text", "act", "status", "fields"),
    [
        ("明日発送します。", "answer", DONE, {"text": "明日発送します。"}),
        ("#処理中\n確認します。", "answer", PROGRESS, {"text": "確認します。"}),
        ("#保留", "status", PROGRESS, {}),
        ("#完了", "status", DONE, {}),
        ("#自動応答", "auto", DONE, {}),
        ("#自動応答\n#完了\n#カテゴリ 送料", "auto", DONE, {"category": "送料"}),
        ("#定型 送料", "answer", DONE, {"template": 1, "text": "山田様、500円です。"}),
        ("#定型 送料\n#処理中\n#件名 送料のご案内\n以上です。", "answer", PROGRESS,
         {"template": 1, "title": "送料のご案内", "text": "山田様、500円です。\n\n以上です。"}),
        ("#件名 ご案内\nお待たせしました。", "answer", DONE, {"title": "ご案内"}),
        ("#非表示 掲載について\n#制限\n個人情報のためです。", "hide", None,
         {"title": "掲載について", "restrict": True, "text": "個人情報のためです。"}),
        ("#非表示 掲載について\n#完了\n#定型 お断り", "hide", DONE,
         {"restrict": False, "template": 2, "text": "テストショップです。"}),
        ("#メモ\nお電話済み", "note", None, {"text": "お電話済み"}),
        ("#メモ\n#対応済み\nお電話済み", "note", DONE, {}),
        ("#対応済み\n#明日", "status", DONE, {}),
        ("#カテゴリ 返品・交換", "status", None, {"category": "返品・交換"}),
        ("#明日\n#処理中\n#カテゴリ 送料", "status", PROGRESS, {"category": "送料"}),
        ("#再表示", "unhide", None, {}),
        ("#公開", "publish", None, {}),
        ("#迷惑", "spam", DONE, {}),
        ("#取消", "cancel", None, {}),
        ("#取消\n送らないで", "cancel", None, {"ignored": "送らないで"}),
        ("#送信", "send", None, {}),
        ("#全文", "full", None, {}),
        ("#ヘルプ\n使い方は？", "help", None, {"ignored": "使い方は？"}),
    ],
)  # fmt: skip
def test_what_is_asked_for(text: str, act: str, status: InquiryStatus | None, fields: dict[str, object]) -> None:
    found = intent(text)
    assert (found.act, found.status) == (act, status)
    assert {name: getattr(found, name) for name in fields} == fields


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("#非表示\n理由です。", "hide_no_title"),
        ("#非表示 タイトル", "hide_no_reason"),
        ("#非表示", "hide_incomplete"),
        ("#制限\n理由です。", "restrict_alone"),
        ("#制限", "restrict_alone"),
        ("#件名 ご案内", "title_alone"),
        ("#件名 ご案内\n#処理中", "title_alone"),
        ("#件名\n本文", "needs_title"),
        ("#定型\n本文", "needs_template"),
        ("#カテゴリ\n本文", "needs_category"),
        ("#snooze\n本文", "needs_snooze"),
        ("#統合", "needs_merge"),
        ("#統合 送料の件", "needs_merge"),
        ("#別件\n別の件です。", "alone_with_text"),
        ("#送信\n追記です。", "alone_with_text"),
        ("#迷惑\n#完了", "conflict"),
        ("#自動応答\n#処理中", "conflict"),
        ("#メモ\n#件名 ご案内\n本文", "conflict"),
        ("#カテゴリ 送料\n#カテゴリ 返品", "conflict"),
        ("#処理中\n#対応済み", "conflict"),
        ("#カテゴリ " + "送" * 41, "category_too_long"),
        ("#件名 " + "送" * 201 + "\n本文", "title_too_long"),
        ("#2026-11-19", "snooze_past"),
        ("#2026-02-30", "snooze_no_day"),
        ("#2030-01-01", "snooze_too_far"),
        ("#非表示 タイトル\n" + "あ" * 1001, "too_long"),
        ("#定型 送料\n" + "あ" * 995, "too_long"),
        ("#定型 返品", "unknown_template"),
        ("#定型 注文", "unresolved_field"),
        ("#件名 {{ 注文番号 }}\n本文", "unresolved_field"),
        ("｛｛お客様の名前｝｝様", "unresolved_field"),
    ],
)
def test_what_each_command_needs(text: str, reason: str) -> None:
    found = read(text)
    assert isinstance(found, Refusal), found
    assert found.reason == reason


@pytest.mark.parametrize("text", ["#非表示 タイトル\n理由", "#再表示", "#公開"])
def test_only_a_product_pages_question_is_hidden_or_shown(text: str) -> None:
    assert read(text, situation()) == Refusal("not_public", (("line", text.split("\n", 1)[0]),))


def test_what_moves_mails_needs_mails_and_an_inquiry_of_the_same_customer() -> None:
    two = replace(situation(), thread=(entry(), entry()), siblings={1042: Origin.DIRECT, 12: Origin.MY_PAGE})
    assert intent("#別件", two).act == "split"
    assert [intent(f"#統合 {name}", two).into for name in ("Q-12", "q12", "１２")] == [12, 12, 12]
    stranger = replace(two, thread=(entry(), entry(remark="other_address"), entry(remark="machine")))
    public = replace(two, siblings={12: Origin.PRODUCT_PAGE})
    refused = {read("#別件", stranger), read("#統合 12", public), read("#統合 13", two), read("#統合 1042", two)}
    reasons = {one.reason for one in refused if isinstance(one, Refusal)}
    assert reasons == {"split_only", "merge_public", "merge_unknown", "needs_merge"}


def test_a_known_command_below_the_text_is_not_called_unknown_and_comes_back_as_written() -> None:
    reply = divide_seller("#処理中\n本文\n＃完了\n続き")
    assert read("#処理中\n本文\n＃完了\n続き") == Refusal("command_below", (("line", "＃完了"),))
    assert as_written(reply) == "#処理中\n本文\n＃完了\n続き"
    mistyped = divide_seller("#処里中\n本文\n#完了")
    assert read("#処里中\n本文\n#完了") == Refusal("unknown_command", (("line", "#処里中"), ("near", "#処理中")))
    assert as_written(mistyped) == "#処里中\n本文\n#完了"


def test_only_a_sender_can_be_silenced_and_never_the_marketplace() -> None:
    nobody = situation(named=Candidate(inquiry(), customer(address="", address_key="")))
    staff = situation(named=Candidate(inquiry(origin=Origin.MARKETPLACE), customer()))
    assert read("#迷惑", nobody) == Refusal("spam_nobody", (("line", "#迷惑"),))
    assert read("#迷惑", staff) == Refusal("spam_staff", (("line", "#迷惑"),))


def test_what_is_so_already_is_not_done_again() -> None:
    free = replace(PUBLIC, restrictions={})
    shown = replace(PUBLIC, question=Publication(message_id=1))
    assert read("#非表示 タイトル\n理由", HIDDEN) == Refusal("hidden_before")
    assert read("#非表示 タイトル\n#制限\n理由", HIDDEN) == Refusal("hidden_before")
    assert intent("#非表示 タイトル\n#制限\n理由", replace(HIDDEN, restrictions={})).restrict
    assert read("#再表示", free) == Refusal("not_hidden")
    assert intent("#再表示", replace(HIDDEN, restrictions={})).act == "unhide"
    assert read("#公開", shown) == Refusal("public_before")
    assert read("#公開", HIDDEN) == Refusal("publish_hidden")
    assert read("#公開", replace(PUBLIC, question=None)) == Refusal("never_public")


def test_the_hide_button_reads_its_title_and_reason_and_the_cancel_button_needs_none() -> None:
    assert intent("#非表示 掲載について\n理由です。", action="hide").title == "掲載について"
    assert read("", action="hide") == Refusal("hide_incomplete")
    assert intent("", action="cancel").act == "cancel"


def test_any_commands_that_go_together_in_pairs_go_together_in_one_mail() -> None:
    grouped = sorted({name for group in grammar.TOGETHER for name in group})
    assert {*grouped, *grammar.ALONE} == set(WORDS)
    for size in range(2, len(grouped) + 1):
        for names in combinations(grouped, size):
            pairs = all(any({*pair} <= group for group in grammar.TOGETHER) for pair in combinations(names, 2))
            assert pairs == any({*names} <= group for group in grammar.TOGETHER)


@pytest.mark.parametrize("alone", grammar.ALONE)
def test_a_command_that_stands_alone_goes_with_no_other(alone: str) -> None:
    for other in set(WORDS) - {alone}:
        text = f"#{WORDS[alone][0]}{ARGUMENTS.get(alone, '')}\n#{WORDS[other][0]}{ARGUMENTS.get(other, '')}"
        found = read(text)
        assert isinstance(found, Refusal), text
        assert found.reason == "conflict"


@pytest.mark.parametrize(
    ("words", "at"),
    [  # it is Friday 2026-11-20 14:03 in Tokyo; Monday 23 is a holiday
        ("#明日", datetime(2026, 11, 21, 0, 0, tzinfo=UTC)),
        ("#3日後", datetime(2026, 11, 23, 0, 0, tzinfo=UTC)),
        ("#2週間後", datetime(2026, 12, 4, 0, 0, tzinfo=UTC)),
        ("#3時間後", datetime(2026, 11, 20, 8, 3, tzinfo=UTC)),
        ("#来週", datetime(2026, 11, 23, 0, 0, tzinfo=UTC)),
        ("#2026-12-01", datetime(2026, 12, 1, 0, 0, tzinfo=UTC)),
        ("#再来週", datetime(2026, 11, 30, 0, 0, tzinfo=UTC)),
        ("#水曜日", datetime(2026, 11, 25, 0, 0, tzinfo=UTC)),
        ("#金曜", datetime(2026, 11, 27, 0, 0, tzinfo=UTC)),
        ("#日曜", datetime(2026, 11, 22, 0, 0, tzinfo=UTC)),
        ("#2026年12月1日", datetime(2026, 12, 1, 0, 0, tzinfo=UTC)),
        ("#12月1日", datetime(2026, 12, 1, 0, 0, tzinfo=UTC)),
        ("#1/5", datetime(2027, 1, 5, 0, 0, tzinfo=UTC)),
        ("#snooze tomorrow", datetime(2026, 11, 21, 0, 0, tzinfo=UTC)),
        ("#明後日", datetime(2026, 11, 22, 0, 0, tzinfo=UTC)),
    ],
)
def test_a_snoozed_inquiry_comes_back_at_the_stores_morning(words: str, at: datetime) -> None:
    assert intent(words).snooze == at


def test_the_morning_is_when_the_store_opens_in_its_own_time_zone() -> None:
    late = replace(PUBLIC, store=store(timezone="America/New_York", hours="mon-fri 11:00-20:00; sat 10:00-12:00"))
    assert intent("#明日", late).snooze == datetime(2026, 11, 21, 15, 0, tzinfo=UTC)  # there it is Friday 00:03
    assert intent("#今日", late).snooze == datetime(2026, 11, 20, 16, 0, tzinfo=UTC)
    always = replace(PUBLIC, store=store(hours="always"))
    assert intent("#明日", always).snooze == datetime(2026, 11, 21, 0, 0, tzinfo=UTC)
