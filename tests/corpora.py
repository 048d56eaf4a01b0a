"""Mail that nobody here wrote: corpora beside the repository. Without them, their tests skip."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(os.environ.get("TOIAWASE_CORPORA") or Path(__file__).parents[2] / "shared" / "corpora")
_NOT_MAIL = (".json", ".jsonl", ".md", ".txt.gz", ".yml")


def require() -> Path:
    """The corpora's folder; skips the test where it is absent."""
    if not ROOT.is_dir():
        pytest.skip(f"the mail corpora are not in {ROOT} (set TOIAWASE_CORPORA)")
    return ROOT


def cases(kind: str) -> Iterator[tuple[str, dict[str, object], bytes]]:
    """Corpus, expectation and raw mail of every case of that kind which stands in a file."""
    for index in sorted(require().glob(f"*/cases.{kind}.jsonl")):
        for line in index.read_text("utf-8").splitlines():
            case = json.loads(line)
            if "file" in case:
                yield index.parent.name, case, (index.parent / case["file"]).read_bytes()


def mails() -> Iterator[tuple[str, bytes]]:
    """Every mail file, by its path below the root."""
    for path in sorted(require().rglob("*")):
        if path.is_file() and path.suffix not in _NOT_MAIL and not path.name.startswith("LICENCE"):
            yield str(path.relative_to(ROOT)), path.read_bytes()
