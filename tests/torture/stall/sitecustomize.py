"""Python runs this in each process of a daemon under test: the main one notes how long its event loop was not there.

A beat comes every few milliseconds. Two numbers in the file that TOIAWASE_STALL names, in seconds, each the most
between two beats: of processor time, which is the loop's own work, and of the clock, in which the machine's other work
counts, too. SIGUSR1 lets it begin anew.
"""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Coroutine
from contextvars import Context
from pathlib import Path
from typing import Any

BEAT = 0.005  # seconds

if "serve" in sys.orig_argv:
    notes = Path(os.environ["TOIAWASE_STALL"])
    longest = [0.0, 0.0]
    run = asyncio.Runner.run

    def anew(*_: object) -> None:
        longest[:] = 0.0, 0.0

    async def beat() -> None:
        while True:
            own, clock = time.thread_time(), time.monotonic()
            await asyncio.sleep(BEAT)
            took = (time.thread_time() - own, time.monotonic() - clock - BEAT)
            if took[0] > longest[0] or took[1] > longest[1]:
                longest[:] = map(max, longest, took)
                notes.write_text(f"{longest[0]:.4f} {longest[1]:.4f}", "ascii")

    def with_beat(self: asyncio.Runner, work: Coroutine[Any, Any, Any], *, context: Context | None = None) -> Any:
        async def both() -> Any:
            beating = asyncio.create_task(beat())
            try:
                return await work
            finally:
                beating.cancel()

        return run(self, both(), context=context)

    signal.signal(signal.SIGUSR1, anew)
    asyncio.Runner.run = with_beat  # type: ignore[method-assign, assignment]
