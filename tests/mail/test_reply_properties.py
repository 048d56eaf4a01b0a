"""What holds for every text: dividing never raises, and no word disappears."""

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.mail.recall import letters
from gateway.mail.reply import MARKERS, divide, divide_seller

PIECES = st.sampled_from(
    [
        *(
            "> ",
            ">",
            "＞",
            "| ",
            "\n",
            "\n\n",
            "\t",
            " ",
            "-- \n",
            "---",
            "==========\n",
            "<",
            ">:",
            "#処理中\n",
            "##",
            "Links:\n",
        ),
        *(
            "On Fri, 20 Nov 2026 14:03, ",
            "山田 wrote:\n",
            "差出人: a@b.example\n",
            "件名: テスト\n",
            "送信日時: 2026\n",
            MARKERS[0],
        ),
        *(
            "はい、可能です。",
            "お問い合わせありがとうございます。",
            "よろしくお願いいたします。\n",
            "TEL 03-0000-0000\n",
            "iPhoneから送信\n",
        ),
    ]
)
TEXTS = st.lists(PIECES | st.text(max_size=12), max_size=40).map("".join)


@settings(deadline=None)
@given(TEXTS, st.lists(TEXTS, max_size=3))
def test_any_text_is_divided_without_an_error(text: str, sent: list[str]) -> None:
    divide_seller(text, sent)


@settings(deadline=None)
@given(TEXTS)
def test_every_letter_of_a_mail_is_either_new_or_quoted(text: str) -> None:
    reply = divide(text)
    assert sorted(letters(reply.text) + letters(reply.quoted)) == sorted(letters(text))


@settings(deadline=None)
@given(TEXTS, st.lists(TEXTS, max_size=3))
def test_what_we_sent_takes_no_letter_away(text: str, sent: list[str]) -> None:
    reply = divide(text, sent)
    assert sorted(letters(reply.text) + letters(reply.quoted)) == sorted(letters(text))
