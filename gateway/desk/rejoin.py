"""Mends how mails were joined: #別件 makes the last customer mail an inquiry of its own, #統合 puts two into one.

Rows of the thread move with all that tells of them: deliveries, rule decisions, the search index. What was signed for
an inquiry that was merged stays valid and means the other one (load.py).
"""

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.desk.facts import facts_in
from gateway.desk.goods import find_order, find_product
from gateway.desk.post import HISTORY_READ, last_asked
from gateway.desk.subject import without_prefixes
from gateway.desk.unreadable import NOT_WHOLE
from gateway.desk.work import Work
from gateway.ids import new_nonce
from gateway.mail.normal_forms import nfkc
from gateway.store import inquiries, messages, moving, search
from gateway.store.rule_tables import RuleDecision
from gateway.store.states import Direction, InquiryStatus, Origin
from gateway.store.tables import History, Inquiry, Message

TITLE_LENGTH = 200  # characters
MOST_URGENT = (InquiryStatus.UNANSWERED, InquiryStatus.IN_PROGRESS, InquiryStatus.DONE)  # of two merged the first holds


async def split(work: Work, message_id: int, by: str) -> None:
    """The customer's entry `message_id` and all after it become a new inquiry, which the sellers get as such."""
    session, (old, _) = work.session, work.file()
    asked = await session.get_one(Message, message_id)
    before = await _status_before(session, old, asked)
    new = await _opened(session, old, asked)
    new.created_at = work.now
    session.add(new)
    await session.flush()
    number = new.number or 0
    await search.forget(session, old.number or 0)
    await moving.entries(session, old.number or 0, number, message_id)
    last = await last_asked(session, old.number or 0)
    old.received_at = last.at if last else old.received_at
    work.history("split", by, f"Q-{number}")
    session.add(History(inquiry_number=number, at=work.now, event="split", by=by, why=f"from Q-{old.number}"))
    work.results["split"] = {"number": number}
    await session.flush()
    work.inquiry = new
    note = ("notification.split", {"number": f"Q-{old.number}"})
    files = await messages.file_names(session, message_id)
    await work.notify(asked, files, raw=asked.remark in NOT_WHOLE, notes=[note], cause=f"split:{message_id}:{number}")
    work.inquiry = old
    await work.set_status(before, by, "split")


async def merge(work: Work, into: int, by: str) -> None:
    """All of the inquiry at hand goes to another of the same customer, which is the one at hand from then on."""
    session, (source, customer) = work.session, work.file()
    row = await inquiries.in_force(session, into)
    if row is None or row[1].id != customer.id:
        raise AssertionError("inquiries of one customer are merged")
    target, number = row[0], source.number or 0
    into = target.number or into
    work.results["merge"] = {"source": f"Q-{number}", "target": f"Q-{into}"}
    if into == number:  # an earlier line of the same mail, or a colleague, was quicker
        return
    await search.forget(session, number)
    await moving.entries(session, number, into, 0)
    await moving.everything_else(session, number, into)
    target.received_at = max(target.received_at, source.received_at)
    target.order_number = target.order_number or source.order_number
    target.product_code = target.product_code or source.product_code
    target.tags = list(dict.fromkeys((*target.tags, *source.tags)))
    target.remind_at = _earlier(target.remind_at, source.remind_at)
    target.snoozed_until = _earlier(target.snoozed_until, source.snoozed_until)
    source.merged_into, source.remind_at, source.snoozed_until = into, None, None
    status = source.status
    await work.set_status(InquiryStatus.DONE, by, f"merged into Q-{into}")
    work.history("merged", by, f"into Q-{into}")
    await session.flush()
    work.inquiry = target
    work.history("merged", by, f"Q-{number} came here")
    if MOST_URGENT.index(status) < MOST_URGENT.index(target.status):
        await work.set_status(status, by, f"Q-{number} was merged")


async def _opened(session: AsyncSession, old: Inquiry, asked: Message) -> Inquiry:
    """The new inquiry. Nothing but the mail's own words says what it is about: it was about something else."""
    facts = facts_in(asked.text)
    order = await find_order(session, old.store_id, facts.order_number)
    product = await find_product(session, old.store_id, facts.product_code)
    return Inquiry(
        store_id=old.store_id,
        customer_id=old.customer_id,
        status=old.status,
        closed_at=old.closed_at,
        origin=Origin.MARKETPLACE if old.origin is Origin.MARKETPLACE else Origin.DIRECT,
        title=without_prefixes(nfkc(asked.subject))[0][:TITLE_LENGTH],
        order_number=order.number if order else facts.order_number,
        product_code=product.code if product else facts.product_code,
        country=old.country,
        nonce=new_nonce(),
        received_at=asked.at,
    )


async def _status_before(session: AsyncSession, inquiry: Inquiry, asked: Message) -> InquiryStatus:
    """What the inquiry was before the mail came: as the rules noted it, else by who had the last word."""
    decision = await session.get(RuleDecision, asked.id)
    if decision is not None and decision.prior_status in list(InquiryStatus):
        return InquiryStatus(decision.prior_status)
    thread = await messages.thread(session, inquiry.number or 0, HISTORY_READ)
    exchanged = [
        entry for entry in thread if entry.direction is not Direction.INTERNAL and (entry.id or 0) < (asked.id or 0)
    ]
    answered = bool(exchanged) and exchanged[-1].direction is Direction.OUT
    return InquiryStatus.DONE if answered else InquiryStatus.UNANSWERED


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    return min((at for at in (one, other) if at is not None), default=None)
