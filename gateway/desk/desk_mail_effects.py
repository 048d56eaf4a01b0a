"""What the desk can do about one mail to desk@, beside what any inquiry's mail can do."""

from dataclasses import dataclass

from gateway.desk.situation import Seat, Situation
from gateway.mail.values import Command
from gateway.store.inquiry_filter import Filter
from gateway.store.tables import Seller


@dataclass(frozen=True)
class ShowList:
    """The seller gets the inquiries that fit, with the counters (F1-F3). `line` asks for it again."""

    seat: Seat
    wanted: Filter
    by: str | None  # customer or product
    line: str


@dataclass(frozen=True)
class ShowSettings:
    seat: Seat


@dataclass(frozen=True)
class SetDigest:
    """This seller gets the daily digest, or none any more."""

    seat: Seat
    wanted: bool


@dataclass(frozen=True)
class KeepTemplates:
    """`定型 WORDS` with the text below it (F6)."""

    seat: Seat
    words: str
    text: str


@dataclass(frozen=True)
class AskStore:
    """For which of the seller's stores: one mail asks, with a button for each. `unknown` was named and is none."""

    seats: tuple[Seat, ...]
    line: str
    unknown: str | None


@dataclass(frozen=True)
class AskAgain:
    """What was asked for is not known: the nearest word, the help or what is `allowed` there, and the `draft`, which
    may have been meant for a customer."""

    seller: Seller
    line: str
    suggestion: str
    draft: str
    allowed: str


@dataclass(frozen=True)
class NotDone:
    """Nothing was done: `reason` names the text that says why, and `detail` its fields. `draft` goes back."""

    seller: Seller
    reason: str
    draft: str = ""
    detail: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class TurnTo:
    """The effects after it happen in this situation: to the inquiry that it names, or for its store."""

    situation: Situation


@dataclass(frozen=True)
class Line:
    """What one line of an answer to a list comes to: a text of the catalogue with its fields."""

    item: str  # as it was written: 3
    said: str  # the rest of the line, or the beginning of the text under it
    number: int | None  # of the inquiry
    result: str  # "" for what the commands came to
    detail: tuple[tuple[str, str], ...] = ()
    commands: tuple[Command, ...] = ()


@dataclass(frozen=True)
class TellLines:
    """What became of an answer to a list; when `done` is False nothing was done, and `draft` goes back."""

    seat: Seat
    lines: tuple[Line, ...]
    done: bool
    draft: str = ""


DeskMailEffect = (
    ShowList | ShowSettings | SetDigest | KeepTemplates | AskStore | AskAgain | NotDone | TurnTo | TellLines
)
