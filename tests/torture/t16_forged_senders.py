"""10,000 forged senders and all who must never be answered: nobody is answered who should not be."""

from pathlib import Path

from tests.torture.report import Report, by_pytest


def run(full: bool, folder: Path) -> Report:
    senders = ("test_forged_senders.py", "test_signed_senders.py", "test_n29.py")
    return by_pytest(full, *(f"tests/integration/{name}" for name in senders))
