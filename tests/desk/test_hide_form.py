"""What sellers make of the mail that the 非表示 button opens."""

import pytest

from gateway.desk.hide_form import filled_in
from gateway.mail.reply import divide_seller
from gateway.texts import Texts

JA, EN = (Texts(language)("button.body.hide", number=1) for language in ("ja", "en"))
NO, YES = "お断りする（はい・いいえ）：いいえ", "お断りする（はい・いいえ）：はい"


@pytest.mark.parametrize(
    ("written", "title", "reason", "restricts"),
    [
        (JA, "", "", False),
        (JA.replace("件名：", "件名：ご質問の件"), "ご質問の件", "", False),
        (
            JA.replace("理由：", "理由：個人情報のため。\n\n申し訳ございません。"),
            "",
            "個人情報のため。\n\n申し訳ございません。",
            False,
        ),
        (
            JA.replace("件名：", "件名： ご質問 の件").replace("理由：", "理由：\nお詫び"),
            "ご質問 の件",
            "お詫び",
            False,
        ),
        (JA.replace("件名：", "件名：\nご質問の件").replace("理由：", "理由：お詫び"), "ご質問の件", "お詫び", False),
        (JA.replace("件名：", "件名: A").replace("理由：", "理由: B").replace(NO, YES), "A", "B", True),
        (JA.replace("#非表示\n", "").replace("件名：", "件名：A").replace("理由：", "理由：B"), "A", "B", False),
        (
            JA.replace("件名：", "件名：A").replace("理由：", "理由：B\n件名：は変えました\n-- \n鈴木"),
            "A",
            "B\n件名：は変えました",
            False,
        ),
        (JA.replace("件名：", "件名：A").replace("理由：", "理由：B") + "\n\niPhoneから送信", "A", "B", False),
        (EN.replace("Title:", "Title: A").replace("Reason:", "Reason: B").replace(": no", ": Yes"), "A", "B", True),
    ],
)
def test_a_form_is_the_command_that_it_stands_for(written: str, title: str, reason: str, restricts: bool) -> None:
    reply = filled_in(divide_seller(written))
    names = {command.name: command.argument for command in reply.commands}
    assert (names["hide"], reply.text, "restrict" in names) == (title, reason, restricts)
    assert reply.refused == ()


def test_a_mail_that_is_no_form_stays_as_it_is() -> None:
    reply = divide_seller("#非表示 ご質問の件\n個人情報のため。")
    assert filled_in(reply) == reply
