"""`status` says while addresses that we signed are answered 451, for want of their keys."""

import pytest

from tests.cli import rows
from tests.cli.conftest import Cli


def _attention(cli: Cli) -> str:
    [line] = cli.json("status", code=1)["attention"]
    assert line.startswith("the reply-address keys: ") and "451" in line
    return str(line)


def test_a_keys_file_that_is_gone_is_named(keyed: Cli) -> None:
    assert keyed.json("status")["attention"] == []
    (keyed.folder / "keys.toml").unlink()
    assert f"{keyed.folder / 'keys.toml'} is missing" in _attention(keyed)


@pytest.mark.parametrize(("mode", "text", "words"), [(0o644, None, "chmod 600"), (0o600, "[[", "is no TOML")])
def test_a_keys_file_that_cannot_be_used_is_named(keyed: Cli, mode: int, text: str | None, words: str) -> None:
    file = keyed.folder / "keys.toml"
    if text is not None:
        file.write_text(text, "utf-8")
    file.chmod(mode)
    assert words in _attention(keyed)


def test_keys_of_another_database_are_named(keyed: Cli) -> None:
    keyed.write(rows.conversation)
    (keyed.folder / "keys.toml").unlink()
    keyed("keys", "rotate")
    assert "restore the keys file" in _attention(keyed)
