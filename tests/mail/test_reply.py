"""What a writer newly wrote, by the general forms of quotation alone."""

import pytest

from gateway.mail.reply import divide

QUOTED = "> 交換していただけますか。\n> よろしくお願いします。"

ATTRIBUTIONS = {
    "gmail-ja": "2026年11月20日(金) 14:03 山田様（お客様） <\nq1042-s-abc@q.example.jp>:\n",
    "gmail-en": "On Fri, Nov 20, 2026 at 2:03 PM Yamada <q1042-s-abc@q.example.jp> wrote:\n",
    "gmail-ko": "2026년 11월 20일 (금) 오후 2:03, 상점 <q1042-c-abc@q.example.jp>님이 작성:\n",
    "gmail-zh": "商店 <q1042-c-abc@q.example.jp> 于2026年11月20日周五 14:03写道：\n",
    "gmail-de": "Am Fr., 20. Nov. 2026 um 14:03 Uhr schrieb Laden <\nq1042-c-abc@q.example.jp>:\n",
    "gmail-fr": "Le ven. 20 nov. 2026 à 14:03, Boutique <q1042-c-abc@q.example.jp> a écrit :\n",
    "gmail-es": "El vie, 20 nov 2026 a las 14:03, Tienda (<q1042-c-abc@q.example.jp>) escribió:\n",
    "thunderbird-ja": "2026/11/20 14:03、山田様 さんは書きました:",
    "thunderbird-en": "On 2026/11/20 14:03, 山田様 wrote:",
    "apple-ja": "2026/11/20 14:03、山田様（お客様） <q1042-s-abc@q.example.jp>のメール:\n",
    "becky": "On Fri, 20 Nov 2026 14:03:12 +0900\n山田様 <q1042-s-abc@q.example.jp> wrote:\n",
    "sylpheed-ja": 'Fri, 20 Nov 2026 14:03:12 +0900\n"山田様 <q1042-s-abc@q.example.jp>" さんは書きまし\nた:\n',
    "hidemaru": "山田様 さんは書きました:",
    "wanderlust": "At Fri, 20 Nov 2026 14:03:12 +0900,\n山田様 wrote:\n",
    "mew": "In message <n1@q.example.jp>\n   on Fri, 20 Nov 2026 14:03:12 +0900,\n 山田様 <s@q.example.jp> writes:\n",
    "gnus": "山田様のとても長いお名前のお客様\n<q1042-s-abc@q.example.jp> writes:\n",
    "netease": '在 2026-11-20 14:03:12，"商店" <q1042-c-abc@q.example.jp> 写道：\n',
    "notes": "山田様 wrote on 2026/11/20 14:03:12:\n",
}

HEADS = {
    "outlook-ja": (
        "________________________________\n差出人: 山田様 <q1042-s-abc@q.example.jp>\n送信日時: 2026年11月20日 14:03\n"
        "宛先: 店 <shop@shop.example>\n件名: テスト2 [Q-1042]\n"
    ),
    "outlook-en": (
        "From: Yamada [mailto:q1042-s-abc@q.example.jp]\nSent: Friday, November 20, 2026 2:03 PM\n"
        "To: Shop\nSubject: RE: a\n"
    ),
    "outlook-de": "Von: a <a@q.example.jp>\nGesendet: Freitag, 20. November 2026 14:03\nAn: b\nBetreff: AW: a\n",
    "outlook-bold": "*From:* a <\na@q.example.jp>\n*Sent:* Friday\n*To:* b\n*Subject:* c\n",
    "line-works": (
        '-----Original Message-----\nFrom: "山田様" <q1042-s-abc@q.example.jp>\nTo: <shop@shop.example>;\nCc:\n'
        "Sent: 2026. 11. 20 (金) 14:03 (GMT+09:00)\nSubject: テスト2\n"
    ),
    "evolution-ja": "-------- 元のメッセージ --------\nFrom: 山田様 <s@q.example.jp>\n件名: テスト2\n",
    "qq": "------------------ 原始邮件 ------------------\n发件人: 商店 <c@q.example.jp>\n主题: a\n",
    "daum": "--------- 원본 메일 ---------\n보낸사람: 상점 <c@q.example.jp>\n받는사람 : 김\n제목: a\n",
    "forwarded": "---------- Forwarded message ---------\nFrom: a <a@q.example.jp>\nDate: Fri\nSubject: b\nTo: c\n",
}


