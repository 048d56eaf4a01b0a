"""What a mail to the desk asks for."""

from datetime import date
from typing import Any

import pytest

from gateway.desk.desk_mail_words import NotUnderstood, Request, read
from gateway.desk.listed_days import days_of
from gateway.store.inquiry_filter import Filter
from gateway.store.states import InquiryStatus, Origin
from gateway.texts import Texts

TODAY = date(2026, 11, 26)
UNANSWERED, DONE = InquiryStatus.UNANSWERED, InquiryStatus.DONE


def asked(subject: str, body: str = "") -> Request:
    request = read(subject, body, TODAY)
    assert isinstance(request, Request), request
    return request


@pytest.mark.parametrize(
    ("subject", "body", "by", "filters"),
    [
        ("一覧", "", None, {}),
        ("Re: ＃一覧　未回答", "", None, {"status": UNANSWERED}),
        ("一覧未回答", "", None, {"status": UNANSWERED}),
        ("一覧 処理完了 顧客別", "", "customer", {"status": DONE}),
        ("LIST done by product", "", "product", {"status": DONE}),
        ("list in progress", "", None, {"status": InquiryStatus.IN_PROGRESS}),
        ("", "お世話になっております。\n\n一覧 商品別", "product", {}),
        ("一覧", "鈴木商店\n鈴木 一郎", None, {}),
        ("一覧", "未回答\n鈴木", None, {"status": UNANSWERED}),
        ("一覧 スタッフ", "", None, {"origin": Origin.MARKETPLACE}),
        ("一覧 全件 続き:Q-1042", "", None, {"before": 1042}),
        ("検索 送料", "", None, {"words": "送料"}),
        ("検索送料", "", None, {"words": "送料"}),
        ("検索", "送料 返品\n--\n鈴木", None, {"words": "送料 返品"}),
        ("検索 送料 状態：未回答 商品： 598405570 注文:B-7788", "", None,
         {"words": "送料", "status": UNANSWERED, "product": "598405570", "order": "B-7788"}),
        ("検索 期間:2026/11/01-2026/11/20 返品", "", None,
         {"words": "返品", "since": date(2026, 11, 1), "until": date(2026, 11, 20)}),
        ("search delivery type:一般 category:送料", "", None,
         {"words": "delivery", "kind": "一般", "category": "送料"}),
    ],
)  # fmt: skip
def test_lists_and_searches(subject: str, body: str, by: str | None, filters: dict[str, Any]) -> None:
    request = asked(subject, body)
    assert (request.wanted, request.by) == (Filter(**filters), by)


@pytest.mark.parametrize(
    ("subject", "body", "act", "rest", "store"),
    [
        ("一覧 @OtherShop 未回答", "", "list", "未回答", "othershop"),
        ("設定", "", "settings", "", None),
        ("ヘルプ", "", "help", "", None),
        ("", "help", "help", "", None),
        ("定型 登録 送料", "本文です。", "template", "登録 送料", None),
        ("全文 Q-12", "", "full", "Q-12", None),
        ("Qoo10へ 精算について @testshop", "確認をお願いします。", "staff", "精算について", "testshop"),
        ("Ｑｏｏ１０へ：精算", "", "staff", "精算", None),
        ("スタッフへ", "本文", "staff", "", None),
        ("Staff: payout", "", "staff", "payout", None),
    ],
)
def test_other_requests(subject: str, body: str, act: str, rest: str, store: str | None) -> None:
    request = asked(subject, body)
    assert (request.act, request.rest, request.store) == (act, rest, store)


@pytest.mark.parametrize(
    ("subject", "body", "line", "suggestion"),
    [
        ("一らん", "", "一らん", "一覧"),
        ("serch 送料", "", "serch 送料", "search"),
        ("一覧 未解答", "", "未解答", "未回答"),
        ("", "", "", ""),
        ("お問い合わせ一覧：3件", "自動返信です。", "自動返信です。", ""),
    ],
)
def test_what_is_not_understood_comes_with_the_nearest_word(
    subject: str, body: str, line: str, suggestion: str
) -> None:
    assert read(subject, body, TODAY) == NotUnderstood(line, suggestion)


@pytest.mark.parametrize(
    ("subject", "line", "allowed"),
    [
        ("検索", "検索", "search"),
        ("検索 %", "検索 %", "signs"),
        ("検索 _", "検索 _", "signs"),
        ("検索 状態:あとで", "状態:あとで", "status"),
        ("検索 期間:2026/13/01", "期間:2026/13/01", "days"),
        ("一覧 続き:次", "続き:次", "before"),
        ("検索 商品:", "商品:", "product"),
        ("全文", "全文", "full"),
    ],
)
def test_what_lacks_something_comes_with_what_is_allowed_there(subject: str, line: str, allowed: str) -> None:
    assert read(subject, "", TODAY) == NotUnderstood(line, allowed=allowed)
    assert Texts("ja").has(f"not_understood.allowed.{allowed}")


@pytest.mark.parametrize(
    ("words", "days"),
    [
        ("2026/11/01-2026/11/20", (date(2026, 11, 1), date(2026, 11, 20))),
        ("2026-11-01~2026-11-20", (date(2026, 11, 1), date(2026, 11, 20))),
        ("20261101..20261120", (date(2026, 11, 1), date(2026, 11, 20))),
        ("2026年11月1日から11月20日まで", (date(2026, 11, 1), date(2026, 11, 20))),
        ("11/1-", (date(2026, 11, 1), None)),
        ("-11/20", (None, date(2026, 11, 20))),
        ("12/24", (date(2025, 12, 24),) * 2),
        ("先月", (date(2026, 10, 1), date(2026, 10, 31))),
        ("今日", (TODAY, TODAY)),
        ("2026/11/20-2026/11/01", None),
        ("2026/02/30", None),
        ("-", None),
        ("いつか", None),
    ],
)
def test_periods(words: str, days: object) -> None:
    assert days_of(words, TODAY) == days


def test_a_line_is_told_back_without_what_turns_its_direction() -> None:
    assert asked("", "\u202e一覧 \u2066未回答").line == "一覧 未回答"
    assert read("", "\u202eなんですか", TODAY) == read("", "なんですか", TODAY)
