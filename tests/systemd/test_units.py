"""The units are well-formed and as closed as they claim (T23)."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from gateway.delivery.sender import BROKEN_OFF, STOP_LIMIT
from gateway.jobs import WATCHDOG_LOOKS

UNITS = Path(__file__).parents[2] / "systemd"
LARGEST_EXPOSURE = 1.2  # of 10, as systemd 252 counts

analyze = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")


@pytest.fixture
def units(tmp_path: Path) -> list[str]:
    """Copies that start a program which is here: `verify` looks for it."""
    program = tmp_path / "toiawase"
    program.touch(mode=0o755)
    paths = []
    for unit in sorted(UNITS.glob("toiawase.*")):
        copy = tmp_path / unit.name
        copy.write_text(unit.read_text().replace("/opt/toiawase/bin/toiawase", str(program)))
        paths.append(str(copy))
    return paths


@analyze
def test_t23_systemd_finds_nothing_wrong_in_the_units(units: list[str]) -> None:
    assert len(units) == 2
    result = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True)
    assert (result.stdout, result.stderr, result.returncode) == ("", "", 0)


@analyze
def test_t23_the_service_is_exposed_as_little_as_promised(units: list[str]) -> None:
    service = next(unit for unit in units if unit.endswith(".service"))
    command = ["systemd-analyze", "security", "--offline=true", "--no-pager", service]
    report = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    score = re.search(r"Overall exposure level for \S+: ([\d.]+)", report)
    assert score, report
    assert float(score[1]) <= LARGEST_EXPOSURE, report


def test_each_directive_stands_on_a_line_of_its_own_and_twice_only_where_that_adds() -> None:
    lists = {"ListenStream", "SocketBindAllow", "SystemCallFilter"}
    for unit in UNITS.glob("toiawase.*"):
        names = re.findall(r"^([A-Za-z]+)=", unit.read_text(), re.MULTILINE)
        assert [name for name in names if names.count(name) > 1 and name not in lists] == []


def test_t23_a_reload_that_waits_for_a_slow_smarthost_does_not_try_the_watchdogs_patience() -> None:
    patience = re.search(r"^WatchdogSec=(\d+)s$", (UNITS / "toiawase.service").read_text(), re.MULTILINE)
    assert patience
    assert STOP_LIMIT + BROKEN_OFF + 2 * int(patience[1]) / WATCHDOG_LOOKS < int(patience[1])
