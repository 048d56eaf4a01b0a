"""A folder of rules read as one snapshot: what is read, what is refused unread, and what tells of a change."""

import os
from pathlib import Path

import pytest

from gateway.rules import files as rule_files
from gateway.rules.files import read, stamp, version_of
from gateway.rules.problems import Problem, RulesError
from gateway.rules.shipped import folder_in_force, shipped_folder
from tests.rules.test_load import RULE


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("10-one.yaml", "phrases/ja.yaml", "replies/handled.ja.txt"):
        file = tmp_path / "rules" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(RULE, "utf-8")
    return tmp_path / "rules"


def problems_of(folder: Path) -> list[str]:
    with pytest.raises(RulesError) as caught:
        read(folder)
    return [problem.head for problem in caught.value.problems]


def test_only_what_rules_are_made_from_is_read(folder: Path) -> None:
    (folder / "README.md").write_text("for people", "utf-8")
    (folder / "old").mkdir()
    (folder / "old" / "10-one.yaml").write_text("rules: [", "utf-8")
    assert list(read(folder)) == ["10-one.yaml", "phrases/ja.yaml", "replies/handled.ja.txt"]


def test_what_an_editor_leaves_beside_a_file_is_passed_over(folder: Path) -> None:
    before = read(folder)
    (folder / ".10-one.yaml.swp").write_bytes(b"\0")
    (folder / ".#10-one.yaml").symlink_to("admin@host.4711")
    for name in ("handled.ja.txt~", "#handled.ja.txt#", ".handled.ja.txt.swp"):
        (folder / "replies" / name).write_bytes(b"\0")
    assert read(folder) == before


def test_what_was_read_stays_what_it_was(folder: Path) -> None:
    files = read(folder)
    version = version_of(files)
    (folder / "10-one.yaml").write_text("rules: [", "utf-8")
    assert version_of(files) == version


def test_nothing_that_is_no_file_holds_us_up(folder: Path) -> None:
    os.mkfifo(folder / "20-pipe.yaml")
    (folder / "30-gone.yaml").symlink_to("nowhere")
    (folder / "replies" / "more").mkdir()
    assert problems_of(folder) == [
        "20-pipe.yaml:1:1: is no regular file",
        "30-gone.yaml:1:1: cannot be read: No such file or directory",
        "replies/more:1:1: cannot be read: Is a directory",
    ]


def test_a_name_that_cannot_be_shown_is_an_error(folder: Path) -> None:
    (folder / "10-a\nb.yaml").write_text(RULE, "utf-8")
    (folder / os.fsdecode(b"10-\xff.yaml")).write_text(RULE, "utf-8")
    assert problems_of(folder) == [
        "'10-\\udcff.yaml':1:1: has letters in its name that cannot be shown: rename it",
        "'10-a\\nb.yaml':1:1: has letters in its name that cannot be shown: rename it",
    ]


def test_the_folder_as_a_whole_is_bounded(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rule_files, "LARGEST_FOLDER", 2 * len(RULE.encode()))
    assert problems_of(folder) == [".:1:1: its files are over 0 MiB together"]


def test_every_change_is_seen(folder: Path) -> None:
    seen = [stamp(folder)]

    def see() -> None:
        seen.append(stamp(folder))

    assert stamp(folder) == seen[0]
    with (folder / "10-one.yaml").open("a") as stream:
        stream.write("# more")
    see()
    (folder / "10-one.yaml").chmod(0o600)
    see()
    (folder / "replies" / "handled.ja.txt").rename(folder / "replies" / "handled.en.txt")
    see()
    os.utime(folder / "phrases" / "ja.yaml", ns=(1, 1))
    see()
    (folder / "20-two.yaml").symlink_to("10-one.yaml")
    see()
    (folder / "README.md").write_text("for people", "utf-8")
    assert stamp(folder) == seen[-1]
    folder.rename(folder.with_name("away"))
    see()
    assert len(set(seen)) == len(seen) == 7
    assert seen[-1] is None


def test_the_shipped_rules_apply_only_where_there_is_nothing(folder: Path, tmp_path: Path) -> None:
    assert folder_in_force(folder) == folder
    assert folder_in_force(tmp_path / "none") == shipped_folder()
    (tmp_path / "gone").symlink_to("nowhere")
    (tmp_path / "file").write_text("no folder", "utf-8")
    for name in ("gone", "file", "file/rules"):
        assert problems_of(folder_in_force(tmp_path / name)) == [".:1:1: there is no such folder of rules"]


