"""Whatever a new seller tries on the practice inquiry is told back, and nothing else happens. Pure."""

from itertools import product

from gateway.desk import practice
from gateway.desk.decide import decide
from gateway.desk.effects import Help, Practised
from gateway.mail.addresses import PRACTICE_PURPOSES, PracticeAddress
from gateway.mail.commands import WORDS
from gateway.texts import languages
from tests.desk.builders import NOW, SELLER, incoming, seller, situation, store

COMMANDS = [f"#{words[0]}" for words in WORDS.values()]
TRIED = [f"{command}{argument}\n{text}" for command, argument, text in product(COMMANDS, ("", " Q-12"), ("", "はい。"))]


def test_personal_data_in_a_practice_answer_is_told_as_held_first() -> None:
    who = seller()
    asked = situation(sellers=(who,), named=practice.candidate(who, NOW), product=practice.product(who))
    text = "#処理中\n090-1234-5678 山田様の住所は東京都港区1-2-3"
    mail = incoming(PracticeAddress(1, "s", "x" * 24), sender=SELLER, text=text)
    (effect,) = decide(mail, asked).effects
    assert isinstance(effect, Practised)
    letter = practice.practised(effect, who, store())
    assert (
        "いったんお預かりして、確認のメールをお送りします。\n\n【 】で囲んだ部分をご確認ください（電話番号"
        in letter.text
    )
    assert "【090-1234-5678】" in letter.text
    assert "\n\n送信すると、次の文がお客様に届き" in letter.text


def test_every_command_and_button_can_be_tried_in_every_language() -> None:
    for purpose, text, language in product(PRACTICE_PURPOSES, ["", "はい。", "#処里中", "#明日", *TRIED], languages()):
        who = seller()
        who.language = language
        asked = situation(
            sellers=(who,), named=practice.candidate(who, NOW), product=practice.product(who), templates=()
        )
        mail = incoming(PracticeAddress(1, purpose, "x" * 24), sender=SELLER, text=text)
        (effect,) = decide(mail, asked).effects
        assert isinstance(effect, Practised | Help)
        if isinstance(effect, Practised):
            letter = practice.practised(effect, who, store())
            assert "Q-0" in letter.subject
