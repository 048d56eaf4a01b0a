"""What came of a fault."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Report:
    """`size`: what was really run, in words. `figures`: what was measured. No failure: every promise was kept."""

    size: str
    figures: Mapping[str, object] = field(default_factory=dict)
    failures: tuple[str, ...] = ()


def by_pytest(full: bool, *tests: str) -> Report:
    """The report of tests that take their size from TOIAWASE_TORTURE: files, or pytest's names of tests."""
    environment = os.environ | ({"TOIAWASE_TORTURE": "1", "TOIAWASE_KINDS": "all"} if full else {})
    words = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--timeout", "0", *tests]
    result = subprocess.run(words, env=environment, capture_output=True, text=True)
    counts = re.findall(r"(\d+) (passed|failed|skipped|errors?)\b", result.stdout.splitlines()[-1])
    said = tuple(re.findall(r"^(?:FAILED|ERROR) .*", result.stdout, re.MULTILINE))
    if result.returncode and not said:
        said = (f"pytest ended with {result.returncode}: {(result.stdout + result.stderr)[-500:]}",)
    return Report(" ".join(tests), {word: int(count) for count, word in counts}, said)
