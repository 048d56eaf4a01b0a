"""Everything the desk can do about one mail, as values. `decide` returns them in order, `apply` carries them out."""

from dataclasses import dataclass
from datetime import datetime

from gateway.mail.values import AttachedFile, Command, Reply
from gateway.store.states import Author, Direction, InquiryStatus, Origin


@dataclass(frozen=True)
class OpenInquiry:
    """A new inquiry; the effects after it are about this one."""

    customer_address: str  # normalised; "" when the mail names nobody
    customer_name: str
    language: str
    origin: Origin
    title: str
    product_code: str | None = None
    order_number: str | None = None
    country: str | None = None
    follows: int | None = None


@dataclass(frozen=True)
class AddMessage:
    """An entry of the thread. `notify`: the sellers get it as a notification."""

    direction: Direction
    author: Author
    subject: str
    text: str
    quoted: str = ""
    message_id: str | None = None
    references: tuple[str, ...] = ()
    attachments: tuple[AttachedFile, ...] = ()
    matched_by: str | None = None
    remark: str | None = None
    seller_id: int | None = None
    notify: bool = False
    raw: bool = False  # the mail as it came goes along with the notification


@dataclass(frozen=True)
class TouchReceived:
    """The customer's side wrote: what 受付日時, sorting and expiry go by."""

    at: datetime


@dataclass(frozen=True)
class SetStatus:
    status: InquiryStatus
    by: str
    why: str


@dataclass(frozen=True)
class SendAnswer:
    """To the customer, with its entry in the thread. `kind` is answer, or auto_response, whose text is the store's."""

    kind: str
    text: str
    status: InquiryStatus  # what the inquiry is after it
    attachments: tuple[AttachedFile, ...]
    seller_id: int | None
    message_id: str | None  # of the seller's mail
    receipt: "Receipt"


@dataclass(frozen=True)
class Receipt:
    """To the seller: what was done (F9). With an answer it is written only after the smarthost's 250."""

    to: tuple[str, ...]
    commands: tuple[Command, ...]
    ignored: str = ""  # words of a button's mail that were sent to nobody


@dataclass(frozen=True)
class HoldDraft:
    """A seller's mail is kept and a one-time confirmation goes to the registered addresses."""

    reason: str  # unauthenticated, unregistered, automatic
    to: tuple[str, ...]
    reply: Reply
    action: str | None  # the button it was sent to
    subject: str
    attachments: tuple[AttachedFile, ...]
    message_id: str | None
    seller_id: int | None


@dataclass(frozen=True)
class ReturnDraft:
    """Nothing was sent: the seller gets the draft back with the reason (a key of the catalogue) and what to do."""

    to: str
    reason: str
    text: str
    detail: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class SettleDraft:
    """A held draft was confirmed: it is used up."""

    draft_id: str


@dataclass(frozen=True)
class Help:
    to: str


@dataclass(frozen=True)
class PassToOperator:
    """postmaster@, abuse@ and mail at b…@ that is no report."""

    why: str


@dataclass(frozen=True)
class Bounced:
    """A delivery report about one of our mails: it failed for good."""

    outbox_id: str
    diagnostic: str


@dataclass(frozen=True)
class Record:
    """A line in the inquiry's history."""

    event: str
    by: str
    why: str


Effect = (
    OpenInquiry
    | AddMessage
    | TouchReceived
    | SetStatus
    | SendAnswer
    | Receipt
    | HoldDraft
    | ReturnDraft
    | SettleDraft
    | Help
    | PassToOperator
    | Bounced
    | Record
)


@dataclass(frozen=True)
class Decision:
    """What is to be done with one recipient's copy of a mail, and the account of it that `mail show` tells."""

    effects: tuple[Effect, ...]
    result: str  # message, command, draft, returned, recorded, operator
    why: str
    matched_by: str | None = None
    inquiry: int | None = None
