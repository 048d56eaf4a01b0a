"""How much memory a process and all its descendants take together at the most, looked at while they work (Linux).

PSS is what a process has for itself, and its share of what it shares; RSS counts what is shared once for each.
"""

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil

LOOK_EVERY = 0.05  # seconds


@dataclass
class Memory:
    """The most that the processes took, in octets."""

    pss: int = 0
    rss: int = 0
    each: dict[str, int] = field(default_factory=dict)  # PSS of each, in order of birth, when the sum was highest

    def look(self, root: psutil.Process) -> None:
        each, rss = {}, 0
        for number, process in enumerate((root, *root.children(recursive=True))):
            with contextlib.suppress(psutil.NoSuchProcess, OSError):
                rollup = Path(f"/proc/{process.pid}/smaps_rollup").read_text("ascii")
                values = {line.split()[0]: int(line.split()[1]) << 10 for line in rollup.splitlines()[1:]}
                each[f"{number}"] = values["Pss:"]
                rss += values["Rss:"]
        self.rss = max(self.rss, rss)
        if sum(each.values()) > self.pss:
            self.pss, self.each = sum(each.values()), each


@contextlib.contextmanager
def watched(pid: int) -> Iterator[Memory]:
    """Looks at a process and all its descendants until the block ends."""
    memory, ended = Memory(), threading.Event()

    def watch() -> None:
        root = psutil.Process(pid)
        with contextlib.suppress(psutil.NoSuchProcess):  # it was told to end
            while not ended.wait(LOOK_EVERY):
                memory.look(root)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield memory
    finally:
        ended.set()
        watcher.join()
