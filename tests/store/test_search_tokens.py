"""What a text is found by."""

import pytest

from gateway.store.search_tokens import MOST_WORDS, Phrase, phrases, tokens


def test_japanese_is_pairs_and_the_last_character_latin_is_words() -> None:
    assert tokens("送料はUSA向け") == ["送料", "料は", "は", "usa", "向け", "け"]


def test_width_case_and_kana_do_not_matter() -> None:
    assert tokens("ﾘﾝｺﾞ ＡＢＣ") == tokens("りんご abc") == tokens("リンゴ Abc")


def test_a_line_broken_within_a_word_is_none_but_a_paragraph_is() -> None:
    assert tokens("送\n料") == tokens("送料")
    assert tokens("送\n\n料") == ["送", "料"]
    assert tokens("a\nb") == ["a", "b"]


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("送料", [Phrase(("送料",), False)]),
        ("配送料", [Phrase(("配送", "送料"), False)]),
        ("袋", [Phrase(("袋",), True)]),
        ("B-7788", [Phrase(("b", "7788"), True)]),
        ("100%", [Phrase(("100",), False)]),
        ("L", [Phrase(("l",), False)]),
        ("Ｌサイズ　送料", [Phrase(("l", "さい", "いず"), False), Phrase(("送料",), False)]),
        ("サイズL色", [Phrase(("さい", "いず", "ず", "l", "色"), True)]),
        ("!? %", []),
        ("", []),
    ],
)
def test_what_somebody_looks_for(words: str, wanted: list[Phrase]) -> None:
    assert phrases(words) == wanted


def test_there_are_only_so_many_words() -> None:
    assert len(phrases("送料 " * 50)) == MOST_WORDS


def test_no_token_could_be_read_as_part_of_a_question() -> None:
    text = "'\"_*:()&|<>-+^ NEAR AND OR NOT \x00 a_b 'x' \\ ｢送料｣ \U0001f600 e\u0301 \ud800"
    assert all(not set(token) & set("'\"_ *:()&|<>\\") for token in tokens(text))
