"""The log as journald and its readers get it: one JSON object a line, with its priority, and nobody's data (A23)."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from gateway.log import masked

SETUP = "import logging, structlog; from gateway.log import configure; configure(); log = structlog.get_logger();"


def _logged(source: str, folder: Path, *, journal: bool = False) -> list[str]:
    """The lines that the code leaves on standard error."""
    file = folder / "log"
    with file.open("wb") as stderr:
        status = os.fstat(stderr.fileno())
        stream = {"JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino if journal else 1}"}
        subprocess.run([sys.executable, "-c", SETUP + source], stderr=stderr, env=os.environ | stream, check=True)
    return file.read_text("utf-8").splitlines()


def _objects(lines: list[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines]


def test_a23_a_value_can_neither_end_the_line_nor_turn_it(tmp_path: Path) -> None:
    hostile = "a\r\nb\0c\x1b[31m\x85\u2028\u2029\u202eevil\u2066\ufeff\ud800 お礼"
    lines = _logged(f"log.info('rule', name={hostile!r})", tmp_path)
    assert len(lines) == 1
    assert [c for c in lines[0] if not (c.isprintable() or c == " ")] == []
    assert "お礼" in lines[0]
    assert _objects(lines)[0]["name"] == hostile


def test_the_journal_learns_each_lines_priority(tmp_path: Path) -> None:
    source = "log.info('i'); log.warning('w'); log.error('e'); log.critical('c'); logging.warning('l')"
    assert [line[:4] for line in _logged(source, tmp_path, journal=True)] == ["<6>{", "<4>{", "<3>{", "<2>{", "<4>{"]


def test_a_log_that_goes_elsewhere_than_the_journal_has_no_priorities(tmp_path: Path) -> None:
    assert _objects(_logged("log.error('e')", tmp_path))[0]["level"] == "error"


def test_a23_a_library_says_its_constant_words_and_no_value(tmp_path: Path) -> None:
    source = """
try:
    raise ValueError("secret body")
except ValueError:
    logging.getLogger("asyncio").error("Task was lost\\nfuture: secret body", exc_info=True)
logging.getLogger("any").warning("cannot read %r", "secret@customer.example")
logging.getLogger("mail.log").error("secret line")
"""
    lost, unread = _objects(_logged(source, tmp_path))
    assert (lost["event"], lost["library"], lost["level"]) == ("Task was lost", "asyncio", "error")
    assert lost["error"].startswith("ValueError at <string>:")
    assert unread["event"] == "cannot read %r"


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("hanako@customer.example", "ha***@customer.example"),
        ("q1042-c-abcdefgh@q.example.jp", "q1***@q.example.jp"),
        ("", "<>"),
        ("<>", "<>"),
        ("postmaster", "po***"),
    ],
)
def test_a23_an_address_is_masked(address: str, shown: str) -> None:
    assert masked(address) == shown
