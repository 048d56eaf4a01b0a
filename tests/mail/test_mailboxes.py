"""Mailboxes: the usual form is read at once, and just as mail-parser would read it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mailparser.utils import get_addresses

from gateway.mail import mailboxes

PIECES = [
    *"abZ0=?_./+-'", '"', "<", ">", "@", "..", " ", ",", ";", ":", "(", ")", "\\", "[", "]", "あ", "\t",
    "=?utf-8?b?YQ==?=", '"A, b"', '"a@b.c"', " <a@b.c>", "<x.y@z-1.example>", "J. Doe ",
]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "a.b@c.example",
        "<a@b.c>",
        "Taro Yamada <a@b.c>",
        '"Yamada, T." <a@b.c>',
        "=?utf-8?B?5bGx?= =?utf-8?B?55Sw?= <a@b.c>",
    ],
)
def test_the_usual_forms_need_no_library(text: str) -> None:
    assert mailboxes._usual(text) == get_addresses(text)


@given(st.lists(st.sampled_from(PIECES), max_size=9).map("".join))
def test_what_is_taken_for_usual_is_read_as_the_library_reads_it(text: str) -> None:
    assert mailboxes._usual(text) in ([], get_addresses(text))
