"""The texts of automatic answers: what is surely a slip of the pen is refused, with its place."""

import pytest

from gateway.rules.replies import load_replies

FIELDS = "is no merge field: fields are written {{ name }}"
CONTROL = "a control character that no text has"

REFUSED = {
    "{ store_title }様": "1:1: { store_title } " + FIELDS + "; did you mean store_title?",
    "あ\n{store_titel}": "2:1: {store_titel} " + FIELDS + "; did you mean store_title?",
    "{お名前}様": "1:1: {お名前} " + FIELDS,
    "送料は{% if x %}無料": "1:4: {% if x %} " + FIELDS,
    "送料は{%": "1:4: {% " + FIELDS,
    "{# 注 #}": "1:1: {# 注 #} " + FIELDS,
    "${order_number}": "1:2: {order_number} " + FIELDS + "; did you mean order_number?",
    "｛｛ store_title ｝｝": f"1:1: ｛｛ store_title ｝｝ {FIELDS}; did you mean store_title?",
    "あ\0い": f"1:2: {CONTROL}: U+0000",
    "a\nb\x1b[31mc": f"2:2: {CONTROL}: U+001B",
    "a\rb": f"1:2: {CONTROL}: U+000D",
    "a\x85b": f"1:2: {CONTROL}: U+0085",
}


@pytest.mark.parametrize("text", REFUSED)
def test_a_text_that_cannot_be_meant_is_refused_with_its_place(text: str) -> None:
    problems = load_replies({"replies/x.ja.txt": text.encode()})[1]
    assert [one.head for one in problems] == [f"replies/x.ja.txt:{REFUSED[text]}"]


@pytest.mark.parametrize(
    "text", ["{", "}", "a { b", "{^_^}", "｛笑｝", "(;{ ; )", "50%}", "\tx", "{{ store_title }}", "{{store_title}}}"]
)
def test_a_brace_that_cannot_be_a_field_is_text(text: str) -> None:
    assert not load_replies({"replies/x.ja.txt": text.encode()})[1]
