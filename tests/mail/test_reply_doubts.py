"""Texts that could be read both ways: a writer's words are kept, and what a client put there goes."""

import pytest

from gateway.mail.reply import divide

FORWARDED = (
    "---------- Forwarded message ----------\nFrom: Carrier <post@carrier.example>\nDate: Fri, 20 Nov 2026\n"
    "Subject: Your parcel\nTo: hanako@customer.example\n\nYour parcel 12-34 was returned."
)
SENT = "お問い合わせありがとうございます。\n送料は全国一律500円です。\nまたのご利用をお待ちしております。"


@pytest.mark.parametrize(
    "words", ["FYI", "転送します。", "下記のメールが届きました。", "아래 메일을 확인해 주세요.", "见下面的邮件"]
)
def test_a_forwarded_mail_that_the_writer_points_to_is_sent_along(words: str) -> None:
    assert divide(f"{words}\n\n{FORWARDED}").text == f"{words}\n\n{FORWARDED}"


def test_a_forwarded_mail_below_a_message_of_its_own_is_quoted() -> None:
    assert divide(f"まだ届きません。\n\n{FORWARDED}").text == "まだ届きません。"


def test_our_own_mail_is_quoted_even_where_the_writer_points_to_it() -> None:
    head = "---------- Forwarded message ----------\nFrom: 店 <q1-c-a@q.example.jp>\nSubject: Re: 送料\n\n"
    assert divide(f"下記の件、了解しました。\n\n{head}{SENT}", [SENT]).text == "下記の件、了解しました。"


def test_words_on_the_line_of_an_attribution_are_kept() -> None:
    text = "はい\nお願いします--- On Wed, Nov 18, 2026 at 3:59 PM, me@shop.example wrote:\n> よろしいですか"
    assert divide(text).text == "はい\nお願いします"


@pytest.mark.parametrize("sign", ["(^_^)/", "👍", "!!!", "♪", "OK"])
def test_a_sign_below_a_quotation_without_marks_is_an_answer(sign: str) -> None:
    assert divide(f"-----Original Message-----\n{SENT}\n\n{sign}\n", [SENT]).text == sign


def test_a_writers_own_question_and_answer_bear_no_quote_marks() -> None:
    assert divide("Q> 色は?\nA> 青です。").text == "Q> 色は?\nA> 青です。"


def test_lines_marked_with_a_name_are_quoted() -> None:
    text = "    Yamada> 色は?\n    Yamada> 青ですか。\n\nはい、青です。\n"
    assert divide(text).text == "はい、青です。"


def test_a_table_or_a_formula_with_bars_is_no_quotation() -> None:
    for text in ("| 色 | 価格 |\n| 青 | 600 |", "|x| < 3\n|y| < 4"):
        assert divide(text).text == text


def test_the_source_of_a_mail_that_a_client_quoted_is_no_answer() -> None:
    source = (
        "--=_9c4b30b04585\nContent-Type: text/plain\n\n{}\n--=_9c4b30b04585\nContent-Type: text/html\n\n<p>\nPCFET0N=\n"
    )
    quoted = "\n".join(f"> {line}" for line in source.format(SENT).split("\n"))
    assert divide(f"はい。\n\n店 writes:\n{quoted}", [SENT]).text == "はい。"


def test_facts_right_above_a_header_block_are_the_writers() -> None:
    block = "From: 店 <a@q.example.jp>\nSubject: 送料\nDate: Fri, 20 Nov 2026 14:03:00 +0900\n"
    for facts in ("日時: 12月1日 10:00", "From: の欄をご覧ください"):
        assert divide(f"{facts}\n{block}\n> {SENT}").text.startswith(facts)


@pytest.mark.parametrize(
    "text",
    [
        "Lは\n>30cm ですか。",
        "＞春\n＞夏\n\n季節の詩です。",
        "> こんにちは。\n> サイズを教えてください。",
        "|赤|L|2|\n|青|M|1|",
        "次のメールは本物ですか。\n\nFrom: a@b.example\nDate: 20 Nov 2026 2:03\nTo: c@d.example\nSubject: x\n\n当選",
    ],
)
def test_marks_in_a_mail_that_answers_none_are_its_writers(text: str) -> None:
    assert divide(text, fresh=True).text == text


@pytest.mark.parametrize(
    "text",
    [
        "はい。\n\n> 色は赤ですか。\n> よろしくお願いします。",
        "Hello\n> On 22 Aug 2026, at 19:21, Hanako <h@customer.example> wrote:\n>\n> Hi there!",
    ],
)
def test_a_quotation_whose_header_was_lost_is_one_all_the_same(text: str) -> None:
    assert divide(text, fresh=True).text in ("はい。", "Hello")
