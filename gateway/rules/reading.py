"""What the words of a message mean, as far as rules ask: the interface between the phrases and the facts."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

Evidence = tuple[str, ...]  # the words that decided, never empty


class Reading(Protocol):
    """One message, read."""

    def only(self, classes: Collection[str]) -> Evidence | None:
        """The deciding words, if nothing is said but what belongs to these phrase classes."""

    def says(self, classes: Collection[str]) -> Evidence | None:
        """The words, if something of these classes is said, whatever else is."""

    @property
    def asks(self) -> Evidence | None:
        """The words by which the message asks or requests something."""

    @property
    def words(self) -> tuple[str, ...]:
        """What was recognised; of a message that is not understood whole, what keeps it from being."""


class Phrasebook(Protocol):
    """The phrases of all languages."""

    @property
    def classes(self) -> Collection[str]:
        """The names of the phrase classes that rules may use."""

    def read(self, text: str, subject: str = "") -> Reading:
        """What the new text of a message says, and what its subject adds. Never raises."""


@dataclass(frozen=True)
class Later:
    """The reading of a message that is read when the first rule asks."""

    phrases: Phrasebook
    text: str
    subject: str = ""

    @cached_property
    def _reading(self) -> Reading:
        return self.phrases.read(self.text, self.subject)

    def only(self, classes: Collection[str]) -> Evidence | None:
        return self._reading.only(classes)

    def says(self, classes: Collection[str]) -> Evidence | None:
        return self._reading.says(classes)

    @property
    def asks(self) -> Evidence | None:
        return self._reading.asks

    @property
    def words(self) -> tuple[str, ...]:
        return self._reading.words


class Unread:
    """The reading of a message in which nothing is recognised: no rule that asks what is said holds."""

    asks: Evidence | None = None
    words: tuple[str, ...] = ()

    def only(self, classes: Collection[str]) -> Evidence | None:
        return None

    def says(self, classes: Collection[str]) -> Evidence | None:
        return None
