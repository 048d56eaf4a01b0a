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
