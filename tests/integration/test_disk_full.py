"""T07 in small, with the gateway as a process on a disk of its own."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.torture import t07_disk_full


def _why_not() -> str:
    """Why nobody can mount here, or ""."""
    if os.geteuid() != 0:
        return "a mount namespace with a disk of its own needs root"
    try:
        made = subprocess.run(["unshare", "--mount", "true"], capture_output=True, text=True)
    except FileNotFoundError:
        return "there is no unshare(1)"
    return made.stderr.strip()


@pytest.mark.timeout(300)
@pytest.mark.skipif(bool(_why_not()), reason=_why_not() or "-")
async def test_t07_a_full_or_failing_disk_refuses_for_now_loses_nothing_and_is_left_by_itself(tmp_path: Path) -> None:
    report = await t07_disk_full.run(full=False, folder=tmp_path)
    assert report.failures == (), report.figures
