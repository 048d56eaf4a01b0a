"""Does a first mail repeat an inquiry that was handled? Then the seller need not answer the same twice.

A repeat: the same customer, order or product, subject and question, within days of its being handled; its answer left,
or the seller said #対応済み. Not one: who thanked for the answer and asks again, who asks a third time, whose first
question is still open, or a question whose answer changes by the day.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.desk.sameness import is_passing, may_repeat, same_subject, same_text
from gateway.store.states import Author, Direction, InquiryStatus, Origin, OutboxState
from gateway.store.tables import History, Message, Outbox

WINDOW = timedelta(days=7)  # since it was handled; who comes back later comes with something new
PASSING_WINDOW = timedelta(days=1)
MOST = 5  # handled inquiries about one matter in these days: who has more does not mean a repeat
ENTRIES_READ = 100  # of their threads, the newest
HANDLED = "handled"  # why a seller's #対応済み closed it, in the history


@dataclass(frozen=True)
class Question:
    """A first mail: its new text, and what it is about."""

    text: str = ""
    subject: str = ""
    product_code: str | None = None
    order_number: str | None = None


@dataclass(frozen=True)
class Earlier:
    """Another inquiry of the customer's, as it stood at a time. `closed_at` is None where it was not done."""

    number: int
    status: InquiryStatus
    closed_at: datetime | None
    origin: Origin
    product_code: str | None
    order_number: str | None

    def is_about(self, question: Question) -> bool:
        """True for the same order or product, and none that differs; or when neither names any."""
        pairs = [(self.order_number, question.order_number), (self.product_code, question.product_code)]
        given = [(one.casefold(), other.casefold()) for one, other in pairs if one and other]
        if not given:
            return not any(one or other for one, other in pairs)
        return all(one == other for one, other in given)


async def repeats_handled(
    session: AsyncSession, question: Question, earlier: Sequence[Earlier], at: datetime, before: int | None = None
) -> int | None:
    """The number of what is repeated. `earlier` are the customer's inquiries as they stood at `at`; of their
    threads only what is older than the entry `before` counts."""
    if not may_repeat(question.text, question.subject):
        return None
    same = [one for one in earlier if one.is_about(question)]
    if any(one.status is not InquiryStatus.DONE or one.origin is Origin.MARKETPLACE for one in same):
        return None  # the shop is at it, or a colleague wrote
    window = PASSING_WINDOW if is_passing(question.text) else WINDOW
    recent = [one for one in same if one.closed_at is not None and at - one.closed_at <= window]
    if not 0 < len(recent) <= MOST:
        return None
    threads = await _threads(session, [one.number for one in recent], at, before)
    asked = [
        (one, entry)
        for one in recent
        for entry, _ in threads[one.number]
        if entry.direction is Direction.IN and same_text(question.text, entry.text)
    ]
    if len(asked) != 1:
        return None
    [(one, entry)] = asked
    thread = threads[one.number]
    is_last_word = all(other.direction is not Direction.IN or (other.id or 0) <= (entry.id or 0) for other, _ in thread)
    repeated = (
        is_last_word
        and same_subject(question.subject, entry.subject)
        and (_was_answered(thread, entry) or await _was_said_to_be_handled(session, one.number, at, before))
    )
    return one.number if repeated else None


Thread = list[tuple[Message, bool]]  # the entries, oldest first, and of each whether it left us


async def _threads(session: AsyncSession, numbers: list[int], at: datetime, before: int | None) -> dict[int, Thread]:
    query = (
        select(Message, Outbox.state, Outbox.sent_at)
        .join(Outbox, col(Outbox.id) == col(Message.outbox_id), isouter=True)
        .where(col(Message.inquiry_number).in_(numbers), col(Message.direction) != Direction.INTERNAL)
        .order_by(col(Message.id).desc())
        .limit(ENTRIES_READ)
    )
    if before is not None:
        query = query.where(col(Message.id) < before)
    threads: dict[int, Thread] = {number: [] for number in numbers}
    for entry, state, sent_at in (await session.exec(query)).all():
        left = state is OutboxState.SENT and sent_at is not None and sent_at <= at
        threads[entry.inquiry_number].insert(0, (entry, left))
    return threads


def _was_answered(thread: Thread, question: Message) -> bool:
    """By a person: a rule's own answer leaves open whether it was the right one."""
    return any(
        left and entry.direction is Direction.OUT and entry.author is Author.SELLER
        for entry, left in thread
        if (entry.id or 0) > (question.id or 0)
    )


async def _was_said_to_be_handled(session: AsyncSession, number: int, at: datetime, before: int | None) -> bool:
    query = (
        select(History.why)
        .where(History.inquiry_number == number, History.event == str(InquiryStatus.DONE))
        .order_by(col(History.id).desc())
        .limit(1)
    )
    if before is not None:
        query = query.where(col(History.at) < at)
    return (await session.exec(query)).first() == HANDLED
