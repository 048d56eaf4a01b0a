"""What a seller's mail asks for, or why it cannot be done: values. Reading them from a mail is reading.py's work."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.mail.normal_forms import nfc
from gateway.mail.values import Command
from gateway.store.states import Direction, InquiryStatus
from gateway.store.tables import Message

STATUS = {"progress": InquiryStatus.IN_PROGRESS, "done": InquiryStatus.DONE}
TITLE_LENGTH, CATEGORY_LENGTH = 200, 40  # characters


@dataclass(frozen=True)
class Intent:
    """`act` is what the mail does: answer, auto, note, hide, status (only what stands in the fields below), or the name
    of a command that stands alone. `status` is the state after it, None for as it is."""

    act: str
    status: InquiryStatus | None = None
    text: str = ""  # of the answer, the note, or the reason for hiding
    commands: tuple[Command, ...] = ()
    ignored: str = ""  # words that came with what sends nothing
    title: str = ""  # of the answer that the customer sees, or of the hide notice; "" for the usual one
    template: int | None = None  # the one that begins the text
    restrict: bool = False  # with a hide
    category: str | None = None
    snooze: datetime | None = None  # the inquiry comes back then
    into: int | None = None  # the inquiry that a merge goes to


@dataclass(frozen=True)
class Refusal:
    """Nothing is sent. `reason` and `detail` name the text that says why."""

    reason: str
    detail: tuple[tuple[str, str], ...] = ()


def customers_mails(thread: Sequence[Message]) -> list[Message]:
    """Those of the customer's own side in a thread: none from another address, and no machine's."""
    theirs = [entry for entry in thread if entry.direction is Direction.IN]
    return [entry for entry in theirs if entry.remark not in ("other_address", "machine")]


def character_count(text: str) -> int:
    """Characters as the shop counts them (F8): NFC code points, a line break as one."""
    return len(nfc(text.replace("\r\n", "\n").strip()))
