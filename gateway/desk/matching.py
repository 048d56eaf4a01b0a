"""How a mail finds its inquiry: the first that fits, with the reason (mail-interface.md). Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.desk.situation import Incoming, Situation
from gateway.desk.subject import base_subject
from gateway.store.states import InquiryStatus, Origin
from gateway.store.tables import Inquiry

FACTS_WINDOW = timedelta(days=30)  # shop facts join a mail only to a younger inquiry
ADDRESS_LIFE = timedelta(days=90)  # after its close an inquiry's signed address opens a new inquiry instead


@dataclass(frozen=True)
class Match:
    inquiry: Inquiry
    by: str  # address, message_id, facts
    why: str


@dataclass(frozen=True)
class MailFacts:
    """What the intake address or the body says the mail is about."""

    origin: Origin
    order_number: str | None
    product_code: str | None


def expired(inquiry: Inquiry, now: datetime) -> bool:
    """True when the inquiry was erased, or closed so long ago, that its signed addresses no longer join anything."""
    return inquiry.erased_at is not None or (
        inquiry.status is InquiryStatus.DONE
        and inquiry.closed_at is not None
        and now - inquiry.closed_at > ADDRESS_LIFE
    )


def match_by_message_id(incoming: Incoming, situation: Situation) -> Match | None:
    """Step 2. A Message-ID of ours proves who joins; the customer's own is no secret and needs authentication."""
    candidate = situation.answered
    if candidate is None or not incoming.wrote(candidate.customer.address):
        return None
    if situation.answered_ours:
        return Match(candidate.inquiry, "message_id", "answers a mail of ours")
    if incoming.mail.authenticated:
        return Match(candidate.inquiry, "message_id", "answers an earlier mail of the customer's own")
    return None


def match_by_facts(incoming: Incoming, situation: Situation, facts: MailFacts) -> Match | None:
    """Step 3: same customer, store and origin, authenticated, younger than 30 days, and the same matter."""
    if not incoming.mail.authenticated or not incoming.author:
        return None
    base, replied = base_subject(incoming.mail.subject)
    for inquiry in situation.recent:
        if inquiry.origin is not facts.origin or situation.now - inquiry.created_at > FACTS_WINDOW:
            continue
        if facts.order_number and inquiry.order_number == facts.order_number:
            return Match(inquiry, "facts", f"same order {facts.order_number}")
        if facts.order_number and inquiry.order_number:
            continue  # two orders are two matters, whatever the subject says
        same_product = facts.product_code and inquiry.product_code == facts.product_code
        if same_product and replied and base == base_subject(inquiry.title)[0]:
            return Match(inquiry, "facts", f"same product {facts.product_code} and subject")
    return None
