"""What comes back to a seller can be mended by pressing one button. Pure."""

import pytest

from gateway.desk.letters import File
from gateway.desk.page import URL_LIMIT
from gateway.desk.return_letters import returned
from gateway.texts import Texts
from tests.desk.builders import customer, inquiry, store
from tests.desk.test_buttons import Links, decoded

ADDRESS = "q1042-s-" + "a" * 24 + "@q.example.jp"
FILE = File(inquiry(), customer(), store(), None, None, (), {"s": ADDRESS})


def pressed(reason: str, detail: dict[str, str], draft: str) -> list[dict[str, str]]:
    """What the buttons of the returned mail fill in."""
    letter = returned(FILE, reason, detail, draft, Texts("ja"))
    urls = Links(letter.html or "").found
    assert all(len(url) <= URL_LIMIT for url in urls)
    return [decoded(url) for url in urls]


def test_a_mistyped_command_comes_back_in_a_mail_that_goes_to_the_inquiry() -> None:
    (filled,) = pressed("unknown_command", {"line": "#処里中"}, "#処里中\n明日発送します。")
    assert filled == {"to": ADDRESS, "subject": "Re: テスト2 [Q-1042]", "body": "#処里中\r\n明日発送します。"}


def test_a_long_draft_is_left_to_be_copied() -> None:
    (filled,) = pressed("too_long", {"count": "1001", "limit": "1000"}, "あ" * 1001)
    assert filled["body"] == ""


@pytest.mark.parametrize("reason", ["expired", "machine", "draft_settled"])
def test_no_button_where_no_words_would_help(reason: str) -> None:
    assert pressed(reason, {}, "明日発送します。") == []
