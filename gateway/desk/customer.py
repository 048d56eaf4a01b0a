"""What a mail from the customer's side does: join an inquiry, or open one. Pure."""

from dataclasses import replace

from gateway.desk.answerable import bar
from gateway.desk.effects import (
    AddMessage,
    CallBack,
    Decision,
    Effect,
    Notify,
    OpenInquiry,
    Record,
    Refuse,
    SetStatus,
    TouchReceived,
)
from gateway.desk.facts import facts_in
from gateway.desk.matching import MailFacts, Match, expired, match_by_facts, match_by_message_id
from gateway.desk.privacy import UNVERIFIED_STAFF, shown_name
from gateway.desk.publicity import publication
from gateway.desk.situation import Candidate, Incoming, Situation
from gateway.desk.unreadable import UNREADABLE
from gateway.mail.addresses import StoreAddress
from gateway.mail.body import NOT_READ, SHORTENED
from gateway.mail.reply import divide, is_fresh
from gateway.mail.values import Machine, Mail, Reply
from gateway.store.states import Author, Direction, InquiryStatus, Origin
from gateway.store.tables import Inquiry

TITLE_LENGTH = 200  # characters
RESTRICTED, WHY_RESTRICTED = "restricted", "the customer may not ask about this product"
ANSWERING_MACHINES = frozenset({Machine.BOUNCE, Machine.AUTO_REPLY, Machine.DELIVERY_REPORT, Machine.FEEDBACK})


def writes_to_inquiry(incoming: Incoming, situation: Situation, named: Candidate) -> Decision:
    """A mail to q<number>-c-…@: step 1, the signed address, decides."""
    inquiry, mail = named.inquiry, incoming.mail
    if mail.machine in ANSWERING_MACHINES:
        return _recorded(incoming, Match(inquiry, "address", "signed address"))
    same = incoming.wrote(named.customer.address) or _is_staffs(incoming, situation, inquiry)
    if _was_refused(inquiry, situation):
        written = facts_in(mail.text)
        facts = MailFacts(Origin.DIRECT, written.order_number, written.product_code)
        return _answers_refusal(incoming, situation, inquiry, facts, same=same)
    if expired(inquiry, situation.now):
        facts = MailFacts(inquiry.origin, inquiry.order_number, inquiry.product_code)
        follows = inquiry.number if same else None
        return _opens(incoming, situation, facts, follows=follows, why="the inquiry was closed long ago")
    if same:
        return _joins(incoming, situation, Match(inquiry, "address", "signed address"))
    other = Match(inquiry, "address", "signed address, other sender")
    return _joins(incoming, situation, other, remark="other_address")


def _is_staffs(incoming: Incoming, situation: Situation, inquiry: Inquiry) -> bool:
    """The marketplace's staff answer for one another."""
    return inquiry.origin is Origin.MARKETPLACE and situation.staff is not None and incoming.mail.authenticated


def _poses_as_staff(incoming: Incoming, situation: Situation) -> bool:
    return situation.staff is not None and not incoming.mail.authenticated


def writes_to_store(incoming: Incoming, situation: Situation, address: StoreAddress) -> Decision:
    """A mail to <store>@ and its forms: steps 2 to 4."""
    mail = incoming.mail
    if mail.machine in ANSWERING_MACHINES and situation.answered is not None and situation.answered_ours:
        return _recorded(incoming, Match(situation.answered.inquiry, "message_id", "a machine answered our mail"))
    facts = _facts(incoming, situation, address)
    match = match_by_message_id(incoming, situation) or match_by_facts(incoming, situation, facts)
    if match is not None and _was_refused(match.inquiry, situation):
        if facts.origin is not Origin.PRODUCT_PAGE:
            return _answers_refusal(incoming, situation, match.inquiry, facts, same=True)
        match = None  # once more a question on a page: refused like the first, where it is the same page
    if match is None:
        return _opens(incoming, situation, facts)
    if expired(match.inquiry, situation.now):
        number = match.inquiry.number
        return _opens(incoming, situation, facts, follows=number, why="the inquiry was closed long ago")
    return _joins(incoming, situation, match)


def _facts(incoming: Incoming, situation: Situation, address: StoreAddress) -> MailFacts:
    if address.staff and situation.staff is not None and incoming.mail.authenticated:
        return MailFacts(Origin.MARKETPLACE, address.order_number, address.product_code)
    written = facts_in(incoming.mail.text)
    order = situation.order.number if situation.order else address.order_number or written.order_number
    product = situation.product.code if situation.product else address.product_code or written.product_code
    if product is None and situation.order is not None:
        product = situation.order.product_code or None
    if address.product_code:
        return MailFacts(Origin.PRODUCT_PAGE, order, product)
    return MailFacts(Origin.MY_PAGE if address.order_number else Origin.DIRECT, order, product)


