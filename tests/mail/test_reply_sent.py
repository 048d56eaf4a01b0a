"""What a writer newly wrote, found by knowing the mail that they answer, whatever a client did to it."""

import unicodedata
from collections.abc import Callable

import pytest

from gateway.mail.reply import MARKERS, divide, divide_seller

SENT = f"""山田と申します。先日注文した商品がまだ届いていません。
いつ頃届きますか？

返品の送料は、そちらのご負担でしょうか。
よろしくお願いいたします。

──────────── {MARKERS[0]} ────────────

状態: 未回答
受付日時: 2026/11/20 14:03

このメールに返信すると、書いた文がそのままお客様に届きます。

2026/11/18 15:00 テストショップ
> お問い合わせありがとうございます。
> 商品は来週の入荷を予定しております。
"""
LINES = SENT.rstrip().split("\n")
HEAD = "差出人: 山田様 <s@q.example.jp>\n送信日時: 2026年11月20日 14:03\n宛先: 店\n件名: テスト\n"
ANSWER = "11月25日に届きます。\n送料は当店で負担します。"


def _wrapped(line: str, width: int = 17) -> list[str]:
    return [line[start : start + width] for start in range(0, len(line), width)] or [""]


RENDERINGS: dict[str, Callable[[list[str]], list[str]]] = {
    "marked": lambda lines: [f"> {line}" for line in lines],
    "full-width marks": lambda lines: [f"＞{line}" for line in lines],
    "bars": lambda lines: [f"| {line}".rstrip() for line in lines],
    "unmarked": lambda lines: lines,
    "tabs": lambda lines: [f"\t{line}" for line in lines],
    "wrapped and marked": lambda lines: [f"> {piece}" for line in lines for piece in _wrapped(line)],
    "wrapped, the rest unmarked": lambda lines: [
        piece if number else f"> {piece}" for line in lines for number, piece in enumerate(_wrapped(line))
    ],
    "wrapped and unmarked": lambda lines: [piece for line in lines for piece in _wrapped(line)],
    "other widths": lambda lines: [f"> {unicodedata.normalize('NFKC', line)}" for line in lines],
    "double spaced": lambda lines: [piece for line in lines for piece in (f"> {line}", "")],
}
every_rendering = pytest.mark.parametrize("render", RENDERINGS.values(), ids=RENDERINGS.keys())


@every_rendering
@pytest.mark.parametrize("head", [HEAD, ""], ids=["with a header block", "without a head"])
def test_an_answer_above_what_we_sent_is_found_however_it_is_quoted(
    render: Callable[[list[str]], list[str]], head: str
) -> None:
    quoted = "\n".join(render(LINES))
    assert divide(f"{ANSWER}\n\n{head}\n{quoted}\n", [SENT]).text == ANSWER


@every_rendering
@pytest.mark.parametrize("head", [HEAD, ""], ids=["with a header block", "without a head"])
def test_an_answer_below_what_we_sent_is_found_however_it_is_quoted(
    render: Callable[[list[str]], list[str]], head: str
) -> None:
    quoted = "\n".join(render(LINES))
    assert divide(f"{head}\n{quoted}\n\n{ANSWER}\n", [SENT]).text == ANSWER


@every_rendering
def test_answers_between_the_lines_of_what_we_sent_are_found(render: Callable[[list[str]], list[str]]) -> None:
    text = "\n".join(
        (HEAD, *render(LINES[:2]), "", "25日です。", "", *render(LINES[2:4]), "", "はい", "", *render(LINES[4:]))
    )
    assert divide(text, [SENT]).text == "25日です。\n\nはい"


def test_a_short_word_that_also_stands_in_what_we_sent_is_the_writers() -> None:
    quoted = "\n".join(f"> {line}" for line in LINES)
    assert divide(f"{quoted}\n\n状態\n", [SENT]).text == "状態"
    assert divide(f"よろしくお願いいたします。\n\n{quoted}\n", [SENT]).text == "よろしくお願いいたします。"
    assert divide(f"{HEAD}\n{SENT}\n\nよろしくお願いいたします。\n", [SENT]).text == "よろしくお願いいたします。"


