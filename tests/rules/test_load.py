"""Loading rules: what is accepted, what each broken file is answered, and that nothing but data is read from YAML."""

import os
from pathlib import Path

import pytest

from gateway.rules.document import LARGEST, read_document
from gateway.rules.load import load, version_of
from gateway.rules.problems import RulesError
from gateway.rules.ready import ready
from gateway.rules.shipped import shipped_folder
from tests.rules.phrasebook import BROKEN, Phrasebook, placed, problems_in, written

RULE = "rules:\n  - name: a rule\n    when: { message.text: { contains: 送料 } }\n    then: { category: 送料 }\n"


@pytest.mark.parametrize("broken", BROKEN, ids=lambda file: file.name.split(".")[0])
def test_a_broken_file_is_told_with_its_place_and_the_remedy(broken: Path, tmp_path: Path) -> None:
    placed(broken, tmp_path / "rules")
    expected = broken.with_name(broken.name.split(".")[0] + ".expected").read_text("utf-8")
    assert "\n".join(map(str, problems_in(tmp_path / "rules"))) + "\n" == expected


def test_there_are_at_least_40_broken_files() -> None:
    assert len(BROKEN) >= 40


def test_the_errors_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "10-one.yaml").write_text("rules: nothing\n", "utf-8")
    (tmp_path / "20-two.yaml").write_text("rules: [", "utf-8")
    (tmp_path / "replies").mkdir()
    (tmp_path / "replies" / "x.ja.txt").write_text("{{ x }}", "utf-8")
    assert [problem.file for problem in problems_in(tmp_path)] == ["10-one.yaml", "20-two.yaml", "replies/x.ja.txt"]


