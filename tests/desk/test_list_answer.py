"""What an answer to a list or a digest asks for."""

import pytest

from gateway.desk.list_answer import is_answer, items_of

NUMBERS = [30, 20, 10, 7]


def read(text: str) -> list[tuple[int | None, list[str], str, str]]:
    return [
        (item.position, [command.name for command in item.reply.commands], item.reply.text, item.problem)
        for item in items_of(text, NUMBERS)
    ]


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("3 完了", [(3, ["done"], "", "")]),
        ("３．処理中\n2　自動応答", [(3, ["progress"], "", ""), (2, ["auto"], "", "")]),
        ("4 明日", [(4, ["snooze"], "", "")]),
        ("Q-20 done", [(2, ["done"], "", "")]),
        ("1番は完了", [(1, ["done"], "", "")]),
        ("[1] #完了", [(1, ["done"], "", "")]),
        ("1,2、4 完了", [(1, ["done"], "", ""), (2, ["done"], "", ""), (4, ["done"], "", "")]),
        ("1-3 完了", [(1, ["done"], "", ""), (2, ["done"], "", ""), (3, ["done"], "", "")]),
        ("1\n明日発送します。\n\nよろしくお願いします。", [(1, [], "明日発送します。\n\nよろしくお願いします。", "")]),
        ("1 処理中\n確認します。\n3\n#メモ\n電話済み",
         [(1, ["progress"], "確認します。", ""), (3, ["note"], "電話済み", "")]),
        ("9 完了", [(None, ["done"], "", "lines.no_item")]),
        ("0 完了", [(None, ["done"], "", "lines.no_item")]),
        ("Q-99 完了", [(None, ["done"], "", "lines.no_item")]),
        ("3 完了です", [(3, [], "", "lines.unknown")]),
        ("3 明日発送します", [(3, [], "", "lines.unknown")]),
        ("3\n本文\n#完了", [(3, [], "本文\n#完了", "lines.below")]),
        ("3", [(3, [], "", "lines.nothing")]),
        ("1 完了\n1 処理中", [(1, ["done"], "", ""), (1, ["progress"], "", "lines.twice")]),
        ("よろしく\n1 完了", [(None, [], "", "lines.before"), (1, ["done"], "", "")]),
        ("1\n2 個セットです。", [(1, [], "", "lines.nothing"), (2, [], "", "lines.unknown")]),
        ("1\n10月に入荷します。\n2026年です。", [(1, [], "10月に入荷します。\n2026年です。", "")]),
    ],
)  # fmt: skip
def test_lines(text: str, items: list[tuple[int | None, list[str], str, str]]) -> None:
    assert read(text) == items


@pytest.mark.parametrize(
    ("text", "answers"),
    [
        ("\n 3 完了\n", True),
        ("１番 完了", True),
        ("一覧", False),
        ("10月の一覧", False),
        ("", False),
        ("検索 3", False),
    ],
)
def test_only_a_number_at_the_beginning_makes_an_answer(text: str, answers: bool) -> None:
    assert is_answer(text) is answers


def test_a_line_is_told_back_without_what_turns_its_direction() -> None:
    items = items_of("よろ\u202eしく\n\u202e1 \u2066完了\n2\n\u202e本文", NUMBERS)
    assert [(item.written, item.said) for item in items] == [("", "よろしく"), ("1", "完了"), ("2", "本文")]
