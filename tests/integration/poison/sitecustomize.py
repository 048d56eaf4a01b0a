"""Stands for the worst bugs that reading a mail may find: Python runs it in each process of a daemon under test.

A mail with one of the words does to its reader what the word says, until the file `cured` is there. Each reading is a
line of the file `read`: the word, or the subject of a mail that is read to its end. Which memory and time a reader has
is the gateway's own limit; the CPU seconds are fewer, for speed.
"""

import ctypes
import os
import re
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(os.environ["TOIAWASE_POISON"])


def spin() -> None:
    while True:
        pass


def allocate() -> None:
    pieces = []
    while True:
        pieces.append(bytearray(16 << 20))


def crash() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    ctypes.string_at(0)


def linger() -> None:
    while not (HERE / "go-on").exists():
        time.sleep(0.01)


ACTS: dict[bytes, Callable[[], None]] = {
    b"poison-spin": spin,
    b"poison-allocate": allocate,
    b"poison-crash": crash,
    b"poison-linger": linger,
}


def note(line: bytes) -> None:
    with (HERE / "read").open("ab") as readings:
        readings.write(line + b"\n")


def install() -> None:
    from gateway.mail import parse as parse_module
    from gateway.worker import handle, limits

    real = parse_module.parse
    limits.CPU_SECONDS = 1

    def parse(raw: bytes, *rest: Any) -> Any:
        if not (HERE / "cured").exists():
            for word, act in ACTS.items():
                if word in raw:
                    note(word)
                    act()
        mail = real(raw, *rest)
        match = re.search(rb"(?m)^Subject: (.*)\r$", raw)
        note(match[1] if match else b"")
        return mail

    vars(handle)["parse"] = parse


if "gateway" in " ".join(sys.argv) or "forkserver" in " ".join(sys.orig_argv):
    install()
