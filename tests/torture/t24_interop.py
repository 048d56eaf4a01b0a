"""Real servers: Postfix before and behind, Dovecot and mutt, Exim, OpenSMTPD; smtp-source with 1,000 mails."""

from pathlib import Path

from tests.torture.report import Report, by_pytest


def run(full: bool, folder: Path) -> Report:
    return by_pytest(full, "tests/interop")
