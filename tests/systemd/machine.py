"""A machine of its own with a real systemd as its first process, and the gateway in it as README.md installs it.

systemd-nspawn boots it from this system's /usr, read-only, and a root folder that is left behind nowhere. Its network
is its own, so port 25 is free. Needs root. (reliability.md 4.3)
"""

import asyncio
import ctypes
import os
import shutil
import subprocess
import sys
import sysconfig
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import psutil

SOURCE = Path(__file__).parents[2]
PROGRAM = "/opt/toiawase/bin/toiawase"
AS_SERVICE = "/opt/toiawase-as-service"
START_LIMIT = 180  # seconds, on a machine with much else to do
LOOK_AGAIN = 0.3  # seconds; each look is a process or two
TOOLS = ("systemd-nspawn", "nsenter")
CLONE_NEWNET = 0x40000000

CONFIG = """\
domain = "q.example.jp"
operator = "ops@example.jp"
database = "sqlite:////var/lib/toiawase/toiawase.db"

[listen]
smtp = "systemd"

[smarthost]
url = "maildir:/var/lib/toiawase/out"

[trust]
relays = ["127.0.0.1/32"]
authserv_id = "mx.example.jp"
"""

Result = TypeVar("Result")


def lacking() -> str | None:
    """Why no machine can be booted here, if so."""
    if os.geteuid() != 0:
        return "booting a machine needs root"
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    return f"not installed: {', '.join(missing)} (apt install systemd-container)" if missing else None


class NoMachineError(Exception):
    """systemd-nspawn cannot boot one here; the text is what it said."""


