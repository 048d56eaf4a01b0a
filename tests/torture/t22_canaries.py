"""Secrets and people's data on every path of a running gateway: none in logs, numbers, replies or open files."""

from pathlib import Path

from tests.torture.report import Report, by_pytest


def run(full: bool, folder: Path) -> Report:
    return by_pytest(
        full, "tests/integration/test_canaries.py", "tests/test_log.py", "tests/integration/test_daemon.py"
    )
