"""For the server that workers are forked from, which imports it first: a worker whose daemon was killed in the middle
of starting it ends without a word.

All that `multiprocessing` would do is print a traceback, among log lines that are one JSON object each.
"""

import sys
from types import TracebackType

import structlog

from gateway.log import configure

CUT_SHORT = ("EOFError", "UnpicklingError")  # of what it was to be told: its daemon is gone


def on_error(kind: type[BaseException], error: BaseException, _trace: TracebackType | None) -> None:
    """What ends the server, or a worker before it is one, as a line of the log."""
    if kind.__name__ not in CUT_SHORT:
        from gateway.worker.handle import error_of  # with all that a worker loads, which the server may not have yet

        configure()
        structlog.get_logger().critical("worker.server", error=error_of(error))


sys.excepthook = on_error
