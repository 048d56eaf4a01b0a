"""What one mail may cost while it is understood (A15): beyond it the process dies, not the daemon."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from signal import ITIMER_PROF, setitimer

CPU_SECONDS = 5.0
MEMORY = 256 << 20  # octets, and
MEMORY_PER_OCTET = 8  # octets more for each octet of the mail
PAGE = resource.getpagesize()


@contextmanager
def bounded(size: int) -> Iterator[None]:
    """Bounds CPU time (then SIGPROF) and address space (then MemoryError) for a mail of `size` octets.

    The timer counts from here. RLIMIT_CPU counts a process's whole life, in ticks, and those run ahead of the clock
    that a process has of itself (by 0.26 s in 2 s of short bursts): the small mail of an old worker would pay for that.
    """
    memory = resource.getrlimit(resource.RLIMIT_AS)
    setitimer(ITIMER_PROF, CPU_SECONDS)
    resource.setrlimit(resource.RLIMIT_AS, (_address_space() + MEMORY + MEMORY_PER_OCTET * size, memory[1]))
    try:
        yield
    finally:
        setitimer(ITIMER_PROF, 0)
        resource.setrlimit(resource.RLIMIT_AS, memory)


def _address_space() -> int:
    return int(Path("/proc/self/statm").read_text("ascii").split()[0]) * PAGE