def test_a_problem_of_the_folder_is_told_with_its_whole_path(folder: Path) -> None:
    assert Problem(".", 1, 1, "is wrong").within(folder).head == f"{folder}:1:1: is wrong"
    assert (
        Problem("replies/a.ja.txt", 1, 2, "is wrong").within(folder).head == f"{folder}/replies/a.ja.txt:1:2: is wrong"
    )


def test_a_folder_that_others_may_write_is_refused_A18(folder: Path) -> None:
    (folder / "10-one.yaml").unlink()
    for name, mode in ((".", 0o775), ("phrases", 0o757), ("replies", 0o1777)):
        (folder / name).chmod(mode)
    assert problems_of(folder) == [
        ".:1:1: may be written by others than its owner: chmod go-w rules",
        "phrases:1:1: may be written by others than its owner: chmod go-w phrases",
        "replies:1:1: may be written by others than its owner: chmod go-w replies",
    ]


def test_what_belongs_to_a_stranger_is_refused_unread_A18(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stranger's: in the eyes of a user of another number, files that are not root's; root gives one away."""
    if os.geteuid() == 0:
        for name in ("replies", "10-one.yaml"):
            os.chown(folder / name, 4711, -1)
        refused, me = ["10-one.yaml:1:1", "replies:1:1"], "root"
    else:
        monkeypatch.setattr(os, "geteuid", lambda: 4712)
        refused, me = [".:1:1", "10-one.yaml:1:1", "phrases:1:1", "phrases/ja.yaml:1:1", "replies:1:1"], "the user 4712"
        refused.append("replies/handled.ja.txt:1:1")
    told = problems_of(folder)
    assert [one.partition(": ")[0] for one in told] == refused
    assert all(f", neither to root nor to {me}: chown root " in one for one in told)
    assert "送料" not in "".join(told)


def test_the_shipped_rules_are_as_safe_as_the_code_beside_them(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.chmod(0o777)
    (folder / "10-one.yaml").chmod(0o666)
    monkeypatch.setattr(rule_files, "shipped_folder", lambda: folder)
    assert "10-one.yaml" in read(folder)


def test_a_link_that_leaves_the_folder_shows_nobody_what_it_leads_to(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "shadow").write_text("root:secret", "utf-8")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "secret.yaml").write_text("secret", "utf-8")
    (folder / "replies" / "x.ja.txt").symlink_to(tmp_path / "shadow")
    (folder / "20-two.yaml").symlink_to("../shadow")
    (folder / "phrases" / "ja.yaml").unlink()
    (folder / "phrases").rmdir()
    (folder / "phrases").symlink_to(tmp_path / "elsewhere")
    told = [*problems_of(folder), *(problem.source for problem in _refused(folder))]
    assert told[:3] == [
        "20-two.yaml:1:1: is a link to a file outside the folder: copy here what it leads to",
        "phrases:1:1: is a link to another folder: copy here what it leads to",
        "replies/x.ja.txt:1:1: is a link to a file outside the folder: copy here what it leads to",
    ]
    assert "secret" not in "".join(told)


def _refused(folder: Path) -> tuple[Problem, ...]:
    with pytest.raises(RulesError) as caught:
        read(folder)
    return caught.value.problems


def test_links_within_the_folder_work_as_config_management_makes_them(folder: Path, tmp_path: Path) -> None:
    before = read(folder)
    version = folder / "..2026_11_26"
    version.mkdir()
    (folder / "..data").symlink_to(version.name)
    for name in ("10-one.yaml", "phrases", "replies"):
        (folder / name).rename(version / name)
        (folder / name).symlink_to(f"..data/{name}")
    assert read(folder) == before
    (tmp_path / "named").symlink_to(folder)
    assert read(tmp_path / "named") == before
    version.chmod(0o777)
    assert problems_of(folder) == ["..2026_11_26:1:1: may be written by others than its owner: chmod go-w ..2026_11_26"]


def test_a_folder_that_is_mended_is_seen(folder: Path) -> None:
    (folder / "phrases").chmod(0o777)
    before = stamp(folder)
    (folder / "phrases").chmod(0o755)
    assert stamp(folder) != before
