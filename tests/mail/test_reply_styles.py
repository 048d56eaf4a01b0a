"""A known answer is written into a known mail in every known style of quoting, and must come back whole and alone."""

import unicodedata
from collections.abc import Callable, Sequence
from itertools import cycle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.mail.reply import MARKERS, divide, divide_seller
from tests.mail.styles import Original, Style, styles, unmarked_styles

NOTIFICATION = Original(
    "山田 花子様（お客様）",
    "q1042-s-g7o5xetyk76olzvj6osv3czr@q.example.jp",
    "shop@shop.example",
    "サイズについて教えてください [Q-1042]",
    (
        "はじめまして、山田と申します。",
        "写真の色のものは、Lサイズもありますか。",
        "",
        "来週の金曜日までに届くと助かります。",
        "よろしくお願いいたします。",
        "",
        f"──────────── {MARKERS[0]} ────────────",
        "",
        "状態: 未回答",
        "商品コード: 598405570",
    ),
)
ANSWER = Original(
    "サンプル商店",
    "q1042-c-g7o5xetyk76olzvj6osv3czr@q.example.jp",
    "hanako@customer.example",
    "Re: 送料について",
    (
        "お問い合わせありがとうございます。",
        "送料は全国一律500円です。",
        "離島へのお届けには、別に1,200円をいただいております。",
        "またのご利用をお待ちしております。",
    ),
)
ENGLISH = Original(
    "Sample Shop",
    "q1042-c-g7o5xetyk76olzvj6osv3czr@q.example.jp",
    "taro@customer.example",
    "Re: shipping",
    ("Thank you for your order.", "It will be shipped tomorrow.", "", "Best regards,", "Sample Shop"),
)
ORIGINALS = (NOTIFICATION, ANSWER, ENGLISH)

WRITTEN = (
    "はい、ございます。\n本日発送いたします。",
    "Yes, we have it in size L.\n\nIt costs 1,200 yen: shall we send it?",
    "山田様\n\nお問い合わせありがとうございます。\n11月25日までにご連絡いたします。\n\nどうぞよろしくお願いいたします。\n鈴木",
    "네, 가능합니다.",
    "可以，谢谢您的来信。",
    "12/1 10:00でお願いします",
)

Placed = Callable[[list[str], list[str], int], list[str]]
PLACES: dict[str, Placed] = {
    "above": lambda written, quoted, _: [*written, "", *quoted],
    "right above": lambda written, quoted, _: [*written, *quoted],
    "below": lambda written, quoted, _: [*quoted, "", *written],
    "between": lambda written, quoted, head: [*quoted[: head + 2], "", *written, "", *quoted[head + 2 :]],
}


def said_lines(text: str) -> list[str]:
    return [unicodedata.normalize("NFKC", line).strip() for line in text.split("\n") if line.strip()]


def reply_in(style: Style, original: Original, written: str, place: str) -> str:
    """The body of a reply as that client makes it."""
    quoted = style.quotation(original)
    head = len(quoted) - len(original.lines)
    return "\n".join(PLACES[place](written.split("\n"), quoted, head)) + "\n"


def wrong(chosen: Sequence[Style], place: str, *, known: bool) -> list[str]:
    """The styles in which an answer does not come back; each original is answered in turn by another of WRITTEN."""
    found = []
    answers = cycle(WRITTEN)
    for style in chosen:
        for original, written in zip(ORIGINALS, answers, strict=False):
            sent = ["\n".join(original.lines)] if known else []
            text = reply_in(style, original, written, place)
            if said_lines(divide_seller(text, sent).text) != said_lines(written):
                found.append(f"{style.client} of {original.name}: {written}")
        next(answers)  # so that each style meets other pairs than the one before
    return found


@pytest.mark.parametrize("place", PLACES)
def test_an_answer_comes_back_from_a_quotation_that_tells_itself(place: str) -> None:
    chosen = [style for style in styles() if style.mark or (style.proves_itself and place == "above")]
    assert wrong(chosen, place, known=False) == []


@pytest.mark.parametrize("place", PLACES)
def test_an_answer_comes_back_from_any_quotation_of_a_mail_that_we_know(place: str) -> None:
    assert wrong(styles(), place, known=True) == []


@pytest.mark.parametrize("place", ["above", "below"])
def test_an_answer_comes_back_from_a_quotation_without_marks_of_a_mail_that_we_know(place: str) -> None:
    assert wrong([s for s in unmarked_styles() if not s.head.startswith(">")], place, known=True) == []


def test_an_answer_above_a_quotation_without_marks_comes_back_where_the_head_says_enough() -> None:
    weak = (
        "alot",
        "pine",
        "news-ja",
        "al-mail",
        "supercite",
        "nmh",
        "softbank-unmarked",
    )  # a sentence of a writer may look the same
    chosen = [style for style in unmarked_styles() if not style.client.startswith(weak)]
    assert wrong(chosen, "above", known=False) == []


PHRASES = st.sampled_from(
    [
        *(
            "はい",
            "在庫はございます",
            "11月25日(水) 14:00に発送します",
            "On Monday we will ship it",
            "From: の欄をご覧ください",
        ),
        *(
            "https://shop.example/item?id=598405570",
            "1. 青\n2. 白",
            "・サイズ: L",
            "価格は1,980円です",
            "- white\n- blue",
        ),
        *("件名のとおりです", "日時: 12月1日 10:00", "〒100-0001 東京都千代田区1-1", "A -> B の順です", "5 > 3 です"),
        *("エラーと表示されます", "お電話 03-0000-0000 まで", "(^_^)/", "ありがとうございます!", "|x| < 3", "※注意※"),
    ]
)
SENTENCES = st.lists(PHRASES, min_size=1, max_size=6).map("\n".join)


@settings(deadline=None, max_examples=300)
@given(st.sampled_from(styles()), st.sampled_from(ORIGINALS), SENTENCES, st.sampled_from(sorted(PLACES)))
def test_whatever_is_answered_comes_back_from_any_quotation(
    style: Style, original: Original, written: str, place: str
) -> None:
    found = divide(reply_in(style, original, written, place), ["\n".join(original.lines)]).text
    assert said_lines(found) == said_lines(written)


@settings(deadline=None, max_examples=300)
@given(st.lists(SENTENCES, min_size=1, max_size=3))
def test_a_mail_that_quotes_nothing_is_all_new(paragraphs: list[str]) -> None:
    text = "\n\n".join(paragraphs)
    assert said_lines(divide(text).text) == said_lines(text)
