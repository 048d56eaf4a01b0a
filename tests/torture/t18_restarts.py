"""Restarts, reloads and refused rules while mail comes in: no connection refused, none lost, the old rules stay."""

from pathlib import Path

from tests.systemd.deeds import refuses_rules, reloads, restarts
from tests.torture.machines import MOST, played
from tests.torture.report import Report


def run(full: bool, folder: Path) -> Report:
    times, mistakes, rate, most = (50, 20, 200.0, MOST) if full else (2, 1, 10.0, 60)
    size = f"{times} restarts, {times} reloads, {mistakes} refused reloads"
    return played(folder, size, rate, [*[reloads, restarts] * times, *[refuses_rules] * mistakes], most)
