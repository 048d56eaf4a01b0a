"""A daemon that is killed while it starts a worker leaves nothing but its own lines on standard error."""

import subprocess
import sys
from pathlib import Path

START = """
import os, signal
from datetime import timedelta
from multiprocessing import popen_forkserver
from pathlib import Path
from gateway.worker.process import WorkerSettings, start

class Pipe:
    def __init__(self, fd, *_words, **_more): self.fd = fd
    def __enter__(self): return self
    def __exit__(self, *_error): pass
    def write(self, told):
        {write}

popen_forkserver.open = Pipe
start(WorkerSettings("sqlite:///x", "d", "o", (), timedelta(), timedelta(), None, Path("m"), {{}}), "w")
"""
KILLED = "os.write(self.fd, told[: {part}]); os.kill(os.getpid(), signal.SIGKILL)"


def errors_of(folder: Path, write: str) -> list[str]:
    """What all processes of a daemon that writes so to its first worker leave, when the last of them has ended."""
    words = [sys.executable, "-c", START.format(write=write)]
    result = subprocess.run(words, cwd=folder, stderr=subprocess.PIPE, text=True, timeout=60)
    return result.stderr.splitlines()


def test_a_worker_whose_daemon_is_killed_while_it_starts_it_ends_silently(tmp_path: Path) -> None:
    assert errors_of(tmp_path, KILLED.format(part="0")) == []
    assert errors_of(tmp_path, KILLED.format(part="40")) == []
    assert errors_of(tmp_path, KILLED.format(part="len(told) - 40")) == []


def test_what_else_keeps_a_worker_from_its_start_is_one_line_of_the_log(tmp_path: Path) -> None:
    [line] = errors_of(tmp_path, "os.write(self.fd, b'cnosuchmodule\\nx\\n.'); os.kill(os.getpid(), signal.SIGKILL)")
    assert '"event": "worker.server"' in line
    assert "ModuleNotFoundError at " in line