class Machine:
    """`leader`: its first process, as this system numbers it."""

    def __init__(self, leader: int, root: Path) -> None:
        self.leader, self.root = leader, root

    def run(self, *words: str, stdin: str = "") -> str:
        """What a command in the machine, as its root, wrote. Raises RuntimeError with what it said when it failed."""
        result = self.attempt(*words, stdin=stdin)
        if result.returncode:
            raise RuntimeError(f"{' '.join(words)} ended with {result.returncode}: {result.stdout}{result.stderr}")
        return result.stdout

    def attempt(self, *words: str, stdin: str = "") -> "subprocess.CompletedProcess[str]":
        """The same, whatever its exit code."""
        command = ["nsenter", "--target", str(self.leader), "--all", *words]
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"}
        return subprocess.run(command, input=stdin, capture_output=True, text=True, env=environment)

    def toiawase(self, *words: str) -> str:
        return self.run(PROGRAM, *words)

    def drop_in(self, name: str, text: str) -> None:
        """Adds to the service's unit."""
        file = self.root / f"etc/systemd/system/toiawase.service.d/{name}.conf"
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
        self.run("systemctl", "daemon-reload")

    def property(self, name: str, unit: str = "toiawase.service") -> str:
        """Of a unit, as `systemctl show` says it."""
        return self.run("systemctl", "show", "--property", name, "--value", unit).strip()

    def until(self, holds: Callable[[], bool], limit: float = START_LIMIT) -> None:
        """Raises TimeoutError, with the journal of the gateway, when that does not come to be in `limit` seconds."""
        deadline = time.monotonic() + limit
        while not holds():
            if time.monotonic() > deadline:
                raise TimeoutError("".join(self.journal().splitlines(keepends=True)[-40:]))
            time.sleep(LOOK_AGAIN)

    def journal(self, *options: str) -> str:
        words = ("journalctl", "--no-pager", "--output", "cat", "--unit", "toiawase.service")
        return self.run(*words, *options)

    def tells(self, text: str, since: Callable[[], object]) -> None:
        """Does `since`, and waits until the gateway's journal has `text` in what came after. Raises TimeoutError."""
        mark = ("--cursor-file", "/run/journal.cursor")
        self.journal(*mark)
        since()
        self.until(lambda: text in self.journal(*mark))

    def inside(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Runs `work` in a thread whose sockets are in the machine's network."""
        results: list[Result] = []
        errors: list[BaseException] = []

        def enter_and_run() -> None:
            try:
                with Path(f"/proc/{self.leader}/ns/net").open() as network:
                    if ctypes.CDLL(None, use_errno=True).setns(network.fileno(), CLONE_NEWNET):
                        raise OSError(ctypes.get_errno(), "setns")
                results.append(asyncio.run(work))
            except BaseException as error:
                errors.append(error)

        thread = threading.Thread(target=enter_and_run)
        thread.start()
        thread.join()
        if errors:
            raise errors[0]
        return results[0]


@contextmanager
def booted(folder: Path) -> Iterator[Machine]:
    """The machine with the gateway installed, not yet started. Raises NoMachineError where systemd does not come up."""
    root = folder / "root"
    _lay_out(root)
    program = _environment(folder / "program")
    for name in ("gateway", "rules", "docs"):
        shutil.copytree(SOURCE / name, folder / "source" / name)
    words = ["systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--console=pipe", "--private-network"]
    words += [f"--directory={root}", f"--machine=toiawase-{os.getpid()}", "--bind-ro=/usr"]
    words += [f"--bind-ro={sys.base_prefix}:/opt/python"]
    words += [f"--bind-ro={folder / 'source'}:/opt/source"]
    words += [f"--bind-ro={sysconfig.get_path('purelib')}:/opt/libraries", f"--bind-ro={program}:/opt/toiawase"]
    with (folder / "console").open("wb") as console:
        nspawn = subprocess.Popen(
            [*words, "--boot", "systemd.unit=basic.target"], stdin=subprocess.DEVNULL, stdout=console, stderr=console
        )
    try:
        machine = Machine(_leader(nspawn, folder / "console"), root)
        machine.until(lambda: machine.attempt("systemctl", "is-active", "basic.target").returncode == 0)
        _install(machine)
        yield machine
    finally:
        if nspawn.poll() is None:
            for process in psutil.Process(nspawn.pid).children():
                process.kill()  # and with the first process of a machine all others
        nspawn.wait()


def _lay_out(root: Path) -> None:
    """What a system has beside its /usr."""
    for name in ("etc/systemd/system", "opt", "proc", "root", "run", "sys", "tmp", "usr", "var"):
        (root / name).mkdir(parents=True)
    for name in ("bin", "lib", "lib32", "lib64", "sbin"):
        if Path("/", name).is_symlink():
            (root / name).symlink_to(f"usr/{name}")
    etc = root / "etc"
    (etc / "machine-id").write_text("0123456789abcdef0123456789abcdef\n")  # else units are enabled by themselves
    shutil.copy("/etc/os-release", etc)
    (etc / "nsswitch.conf").write_text("passwd: files systemd\ngroup: files systemd\nhosts: files\n")
    (etc / "ld.so.conf").write_text("/opt/python/lib\n")


def _environment(folder: Path) -> Path:
    """A virtual environment as it would be in /opt/toiawase, of this Python, these libraries and this source."""
    packages = folder / f"lib/python{sys.version_info.major}.{sys.version_info.minor}/site-packages"
    packages.mkdir(parents=True)
    (packages / "paths.pth").write_text("/opt/libraries\n/opt/source\n")
    (folder / "pyvenv.cfg").write_text("home = /opt/python/bin\n")
    (folder / "bin").mkdir()
    (folder / "bin/python").symlink_to("/opt/python/bin/" + Path(sys.executable).resolve().name)
    program = folder / "bin/toiawase"
    program.write_text("#!/opt/toiawase/bin/python\nimport sys\nfrom gateway.__main__ import main\nsys.exit(main())\n")
    program.chmod(0o755)
    return folder


def _leader(nspawn: "subprocess.Popen[bytes]", console: Path) -> int:
    deadline = time.monotonic() + START_LIMIT
    while nspawn.poll() is None and time.monotonic() < deadline:
        for process in psutil.Process(nspawn.pid).children():
            if process.name() == "systemd":
                return process.pid
        time.sleep(0.05)
    raise NoMachineError(f"systemd did not come up: {console.read_text(errors='replace')[-2000:]}")


def _install(machine: Machine) -> None:
    """As README.md says it."""
    machine.run("ldconfig")
    machine.toiawase("init", "/etc/toiawase")
    (machine.root / "etc/toiawase/toiawase.toml").write_text(CONFIG)
    shutil.copy(SOURCE / "systemd/toiawase-as-service", machine.root / "opt")
    for unit in (SOURCE / "systemd").glob("toiawase.*"):
        shutil.copy(unit, machine.root / "etc/systemd/system")
    # More than ten starts in five minutes; and where cgroups are v1, nobody tells systemd that the last process of a
    # killed service is gone: it waits for TimeoutStopSec=.
    machine.drop_in("test", "[Unit]\nStartLimitIntervalSec=0\n[Service]\nTimeoutStopSec=30s\n")
