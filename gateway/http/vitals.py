"""What the gateway knows of itself."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class RulesNow:
    version: str
    is_refused: bool  # newer ones are, and the operator was told
    refusals: int  # since the start


@dataclass
class Vitals:
    """Questions to ask anew each time, and counts since the start."""

    delivers: Callable[[], bool]
    has_keys: Callable[[], bool]
    has_room: Callable[[], bool]  # on the disk, for new mail
    connections: Callable[[], int]
    load: Callable[[], int]  # 0 normal, 1 stress, 2 strangers are turned away
    rules: Callable[[], RulesNow]
    received: int = 0  # mails that were answered 250
    refused: Counter[str] = field(default_factory=Counter)  # recipients, by the true reason
    turned_away: Counter[str] = field(default_factory=Counter)  # connections, by reason
    sessions_refused: Counter[str] = field(default_factory=Counter)  # sessions that were ended, by reason
    requests_refused: Counter[str] = field(default_factory=Counter)  # over HTTP, by status or why there was none
    attempts: Counter[str] = field(default_factory=Counter)  # to send a mail, by outcome
    configurations_refused: int = 0  # by a reload
