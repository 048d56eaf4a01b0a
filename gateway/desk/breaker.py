"""Whether what comes from a seller's address may be a program that answers the customer's program (A13). Pure.

Nothing in such a mail tells: it is unmarked, authenticated, and answers a mail of ours. Only that it goes on tells.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from gateway.store.states import Author, Direction
from gateway.store.tables import Message

SAME_WORDS, A_DAY = 2, timedelta(days=1)  # times that one text goes to one customer without a question
ANSWERS, SHORT = 5, timedelta(minutes=10)  # to one inquiry, of whatever words


def goes_on_by_itself(text: str, thread: Sequence[Message], now: datetime) -> bool:
    """`text` would be one more answer in `thread`."""
    answers = [entry for entry in thread if entry.direction is Direction.OUT and entry.author is Author.SELLER]
    same = [entry for entry in answers if entry.text.strip() == text.strip() and entry.at > now - A_DAY]
    return len(same) >= SAME_WORDS or len([entry for entry in answers if entry.at > now - SHORT]) >= ANSWERS
