"""The manual pages say what the program says, and are pages."""

import shutil
import subprocess
from pathlib import Path

import pytest

from gateway.cli import man

PAGES = Path(__file__).parents[2] / "docs/man"


@pytest.mark.parametrize("name", ["toiawase.1", "toiawase.toml.5"])
def test_the_manual_pages_are_those_of_this_program(name: str, tmp_path: Path) -> None:
    man.main(tmp_path)
    assert (PAGES / name).read_text("utf-8") == (tmp_path / name).read_text("utf-8"), "run `make man`"


@pytest.mark.skipif(shutil.which("groff") is None, reason="groff is not installed")
@pytest.mark.parametrize("name", ["toiawase.1", "toiawase.toml.5"])
def test_a_manual_page_is_printed_without_a_warning(name: str) -> None:
    command = ["groff", "-ww", "-k", "-man", "-Tutf8", str(PAGES / name)]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    assert result.stderr == ""
    assert "SEE ALSO" in result.stdout.replace("\b", "").replace("SSEEEE AALLSSOO", "SEE ALSO")
