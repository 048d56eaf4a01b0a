"""Normal forms: what they make of ordinary text, and that no text makes them slow."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.mail.normal_forms import nfc, nfkc
from gateway.mail.reply import divide

PILES = ["\u0301\u0323", "ﾞ\u0323", "\u0323ﾟ", "\u3099\u0301", "\U0001d165\u0301"]


@given(st.text(max_size=30))
def test_ordinary_text_is_normalised_as_unicode_says(text: str) -> None:
    assert nfkc(text) == unicodedata.normalize("NFKC", text)
    assert nfc(text) == unicodedata.normalize("NFC", text)


def test_drawn_lines_and_rows_of_emoji_stay() -> None:
    assert nfkc("─" * 60 + "😀" * 40) == "─" * 60 + "😀" * 40


@pytest.mark.parametrize("pile", PILES)
def test_a_letter_under_a_pile_of_marks_ends_in_time_A15(pile: str) -> None:
    """Nothing but its end is asserted: the square of 200,000 marks would not end within the suite's limit."""
    text = "a" + pile * 100_000
    assert nfkc(text).startswith("a")
    assert nfc(text).startswith("a")


@pytest.mark.parametrize("pile", PILES)
def test_a_reply_under_a_pile_of_marks_ends_in_time_A15(pile: str) -> None:
    assert divide(f"a{pile * 30_000}\n> quoted\n", (f"b{pile * 30_000}",)).text
