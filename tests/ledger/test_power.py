"""The power that is cut: what was brought to the disk stays, what was not may go."""

import random
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.ledger.power import BEFORE_FSYNC, NoCompilerError, Power

WRITES = """
import os, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA journal_mode=WAL")
connection.execute("PRAGMA synchronous=" + sys.argv[2])
for number in range(200):
    if number == 100 and len(sys.argv) > 3:
        open(sys.argv[3], "w").close()
    connection.execute("INSERT INTO t VALUES (?, ?)", (number, "x" * 300))
os.kill(os.getpid(), 9)
"""


def power_of(folder: Path, seed: int) -> Power:
    power = Power(folder / "test.db", random.Random(seed), folder)
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
    _write(power, synchronous)
    power.cut()
    assert not power.damaged
    numbers = there(power)
    assert numbers == list(range(len(numbers)))
    assert (len(numbers) == 200) is stays


def test_t02_the_power_goes_in_the_middle_of_a_commit_where_it_is_told_to(tmp_path: Path) -> None:
    power = power_of(tmp_path, 1)
    with sqlite3.connect(power.database) as connection:
        connection.execute("CREATE TABLE t (number INTEGER, text TEXT)")
    connection.close()
    power.begin()
    _write(power, "FULL", tmp_path / BEFORE_FSYNC)
    power.cut()
    assert (power.damaged, power.dropped > 0) == ([], True)
    assert there(power) == list(range(100))


def there(power: Power) -> list[int]:
    connection = sqlite3.connect(power.database)
    numbers = [number for (number,) in connection.execute("SELECT number FROM t ORDER BY number")]
    connection.close()
    return numbers


def _write(power: Power, synchronous: str, *armed_half_way: Path) -> None:
    words = [sys.executable, "-c", WRITES, str(power.database), synchronous, *map(str, armed_half_way)]
    subprocess.run(words, env=power.environment, start_new_session=True)
