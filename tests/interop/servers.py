"""Real mail servers, each with a configuration, a queue and users of its own, ended by whoever started them.

They are taken from the system or from `var/servers`, where `make servers` unpacks Debian's packages without installing
them (Debian lets only one mail server be installed at a time). The system's own configuration is never changed.
"""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

UNPACKED = Path(os.environ.get("TOIAWASE_SERVERS", Path(__file__).parents[2] / "var" / "servers"))
START_LIMIT = 30.0  # seconds until a server must answer
NOBODY = 65534


def find(name: str) -> str:
    """The program's path. Skips the test where it is missing, or where this user could not run a mail server."""
    if os.geteuid() != 0:
        pytest.skip(f"{name} needs root for its users and its queue")
    places = [f"{root}/usr/{folder}" for root in ("", UNPACKED) for folder in ("sbin", "bin")]
    found = shutil.which(name, path=os.pathsep.join(places))
    if found is None:
        pytest.skip(f"no {name} here: apt-get install it, or `make servers`")
    return found


@dataclass(frozen=True)
class Certificate:
    """PEM files: `server`, with its key, for `localhost`, by `authority`."""

    server: Path
    authority: Path


@contextmanager
def folder() -> Iterator[Path]:
    """A short path that every server's users may pass through."""
    with tempfile.TemporaryDirectory(prefix="tw-") as name:
        place = Path(name)
        place.chmod(0o755)
        yield place


@contextmanager
def started(command: Sequence[str], log: Path, *ports: int) -> Iterator["subprocess.Popen[bytes]"]:
    """The process, in a group of its own, once it answers on these ports of 127.0.0.1; its whole group is ended."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
    try:
        for port in ports:
            _until_it_answers(process, port, log)
        yield process
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(3)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _until_it_answers(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    limit = time.monotonic() + START_LIMIT
    while True:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        if process.poll() is not None or time.monotonic() > limit:
            raise AssertionError(f"{process.args!r} does not answer: {log.read_text('utf-8', 'replace')[-2000:]}")
        time.sleep(0.02)


def with_files(command: Sequence[str], files: Mapping[str, Path]) -> list[str]:
    """The command, in a mount namespace of its own where these paths of the system are other files and folders."""
    binds = [f"mount --bind {there} {path}" for path, there in files.items()]
    script = " && ".join([*binds, 'exec "$@"'])
    return ["unshare", "--mount", "--propagation", "private", "sh", "-c", script, "sh", *command]


def users(place: Path, *names: str) -> dict[str, Path]:
    """`/etc/passwd` and `/etc/group` as they are and, where they lack them, with these users, for `with_files`."""
    passwd, group = Path("/etc/passwd").read_text("utf-8"), Path("/etc/group").read_text("utf-8")
    for number, name in enumerate(names, 64_000):
        if f"\n{name}:" not in passwd:
            passwd += f"{name}:x:{number}:{number}::/nonexistent:/usr/sbin/nologin\n"
            group += f"{name}:x:{number}:\n"
    (place / "passwd").write_text(passwd, "utf-8")
    (place / "group").write_text(group, "utf-8")
    return {"/etc/passwd": place / "passwd", "/etc/group": place / "group"}
