"""Effects by which sellers keep their desk in order: nothing of them reaches a customer."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Snooze:
    """The sellers get the inquiry again then, whatever its state. None: not any more."""

    at: datetime | None
    by: str


@dataclass(frozen=True)
class Silence:
    """#迷惑: what this customer writes to the store from now on is kept, and told to nobody."""

    by: str


@dataclass(frozen=True)
class Unsilence:
    """The customer is heard again; what was kept quiet meanwhile is told now."""

    by: str


@dataclass(frozen=True)
class Split:
    """The customer's entry, and all after it, becomes an inquiry of its own."""

    message_id: int
    by: str


@dataclass(frozen=True)
class Merge:
    """All of the inquiry goes to another of the same customer; the effects after it are about that one."""

    into: int
    by: str


@dataclass(frozen=True)
class SendThread:
    """#全文: the whole thread to the seller, with the customer's mails as they came."""

    to: tuple[str, ...]
