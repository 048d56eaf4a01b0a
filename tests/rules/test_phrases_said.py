"""What messages say: only thanks, or something that a human must read."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.rules.phrases import ASIDE
from gateway.rules.says import PhrasesByLanguage, what_is_said
from gateway.rules.score import Labelled
from tests.rules.shipped import POLITE, decided, is_only_polite, phrases, said

ROWS = [json.loads(line) for line in (Path(__file__).parent / "sentences.jsonl").read_text("utf-8").splitlines()]
POLITELY = {
    language: [row["body"] for row in ROWS if row["lang"] == language and row["label"] == "auto"]
    for language in ("ja", "en", "ko", "zh")
}
MORE = {
    "ja": [
        "送料はいくらですか",
        "いつ届きますか？",
        "色は選べますか。",
        "領収書をください。",
        "返品したいです。",
        "ラッピングをお願いします。",
        "早めに送ってもらえると助かります",
        "箱が潰れていました。",
        "注文したものと違います。",
        "二度と利用しません。",
        "電源が入りません。",
        "残念です。",
        "では赤でお願いします。",
        "弁護士に相談します。",
        "電話番号は090-0000-0000です。",
        "もし駄目なら返金してください。",
    ],
    "en": [
        "When does it ship?",
        "Please send an invoice.",
        "The lid is broken.",
        "But it is too small.",
        "I want a refund.",
    ],
    "ko": ["언제 와요?", "영수증 보내 주세요.", "뚜껑이 깨졌어요.", "그런데 색이 달라요."],
    "zh": ["什么时候发货?", "请寄发票给我。", "杯子碎了。", "但是颜色不对。"],
}


@pytest.mark.parametrize("language", MORE)
@settings(deadline=None)
@given(data=st.data())
def test_whatever_is_asked_or_complained_of_after_thanks_reaches_a_human(language: str, data: st.DataObject) -> None:
    polite = data.draw(st.sampled_from(POLITELY[language]))
    more = data.draw(st.sampled_from(MORE[language]))
    between = data.draw(st.sampled_from(["\n", " ", "\n\n", "!", "。" if language in ("ja", "zh") else ". "]))
    assert not is_only_polite(polite + between + more)
    assert not is_only_polite(more + between + polite)


@settings(deadline=None)
@given(st.text(max_size=300))
def test_no_text_is_too_strange_to_be_read(text: str) -> None:
    assert not said(text).only(())


def test_the_deciding_words_are_told() -> None:
    assert said("昨日届きました！ありがとうございました(^^)").words == (
        "received: 届きました",
        "thanks: ありがとうございました",
    )
    assert said("ありがとうございます。ところで色が違うのですが").words[0].startswith("but: ところで")


def test_a_thing_that_no_phrase_knows_is_for_a_human() -> None:
    assert is_only_polite("燻製器、届きました。")
    assert not is_only_polite("謎の球体、届きました。")
    assert not is_only_polite("届きました、謎の球体。")


def test_an_unknown_verb_is_for_a_human() -> None:
    assert not is_only_polite("色が褪せていました。ありがとうございました。")


def test_manners_alone_say_nothing() -> None:
    for text in ("よろしくお願いいたします。", "すみません。", "お世話になっております。", "", "田中"):
        assert not is_only_polite(text)
    assert set(ASIDE).isdisjoint(POLITE)


def test_salutation_introduction_and_name_are_set_aside() -> None:
    assert is_only_polite(
        "雑貨屋ぽこ 店長様\n\nいつもお世話になっております。\n株式会社ヤマの田中です。\n\n拝受しました。\n\n田中 太郎"
    )


def test_a_name_line_in_the_middle_is_no_signature() -> None:
    assert not is_only_polite("名入れは\n田中\nでした。ありがとうございます。")


def test_a_long_letter_is_for_somebody_to_read() -> None:
    assert not is_only_polite("ありがとうございます。" * 200)


def test_rules_ask_the_phrases_of_all_languages_at_once() -> None:
    shelf = PhrasesByLanguage(phrases())
    assert {"thanks", "question", "threat"} <= set(shelf.classes)
    assert shelf.read("감사합니다.").only({"thanks"}) == ("감사합니다",)
    assert shelf.read("감사합니다.").only({"received"}) is None


def test_another_language_is_never_only_thanks() -> None:
    for text in ("ขอบคุณมากค่ะ", "Спасибо!", "Merci beaucoup à vous", "شكرا"):
        assert not is_only_polite(text)
        assert said(text).language == ""


def test_a_question_is_asked_and_a_thank_you_is_not() -> None:
    assert said("いつ届きますか").asks
    assert said("領収書をください").asks
    assert not said("ありがとうございました").asks
    assert said("箱が割れていました").says(["complaint"]) == ("割れ",)
    assert said("ありがとうございました。箱が割れていました").says(["thanks"]) == ("ありがとうございました",)


@pytest.mark.parametrize(
    ("body", "subject", "prior_status", "outcome"),
    [
        ("ありがとうございました。", "Re: 発送", "done", "answered"),
        ("ありがとうございました。", "お礼", "new", "answered"),
        ("了解しました。", "Re: 発送", "in_progress", "filed"),
        ("ありがとうございます。", "Re: 受付", "unanswered", "human"),
        ("自己解決しました。", "Re: 受付", "unanswered", "filed"),
        ("先ほどのメールは取り消します。", "取り消し", "in_progress", "filed"),
        ("件名の通りです。", "解決しました", "unanswered", "filed"),
        ("件名の通りです。", "返品したいです", "done", "human"),
        ("よろしくお願いします。ありがとうございます。", "領収書をください", "new", "human"),
        ("待ちます。", "Re: 入荷", "in_progress", "human"),
        ("はい、それでお願いします。", "Re: 送料", "in_progress", "human"),
        ("大丈夫です。", "Re: 送料", "in_progress", "human"),
        ("ありがとうございます。\n\n> いつ届きますか？\n> 明日です。", "Re: 発送", "done", "answered"),
    ],
)
def test_the_state_before_the_mail_decides_what_becomes_of_thanks(
    body: str, subject: str, prior_status: str, outcome: str
) -> None:
    message = Labelled("1", "ja", "either", "thanks", subject, body, prior_status)
    assert decided(message).outcome == outcome


def test_an_attachment_says_something_else() -> None:
    message = Labelled("1", "ja", "human", "thanks", "", "ありがとうございました。", "done", attachments=1)
    assert decided(message).outcome == "human"


def test_without_the_phrases_of_a_language_nothing_is_only_thanks() -> None:
    assert not what_is_said("ありがとう", {}).only(POLITE)