def _opens(
    incoming: Incoming,
    situation: Situation,
    facts: MailFacts,
    *,
    follows: int | None = None,
    why: str = "nothing known fits",
) -> Decision:
    mail = incoming.mail
    opened = OpenInquiry(
        customer_address=incoming.author,
        customer_name="" if _poses_as_staff(incoming, situation) else shown_name(incoming.author_name),
        language=mail.language,
        origin=facts.origin,
        title=mail.subject[:TITLE_LENGTH],
        product_code=facts.product_code,
        order_number=facts.order_number,
        follows=follows,
    )
    if facts.origin is Origin.PRODUCT_PAGE and situation.restriction(facts.product_code) and follows is None:
        return _restricted(incoming, opened)
    remark = None
    if len(mail.from_) > 1:
        remark = "several_authors"
    elif not incoming.author:
        remark = "no_address"
    elif _poses_as_staff(incoming, situation):
        remark = UNVERIFIED_STAFF
    elif mail.auto_submitted or mail.machine is not None:
        remark = "automatic"
    else:
        remark = _not_whole(mail)
    written = divided(incoming)
    entry = _entry(incoming, written, "new", remark)
    public = publication(incoming, entry, facts.origin, is_first=follows is None)
    effects: tuple[Effect, ...] = (opened, entry, *public, _notify(incoming))
    return Decision(effects, "message", why, "new", new_text=_for_rules(written, mail))


def _joins(incoming: Incoming, situation: Situation, match: Match, remark: str | None = None) -> Decision:
    if _poses_as_staff(incoming, situation):
        remark = UNVERIFIED_STAFF
    elif remark is None and incoming.mail.auto_submitted:
        remark = "automatic"
    elif remark is None:
        remark = _not_whole(incoming.mail)
    written = divided(incoming)
    entry = _entry(incoming, written, match.by, remark)
    effects: tuple[Effect, ...] = (
        entry,
        *publication(incoming, entry, match.inquiry.origin, is_first=False),
        TouchReceived(incoming.received_at),
        SetStatus(InquiryStatus.UNANSWERED, "customer", "the customer wrote"),
        CallBack(),
        _notify(incoming),
    )
    return Decision(effects, "message", match.why, match.by, match.inquiry.number, _for_rules(written, incoming.mail))


def _restricted(incoming: Incoming, opened: OpenInquiry) -> Decision:
    """A question on a page where this customer may ask no more: kept, closed, and the sellers are not disturbed."""
    effects: tuple[Effect, ...] = (
        opened,
        _entry(incoming, divided(incoming), "new", RESTRICTED),
        SetStatus(InquiryStatus.DONE, "gateway", WHY_RESTRICTED),
        Refuse(bar(incoming, incoming.author, opened.origin)),
    )
    return Decision(effects, "recorded", WHY_RESTRICTED, "new")


def _was_refused(inquiry: Inquiry, situation: Situation) -> bool:
    """Whether the inquiry is one of those that began while its customer could not ask, and still cannot."""
    restriction = situation.restriction(inquiry.product_code)
    return restriction is not None and inquiry.origin is Origin.PRODUCT_PAGE and inquiry.created_at > restriction.at


def _answers_refusal(
    incoming: Incoming, situation: Situation, refused: Inquiry, facts: MailFacts, *, same: bool
) -> Decision:
    """No question on the page: private mail to the store, which the refusal says is welcome. It opens an inquiry that
    no page shows, and more of it joins that one, but for another order; what was refused stays closed."""
    for inquiry in situation.recent if same else ():
        if inquiry.follows != refused.number or inquiry.origin is Origin.PRODUCT_PAGE:
            continue
        same_matter = (facts.order_number or "").lower() in ("", (inquiry.order_number or "").lower())
        if same_matter and not expired(inquiry, situation.now):
            by = "address" if situation.named else "message_id"
            return _joins(incoming, situation, Match(inquiry, by, "answers the refusal once more"))
    if not facts.order_number:
        facts = replace(facts, product_code=facts.product_code or refused.product_code)
    return _opens(incoming, situation, facts, follows=refused.number if same else None, why="answers the refusal")


def _recorded(incoming: Incoming, match: Match) -> Decision:
    """A machine's mail: kept in the thread, no state changes, nobody is told, the other side never sees it."""
    effects: tuple[Effect, ...] = (
        _entry(incoming, divided(incoming), match.by, "machine"),
        Record("machine", "machine", str(incoming.mail.machine)),
    )
    return Decision(effects, "recorded", match.why, match.by, match.inquiry.number)


def _notify(incoming: Incoming) -> Notify:
    return Notify(raw=_not_whole(incoming.mail) is not None)


def _not_whole(mail: Mail) -> str | None:
    """The remark on a mail that the seller has to read as it came."""
    if NOT_READ in mail.defects:
        return UNREADABLE
    return "shortened" if SHORTENED in mail.defects else None


def _for_rules(written: Reply, mail: Mail) -> str | None:
    """What rules may look at: nothing where nothing was read, for they would take the mail for an empty one."""
    return None if NOT_READ in mail.defects else written.text


def divided(incoming: Incoming) -> Reply:
    """What the customer newly wrote, and the rest."""
    mail = incoming.mail
    return divide(mail.text, incoming.sent, [incoming.author], fresh=is_fresh(mail) and not incoming.sent)


def _entry(incoming: Incoming, written: Reply, matched_by: str, remark: str | None) -> AddMessage:
    mail = incoming.mail
    text, quoted = written.text, written.quoted
    if not text.strip():  # all of it looked like a quotation: losing a writer's words is the worse fault
        text, quoted = mail.text, ""
    return AddMessage(
        direction=Direction.IN,
        author=Author.CUSTOMER,
        subject=mail.subject,
        text=text,
        quoted=quoted,
        message_id=mail.message_id,
        references=mail.references or (mail.in_reply_to if len(mail.in_reply_to) == 1 else ()),
        attachments=mail.attachments,
        matched_by=matched_by,
        remark=remark,
    )