@pytest.mark.parametrize("mode", [0o664, 0o646])
def test_a_file_that_others_may_write_is_refused_A18(mode: int, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(RULE, "utf-8")
    (tmp_path / "a.yaml").chmod(mode)
    assert [p.text for p in problems_in(tmp_path)] == ["may be written by others than its owner: chmod go-w a.yaml"]


def test_a_text_that_others_may_write_is_refused_A18(tmp_path: Path) -> None:
    written(tmp_path, RULE)
    (tmp_path / "replies" / "handled.ja.txt").chmod(0o666)
    assert [p.file for p in problems_in(tmp_path)] == ["replies/handled.ja.txt"]


def test_a_file_over_the_size_is_refused_A18(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"#" * (LARGEST + 1))
    assert [p.text for p in problems_in(tmp_path)] == ["is over 1 MiB: divide it"]


def test_a_file_with_the_other_ending_is_not_passed_over_in_silence(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text(RULE, "utf-8")
    assert [p.text for p in problems_in(tmp_path)] == ["is not loaded: call it a.yaml"]


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RulesError, match="no such folder"):
        load(tmp_path / "rules", Phrasebook())


def test_an_unreadable_file_is_an_error_with_its_name(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").mkdir()
    assert [(p.file, p.text) for p in problems_in(tmp_path)] == [("a.yaml", "cannot be read: Is a directory")]


def test_words_that_yaml_1_1_made_numbers_of_stay_words(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("[no, on, 09:00, 0123, 2026-12-01, 1_000, .5, ~, true, 12, -1.5]", "utf-8")
    expected = ["no", "on", "09:00", "0123", "2026-12-01", "1_000", ".5", None, True, 12, -1.5]
    assert read_document(file, "a.yaml").data == expected


def test_a_file_from_a_windows_editor_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"\xef\xbb\xbf" + RULE.replace("\n", "\r\n").encode())
    assert [rule.name for rule in load(tmp_path, Phrasebook()).rules] == ["a rule"]


@pytest.mark.parametrize("content", [b"", b"# nothing yet\n", b"rules: []\n"])
def test_a_file_without_rules_is_sound(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(content)
    assert load(tmp_path, Phrasebook()).rules == ()


def test_aliases_of_aliases_do_not_grow_A18(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)]
    (tmp_path / "a.yaml").write_text("\n".join(lines), "utf-8")
    assert {p.text.split(" is ")[1].split(":")[0] for p in problems_in(tmp_path)} >= {"an anchor", "an alias"}


def test_rules_come_in_the_order_of_files_and_lines(tmp_path: Path) -> None:
    written(
        tmp_path, RULE.replace("a rule", "second") + RULE.replace("rules:\n", "").replace("a rule", "third"), "20.yaml"
    )
    rules = written(tmp_path, RULE.replace("a rule", "first"), "10.yaml")
    assert [(rule.name, rule.file, rule.line) for rule in rules.rules] == [
        ("first", "10.yaml", 2),
        ("second", "20.yaml", 2),
        ("third", "20.yaml", 5),
    ]


def test_names_are_unique_over_all_files(tmp_path: Path) -> None:
    written(tmp_path, RULE, "10.yaml")
    (tmp_path / "20.yaml").write_text(RULE, "utf-8")
    assert [p.text for p in problems_in(tmp_path)] == ["there is a rule of this name already: 10.yaml:2"]


def test_the_version_changes_with_every_file_that_rules_are_made_from(tmp_path: Path) -> None:
    written(tmp_path, RULE)
    (tmp_path / "phrases").mkdir()
    versions = {version_of(tmp_path)}
    for name in ("rules.yaml", "20.yaml", "phrases/ja.yaml", "replies/handled.ja.txt", "replies/handled.en.txt"):
        with (tmp_path / name).open("a") as stream:
            stream.write("# more\n")
        versions.add(version_of(tmp_path))
    (tmp_path / "README.md").write_text("more")
    assert version_of(tmp_path) in versions
    assert len(versions) == 6


def test_a_text_is_chosen_by_language(tmp_path: Path) -> None:
    rules = written(tmp_path, RULE)
    (tmp_path / "replies" / "handled.en.txt").write_text("It is handled.\n", "utf-8")
    replies = load(tmp_path, Phrasebook()).replies
    assert replies.text("handled", "en", "ja") == "It is handled."
    assert replies.text("handled", "ko", "") == rules.replies.text("handled") == "ご対応させていただきました。"


def test_the_shipped_rules_are_sound() -> None:
    assert [rule.name for rule in ready(shipped_folder()).rules if not rule.trials] == []


@pytest.mark.parametrize(
    ("phrases", "problem"),
    [
        ("classes: {thanks: ['(a']}", "phrases/en.yaml:1:20: thanks: (a: "),
        ("classes: {thanks: [a], thanks: [b]}", "phrases/en.yaml:1:24: thanks stands here twice, first in line 1"),
        ("- thanks", "phrases/en.yaml:1:1: must be a mapping that has `classes`"),
        ("classes: {thanks: 3}", "phrases/en.yaml:1:19: must be a list of phrases"),
        ("classes: [", "phrases/en.yaml:1:11: a value is missing"),
    ],
)
def test_broken_phrases_are_told_beside_broken_rules(phrases: str, problem: str, tmp_path: Path) -> None:
    (tmp_path / "phrases").mkdir()
    (tmp_path / "phrases" / "en.yaml").write_text(phrases, "utf-8")
    (tmp_path / "a.yaml").write_text(RULE.replace("category:", "categry:"), "utf-8")
    with pytest.raises(RulesError) as caught:
        ready(tmp_path)
    told = list(map(str, caught.value.problems))
    assert told[0].startswith("a.yaml:4:13: categry is no action; did you mean category?")
    assert told[1].startswith(problem)


def test_phrases_of_an_unknown_language_are_not_passed_over_in_silence(tmp_path: Path) -> None:
    (tmp_path / "phrases").mkdir()
    (tmp_path / "phrases" / "jp.yaml").write_text("classes: {}", "utf-8")
    with pytest.raises(RulesError, match="with ja, ko, zh or en for LANGUAGE"):
        ready(tmp_path)


def test_rules_whose_tests_fail_are_not_used(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(RULE + "    tests: [{ message: 送料, expect: no match }]\n", "utf-8")
    with pytest.raises(RulesError, match="should not match but does"):
        ready(tmp_path)


def test_the_shipped_answer_is_the_guides() -> None:
    text = load(shipped_folder(), Phrasebook(), check_mode=False).replies.text("handled", "ja")
    assert text == (
        "お問い合わせの件はご対応させていただきました。\nその他ご不明点がございましたら、お気軽にお問い合わせ下さい。"
    )


def test_no_shipped_rule_answers_what_still_waits_for_its_first_answer() -> None:
    for rule in load(shipped_folder(), Phrasebook(), check_mode=False).rules:
        matching = [t.facts.inquiry.status for t in rule.trials if t.expected]
        if rule.then.auto_respond:
            assert set(matching) <= {"new", "done"}, rule.name


def test_a_caret_stands_under_the_fault_behind_wide_letters(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("rules:\n  - { name: 送料の規則, wenn: 1 }\n", "utf-8")
    fault = next(p for p in problems_in(tmp_path) if "wenn" in p.text)
    _, source, caret = str(fault).split("\n")
    assert source.index("wenn") + len("送料の規則") == caret.index("^")


def test_init_writes_rules_that_pass_the_check_of_their_modes(tmp_path: Path) -> None:
    from gateway.cli.setup import init

    before = os.umask(0o002)
    try:
        init(tmp_path / "gateway")
    finally:
        os.umask(before)
    assert load(tmp_path / "gateway" / "rules", Phrasebook()).rules
