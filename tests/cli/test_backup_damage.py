"""A damaged file is never a backup: `db backup` leaves none behind, and `db restore` puts nothing of one in."""

import os
import sqlite3
import zlib
from contextlib import closing
from pathlib import Path

import pytest

from gateway.store import backup, integrity
from tests.cli import rows
from tests.cli.conftest import Cli

PAGE = 4096
REFUSED = "Nothing was restored: take an older backup"
SECRET = "&$$,$"  # what stands in the place of a value, and must not be told


@pytest.fixture
def file(shop: Cli) -> Path:
    """The backup of a shop that had mail."""
    shop.write(rows.conversation)
    file = shop.folder / "monday.backup"
    shop("db", "backup", str(file))
    return file


def _refused(new: Cli, file: Path) -> str:
    """What `db restore` says, having put nothing in."""
    said = new("db", "restore", str(file), code=1).stderr
    assert f"{file} is damaged: " in said
    assert REFUSED in said
    assert SECRET not in said
    assert (new.json("store", "list"), new.json("inquiry", "list")) == ([], [])
    return said


def _root(file: Path, name: str) -> int:
    """Where the pages of a table or an index begin."""
    with closing(sqlite3.connect(integrity.read_only(file), uri=True)) as connection:
        [(page,)] = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (name,))
        return (int(page) - 1) * PAGE


def test_a_backup_with_a_broken_page_is_refused(file: Path, new: Cli) -> None:
    octets = file.read_bytes()
    for name in ("message", "received_chunk", "ix_inquiry_received_at", "sqlite_autoindex_blob_1", "backup"):
        place = _root(file, name)
        file.write_bytes(octets[:place] + os.urandom(PAGE) + octets[place + PAGE :])
        _refused(new, file)
        file.write_bytes(octets)


def test_a_backup_that_was_cut_short_is_refused(file: Path, new: Cli) -> None:
    size = file.stat().st_size
    for length in (size - 10, size - 100, size - PAGE, size // 2, PAGE, 200):
        os.truncate(file, length)
        _refused(new, file)


def test_a_backup_with_a_broken_schema_is_refused(file: Path, new: Cli) -> None:
    octets = file.read_bytes()
    for broken in (b"CREATE \xff\xfeBLE store", b"CREATE TABLE st\x00re", b"CREATE TABLE (tore"):
        file.write_bytes(octets.replace(b"CREATE TABLE store", broken, 1))
        _refused(new, file)


UNREADABLE = (
    ("outbox", f"date = '2026-11-26 20:50:11.2{SECRET}'"),
    ("store", f"created_at = CAST('{SECRET}' AS BLOB)"),
    ("message", f'"references" = \'["{SECRET}\''),
    ("message", f"text = CAST(x'ff' || '{SECRET}' AS TEXT)"),
    ("message", f"text = CAST('{SECRET}' AS BLOB)"),
    ("received", f"attempts = '{SECRET}'"),
    ("received_chunk", "data = substr(data, 1, length(data) - 1) || x'00'"),
    ("received_chunk", f"data = CAST('{SECRET}' AS TEXT)"),
    ("outbox_attempt", "outbox_id = 'nothing'"),
)
UNFIT = (("received", "size = 9000000000000"), ("attachment", f"name = 'a' || char(0) || '{SECRET}'"))  # PostgreSQL


def test_a_backup_with_a_value_that_cannot_be_read_is_refused(file: Path, new: Cli) -> None:
    octets = file.read_bytes()
    for table, change in UNREADABLE if new.database_url.startswith("sqlite") else (*UNREADABLE, *UNFIT):
        with closing(sqlite3.connect(file)) as connection:
            assert connection.execute(f"UPDATE {table} SET {change}").rowcount > 0
            connection.commit()
        assert table in _refused(new, file).partition("is damaged")[2]
        file.write_bytes(octets)


def test_a_backup_whose_notes_cannot_be_read_is_refused(file: Path, new: Cli) -> None:
    octets = file.read_bytes()
    for name, value in (
        ("made_at", f"2026-11-26T20:50:{SECRET}"),
        ("made_at", SECRET.encode()),
        ("keys", "{" + SECRET),
        ("rules", zlib.compress(b"{}")[:-1] + b"x"),
        ("rules", SECRET),
    ):
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("UPDATE backup SET value = ? WHERE name = ?", (value, name))
            connection.commit()
        assert "the table backup" in _refused(new, file)
        file.write_bytes(octets)


def test_an_sqlite_file_of_somebody_else_is_no_backup(new: Cli, tmp_path: Path) -> None:
    file = tmp_path / "other.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE note (text)")
    assert "no backup of ours" in new("db", "restore", str(file), code=1).stderr


@pytest.fixture
def sqlite_shop(tmp_path: Path, sqlite_url: str) -> Cli:
    """PostgreSQL checks its own pages and values."""
    text = f'domain = "q.example.jp"\noperator = "ops@example.jp"\ndatabase = "{sqlite_url}"\n'
    (tmp_path / "toiawase.toml").write_text(text, "utf-8")
    shop = Cli(tmp_path, sqlite_url)
    shop("store", "add", "testshop", "--title", "テストショップ", "--seller", "a@shop.example")
    return shop


def test_a_damaged_database_makes_no_backup(sqlite_shop: Cli, tmp_path: Path) -> None:
    file = tmp_path / "toiawase.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
        page = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'store'").fetchone()[0]
    with file.open("r+b") as stream:
        stream.seek((page - 1) * 4096)
        stream.write(os.urandom(4096))
    result = sqlite_shop("db", "backup", str(tmp_path / "b"), code=1)
    assert "damaged" in result.stderr or "malformed" in result.stderr
    assert list(tmp_path.glob("b*")) == []


@pytest.mark.parametrize("change", ["text = CAST(x'ff' AS TEXT)", "at = '2026-11-26 20:50:11.2&$$,$'"])
def test_a_database_with_a_value_that_cannot_be_read_makes_no_backup(
    sqlite_shop: Cli, change: str, tmp_path: Path
) -> None:
    sqlite_shop.write(rows.conversation)
    with closing(sqlite3.connect(tmp_path / "toiawase.db")) as connection:
        connection.execute(f"UPDATE message SET {change}")
        connection.commit()
    said = sqlite_shop("db", "backup", str(tmp_path / "b"), code=1).stderr
    assert "the database is damaged: a value in the table message cannot be read" in said
    assert SECRET not in said
    assert list(tmp_path.glob("b*")) == []


def test_what_was_damaged_while_it_was_written_is_no_backup(
    shop: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that keeps something else than it was given."""
    finish = backup._finish

    def finish_badly(partial: Path, notes: backup.Notes) -> None:
        finish(partial, notes)
        place = _root(partial, "ix_inquiry_received_at")
        with partial.open("r+b") as stream:
            stream.seek(place)
            stream.write(os.urandom(PAGE))

    monkeypatch.setattr(backup, "_finish", finish_badly)
    assert "damaged" in shop("db", "backup", str(tmp_path / "b"), code=1).stderr
    assert list(tmp_path.glob("b*")) == []