def test_words_typed_inside_the_quotation_after_its_marks_are_found() -> None:
    marked = [f"> {line}" for line in LINES]
    typed = [*marked[:2], "> 25日です。", *marked[2:]]
    assert divide("\n".join(typed), [SENT]).text == "25日です。"


def test_words_typed_behind_a_quoted_line_are_found() -> None:
    marked = [f"> {line}" for line in LINES]
    marked[1] += " → 25日です。"
    marked[3] += "はい"
    reply = divide("\n".join(marked), [SENT])
    assert reply.text == "→ 25日です。\n\nはい"
    assert "いつ頃届きますか" in reply.quoted


def test_words_typed_under_the_quotation_after_its_marks_are_found() -> None:
    marked = [f"> {line}" for line in (*LINES, "25日です。")]
    assert divide("\n".join(marked), [SENT]).text == "25日です。"


def test_our_last_lines_without_a_mark_are_ours() -> None:
    marked = [f"> {line}" for line in LINES[:-3]]
    text = "\n".join(("25日です。", "", "On 2026/11/20 14:03, 山田様 wrote:", *marked, "", *LINES[-3:]))
    assert divide(text, [SENT]).text == "25日です。"


def test_an_answer_of_the_same_words_as_an_earlier_one_is_not_taken_for_a_quotation() -> None:
    answer = "お問い合わせありがとうございます。\n商品は来週の入荷を予定しております。"
    quoted = "\n".join(f"> {line}" for line in LINES)
    assert divide(f"{answer}\n\nOn 2026/11/20 14:03, 山田様 wrote:\n{quoted}\n", [SENT]).text == answer
    assert divide(answer, [SENT]).text == answer


def test_the_same_answer_alone_a_second_time_stays() -> None:
    answer = "お問い合わせありがとうございます。テストショップの鈴木です。\n商品は来週の入荷を予定しております。"
    assert divide(answer, [answer]).text == answer


def test_the_mail_answered_need_not_be_the_newest_that_we_sent() -> None:
    newer = "山田です。もう一つお聞きします。\n領収書は同封されますか。\n"
    assert divide(f"はい。\n\n{HEAD}\n{SENT}\n\n{ANSWER}", [newer, SENT]).text == f"はい。\n\n{ANSWER}"


def test_links_that_a_client_writes_out_do_not_hide_our_lines() -> None:
    sent = "鈴木です。発送しました。\n追跡はこちらをご覧ください。\nこのメールに返信できます。\n"
    shown = sent.replace("こちら", "こちら<https://shop.example/track?id=1>").replace("返信", "[1]返信")
    assert divide(f"ありがとう。\n\n{HEAD}\n{shown}", [sent]).text == "ありがとう。"


@pytest.mark.parametrize("under", ["", "\n\n-- \n鈴木\n", "\n\niPhoneから送信\n"])
def test_the_prefilled_words_of_a_button_are_not_the_sellers(under: str) -> None:
    body = "#処理中\nこのまま送信してください。Q-1042 を「処理中」にします。お客様には何も送られません。"
    reply = divide_seller(body + under, [SENT, body])
    assert (reply.text, [command.name for command in reply.commands]) == ("", ["progress"])
    wrapped = body.replace("「処理中」に", "「処理中」に\n")
    assert divide_seller(wrapped + "\n追伸です。" + under, [SENT, body]).text == "追伸です。"


def test_the_marker_alone_parts_the_answer_from_an_unknown_quotation() -> None:
    assert divide(f"はい。\n\n## {MARKERS[0]} ##\n\n状態: 未回答\n").text == "はい。"
    assert divide(f"Yes.\n\n-- {MARKERS[1]} --\n\nStatus: open\n").text == "Yes."
