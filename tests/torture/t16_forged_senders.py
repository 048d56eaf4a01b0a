"""10,000 forged senders and all who must never be answered: nobody is answered who should not be."""

from pathlib import Path

from tests.torture.report import Report, by_pytest


def run(full: bool, folder: Path) -> Report:
    return by_pytest(full, "tests/integration/test_forged_senders.py", "tests/integration/test_n29.py")
