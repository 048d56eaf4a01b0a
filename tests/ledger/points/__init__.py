"""The twelve places where a death is hardest to survive: around each commit, each final dot and each reply (T01)."""

from pathlib import Path

_HERE = Path(__file__).parent


def hook(armed: Path) -> dict[str, str]:
    """The environment of a daemon whose points are armed in that folder."""
    return {"PYTHONPATH": f"{_HERE}:{_HERE.parents[2]}", "TOIAWASE_POINTS": str(armed)}


POINTS = (
    "intake-in-the-middle-of-data",
    "intake-at-the-last-dot",
    "intake-before-its-commit",
    "intake-between-commit-and-250",
    "intake-after-the-250",
    "worker-with-its-claim",
    "worker-before-its-commit",
    "worker-after-its-commit",
    "delivery-with-its-claim",
    "delivery-between-dot-and-reply",
    "delivery-before-its-commit",
    "delivery-after-its-commit",
)
