"""The files that a configuration names, and the disk that they are on."""

import os
from collections import namedtuple
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme

from gateway import keys
from gateway.config import Config
from gateway.doctor import files, machine
from gateway.doctor.finding import Finding, Result
from tests.doctor.conftest import Configure, private_key

NOW = datetime.now(UTC)
Usage = namedtuple("Usage", "total used free")


def only(found: Iterator[Finding]) -> Finding:
    [finding] = found
    assert "\n" not in finding.text + finding.remedy
    assert bool(finding.remedy) is (finding.result is not Result.OK)
    return finding


def test_a25_what_others_may_touch_is_named_with_its_cure(configure: Configure, tmp_path: Path) -> None:
    config = configure()
    assert only(files.privacy(config)).result is Result.OK
    database = tmp_path / "toiawase.db"
    database.touch(0o600)
    database.chmod(0o640)
    assert only(files.privacy(config)).remedy == f"`chmod 600 {database}`."
    database.chmod(0o600)
    config.file.chmod(0o666)
    assert "chmod go-w" in only(files.privacy(config)).remedy
    config.file.chmod(0o644)
    tmp_path.chmod(0o777)
    assert only(files.privacy(config)).remedy == f"`chmod go-w {tmp_path}`."
    tmp_path.chmod(0o755)
    assert only(files.privacy(config)).result is Result.OK


def test_a25_mail_goes_to_a_database_elsewhere_only_where_nobody_can_listen(configure: Configure) -> None:
    finding = only(files.privacy(configure('database = "postgresql://desk@db.example.jp/desk"')))
    assert (finding.result, "sslmode=verify-full" in finding.remedy) == (Result.WRONG, True)


def test_whose_the_files_are(configure: Configure, tmp_path: Path) -> None:
    assert only(files.rights(configure())).result is Result.OK
    gone = only(files.rights(configure('state = "gone"')))
    assert (gone.result, "install -d -m 700" in gone.remedy) == (Result.WRONG, True)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give a file away")
def test_a_database_that_root_made_is_given_to_the_gateway(configure: Configure, tmp_path: Path) -> None:
    os.chown(tmp_path, 12345, 12345)
    (tmp_path / "toiawase.db").touch(0o600)
    (tmp_path / "toiawase.db-door").touch(0o600)
    found = list(files.rights(configure()))
    names = ("toiawase.db", "toiawase.db-door")
    assert [one.remedy for one in found] == [f"`chown --reference={tmp_path} {tmp_path / name}`." for name in names]


def test_the_keys_file(configure: Configure, tmp_path: Path) -> None:
    config = configure()
    assert only(files.keys(config)).remedy.startswith("Restore it from your copy")
    keys.create(config.keys, NOW)
    assert list(files.keys(config)) == []
    config.keys.chmod(0o644)
    assert only(files.keys(config)).remedy == f"`chmod 600 {config.keys}`."


@pytest.mark.parametrize(
    ("left", "result", "words"),
    [
        (timedelta(days=60), Result.OK, "ends 20"),
        (timedelta(days=3), Result.WRONG, "ends 20"),
        (-timedelta(days=1), Result.WRONG, "has ended"),
    ],
)
def test_a_certificate_is_renewed_in_time(
    configure: Configure, tmp_path: Path, left: timedelta, result: Result, words: str
) -> None:
    written = trustme.CA().issue_cert("q.example.jp", not_after=NOW.replace(tzinfo=None) + left)
    written.cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
    (tmp_path / "key.pem").write_bytes(written.private_key_pem.bytes())
    (tmp_path / "key.pem").chmod(0o600)
    config = configure('[tls]\ncertificate = "cert.pem"\nkey = "key.pem"')
    finding = only(files.certificate(config))
    assert (finding.result, words in finding.text) == (result, True), finding
    (tmp_path / "key.pem").chmod(0o640)
    assert [one.remedy for one in files.certificate(config)][-1] == f"`chmod 600 {tmp_path / 'key.pem'}`."


def test_a_certificate_without_its_key_is_named(configure: Configure, tmp_path: Path) -> None:
    trustme.CA().issue_cert("q.example.jp").cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
    (tmp_path / "key.pem").write_bytes(private_key("rsa"))
    config = configure('[tls]\ncertificate = "cert.pem"\nkey = "key.pem"')
    assert "cannot be used" in only(files.certificate(config)).text
    assert only(files.certificate(configure())).result is Result.NOTE


def test_the_key_that_signs_mail(configure: Configure, dkim: Callable[[str], str], tmp_path: Path) -> None:
    assert only(files.dkim(configure())).result is Result.NOTE
    config = configure(dkim("ed25519"))
    assert only(files.dkim(config)).text == "t1, ed25519"
    (tmp_path / "dkim.pem").chmod(0o644)
    assert "read by others" in only(files.dkim(config)).text
    (tmp_path / "dkim.pem").write_bytes(private_key("ec"))
    assert "openssl genpkey" in only(files.dkim(config)).remedy


def test_the_smarthosts_password(configure: Configure, tmp_path: Path) -> None:
    assert list(files.password(configure())) == []
    config = configure('[smarthost]\nurl = "smtps://u@smtp.example.net"\npassword_file = "password"')
    assert "mode 600" in only(files.password(config)).remedy
    (tmp_path / "password").touch(0o600)
    assert only(files.password(config)).result is Result.OK
    (tmp_path / "password").chmod(0o644)
    assert only(files.password(config)).remedy == f"`chmod 600 {tmp_path / 'password'}`."


def test_rules_that_are_wrong_are_named_by_the_first_mistake(configure: Configure, tmp_path: Path) -> None:
    config = configure()
    assert "shipped" in only(files.rules(config)).text
    (tmp_path / "rules").mkdir(mode=0o755)
    (tmp_path / "rules" / "10-mine.yaml").write_text("rules:\n  - nme: x\n")
    finding = only(files.rules(config))
    assert ("10-mine.yaml:2" in finding.text, "toiawase rules check" in finding.remedy) == (True, True), finding


@pytest.mark.parametrize(
    ("free", "result", "words"),
    [
        (10 << 30, Result.OK, "10.0 GiB free"),
        (300 << 20, Result.WRONG, "below"),
        (100 << 20, Result.WRONG, "being refused"),
    ],
)
def test_a_disk_that_fills_is_told_before_mail_is_refused_n18(
    configure: Configure, monkeypatch: pytest.MonkeyPatch, free: int, result: Result, words: str
) -> None:
    monkeypatch.setattr(machine.shutil, "disk_usage", lambda _: Usage(20 << 30, 0, free))  # type: ignore[attr-defined]
    finding = only(machine.disk(configure()))
    assert (finding.result, words in finding.text) == (result, True), finding


@pytest.mark.parametrize(
    ("section", "results"),
    [
        ("", []),
        ('[trust]\nrelays = ["127.0.0.1/32"]', [Result.WRONG]),
        ('[trust]\nauthserv_id = "mx.example.jp"', [Result.NOTE]),
        ('[trust]\nrelays = ["127.0.0.1/32"]\nauthserv_id = "mx.example.jp"', [Result.OK]),
    ],
)
def test_whom_we_believe(configure: Configure, section: str, results: list[Result]) -> None:
    config: Config = configure(section)
    assert [one.result for one in machine.trust(config)] == results
