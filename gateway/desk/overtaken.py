"""Whether an answer may be out of date: a colleague answered, or the customer wrote again, since the seller was told.

The notification that an answer answers is named by its header; by what it quotes, where a telephone drops the header;
else it is the newest that was sent. Pure.
"""

from gateway.desk.situation import Situation
from gateway.mail.recall import GRAM, letters
from gateway.mail.values import Reply
from gateway.store.states import Author, Direction
from gateway.store.tables import Message, Seller

BEGINNING = 200  # letters by which an entry is known in a quotation, which may be cut short


def overtaken(reply: Reply, situation: Situation, seller: Seller) -> tuple[Message, ...]:
    """What a seller's answer leaves out of account, oldest first; nothing when nobody knows what they were told."""
    told = situation.told
    if told is None:
        return ()
    seen = told.named if told.named is not None else _quoted(reply, situation)
    seen = seen if seen is not None else told.newest
    if seen is None:
        return ()
    asked_before = [entry.id or 0 for entry in situation.thread if _sent_by(entry, seller)]
    return came_since(max(seen, *asked_before) if asked_before else seen, situation, seller)


def came_since(seen: int, situation: Situation, seller: Seller | None) -> tuple[Message, ...]:
    """What came into the thread after the entry `seen` that somebody who answers should know of."""
    settled = situation.told.settled if situation.told else frozenset()
    later = [entry for entry in situation.thread if (entry.id or 0) > seen and entry.id not in settled]
    return tuple(entry for entry in later if _asks(entry) or _answers(entry, seller))


def kind_of(entries: tuple[Message, ...]) -> str:
    """What they mean for the answer, in one word: colleague (one answered already) or newer (a customer's mail)."""
    return "colleague" if any(entry.direction is Direction.OUT for entry in entries) else "newer"


def _asks(entry: Message) -> bool:
    return entry.direction is Direction.IN and entry.remark != "machine"


def _answers(entry: Message, seller: Seller | None) -> bool:
    """A colleague's answer, or one of which nobody knows who wrote it."""
    is_answer = entry.direction is Direction.OUT and entry.remark != "hide_notice"
    return is_answer and entry.author is Author.SELLER and not _sent_by(entry, seller)


def _sent_by(entry: Message, seller: Seller | None) -> bool:
    """The seller's own answer: of what came before it they knew, or were asked."""
    return entry.direction is Direction.OUT and seller is not None and entry.seller_id == seller.id


def _quoted(reply: Reply, situation: Situation) -> int | None:
    """The newest entry that the mail quotes: a notification holds, under the newest one, older ones too."""
    quoted = letters(reply.quoted)
    for entry in reversed(situation.thread):
        beginning = letters(entry.text)[:BEGINNING]
        if entry.direction is not Direction.INTERNAL and len(beginning) >= GRAM and beginning in quoted:
            return entry.id
    return None
