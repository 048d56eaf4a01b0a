"""The phrases that a rules folder brings, as what rules ask them. The phrases' own files are read in phrases.py."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from gateway.rules.reading import Phrasebook, Reading, Unread

CLASSES = ("thanks", "acknowledged", "received", "solved", "withdrawn", "greeting", "closing", "question", "request")


@dataclass(frozen=True)
class NoPhrases:
    """Knows the classes and recognises none."""

    classes: Collection[str] = CLASSES

    def read(self, text: str) -> Reading:
        return Unread()


def load_phrasebook(folder: Path) -> Phrasebook:
    """The phrases of `folder`/phrases."""
    return NoPhrases()
