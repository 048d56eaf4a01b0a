"""What nobody but the gateway may read or change: its database and state folder, and the way to a database elsewhere.

Customers' mail lies there (A25). A gateway does not start where others could read it; `doctor` says the same.
"""

import stat
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path

from sqlalchemy.engine import URL, make_url

from gateway.config import Config

READABLE_BY_OTHERS, WRITABLE_BY_OTHERS = 0o077, 0o022


def problems(config: Config) -> Iterator[str]:
    """What is open to others, each with its remedy; for the operator."""
    url = make_url(config.database)
    for file in sqlite_files(config):
        yield from _opened(file, READABLE_BY_OTHERS, "read", "600")
    if url.get_backend_name() != "sqlite" and not is_here(url) and url.query.get("sslmode") != "verify-full":
        yield (
            f"the database on {url.host} would be sent mail that others can read: write ?sslmode=verify-full "
            "behind its name"
        )
    # Its files are 0600: that others see their names does no harm, that they could put others there does.
    yield from _opened(config.state_folder, WRITABLE_BY_OTHERS, "written to", "go-w")


def sqlite_files(config: Config) -> list[Path]:
    """Where SQLite keeps mail, the database itself first; none with PostgreSQL."""
    url = make_url(config.database)
    return [Path(f"{url.database}{ending}") for ending in ("", "-wal", "-shm")] if url.drivername == "sqlite" else []


def is_here(url: URL) -> bool:
    """Whether the database server is on this machine, so that nothing passes a network."""
    host = url.host or str(url.query.get("host", ""))
    if host in ("", "localhost") or host.startswith("/"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def is_open(path: Path, bits: int) -> bool:
    """Whether a file that is there gives one of these rights to others than its owner."""
    try:
        return bool(stat.S_IMODE(path.stat().st_mode) & bits)
    except OSError:
        return False


def _opened(path: Path, bits: int, verb: str, mode: str) -> Iterator[str]:
    if is_open(path, bits):
        yield f"{path} may be {verb} by others; `chmod {mode} {path}`"
