"""How this process gives memory back to the system, and looks for garbage. It bounds nothing."""

import ctypes
import gc
from contextlib import suppress

BIG_BLOCK = 512 << 10  # octets: above what a socket read asks for (256 KB), below a piece of a big mail (1 MB)

_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8  # mallopt(3)
ARENAS = 1  # glibc would make one for each thread that SQLite works in, and what one has free no other may use


def give_back_big_blocks() -> None:
    """From now on lets a block of a big mail go back to the system when it is freed, and keeps small ones together.
    Called once, at the start.

    By itself glibc stops doing so for all sizes up to the biggest block it ever freed (at most 32 MB), and keeps such
    blocks between the small ones. Other C libraries are left as they are.
    """
    with suppress(OSError, AttributeError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_M_MMAP_THRESHOLD, BIG_BLOCK)
        mallopt(_M_ARENA_MAX, ARENAS)


def give_back_what_is_free() -> None:
    """Small blocks too, which glibc keeps: rules that were checked, say, are millions of octets of them. Takes
    milliseconds."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


def leave_out_of_collections() -> None:
    """What is there by now, modules above all, stays: the collector need not walk it. A full collection then takes a
    few milliseconds of the event loop, instead of a hundred. Called once, by a process that is ready."""
    gc.collect()
    gc.freeze()
