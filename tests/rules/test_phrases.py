"""The phrase files: what an admin may write in them, and what is said when it is no pattern."""

import pytest

from gateway.rules.phrases import DOUBTS, LANGUAGES, phrases_of
from gateway.rules.says import what_is_said
from tests.rules.shipped import phrases


def test_every_language_has_its_phrases() -> None:
    assert set(phrases()) == set(LANGUAGES)
    for known in phrases().values():
        assert {"thanks", "acknowledged", "received", "solved", "withdrawn", *DOUBTS} - known.classes <= {
            "sarcasm",
            "personal",
        }


def test_an_admin_adds_a_phrase_and_it_is_understood() -> None:
    mapping = {"classes": {"thanks": ["おおきに(ありがとう)?"], "question": ["なんぼ"]}}
    known = {"ja": phrases_of(mapping, "ja")}
    assert what_is_said("おおきに！", known).only({"thanks"})
    assert not what_is_said("おおきに、なんぼ", known).only({"thanks"})
    assert what_is_said("おおきに、なんぼ", known).asks


def test_a_class_of_the_admins_own_can_be_asked_for() -> None:
    known = {"ja": phrases_of({"classes": {"hooray": ["万歳"]}}, "ja")}
    said = what_is_said("うれしいので万歳", known)
    assert said.says({"hooray"}) == ("万歳",)
    assert not said.only({"hooray"})


def test_a_short_form_stands_for_its_words() -> None:
    known = {"ja": phrases_of({"short": {"です": "です|でした"}, "classes": {"thanks": ["感謝<です>"]}}, "ja")}
    assert what_is_said("感謝でした。", known).only({"thanks"})


def test_katakana_is_found_by_hiragana_and_capitals_by_small_letters() -> None:
    known = {"ja": phrases_of({"classes": {"thanks": ["あざす", "thx です"]}}, "ja")}
    assert what_is_said("アザス", known).only({"thanks"})
    assert what_is_said("ＴＨＸ です", known).only({"thanks"})


def test_a_doubt_counts_not_within_a_longer_phrase_but_for_an_exclamation_mark() -> None:
    classes = {"thanks": ["問題ありませんでした"], "negation": ["ません"]}
    assert what_is_said("問題ありませんでした", {"ja": phrases_of({"classes": classes}, "ja")}).only({"thanks"})
    classes["negation"] = ["!ません"]
    assert not what_is_said("問題ありませんでした", {"ja": phrases_of({"classes": classes}, "ja")}).only({"thanks"})


def test_any_letters_of_a_phrase_must_be_known_words() -> None:
    mapping = {"classes": {"solved": ["[^。]{1,9}たら直りました"]}, "words": ["念のため"], "slots": ["再起動し"]}
    known = {"ja": phrases_of(mapping, "ja")}
    assert what_is_said("念のため再起動したら直りました", known).only({"solved"})
    assert not what_is_said("叩いたら直りました", known).only({"solved"})
    assert not what_is_said("再起動し、直りました", known).only({"solved"})


@pytest.mark.parametrize("letters", ["[^。]{1,9}", "[a-z]+", r"\p{Han}{1,3}", "[ぁ-ん]+", r"\w+", ".+", ".", "[^a]"])
def test_whatever_form_of_any_letters_is_no_way_in(letters: str) -> None:
    known = {"en": phrases_of({"classes": {"thanks": [f"thanks for {letters}"]}, "slots": ["tea", "a"]}, "en")}
    assert not what_is_said("thanks for nothing", known).only({"thanks"})


def test_one_of_some_letters_is_a_list() -> None:
    known = {"ja": phrases_of({"classes": {"thanks": ["あざ[すー][0-9]"]}}, "ja")}
    assert what_is_said("あざす3", known).only({"thanks"})


def test_a_doubt_within_a_known_word_of_such_letters_does_not_count() -> None:
    mapping = {"classes": {"solved": ["[^。]{1,12}ました"], "negation": ["ない"]}, "slots": ["届いてないと思ってい"]}
    assert what_is_said("届いてないと思っていました", {"ja": phrases_of(mapping, "ja")}).only({"solved"})


def test_a_phrase_that_is_found_in_every_text_is_refused() -> None:
    with pytest.raises(ValueError, match="is found in every text"):
        phrases_of({"classes": {"thanks": ["ありがとう|"]}}, "ja")


def test_a_phrase_that_is_no_pattern_is_named_with_its_class() -> None:
    with pytest.raises(ValueError, match=r"thanks: ありがとう\(う: "):
        phrases_of({"classes": {"thanks": ["ありがとう(う"]}}, "ja")


def test_a_pattern_that_takes_exponential_time_elsewhere_is_no_danger() -> None:
    known = {"en": phrases_of({"classes": {"thanks": ["(a+)+b"]}}, "en")}
    assert not what_is_said("a" * 1400, known).only({"thanks"})


def test_a_look_around_is_refused() -> None:
    with pytest.raises(ValueError, match="thanks"):
        phrases_of({"classes": {"thanks": ["(?=a)b"]}}, "en")
