"""The power that is cut: what was brought to the disk stays, what was not may go."""

import random
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.ledger.power import NoCompilerError, Power

WRITES = """
import os, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA journal_mode=WAL")
connection.execute("PRAGMA synchronous=" + sys.argv[2])
for number in range(200):
    connection.execute("INSERT INTO t VALUES (?, ?)", (number, "x" * 300))
os.kill(os.getpid(), 9)
"""


def power_of(folder: Path, seed: int) -> Power:
    power = Power(folder / "test.db", random.Random(seed))
    try:
        assert power.environment
    except NoCompilerError as missing:
        pytest.skip(str(missing))
    return power


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("synchronous", "stays"), [("FULL", True), ("OFF", False)])
def test_t02_a_cut_takes_what_was_not_brought_to_the_disk_and_nothing_else(
    tmp_path: Path, synchronous: str, stays: bool, seed: int
) -> None:
    power = power_of(tmp_path, seed)
    with sqlite3.connect(power.database) as connection:
        connection.execute("CREATE TABLE t (number INTEGER, text TEXT)")
    connection.close()
    power.begin()
    subprocess.run([sys.executable, "-c", WRITES, str(power.database), synchronous], env=power.environment)
    power.cut()
    assert not power.damaged
    connection = sqlite3.connect(power.database)
    there = [number for (number,) in connection.execute("SELECT number FROM t ORDER BY number")]
    connection.close()
    assert there == list(range(len(there)))
    assert (len(there) == 200) is stays
