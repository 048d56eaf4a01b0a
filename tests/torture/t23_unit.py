"""kill -9 again and again, and a service that hangs, under a real systemd: it comes back, and nothing is lost."""

from pathlib import Path

from tests.systemd.deeds import dies, hangs
from tests.torture.machines import MOST, played
from tests.torture.report import Report


def run(full: bool, folder: Path) -> Report:
    times, rate, most = (60, 50.0, MOST) if full else (2, 10.0, 60)
    return played(folder, f"{times} kills, one hang", rate, [*[dies] * times, hangs], most)
