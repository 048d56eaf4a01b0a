"""The part of the digest that tells what rules did without a human and nobody was told of (digest.py).

With `auto_notice=digest` that is all of it, with `notice` what has no notice: what is quarantined or silenced. Each
decision has the button that undoes it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.desk import letters
from gateway.desk.page import Page
from gateway.desk.post import Office
from gateway.desk.privacy import without_signed_addresses
from gateway.store.rule_tables import RuleDecision
from gateway.store.states import RuleOutcome
from gateway.store.tables import Customer, Inquiry, Message, Store
from gateway.texts import Texts

WITH_DIGEST = ("notice", "digest")  # values of `auto_notice`
TOLD = (RuleOutcome.ANSWERED, RuleOutcome.WITHHELD, RuleOutcome.FILED, RuleOutcome.QUARANTINED)
LOOKED_BACK = timedelta(days=7)  # a store that begins to have digests is not told its whole past
MOST = 100  # decisions in one mail; the others are in the next
LINE_LENGTH = 80  # characters of what the customer wrote


@dataclass(frozen=True)
class Told:
    """One decision, with its inquiry as letters show it and the mail that it was about."""

    decision: RuleDecision
    file: letters.File
    entry: Message


async def to_tell(session: AsyncSession, office: Office, store: Store, start: datetime, end: datetime) -> list[Told]:
    """What rules did between the two times and nobody was told of, oldest first; MOST and one when there are more."""
    query = (
        select(RuleDecision, Inquiry, Customer, Message)
        .join(Message, col(Message.id) == col(RuleDecision.message_id))
        .join(Inquiry, col(Inquiry.number) == col(RuleDecision.inquiry_number))
        .join(Customer, col(Customer.id) == col(Inquiry.customer_id))
        .where(RuleDecision.store_id == store.id, col(RuleDecision.at) < end, *_untold(start))
        .order_by(col(RuleDecision.at), col(RuleDecision.message_id))
        .limit(MOST + 1)
    )
    return [
        Told(decision, _file(office, inquiry, customer, store, decision.message_id), entry)
        for decision, inquiry, customer, entry in (await session.exec(query)).all()
    ]


def section(page: Page, told: Sequence[Told], texts: Texts) -> Page:
    """Each decision: the inquiry, the customer's words, what was done and by which rule, and the button against it."""
    for one in told:
        decision, file = one.decision, one.file
        page.rule(
            texts(
                "digest.entry",
                number=decision.inquiry_number,
                customer=file.customer_name(texts),
                at=letters.when(one.entry.at, file.store, texts),
            )
        )
        page.words(_first_line(one.entry.text, texts))
        page.muted(f"{_done(decision, file, texts)}\n{_reason(decision, texts)}")
        page.buttons([letters.button(file, "reopen", texts)])
    return page


def _untold(start: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        col(RuleDecision.at) >= start,
        col(RuleDecision.told_at).is_(None),
        col(RuleDecision.undone_at).is_(None),
        col(RuleDecision.outcome).in_(TOLD),
    )


def _file(office: Office, inquiry: Inquiry, customer: Customer, store: Store, entry: int) -> letters.File:
    buttons = {"reopen": office.address(inquiry, f"reopen{entry}")}
    return letters.File(inquiry, customer, store, None, None, (), buttons)


def _first_line(text: str, texts: Texts) -> str:
    lines = (line.strip() for line in without_signed_addresses(text).splitlines())
    first = next(filter(None, lines), "")
    if not first:
        return texts("notification.empty")
    return texts("digest.words", line=first if len(first) <= LINE_LENGTH else f"{first[:LINE_LENGTH]}…")


def _done(decision: RuleDecision, file: letters.File, texts: Texts) -> str:
    why = texts(f"withheld.{decision.withheld}") if decision.outcome is RuleOutcome.WITHHELD else ""
    return texts(f"digest.done.{decision.outcome}", status=texts(f"status.{file.inquiry.status}"), why=why)


def _reason(decision: RuleDecision, texts: Texts) -> str:
    rule = texts("digest.rule", rule=decision.rule or "", version=decision.version)
    if not decision.words:
        return rule
    words = without_signed_addresses(" / ".join(decision.words))
    return "\n".join([rule, texts("digest.decided", words=words)])
