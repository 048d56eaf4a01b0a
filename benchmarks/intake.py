"""How fast mail comes in: our intake beside aiosmtpd as it comes and, where it is installed, Postfix.

usage: python -m benchmarks.intake [--sessions 50] [--seconds 2] [--octets 4096] [--rounds 5] [--postgresql URL]

Every listener runs from the beginning; in each round each of them is loaded in turn, so that what else the machine does
meets all alike. The ratio to the reference is taken within a round, then the median over the rounds. A rate counts
mails that were answered 250: for Toiawase and Postfix that means on disk, for a bare aiosmtpd it means nothing. CPU is
the seconds that the listener's processes spend on 1,000 mails (PostgreSQL's own not counted): it depends least on what
else the machine does.
"""

import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

import psutil

from benchmarks import postfix


@dataclass
class Case:
    """`pid`: the listener's process, or the one all its processes descend from."""

    name: str
    port: int
    pid: int
    runs: list[dict[str, float]] = field(default_factory=list)


@contextmanager
def listener(kind: str, url: str, folder: Path, *options: str) -> Iterator[tuple[int, int]]:
    """The port and pid of a listener in a process of its own."""
    folder.mkdir()
    command = [sys.executable, "-m", "benchmarks.listeners", kind, url, str(folder), *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline()), process.pid
        finally:
            process.terminate()


def cpu_seconds(pid: int) -> float:
    """User and system time of a process and all its descendants, those that have ended included."""
    total = 0.0
    root = psutil.Process(pid)
    for process in (root, *root.children(recursive=True)):
        times = process.cpu_times()
        total += times.user + times.system
        total += times.children_user + times.children_system
    return total


def measure(case: Case, options: argparse.Namespace) -> dict[str, float]:
    shape = [str(case.port), str(options.sessions), str(options.seconds), str(options.octets), "testshop@q.example.jp"]
    command = [sys.executable, "-m", "benchmarks.smtp_load", *shape]
    before = cpu_seconds(case.pid)
    result: dict[str, float] = json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)
    return {**result, "cpu": (cpu_seconds(case.pid) - before) / result["mails"] * 1000}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def cases(stack: ExitStack, folder: Path, options: argparse.Namespace) -> list[Case]:
    found = []
    loops: list[tuple[str, tuple[str, ...]]] = [("", ())]
    if find_spec("uvloop"):
        loops.append((", uvloop", ("--uvloop",)))
    urls = {"SQLite": "sqlite:///{folder}/toiawase.db"}
    if options.postgresql:
        urls["PostgreSQL"] = options.postgresql
    if postfix.is_installed() and os.geteuid() == 0:
        port = free_port()
        pid = stack.enter_context(postfix.running(folder / "postfix", port))
        found.append(Case("Postfix (durable)", port, pid))
    bare = stack.enter_context(listener("aiosmtpd", "-", folder / "aiosmtpd"))
    found.append(Case("aiosmtpd (keeps nothing)", *bare))
    for database, url in urls.items():
        for words, flags in loops:
            place = folder / f"{database}{len(flags)}"
            ours = stack.enter_context(listener("toiawase", url.format(folder=place), place, *flags))
            found.append(Case(f"Toiawase, {database}{words}", *ours))
            if database == "PostgreSQL":
                break  # one database, one listener
    return found


def report(found: list[Case], options: argparse.Namespace) -> None:
    reference = found[0]
    print(
        f"{options.octets} octets, {options.sessions} sessions, {options.rounds} rounds of {options.seconds} s, medians"
    )
    print(
        f"{'listener':28} {'mails/s':>8} {'min-max':>12} {'p50 ms':>7} {'p99 ms':>7} {'CPU s':>6}   x {reference.name}"
    )
    for case in found:
        rates = [run["per_second"] for run in case.runs]
        ratios = [ours / theirs["per_second"] for ours, theirs in zip(rates, reference.runs, strict=True)]
        print(
            f"{case.name:28} {statistics.median(rates):8.0f} {min(rates):5.0f}-{max(rates):<6.0f}"
            f" {statistics.median(run['p50_ms'] for run in case.runs):7.1f}"
            f" {statistics.median(run['p99_ms'] for run in case.runs):7.1f}"
            f" {statistics.median(run['cpu'] for run in case.runs):6.2f}"
            f"   {statistics.median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f})"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--octets", type=int, default=4096)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--postgresql", metavar="URL", help="an empty database of yours to compare too")
    parser.add_argument("--folder", type=Path, help="where queues and databases go: a real disk")
    options = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=options.folder)))
        folder.chmod(0o755)  # Postfix's own users pass through
        found = cases(stack, folder, options)
        for _ in range(options.rounds):
            for case in found:
                case.runs.append(measure(case, options))
        report(found, options)


if __name__ == "__main__":
    main()
