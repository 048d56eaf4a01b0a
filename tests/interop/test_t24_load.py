"""Postfix's own tools of torture: smtp-source hands in mail as fast as it can, smtp-sink takes it in every old manner."""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.integration.daemon import free_port
from tests.integration.house import HANAKO, PATIENCE, SUZUKI, Arrived, House
from tests.integration.relay import at_rest
from tests.interop import servers, shop
from tests.interop.postfix import Postfix
from tests.interop.shop import SHOP

MAILS, SESSIONS = 200, 20


@asynccontextmanager
async def sunk(folder: Path, *manners: str) -> AsyncIterator[tuple[int, Path]]:
    """smtp-sink's port, and the folder where each mail becomes a file, with its envelope on top."""
    sink, port = servers.find("smtp-sink"), free_port()
    (folder / "mails").mkdir()
    command = [sink, *manners, "-d", f"{folder}/mails/%H.", f"127.0.0.1:{port}", "100"]
    with servers.started(command, folder / "sink.log", port):
        yield port, folder / "mails"


async def poured(port: int, mails: int, sessions: int) -> None:
    """smtp-source ends well only if every mail was answered 250."""
    source = servers.find("smtp-source")
    words = ["-s", str(sessions), "-m", str(mails), "-l", "4000", "-N", "-f", HANAKO, "-t", SHOP, f"127.0.0.1:{port}"]
    process = await asyncio.create_subprocess_exec(source, *words, stderr=asyncio.subprocess.PIPE)
    _, said = await asyncio.wait_for(process.communicate(), PATIENCE)
    assert (process.returncode, said) == (0, b"")
