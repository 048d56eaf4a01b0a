"""The program itself: set-up, exit codes, and errors that say what to do."""

import asyncio
import os
import re
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession
from typer.testing import CliRunner

from gateway.cli import context
from gateway.cli.main import app, main
from gateway.config import load
from gateway.keys import load_keys, read
from gateway.rules.shipped import shipped_reference
from gateway.store.database import Database
from tests.cli import rows
from tests.cli.conftest import Cli

HEAD = 'domain = "q.example.jp"\noperator = "ops@example.jp"\n'


def toiawase(*words: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """The installed program, in a process of its own."""
    program = Path(sys.executable).with_name("toiawase")
    env = {"PATH": os.environ["PATH"], "HOME": str(folder), "COVERAGE_PROCESS_START": "", **environment}
    return subprocess.run([program, *words], cwd=folder, env=env, capture_output=True, text=True, encoding="utf-8")


def test_a_folder_is_set_up_and_a_first_store_added(tmp_path: Path) -> None:
    result = toiawase("init", "desk", folder=tmp_path)
    assert result.returncode == 0, result.stderr
    desk = tmp_path / "desk"
    assert stat.S_IMODE((desk / "keys.toml").stat().st_mode) == 0o600
    assert load(desk / "toiawase.toml").keys == desk / "keys.toml"
    assert load_keys(desk / "keys.toml")
    assert (desk / "rules").is_dir()
    words = ("store", "add", "testshop", "--title", "テストショップ", "--seller", "a@shop.example")
    assert toiawase(*words, folder=desk).returncode == 0
    listed = toiawase("store", "list", "--json", folder=tmp_path, TOIAWASE_CONFIG=str(desk / "toiawase.toml"), LANG="C")
    assert '"テストショップ"' in listed.stdout
    assert listed.stderr == ""
    assert stat.S_IMODE((desk / "toiawase.db").stat().st_mode) == 0o600


def test_a25_a_folder_that_is_made_is_nobody_elses_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o002)
    try:
        made = CliRunner().invoke(app, ["init", str(tmp_path / "made")])
        (tmp_path / "there").mkdir()
        there = CliRunner().invoke(app, ["init", str(tmp_path / "there")])
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "made").stat().st_mode) == 0o755
    assert ("chmod" in made.stdout, f"chmod go-w {tmp_path / 'there'}" in there.stdout) == (False, True)
    file = tmp_path / "there" / "toiawase.toml"
    assert "go-w" in CliRunner().invoke(app, ["--config", str(file), "config", "check"]).stderr


def test_what_the_rules_readme_speaks_of_stands_beside_it(tmp_path: Path) -> None:
    desk = tmp_path / "desk"
    assert CliRunner().invoke(app, ["init", str(desk)]).exit_code == 0
    assert (desk / "rules" / "REFERENCE.md").read_bytes() == shipped_reference().read_bytes()
    for name in ("README.md", "REFERENCE.md"):
        links = re.findall(r"\]\(([^)]+)\)", (desk / "rules" / name).read_text("utf-8"))
        assert [link for link in links if "://" not in link] == [], "an admin in /etc has none of our documents"


def test_what_is_there_is_never_written_over(tmp_path: Path) -> None:
    (tmp_path / "toiawase.toml").write_text("mine")
    (tmp_path / "rules").mkdir()
    result = CliRunner().invoke(app, ["init", str(tmp_path)])
    assert result.exit_code == 0
    assert (tmp_path / "toiawase.toml").read_text() == "mine"
    assert not list((tmp_path / "rules").iterdir())
    before = (tmp_path / "keys.toml").read_bytes()
    CliRunner().invoke(app, ["init", str(tmp_path)])
    assert (tmp_path / "keys.toml").read_bytes() == before


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = CliRunner().invoke(app, ["init", str(tmp_path / "file" / "desk")])
    assert (result.exit_code, "cannot be written" in result.stderr) == (2, True)


def test_python_m_gateway_is_the_same_program(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "gateway", "--version"]
    assert subprocess.run(words, cwd=tmp_path, capture_output=True, text=True).stdout.startswith("toiawase ")


@pytest.mark.parametrize("words", [["nonsense"], ["store", "add"], ["inquiry", "list", "--limit", "0"], ["--config"]])
def test_wrong_usage_ends_with_2(words: list[str]) -> None:
    assert CliRunner().invoke(app, words).exit_code == 2


def test_a_broken_configuration_ends_every_command_with_2(tmp_path: Path) -> None:
    file = tmp_path / "toiawase.toml"
    file.write_text("domian = 1\n")
    for words in (["config", "check"], ["store", "list"], ["serve"], ["keys", "list"], ["db", "upgrade"]):
        result = CliRunner().invoke(app, ["--config", str(file), *words])
        assert result.exit_code == 2
        assert result.stderr == f"toiawase: {file}:1: domian is no key of this file; did you mean domain?\n"


def test_check_says_what_is_wrong_beyond_the_file(tmp_path: Path) -> None:
    file = tmp_path / "toiawase.toml"
    file.write_text(HEAD + '[tls]\ncertificate = "cert.pem"\nkey = "key.pem"\n')
    assert "keys.toml is missing" in CliRunner().invoke(app, ["--config", str(file), "config", "check"]).stderr
    CliRunner().invoke(app, ["init", str(tmp_path)])
    result = CliRunner().invoke(app, ["--config", str(file), "config", "check"])
    assert (result.exit_code, "tls.certificate" in result.stderr, "tls.key" in result.stderr) == (1, True, True)
    (tmp_path / "cert.pem").write_text("")
    (tmp_path / "key.pem").write_text("")
    assert CliRunner().invoke(app, ["--config", str(file), "config", "check"]).exit_code == 0


