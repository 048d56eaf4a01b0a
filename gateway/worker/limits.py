"""What one mail may cost while it is understood (A15): beyond it the process dies, not the daemon."""

import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CPU_SECONDS = 5
MEMORY = 256 << 20  # octets, and
MEMORY_PER_OCTET = 8  # octets more for each octet of the mail
PAGE = resource.getpagesize()


@contextmanager
def bounded(size: int) -> Iterator[None]:
    """Bounds CPU time (then SIGXCPU) and address space (then MemoryError) for a mail of `size` octets.

    The soft limits are lifted again afterwards, so that a long-lived process keeps its own time.
    """
    cpu = resource.getrlimit(resource.RLIMIT_CPU)
    memory = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time()) + CPU_SECONDS + 1, cpu[1]))
    resource.setrlimit(resource.RLIMIT_AS, (_address_space() + MEMORY + MEMORY_PER_OCTET * size, memory[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_CPU, cpu)
        resource.setrlimit(resource.RLIMIT_AS, memory)


def _address_space() -> int:
    return int(Path("/proc/self/statm").read_text("ascii").split()[0]) * PAGE
