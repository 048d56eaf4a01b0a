"""A fault in a phrase file is told with the file, the line, the column, and the line itself."""

import pytest

from gateway.rules.phrasebook import load_phrasebook
from gateway.rules.problems import RulesError
from gateway.rules.ready import ready_from

HEAD = "short:\n  です: です|でした\nclasses:\n  thanks:\n    - ありがとう\n"


def _faults(text: str) -> list[str]:
    return [str(one).split("\n")[0] for one in load_phrasebook({"phrases/ja.yaml": text.encode()})[1]]


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        ("    - あり(がとう\n", "phrases/ja.yaml:6:7: thanks: あり(がとう: missing ): あり(?:がとう"),
        ("    - 感謝|\n", "phrases/ja.yaml:6:7: thanks: 感謝|: is found in every text"),
        ("    - 感謝<ですよ>\n", "phrases/ja.yaml:6:7: <ですよ> is no entry of short; did you mean です?"),
        ("    - 感謝: です\n", "phrases/ja.yaml:6:7: a phrase is a text, not a mapping: put it in 'single quotes'"),
        (
            "  question: いくら\n",
            "phrases/ja.yaml:6:13: must be a list of phrases, each in a line that begins with -, not いくら",
        ),
        ("wrods: [は]\n", "phrases/ja.yaml:6:1: wrods is no part of a phrase file; did you mean words?"),
        ("tail: many\n", "phrases/ja.yaml:6:1: must be a whole number, not many"),
        ("slots: ['(?=a)']\n", "phrases/ja.yaml:6:9: slots: (?=a): invalid perl operator: (?="),
        (
            "    - (あり[^。]{1,9})*す\n",
            "phrases/ja.yaml:6:7: thanks: (あり[^。]{1,9})*す: letters of no list may not stand in what is repeated",
        ),
    ],
)
def test_a_fault_names_its_place(more: str, fault: str) -> None:
    assert _faults(HEAD + more) == [fault]


def test_every_fault_is_told_at_once() -> None:
    assert [one.split(":")[1] for one in _faults(HEAD + "    - a(\n    - b(\n")] == ["6", "7"]


def test_a_sound_file_has_no_fault() -> None:
    assert not _faults(HEAD)


def _problems(text: str, rules: str) -> list[str]:
    try:
        ready_from({"phrases/ja.yaml": text.encode(), "10.yaml": rules.encode()})
    except RulesError as error:
        return [str(one) for one in error.problems]
    return []


RULE = "rules:\n  - name: a\n    when: { message.only: CLASS }\n    then: { file: true }\n"


def test_a_misspelt_class_that_no_rule_names_is_an_error_with_its_place() -> None:
    more = "  thnaks:\n    - どうも\n  complant: [ひどい]\n  words: [は]\n"
    thanks, complaint, words = _problems(HEAD + more, RULE.replace("CLASS", "thanks"))
    fault = "is no phrase class, and no rule names it"
    assert thanks == f"phrases/ja.yaml:6:3: thnaks {fault}; did you mean thanks?\n      thnaks:\n      ^"
    assert complaint.split("\n")[0] == f"phrases/ja.yaml:8:3: complant {fault}; did you mean complaint?"
    assert words.startswith(f"phrases/ja.yaml:9:3: words {fault}; known are thanks, acknowledged, ")


@pytest.mark.parametrize("written", ["[thanks, regards]", "regards"])
def test_a_class_of_the_shops_own_is_known_once_a_rule_names_it(written: str) -> None:
    assert not _problems(HEAD + "  regards: [よろしく]\n", RULE.replace("CLASS", written))


@pytest.mark.parametrize("name", ["introduction", "story", "as_subject", "greeting", "sarcasm"])
def test_every_class_that_the_gateway_itself_knows_may_have_phrases(name: str) -> None:
    assert not _problems(HEAD + f"  {name}: [よろしく]\n", "rules: []\n")


def test_a_class_that_no_language_has_is_an_error_of_the_rule() -> None:
    assert [one.split("\n")[0] for one in _problems(HEAD, RULE.replace("CLASS", "thankss"))] == [
        "10.yaml:3:27: thankss is no phrase class; did you mean thanks?"
    ]