def test_show_prints_a_file_that_can_be_used(tmp_path: Path) -> None:
    file = tmp_path / "toiawase.toml"
    file.write_text(HEAD)
    shown = CliRunner().invoke(app, ["--config", str(file), "config", "show"]).stdout
    before = load(file)
    file.write_text(shown)
    assert load(file) == before


@pytest.mark.parametrize(
    ("database", "code", "message"),
    [
        ("sqlite:///nowhere/toiawase.db", 2, "cannot be opened: No such file"),
        ("sqlite:///garbage.db", 2, "is none"),
        ("postgresql://desk:canary@127.0.0.1:1/desk", 75, "cannot be reached"),
    ],
)
def test_a_database_that_cannot_be_used_is_one_line_T08(tmp_path: Path, database: str, code: int, message: str) -> None:
    (tmp_path / "garbage.db").write_text("no database " * 100)
    file = tmp_path / "toiawase.toml"
    file.write_text(f'{HEAD}database = "{database}"\n')
    result = CliRunner().invoke(app, ["--config", str(file), "store", "list"])
    assert result.exit_code == code
    assert message in result.stderr
    assert result.stderr.count("\n") == 1
    assert "canary" not in result.stderr


def test_a_locked_database_is_try_again_later_T08(
    tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.store.database.BUSY_TIMEOUT", 0.01)
    file = tmp_path / "toiawase.toml"
    file.write_text(f'{HEAD}database = "{sqlite_url}"\n')
    holder = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    try:
        result = CliRunner().invoke(app, ["--config", str(file), "staff", "add", "cs@market.example"])
    finally:
        holder.close()
    assert (result.exit_code, "database is locked" in result.stderr) == (75, True)


def test_a_wrong_postgresql_name_is_try_again_later_T08(tmp_path: Path, postgresql_url: str) -> None:
    file = tmp_path / "toiawase.toml"
    file.write_text(f'{HEAD}database = "{postgresql_url}_nothing"\n')
    result = CliRunner().invoke(app, ["--config", str(file), "store", "list"])
    assert (result.exit_code, result.stderr.count("\n")) == (75, 1), repr(result.exception)


def test_commands_make_missing_tables(tmp_path: Path, empty_database_url: str) -> None:
    file = tmp_path / "toiawase.toml"
    file.write_text(f'{HEAD}database = "{empty_database_url}"\n')
    result = CliRunner().invoke(app, ["--config", str(file), "inquiry", "list", "--json"])
    assert (result.exit_code, result.stdout) == (0, "[]\n"), result.stderr
    assert CliRunner().invoke(app, ["--config", str(file), "db", "upgrade"]).exit_code == 0


def test_keys_are_listed_rotated_and_revoked(cli: Cli) -> None:
    CliRunner().invoke(app, ["init", str(cli.folder)])
    [first] = cli.json("keys", "list")
    assert (first["signs"], first["revoked"], len(first["fingerprint"])) == (True, False, 64)
    assert "rotate" in cli("keys", "revoke", first["id"], code=2).stderr
    cli("keys", "rotate")
    assert [row["signs"] for row in cli.json("keys", "list")] == [True, False]
    cli("keys", "revoke", first["id"])
    cli("keys", "revoke", first["id"])
    assert [row["revoked"] for row in cli.json("keys", "list")] == [False, True]
    assert "revoked" in cli("keys", "list").stdout
    secret = read(cli.folder / "keys.toml")[0].secret
    assert secret.hex() not in cli("keys", "list", "--json").stdout


def test_a_lost_key_can_be_given_up(shop: Cli) -> None:
    from datetime import UTC, datetime

    from gateway.keys import KeysError, check_fingerprints, create

    async def check(session: AsyncSession) -> None:
        await check_fingerprints(session, load_keys(file), datetime.now(UTC))

    file = shop.folder / "keys.toml"
    lost = create(file, datetime.now(UTC))
    shop.write(check)
    shop.write(rows.inquiry)
    file.unlink()
    shop("keys", "rotate")
    with pytest.raises(KeysError, match=f"toiawase keys revoke {lost.id}"):
        shop.write(check)
    shop("keys", "revoke", lost.id)
    shop.write(check)
    shop("keys", "revoke", "nothing", code=2)


def test_a_fault_of_ours_is_one_line_and_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def fault(*_: object) -> None:
        raise ZeroDivisionError("oops")

    (tmp_path / "toiawase.toml").write_text(HEAD)
    monkeypatch.setattr("gateway.cli.config.effective", fault)
    monkeypatch.setattr(sys, "argv", ["toiawase", "--config", str(tmp_path / "toiawase.toml"), "config", "show"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 70
    error = capsys.readouterr().err
    assert error.startswith("toiawase: internal error: ZeroDivisionError at test_main.py:")
    assert error.count("\n") == 1


def test_a_failed_write_leaves_nothing_behind(shop: Cli) -> None:
    """All of a command's changes are one transaction."""

    async def refuse(session: AsyncSession) -> None:
        session.add(rows.letter("answer", "message:1", "b@customer.example"))
        await session.flush()
        raise context.CommandError("no")

    async def run() -> None:
        database = Database(shop.database_url)
        try:
            async with database.write() as session:
                await refuse(session)
        finally:
            await database.close()

    with pytest.raises(context.CommandError):
        asyncio.run(run())
    assert shop.json("outbox", "list") == []
