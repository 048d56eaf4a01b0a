"""`toiawase rules`: without a configuration, for the admin who edits a folder."""

import json
from email.message import EmailMessage
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from gateway.cli.main import app
from gateway.rules.shipped import shipped_folder

SHIPPING = """rules:
  - name: 送料
    when: { message.text: { contains: 送料 }, inquiry.status: [new, done] }
    then: { auto_respond: handled, status: done }
    tests:
      - { message: "送料はいくらですか", expect: match }
  - name: 返品
    when: { message.text: { contains: 返品 } }
    then: { category: 返品, remind: 4h }
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "rules" / "replies").mkdir(parents=True)
    (tmp_path / "rules" / "replies" / "handled.ja.txt").write_text("ご対応させていただきました。", "utf-8")
    (tmp_path / "rules" / "50-shipping.yaml").write_text(SHIPPING, "utf-8")
    return tmp_path / "rules"


@pytest.fixture
def mail(tmp_path: Path) -> Path:
    message = EmailMessage()
    message["From"], message["To"] = "hanako@customer.example", "testshop@q.example.jp"
    message["Subject"], message["X-Mailer"] = "質問", "Becky! ver. 2"
    message.set_content("沖縄までの送料はいくらですか。\n\n> 返品について\n")
    file = tmp_path / "mail.eml"
    file.write_bytes(message.as_bytes())
    return file


def run(*words: str | Path, code: int = 0) -> Result:
    result = CliRunner().invoke(app, ["rules", *map(str, words)])
    assert result.exit_code == code, result.stdout + result.stderr
    return result


def test_sound_rules_are_counted(folder: Path) -> None:
    assert "is right: 2 rules, 1 test, version " in run("check", "--rules", folder).stdout


def test_every_error_is_told_with_file_line_and_column(folder: Path) -> None:
    (folder / "60-more.yaml").write_text(SHIPPING.replace("message.text", "message.txet"), "utf-8")
    result = run("check", "--rules", folder, code=1)
    assert result.stdout == ""
    assert f"{folder}/60-more.yaml:3:13: message.txet is no fact; did you mean message.text?\n" in result.stderr
    assert result.stderr.endswith(f"toiawase: 4 errors in {folder}\n")


def test_a_failing_test_is_an_error(folder: Path) -> None:
    (folder / "50-shipping.yaml").write_text(SHIPPING.replace("expect: match", "expect: no match"), "utf-8")
    problems = json.loads(run("check", "--rules", folder, "--json", code=1).stdout)
    assert [(p["file"], p["line"], p["column"]) for p in problems] == [("50-shipping.yaml", 6, 9)]
    assert "送料 should not match but does: message.text has 送料" in problems[0]["text"]


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    assert "there is no such folder of rules" in run("check", "--rules", tmp_path / "none", code=1).stderr


def test_a_folder_without_rules_is_right_with_a_warning(folder: Path) -> None:
    (folder / "50-shipping.yaml").unlink()
    result = run("check", "--rules", folder)
    assert "is right: 0 rules, 0 tests" in result.stdout
    assert result.stderr == "toiawase: warning: 0 rules: nothing is answered or sorted\n"


def test_a_check_says_when_it_is_the_shipped_rules_that_it_checked_and_why(tmp_path: Path) -> None:
    config = tmp_path / "toiawase.toml"
    config.write_text('domain = "q.example.jp"\noperator = "ops@example.jp"\n', "utf-8")
    result = CliRunner().invoke(app, ["--config", str(config), "rules", "check"])
    assert (result.exit_code, str(shipped_folder()) in result.stdout) == (0, True)
    assert result.stderr.startswith(f"toiawase: {tmp_path}/rules is not there: these are the shipped rules")
    assert "`toiawase status`" in result.stderr
    (tmp_path / "rules").mkdir()
    result = CliRunner().invoke(app, ["--config", str(config), "rules", "check"])
    assert result.stderr == "toiawase: warning: 0 rules: nothing is answered or sorted\n"


def test_without_any_configuration_the_shipped_rules_are_judged(
    tmp_path: Path, mail: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TOIAWASE_CONFIG", raising=False)
    monkeypatch.setattr("gateway.cli.context.SYSTEM_FILE", tmp_path / "none.toml")
    checked = run("check")
    assert (str(shipped_folder()) in checked.stdout, "there is no configuration" in checked.stderr) == (True, True)
    assert "thank-you after the answer" in run("explain", mail).stdout
    labelled = tmp_path / "labelled.jsonl"
    labelled.write_text(json.dumps(LABELLED[0]), "utf-8")
    assert "0 wrong; 1 of 1" in run("score", labelled).stdout


def test_explain_tells_of_each_rule_why(folder: Path, mail: Path) -> None:
    view = json.loads(run("explain", mail, "--rules", folder, "--json").stdout)
    assert [(rule["name"], rule["matched"], rule["words"]) for rule in view["rules"]] == [
        ("送料", True, ["送料"]),
        ("返品", False, []),
    ]
    assert view["rules"][1]["why"] == "message.text contains no 返品", "the quotation is not the customer's text"
    assert view["effects"] == {"auto_respond": "handled", "status": "done"}


def test_explain_takes_what_the_database_would_know(folder: Path, mail: Path) -> None:
    view = json.loads(run("explain", mail, "--rules", folder, "--json", "--status", "in_progress").stdout)
    assert view["rules"][0]["why"] == "inquiry.status is in_progress, not new or done"
    assert view["effects"] == {}


def test_explain_can_suppose_that_the_shop_asked(folder: Path, mail: Path) -> None:
    assert json.loads(run("explain", mail, "--rules", folder, "--json", "--asked").stdout)["facts"]["inquiry"]["asked"]
    assert "inquiry.asked" in run("explain", mail, "--rules", folder).stdout


def test_explain_for_people_says_what_comes_of_it(folder: Path, mail: Path) -> None:
    assert "a human sees it" in run("explain", mail, "--rules", folder, "--status", "unanswered").stdout
    shown = run("explain", mail, "--rules", folder, "--since-reply", "2d").stdout
    assert "50-shipping.yaml:2" in shown
    assert "auto_respond" in shown


def test_explain_sees_header_fields(folder: Path, mail: Path) -> None:
    (folder / "50-shipping.yaml").write_text(
        SHIPPING.replace("message.text: { contains: 返品", "message.header.X-Mailer: { contains: becky"), "utf-8"
    )
    view = json.loads(run("explain", mail, "--rules", folder, "--json", "--status", "unanswered").stdout)
    assert view["rules"][1]["words"] == ["Becky"]


def test_explain_never_fails_on_bytes(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "noise.eml").write_bytes(bytes(range(256)) * 40)
    assert run("explain", tmp_path / "noise.eml", "--rules", folder)


def test_explain_refuses_broken_rules_in_one_message(folder: Path, mail: Path) -> None:
    (folder / "60-more.yaml").write_text("rules: [", "utf-8")
    assert "60-more.yaml:1:9: a value is missing" in run("explain", mail, "--rules", folder, code=2).stderr


def test_wrong_options_are_usage(folder: Path, mail: Path, tmp_path: Path) -> None:
    run("explain", tmp_path / "none.eml", "--rules", folder, code=2)
    run("explain", mail, "--rules", folder, "--since-reply", "soon", code=2)
    run("explain", mail, "--rules", folder, "--status", "finished", code=2)


def test_the_schema_names_the_folders_own_texts(folder: Path) -> None:
    schema = json.loads(run("schema", "--rules", folder).stdout)
    assert schema["$defs"]["then"]["properties"]["auto_respond"]["examples"] == ["handled"]


def test_without_a_rules_folder_the_shipped_rules_apply(tmp_path: Path, mail: Path) -> None:
    (tmp_path / "toiawase.toml").write_text('domain = "q.example.jp"\noperator = "ops@example.jp"\n', "utf-8")
    result = CliRunner().invoke(
        app, ["--config", str(tmp_path / "toiawase.toml"), "rules", "explain", str(mail), "--json"]
    )
    view = json.loads(result.stdout)
    assert "thank-you after the answer" in [rule["name"] for rule in view["rules"]]
    assert view["effects"] == {"category": "送料", "remind": "8h"}


LABELLED = [
    {"id": "1", "label": "auto", "kind": "thanks", "body": "ありがとうございました。", "prior_status": "done"},
    {"id": "2", "label": "human", "kind": "question", "body": "いつ届きますか？", "prior_status": "done"},
    {"id": "3", "label": "auto", "kind": "thanks", "body": "ありがとうございました。", "prior_status": "in_progress"},
]


def score_file(folder: Path, *more: dict[str, str]) -> Path:
    file = folder / "messages.jsonl"
    file.write_text("\n".join(json.dumps(message) for message in (*LABELLED, *more)), "utf-8")
    return file


def test_score_counts_what_is_found_and_what_is_right(tmp_path: Path) -> None:
    report = json.loads(run("score", score_file(tmp_path), "--rules", shipped_folder(), "--json").stdout)
    assert (report["auto"], report["found"], report["wrong"]) == (2, 2, [])
    assert report["by_kind"]["thanks"] == {"right": 2, "wrong": 0, "missed": 0}
    assert "0 wrong; 2 of 2" in run("score", score_file(tmp_path), "--rules", shipped_folder()).stdout


def test_score_ends_with_1_when_a_human_would_have_been_passed_over(tmp_path: Path) -> None:
    wrong = {"id": "4", "label": "human", "kind": "decision", "body": "ありがとうございます。", "prior_status": "done"}
    result = run("score", score_file(tmp_path, wrong), "--rules", shipped_folder(), code=1)
    assert "WRONG 4 answered (ありがとうございます)" in result.stdout


def test_score_names_the_line_that_is_no_labelled_message(tmp_path: Path) -> None:
    file = score_file(tmp_path, {"id": "4"})
    assert f"{file}:4: label is missing" in run("score", file, "--rules", shipped_folder(), code=2).stderr
