"""The commands that a seller writes above an answer (mail-interface, "What the seller can write")."""

import pytest

from gateway.mail.commands import WORDS, CommandReading, read_commands, refused_above
from gateway.mail.reply import divide, divide_seller


def _names(reading: CommandReading) -> list[tuple[str, str]]:
    return [(command.name, command.argument) for command in reading.commands]


@pytest.mark.parametrize(("name", "word"), [(name, word) for name, words in WORDS.items() for word in words])
def test_japanese_and_english_words_are_equal(name: str, word: str) -> None:
    reading = read_commands(f"#{word}\n本文")
    assert _names(reading) == [(name, "")]
    assert reading.rest == "本文"
    assert reading.refused == ()


@pytest.mark.parametrize(
    "line",
    [
        "#処理中",
        "＃処理中",
        "# 処理中",
        "＃　処理中",
        "#処理中  ",
        "\u00a0#処理中",
        "#処\u200b理中",
        "# 処理 中",
        "#PROGRESS",
        "＃Ｈｏｌｄ",
    ],
)
def test_width_case_and_spaces_do_not_matter(line: str) -> None:
    assert _names(read_commands(f"{line}\n本文")) == [("progress", "")]


@pytest.mark.parametrize("mark", ["\u202e", "\u202a", "\u2066", "\u200f", "\u061c"])
def test_a_line_is_told_back_without_what_turns_its_direction(mark: str) -> None:
    reading = read_commands(f"{mark}#件名 {mark}発送\n#やめ{mark}る\n本文\n{mark}#完了")
    assert [command.line for command in reading.commands] == ["#件名 発送"]
    assert reading.refused == ("#やめる", "#完了")
    assert refused_above(reading.refused, reading.rest) == ["#やめる"]


def test_blank_lines_may_stand_between_commands() -> None:
    reading = read_commands("#非表示 掲載について\n\n#制限\n\n個人情報が含まれていました。\n")
    assert _names(reading) == [("hide", "掲載について"), ("restrict", "")]
    assert reading.rest == "個人情報が含まれていました。"
    assert [command.line for command in reading.commands] == ["#非表示 掲載について", "#制限"]


def test_an_argument_is_kept_as_written() -> None:
    assert _names(read_commands("＃件名　ＡＢＣの ご案内")) == [("title", "ＡＢＣの ご案内")]
    assert _names(read_commands("#Template Return Policy")) == [("template", "Return Policy")]
    assert _names(read_commands("#統合 Q-12")) == [("merge", "Q-12")]


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("#明日", "明日"),
        ("#3日後", "3日後"),
        ("＃３日後", "3日後"),
        ("#2026-12-01", "2026-12-01"),
        ("#snooze 2026-12-01", "2026-12-01"),
        ("#snooze 明日", "明日"),
    ],
)
def test_a_day_alone_is_a_snooze(line: str, day: str) -> None:
    assert _names(read_commands(line)) == [("snooze", day)]


@pytest.mark.parametrize(
    ("line", "nearest"),
    [
        ("#処理", "#処理中"),
        ("#処理中です", "#処理中"),
        ("#完了。", "#完了"),
        ("#progres", "#progress"),
        ("#hold on", "#hold"),
        ("#明日 来ます", "#明日"),
        ("#1の商品", None),
        ("#タグ", None),
        ("#", None),
    ],
)
def test_a_line_that_looks_like_a_command_and_is_none_is_refused(line: str, nearest: str | None) -> None:
    reading = read_commands(f"{line}\n本文")
    assert reading.commands == ()
    assert reading.refused == (line,)
    assert reading.suggestion == nearest
    assert reading.rest == "本文"


def test_below_the_first_other_line_a_sharp_is_text() -> None:
    reading = read_commands("本文です。\n#1の商品は在庫があります。\n#タグ")
    assert reading == CommandReading((), "本文です。\n#1の商品は在庫があります。\n#タグ", (), None)


def test_below_the_first_other_line_a_known_command_is_refused() -> None:
    reading = read_commands("本文です。\n＃完了\n以上")
    assert reading.refused == ("＃完了",)
    assert reading.commands == ()


@pytest.mark.parametrize("line", ["##処理中", "＃＃処理中", "##見出し"])
def test_two_sharps_are_one_literal_sharp(line: str) -> None:
    reading = read_commands(f"{line}\n本文")
    assert (reading.commands, reading.refused) == ((), ())
    assert reading.rest == f"{line[1:]}\n本文"


def test_more_commands_than_any_mail_needs_are_refused() -> None:
    reading = read_commands("#処理中\n" * 25)
    assert len(reading.commands) == 20
    assert len(reading.refused) == 5


def test_no_text_is_no_command() -> None:
    assert read_commands("") == CommandReading((), "", (), None)


def test_commands_are_read_for_sellers_only_and_from_the_new_text_only() -> None:
    text = "#完了\n発送しました。\n\n2026/11/20 14:03 山田様 <s@q.example.jp>:\n> #処理中\n> いつですか。\n"
    assert divide(text).text == "#完了\n発送しました。"
    assert divide(text).commands == ()
    reply = divide_seller(text)
    assert [command.name for command in reply.commands] == ["done"]
    assert reply.text == "発送しました。"
    assert reply.refused == ()
