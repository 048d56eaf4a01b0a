"""`dns` and `doctor` as an operator and a monitor use them."""

import json

import pytest
from typer.testing import CliRunner

from gateway.cli.main import app
from gateway.doctor import lookup
from tests.cli.conftest import Cli


def test_every_record_is_printed_to_be_pasted(cli: Cli) -> None:
    lines = cli("dns", "--address", "192.0.2.5", "--spf", "ip4:192.0.2.0/24").stdout.splitlines()
    assert "q.example.jp. 3600 IN MX 10 q.example.jp." in lines
    assert "q.example.jp. 3600 IN A 192.0.2.5" in lines
    assert 'q.example.jp. 3600 IN TXT "v=spf1 ip4:192.0.2.0/24 -all"' in lines
    assert lines[-1].startswith("; [dkim] is not set")
    rows = cli.json("dns", "--mx", "mx.example.jp")
    assert [row["type"] for row in rows] == ["MX", "TXT", "TXT"]
    assert all(set(row) == {"type", "name", "value", "zone", "why"} for row in rows)
    assert rows[0]["value"] == "10 mx.example.jp."
    assert "IP" in cli("dns", "--address", "nonsense", code=2).stderr


def test_a_key_that_cannot_sign_is_named(cli: Cli) -> None:
    file = cli.folder / "toiawase.toml"
    file.write_text(file.read_text("utf-8") + '[dkim]\nselector = "t1"\nkey = "gone.pem"\n', "utf-8")
    assert "gone.pem cannot be read" in cli("dns", code=2).stderr


def test_doctor_has_one_remedy_for_each_failure(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookup, "LIFETIME", 0.2)
    rows = cli.json("doctor", code=1)
    assert all(set(row) == {"check", "result", "text", "remedy"} for row in rows)
    assert all(bool(row["remedy"]) is (row["result"] != "ok") for row in rows)
    wrong = {row["check"] for row in rows if row["result"] == "wrong"}
    assert {"keys", "port", "health", "smarthost"} <= wrong
    assert {"configuration", "rules", "database", "disk"}.isdisjoint(wrong)
    shown = cli("doctor", code=1).stdout
    assert "→ Start the gateway" in shown


def test_doctor_names_what_is_wrong_with_the_configuration(cli: Cli) -> None:
    (cli.folder / "toiawase.toml").write_text("domian = 1\n")
    result = CliRunner().invoke(app, ["--config", str(cli.folder / "toiawase.toml"), "doctor", "--json"])
    [row] = json.loads(result.stdout)
    assert (result.exit_code, row["result"], "did you mean domain?" in row["text"]) == (1, "wrong", True)
