"""The learnt weights speak for sentences that no phrase knows, beside thanks alone, and never over a doubt."""

from dataclasses import replace

import pytest

from gateway.rules import learnt
from gateway.rules.normalise import fold
from gateway.rules.says import LEARNT, SPOKEN, what_is_said
from tests.rules.shipped import phrases

STORY = "縁側に吊るして夕涼みしています"
SURE = {"ja": replace(phrases()["ja"], sureness=1.0)}


def speaks(text: str) -> bool:
    return any(find.name == LEARNT for one in what_is_said(text, SURE).sentences for find in one.words)


def test_a_story_that_no_phrase_knows_may_stand_beside_thanks_and_its_reasons_are_told() -> None:
    text = f"ありがとうございました。{STORY}。"
    assert what_is_said(text, {"ja": replace(SURE["ja"], sureness=0.0)}).only(SPOKEN) is None
    evidence = what_is_said(text, SURE).only(SPOKEN)
    assert evidence is not None
    reasons = [words.strip("()") for words in evidence if words.startswith("(")]
    assert reasons
    assert all(words in fold(STORY) for words in reasons)


def test_a_word_of_praise_in_an_advertisement_is_no_thanks_that_it_may_stand_beside() -> None:
    assert not speaks("お得な副業のご案内です。まだ間に合います。")


def test_alone_it_is_nothing_that_a_message_is_answered_for() -> None:
    assert what_is_said(STORY, SURE).only(SPOKEN) is None


@pytest.mark.parametrize(
    "told",
    [
        f"{STORY}か?",
        f"{STORY}が、割れていました",
        f"3つ{STORY}",
        f"{STORY}(笑)",
        "半紙に黒い跡が移るようになったので布を巻いています",
    ],
)
def test_it_does_not_speak_for_doubts_numbers_laughter_or_troubles(told: str) -> None:
    assert not speaks(f"ありがとうございました。{told}")


def test_a_sentence_weighs_the_same_in_every_spelling_that_the_phrases_take_for_one() -> None:
    weights = learnt.shipped()
    assert weights.openness("オカゲサマデ") == weights.openness("おかげさまで")
    assert len(weights.steps) == 1 << learnt.BITS
