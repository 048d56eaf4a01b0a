"""A mail that was set aside because it kills or breaks its reader: still an inquiry, with the mail as it came. Pure."""

from gateway.desk.effects import (
    AddMessage,
    Decision,
    Effect,
    Notify,
    OpenInquiry,
    PassToOperator,
    SetStatus,
    TouchReceived,
)
from gateway.desk.situation import Incoming, Situation
from gateway.mail.addresses import InquiryAddress, StoreAddress
from gateway.store.states import Author, Direction, InquiryStatus, Origin
from gateway.texts import Texts

UNREADABLE = "unreadable"  # the remark on an entry of which nothing was read
NOT_WHOLE = ("shortened", UNREADABLE)  # remarks on what has to be read in the mail as it came


def decide_unreadable(incoming: Incoming, situation: Situation) -> Decision:
    """What becomes of a mail of which only the envelope may be read."""
    why = "the mail could not be read"
    if situation.store is None:
        return Decision((PassToOperator(why),), "unparsed", why)
    texts = Texts(situation.store.language)
    from_customer = not isinstance(incoming.address, InquiryAddress) or incoming.address.purpose == "c"
    entry = AddMessage(
        direction=Direction.IN if from_customer else Direction.INTERNAL,
        author=Author.CUSTOMER if from_customer else Author.SELLER,
        subject=texts("unreadable.title"),
        text=texts("unreadable.text"),
        matched_by="address" if situation.named else "new",
        remark=UNREADABLE,
    )
    told = Notify(raw=True)
    if situation.named is not None:
        effects: tuple[Effect, ...] = (entry, told)
        if from_customer:
            reopened = SetStatus(InquiryStatus.UNANSWERED, "customer", "an unreadable mail came")
            effects = (entry, TouchReceived(incoming.received_at), reopened, told)
        return Decision(effects, "unparsed", why, "address", situation.named.inquiry.number)
    opened = OpenInquiry(
        customer_address=incoming.author,
        customer_name="",
        language=situation.store.language,
        origin=_origin(incoming),
        title=texts("unreadable.title"),
    )
    return Decision((opened, entry, told), "unparsed", why, "new")


def _origin(incoming: Incoming) -> Origin:
    address = incoming.address
    if isinstance(address, StoreAddress) and address.product_code:
        return Origin.PRODUCT_PAGE
    if isinstance(address, StoreAddress) and address.order_number:
        return Origin.MY_PAGE
    return Origin.DIRECT
