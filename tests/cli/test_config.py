"""The configuration file: what is accepted, what each broken file is answered, and what `config show` prints."""

import os
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest

from gateway.config import ConfigError, effective, load, sample
from gateway.durations import UNITS, format_duration, parse_duration

BROKEN = sorted((Path(__file__).parents[1] / "bad_configs").glob("*.toml"))
HEAD = 'domain = "q.example.jp"\noperator = "ops@example.jp"\n'


def written(folder: Path, text: str) -> Path:
    file = folder / "toiawase.toml"
    file.write_text(text, "utf-8")
    return file


@pytest.mark.parametrize("file", BROKEN, ids=lambda file: file.stem)
def test_a_broken_file_is_one_error_with_file_and_line(file: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(file)
    assert str(caught.value) == f"{file}:{file.with_suffix('.expected').read_text('utf-8').strip()}"


def test_a_missing_file_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="toiawase init"):
        load(tmp_path / "toiawase.toml")


def test_a_file_that_may_not_be_read_is_an_error_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r":1: cannot be read: Is a directory"):
        load(tmp_path)


def test_the_sample_is_a_valid_file_of_defaults(tmp_path: Path) -> None:
    config = load(written(tmp_path, sample()))
    assert config == load(written(tmp_path, HEAD))
    assert config.domain == "q.example.jp"
    assert config.delivery.retry[0] == timedelta(minutes=1)
    assert config.delivery.give_up == timedelta(days=5)
    assert config.limits.message_size == 26_214_400
    assert config.trust.relays == ()
    assert config.tls.certificate is None


def test_relative_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    config = load(written(tmp_path, HEAD + '[smarthost]\nurl = "maildir:var/out"\n'))
    assert config.database == f"sqlite:///{tmp_path}/toiawase.db"
    assert config.keys == tmp_path / "keys.toml"
    assert config.rules == tmp_path / "rules"
    assert config.smarthost.url == f"maildir:{tmp_path}/var/out"
    assert config.state_folder == tmp_path
    assert config.file == tmp_path / "toiawase.toml"


def test_absolute_paths_stay(tmp_path: Path) -> None:
    config = load(written(tmp_path, HEAD.replace("\n", '\ndatabase = "sqlite:////srv/desk/desk.db"\n', 1)))
    assert config.database == "sqlite:////srv/desk/desk.db"
    assert config.state_folder == Path("/srv/desk")


def test_a_file_from_a_windows_editor_is_read(tmp_path: Path) -> None:
    file = tmp_path / "toiawase.toml"
    file.write_bytes(b"\xef\xbb\xbf" + HEAD.replace("\n", "\r\n").encode())
    assert load(file).operator == "ops@example.jp"


def test_relays_are_networks(tmp_path: Path) -> None:
    text = HEAD + '[trust]\nrelays = ["127.0.0.1/32", "2001:db8::/32"]\nauthserv_id = "mx.example.jp"\n'
    assert load(written(tmp_path, text)).trust.relays == (ip_network("127.0.0.1/32"), ip_network("2001:db8::/32"))


def test_what_is_shown_can_be_read_again_and_means_the_same(tmp_path: Path) -> None:
    text = HEAD + '[delivery]\nretry = ["90s", "2h"]\n[trust]\nrelays = ["127.0.0.1/32"]\n[listen]\nhttp = ""\n'
    config = load(written(tmp_path, text))
    assert load(written(tmp_path, effective(config))) == config


def test_a_database_password_is_not_shown_A23(tmp_path: Path) -> None:
    text = HEAD.replace("\n", '\ndatabase = "postgresql://desk:canary@db.example/desk"\n', 1)
    shown = effective(load(written(tmp_path, text)))
    assert "canary" not in shown
    assert "postgresql://desk:***@db.example/desk" in shown


def test_a_systemd_credential_goes_before_the_password_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = load(written(tmp_path, HEAD + '[smarthost]\npassword_file = "password"\n'))
    assert config.smarthost.credential == tmp_path / "password"
    credential = tmp_path / "credentials" / "smarthost-password"
    credential.parent.mkdir()
    credential.write_text("secret")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", os.fspath(credential.parent))
    assert config.smarthost.credential == credential


@pytest.mark.parametrize("unit", UNITS)
def test_a_duration_is_written_as_it_is_read(unit: str) -> None:
    assert format_duration(parse_duration(f"7{unit}")) == f"7{unit}"
