"""A fault in a phrase file is told with the file, the line, the column, and the line itself."""

import pytest

from gateway.rules.phrasebook import load_phrasebook

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
        ("unknown:\n  most: many\n", "phrases/ja.yaml:7:9: must be a whole number, not many"),
        ("reasons:\n  before: ['(?=a)']\n", "phrases/ja.yaml:7:12: before: (?=a): invalid perl operator: (?="),
    ],
)
def test_a_fault_names_its_place(more: str, fault: str) -> None:
    assert _faults(HEAD + more) == [fault]


def test_every_fault_is_told_at_once() -> None:
    assert [one.split(":")[1] for one in _faults(HEAD + "    - a(\n    - b(\n")] == ["6", "7"]


def test_a_sound_file_has_no_fault() -> None:
    assert not _faults(HEAD)
