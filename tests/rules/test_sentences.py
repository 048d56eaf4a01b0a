"""What telephones and hurried people do to text, undone; and where sentences end."""

import pytest

from gateway.rules.normalise import fold, normalise
from gateway.rules.sentences import lines_of, sentences


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("ｱﾘｶﾞﾄｳ", "アリガトウ"),
        ("ありがとうございまーーす！！！", "ありがとうございます!"),
        ("ありがと〜〜", "ありがと"),
        ("りょーかいですっ！", "りょかいです!"),
        ("届きました😊✨", "届きました"),
        ("届きました(^^)", "届きました"),
        ("届きましたm(_ _)m", "届きました"),
        ("了解です（笑）", "了解です"),
        ("把握ww", "把握"),
        ("감사합니다ㅎㅎ", "감사합니다"),
        ("届いた？！", "届いた?"),
        ("届いた❓", "届いた?"),
        ("サービス", "サービス"),
        ("ありがとう\u200bございます", "ありがとうございます"),
        ("「まだ届かない」と書いた者です", "◇と書いた者です"),
        ("ありがとうございました（怒）", "ありがとうございました💢"),
        ("ありがとう😡", "ありがとう💢"),
    ],
)
def test_one_spelling_for_many(written: str, read: str) -> None:
    assert normalise(written) == read


def test_folding_keeps_every_letter_in_its_place() -> None:
    text = "アリガトウ Thanks İstanbul ヴァ 株式会社"
    assert len(fold(text)) == len(text)
    assert fold("アリガトウ THX") == "ありがとう thx"


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("届きました。ありがとう!", "ja", ["届きました", "ありがとう!"]),
        ("早急\nに対応して頂き\nありがとうござい\nました。", "ja", ["早急に対応して頂きありがとうございました"]),
        ("お返事ありがとうございます送料の件わかりました", "ja", ["お返事ありがとうございます送料の件わかりました"]),
        ("いつ届きますか?待ってます", "ja", ["いつ届きますか?", "待ってます"]),
        ("Thank you\nso much. It arrived.", "en", ["Thank you so much.", "It arrived."]),
        ("Thanks,\nJohn", "en", ["Thanks,\nJohn"]),
        ("It is 3.5 cm.", "en", ["It is 3.5 cm."]),
        ("감사합니다. 잘 받았어요", "ko", ["감사합니다.", "잘 받았어요"]),
        ("谢谢。收到了", "zh", ["谢谢", "收到了"]),
        ("", "ja", []),
    ],
)
def test_a_paragraph_is_cut_into_its_sentences(text: str, language: str, expected: list[str]) -> None:
    assert [found for lines in lines_of(text) for found in sentences(lines, language)] == expected


def test_paragraphs_are_kept_apart_and_drawn_lines_say_nothing() -> None:
    assert lines_of("承知しました\n\n-----\n田中") == [["承知しました"], ["田中"]]
