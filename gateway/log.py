"""Log lines: one JSON object each on standard error, with a journald priority in front; colours on a terminal.

Queue ids, counts and kinds of errors only: no bodies, subjects, tokens or addresses (A23).
"""

import logging
import os
import sys
from typing import Any

import structlog

_PRIORITY = {"critical": 2, "error": 3, "warning": 4, "info": 6, "debug": 7}  # sd-daemon(3)


def configure() -> None:
    """Sets up this process's log. The libraries' own logs, which quote mail and SMTP lines, are kept at warnings."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
    for name in ("mail.log", "mailparser", "aiosmtplib"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    shared: list[Any] = [structlog.processors.add_log_level, structlog.processors.TimeStamper(fmt="iso", utc=True)]
    if sys.stderr.isatty():
        last: list[Any] = [structlog.dev.ConsoleRenderer()]
    else:
        last = [structlog.processors.JSONRenderer(ensure_ascii=False)]
        if "JOURNAL_STREAM" in os.environ:
            last.append(_with_priority)
    structlog.configure(
        processors=shared + last,
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def _with_priority(_logger: Any, method: str, line: str) -> str:
    return f"<{_PRIORITY.get(method, 6)}>{line}"
