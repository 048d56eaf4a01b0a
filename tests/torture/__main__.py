"""`make torture`: the faults named, or all, one after the other. Exit code 0 only if every promise was kept."""

import argparse
import asyncio
import importlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from inspect import getdoc
from inspect import iscoroutinefunction as is_async
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp

from tests.torture.report import Report

MODULES = sorted(file.stem for file in Path(__file__).parent.glob("t[0-9][0-9]_*.py"))


def main(words: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__)
    parser.add_argument("faults", nargs="*", metavar="tNN", help=f"of {', '.join(MODULES)}; all when none is named")
    parser.add_argument("--full", action="store_true", help="at the plan's size, else in seconds")
    parser.add_argument("--keep", action="store_true", help="leave the files of each run")
    parser.add_argument(
        "--here", metavar="FOLDER", type=Path, help="play the one fault in this process and this folder"
    )
    arguments = parser.parse_args(words)
    chosen = [module for module in MODULES if not arguments.faults or module[:3] in map(str.casefold, arguments.faults)]
    if unknown := {name.casefold() for name in arguments.faults} - {module[:3] for module in chosen}:
        parser.error(f"there is no {', '.join(sorted(unknown))}")
    if arguments.here:
        return play(chosen[0], arguments.full, arguments.here)
    broken = [module for module in chosen if not _in_a_process_of_its_own(module, arguments.full, arguments.keep)]
    print(f"\n{len(chosen) - len(broken)} of {len(chosen)} kept every promise; broken: {', '.join(broken) or 'none'}")
    return bool(broken)


def _in_a_process_of_its_own(module: str, full: bool, keep: bool) -> bool:
    """So that no fault meets the memory, the descriptors or the patience that another has used up."""
    with TemporaryDirectory(prefix="toiawase-torture-") as folder:
        there = mkdtemp(prefix="toiawase-torture-") if keep else folder
        words = [sys.executable, "-m", "tests.torture", module[:3], "--here", there]
        return subprocess.run([*words, *["--full"] * full]).returncode == 0


def play(module: str, full: bool, folder: Path) -> int:
    """One fault, and its report in words."""
    played = importlib.import_module(f"tests.torture.{module}")
    print(f"== {module[:3].upper()}: {(getdoc(played) or '').splitlines()[0]}  [{folder}]", flush=True)
    began, at = time.monotonic(), datetime.now(UTC)
    with _log_in(folder / "log"):
        report: Report = asyncio.run(played.run(full, folder)) if is_async(played.run) else played.run(full, folder)
    print(f"size      {report.size}")
    for name, value in report.figures.items():
        print(f"measured  {name}: {value}")
    for failure in report.failures:
        print(f"FAILED    {failure}")
    print(f"{at:%d %B %Y %H:%M} UTC, {time.monotonic() - began:.0f} s, {'BROKEN' if report.failures else 'kept'}\n")
    return bool(report.failures)


@contextmanager
def _log_in(file: Path) -> Iterator[None]:
    """What gateways in this process, and their workers, say meanwhile is in the file."""
    real = os.dup(1), os.dup(2)
    with file.open("ab") as log:
        for number in (1, 2):
            os.dup2(log.fileno(), number)
    try:
        yield
    finally:
        sys.stdout.flush()
        for number, was in zip((1, 2), real, strict=True):
            os.dup2(was, number)
            os.close(was)


if __name__ == "__main__":
    sys.exit(main())
