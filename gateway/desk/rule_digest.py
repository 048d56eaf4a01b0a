"""The digest of what rules did without a human and told nobody of: once a day, at `digest_at`.

With `auto_notice=digest` that is all of it, with `notice` what has no notice: what is quarantined or silenced. It tells
each decision that nobody was told of yet, with the button that undoes it, and marks it told in the same transaction;
where there is nothing to tell, it is silent. `section` is the part that a larger digest may contain.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.desk import letters
from gateway.desk.business_hours import last_time
from gateway.desk.load import sellers_of
from gateway.desk.page import Page
from gateway.desk.post import GENERATED, Office
from gateway.desk.privacy import without_signed_addresses
from gateway.store.rule_tables import RuleDecision
from gateway.store.states import RuleOutcome
from gateway.store.tables import Customer, Inquiry, Message, Outbox, Seller, Store
from gateway.texts import Texts

KIND = "rule_digest"
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


async def due(session: AsyncSession, now: datetime) -> list[int]:
    """The stores that have something to be told, whose time of day has come, and that had no digest today."""
    query = (
        select(Store, func.min(RuleDecision.at))
        .join(RuleDecision, col(RuleDecision.store_id) == col(Store.id))
        .where(col(Store.auto_notice).in_(WITH_DIGEST), col(Store.active).is_(True), *_untold(now - LOOKED_BACK))
        .group_by(col(Store.id))
    )
    rows = (await session.exec(query)).all()
    ends = [(store, first, last_time(store, store.digest_at, now)) for store, first in rows]
    return [store.id or 0 for store, first, end in ends if first < end and not await _was_sent(session, store, end)]


async def send(session: AsyncSession, office: Office, store_id: int, now: datetime) -> bool:
    """Posts the store's digest to each of its sellers, if it is due still. True when somebody gets one."""
    # Others may add rows that point at the store meanwhile, but nobody else sends its digest.
    claim = select(Store).where(Store.id == store_id).with_for_update(key_share=True, skip_locked=True)
    store = (await session.exec(claim)).first()
    if store is None or store.auto_notice not in WITH_DIGEST or not store.active:
        return False
    end = last_time(store, store.digest_at, now)
    if await _was_sent(session, store, end):
        return False
    told = await to_tell(session, office, store, end - LOOKED_BACK, end)
    sellers = await sellers_of(session, store_id)
    if not told or not sellers:
        return False
    for seller in sellers:
        session.add(_row(office, store, seller, told, end, now))
    for one in told[:MOST]:
        one.decision.told_at = now
    await session.flush()
    return True


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


def _row(office: Office, store: Store, seller: Seller, told: Sequence[Told], end: datetime, now: datetime) -> Outbox:
    texts, shown = Texts(seller.language), told[:MOST]
    page = Page(texts.language).words(texts("digest.intro", store=store.title, count=len(shown)))
    section(page, shown, texts)
    if len(told) > len(shown):
        page.muted(texts("digest.more"))
    page.muted(texts("digest.hint", label=texts("button.reopen")))
    subject = texts("digest.subject", count=len(shown), date=end.strftime(texts("label.day_format")))
    letter = letters.Letter(subject, page.text, page.html)
    sender = (texts("name.desk"), f"desk@{office.domain}")
    row = office.row(now, cause=_cause(store, end), kind=KIND, to=seller.address, letter=letter, sender=sender)
    row.store_id, row.to_name, row.auto_submitted = store.id, seller.name, GENERATED
    return row


def _untold(start: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        col(RuleDecision.at) >= start,
        col(RuleDecision.told_at).is_(None),
        col(RuleDecision.undone_at).is_(None),
        col(RuleDecision.outcome).in_(TOLD),
    )


async def _was_sent(session: AsyncSession, store: Store, end: datetime) -> bool:
    sent = select(Outbox.id).where(Outbox.cause == _cause(store, end), Outbox.kind == KIND).limit(1)
    return (await session.exec(sent)).first() is not None


def _cause(store: Store, end: datetime) -> str:
    """One for each store and day of its calendar."""
    return f"rule_digest:{store.id}:{end.date()}"


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
