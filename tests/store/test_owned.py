"""What root's commands leave beside a database belongs to whom the folder belongs to (DynamicUser=, A25, A28)."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from gateway.store.database import Database
from gateway.store.migrate import upgrade

SERVICE = 61234  # a dynamic user's number

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can make files for others")


@as_root
async def test_a_database_that_root_makes_in_the_services_folder_is_the_services(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    folder.mkdir(mode=0o700)
    os.chown(folder, SERVICE, SERVICE)
    database = Database(f"sqlite:///{folder / 'toiawase.db'}")
    await upgrade(database)
    files = {
        file.name: (file.stat().st_uid, file.stat().st_gid, file.stat().st_mode & 0o777) for file in folder.iterdir()
    }
    await database.close()
    assert len(files) >= 4  # with the log and its index
    assert set(files.values()) == {(SERVICE, SERVICE, 0o600)}


@pytest.mark.parametrize("name", ["", "-door", "-place"])
def test_a28_a_link_in_the_services_folder_does_not_lead_root_elsewhere(name: str, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    (tmp_path / f"toiawase.db{name}").symlink_to(elsewhere)
    with pytest.raises(OSError, match=f"toiawase.db{name}'"):
        Database(f"sqlite:///{tmp_path / 'toiawase.db'}")
    assert not elsewhere.exists()


@pytest.mark.parametrize("name", ["-wal", "-shm"])
def test_a28_sqlite_does_not_follow_a_link_either(name: str, tmp_path: Path) -> None:
    file, elsewhere = tmp_path / "toiawase.db", tmp_path / "elsewhere"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE t (c)")
    elsewhere.write_text("root's")
    file.with_name(f"toiawase.db{name}").symlink_to(elsewhere)
    with closing(sqlite3.connect(file)) as connection, pytest.raises(sqlite3.OperationalError):
        connection.execute("INSERT INTO t VALUES (1)")
    assert elsewhere.read_text() == "root's"