@pytest.mark.parametrize("attribution", ATTRIBUTIONS.values(), ids=ATTRIBUTIONS.keys())
def test_an_attribution_goes_with_the_quotation_below_it(attribution: str) -> None:
    reply = divide(f"はい、交換します。\n\n{attribution}\n{QUOTED}\n")
    assert reply.text == "はい、交換します。"
    assert "交換していただけますか" in reply.quoted


@pytest.mark.parametrize("attribution", ATTRIBUTIONS.values(), ids=ATTRIBUTIONS.keys())
def test_an_answer_below_the_quotation_is_found(attribution: str) -> None:
    assert divide(f"{attribution}\n{QUOTED}\n\nはい、交換します。\n").text == "はい、交換します。"


@pytest.mark.parametrize("head", HEADS.values(), ids=HEADS.keys())
def test_all_below_a_header_block_is_quoted_though_nothing_marks_it(head: str) -> None:
    assert divide(f"はい。\n\n{head}\n交換していただけますか。\n\nよろしくお願いします。\n").text == "はい。"


def test_answers_between_the_quoted_lines_are_joined_in_order() -> None:
    text = "店 wrote:\n> いつですか。\n明日です。\n> いくらですか。\n\n500円です。\n税込みです。\n"
    assert divide(text).text == "明日です。\n\n500円です。\n税込みです。"


@pytest.mark.parametrize("mark", ["> ", ">", "＞", ">> ", "| "])
def test_every_usual_quote_mark_is_known(mark: str) -> None:
    assert divide(f"はい。\n\n山田 wrote:\n{mark}一つ目\n{mark}二つ目\n").text == "はい。"


@pytest.mark.parametrize(
    "own",
    [
        "宛先: 〒100-0001 東京都千代田区1-1\n件名: に注文番号を書いてお送りください。",
        "2026年11月25日(水) 10:00 に発送します。",
        "On Sunday も配送しております。\nFrom Tokyo の便は火曜に出ます。",
        "-----------------\n関東    600円\n北海道 1,200円\n-----------------\n以上です。",
        "=================\n以上",
        "・・・以下、回答です。\n* 日曜 -> 可能\n.\n続きます。",
        "11月20日の件は次のとおりです:\n1) 可能です\n2) 不可です",
        "| 地域 | 送料 |\n| 関東 | 600円 |",
        ">>> 新着セール <<<",
        "--\n上の線は署名ではありません。このまま続きます。",
        "お問い合わせありがとうございます。\n\n鈴木",
        "Sent from my desk, which is much easier.",
        "差出人: 山田\n宛先: 佐藤\n日時: 11月25日",
    ],
)
def test_what_only_looks_like_a_quotation_or_signature_stays(own: str) -> None:
    assert divide(f"{own}\n\n2026/11/20 14:03 店 <a@q.example.jp>:\n> いつですか。\n").text == own
    assert divide(own).text == own


def test_the_writers_own_line_above_an_attribution_stays() -> None:
    own = "2026年11月25日(水) 10:00 にお届けします"
    assert divide(f"{own}\nOn Fri, 20 Nov 2026 14:03, 山田様 <s@q.example.jp> wrote:\n> いつですか。\n").text == own


def test_an_unmarked_rest_of_a_wrapped_quoted_line_is_quoted() -> None:
    text = "Yes.\n\nOn Mon, Sep 24, 2026 at 3:46 PM, Bob wrote:\n> See the ticket (https://shop.example/action\n_nonce=3dd518)\n>\n"
    assert divide(text).text == "Yes."


def test_nothing_above_an_unmarked_quotation_of_a_mail_unknown_to_us_leaves_its_words() -> None:
    words = "これは下に書いた返事かもしれません。"
    assert divide(f"差出人: 店 <a@q.example.jp>\n送信日時: 2026年11月20日\n件名: テスト\n\n{words}\n").text == words


def test_line_ends_and_blank_lines_do_not_matter() -> None:
    assert divide("\r\n\r\nはい。\r\n\r\nいいえ。  \r\n\r\n> 元\r\n").text == "はい。\n\nいいえ。"


@pytest.mark.parametrize("text", ["", "\n\n", "> \n>\n", "​﻿", " \t\u3000"])
def test_a_mail_without_words_has_no_new_text(text: str) -> None:
    assert divide(text).text.strip() == ""
