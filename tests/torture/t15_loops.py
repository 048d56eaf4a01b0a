"""Two gateways, vacation responders, ticket systems and 10,000 reports: at most two automatic mails a pair."""

from pathlib import Path

from tests.torture.report import Report, by_pytest


def run(full: bool, folder: Path) -> Report:
    return by_pytest(full, "tests/integration/test_loops.py")
