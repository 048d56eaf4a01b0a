"""Log lines: one JSON object each on standard error, with a journald priority in front; colours on a terminal.

Queue ids, counts and kinds of errors only: no bodies, subjects or tokens, and addresses only `masked` (A23).
"""

import logging
import os
import re
import sys
from contextlib import suppress
from traceback import extract_tb
from typing import Any, TextIO, cast

import structlog

_PRIORITY = {"critical": 2, "error": 3, "warning": 4, "info": 6, "debug": 7}  # sd-daemon(3)
# JSON leaves these as they are: line ends of some viewers, what turns a line's direction, and half characters.
_UNSEEN = re.compile("[\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]")
LIBRARY_EVENT = 200  # characters of what a library says
QUOTING = ("mail.log", "mailparser", "aiosmtplib")  # libraries whose logs quote mail and SMTP lines


def configure() -> None:
    """Sets up this process's log; the libraries' own warnings join it."""
    logging.basicConfig(level=logging.WARNING, handlers=[_Libraries()], force=True)
    for name in QUOTING:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    shared: list[Any] = [structlog.processors.add_log_level, structlog.processors.TimeStamper(fmt="iso", utc=True)]
    if sys.stderr.isatty():
        last: list[Any] = [structlog.dev.ConsoleRenderer()]
    else:
        last = [structlog.processors.JSONRenderer(ensure_ascii=False), _on_one_line]
        if _is_journal():
            last.append(_with_priority)
    structlog.configure(
        processors=shared + last,
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(cast(TextIO, _Lossy())),
        cache_logger_on_first_use=True,
    )


def masked(address: str) -> str:
    """An address as the log may hold it: enough to recognise for those who know it, of no use to others; the null
    sender of reports as `<>`."""
    if address in ("", "<>"):
        return "<>"
    local, at, domain = address.rpartition("@")
    return f"{local[:2]}***{at}{domain}" if at else f"{domain[:2]}***"


class _Lossy:
    """Standard error, as it is at the moment. A line that a full disk has no room for is lost, and no mail with it."""

    def write(self, text: str) -> None:
        with suppress(OSError):
            sys.stderr.write(text)

    def flush(self) -> None:
        with suppress(OSError):
            sys.stderr.flush()


class _Libraries(logging.Handler):
    """What a library logs, as a line of ours: its constant words and the error's kind and place. What it would fill
    in, and an error's own text, may quote mail."""

    def emit(self, record: logging.LogRecord) -> None:
        words = str(record.msg).partition("\n")[0][:LIBRARY_EVENT]
        error = _fault(record.exc_info[1]) if record.exc_info and record.exc_info[1] else None
        structlog.get_logger(record.name).log(record.levelno, words, library=record.name, error=error)


def _fault(error: BaseException) -> str:
    places = [f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in extract_tb(error.__traceback__)[-3:]]
    return f"{type(error).__name__} at {' > '.join(places)}"


def _is_journal() -> bool:
    """Whether standard error is what systemd connected to its journal, and not sent elsewhere (systemd.exec(5))."""
    try:
        status = os.fstat(sys.stderr.fileno())
    except (OSError, ValueError):
        return False
    return os.environ.get("JOURNAL_STREAM") == f"{status.st_dev}:{status.st_ino}"


def _on_one_line(_logger: Any, _method: str, line: str) -> str:
    return _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", line)


def _with_priority(_logger: Any, method: str, line: str) -> str:
    return f"<{_PRIORITY.get(method, 6)}>{line}"
