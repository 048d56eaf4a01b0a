"""What `status` says of a gateway that runs, and of one that has died."""

import signal
from pathlib import Path

import pytest

from tests.integration.daemon import daemon, free_port


@pytest.mark.parametrize("asked", ["smtp", "http"])
async def test_a_gateway_that_has_died_wants_attention(tmp_path: Path, sqlite_url: str, asked: str) -> None:
    async with daemon(tmp_path, sqlite_url) as house:
        there = f"127.0.0.1:{free_port()}"
        house.configure("listen", **{asked: there})
        assert "ATTENTION" not in await house.command("status")  # it never was started
        await house.start()
        assert "ATTENTION" not in await house.command("status")
        house.signal(signal.SIGKILL)
        await house.ended()
        assert f"nobody answers at {there}: is `toiawase serve` running?" in await house.command("status", code=1)
