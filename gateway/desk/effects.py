"""Everything the desk can do about one mail, as values. `decide` returns them in order, `apply` carries them out."""

from dataclasses import dataclass
from datetime import datetime

from gateway.desk.desk_mail_effects import DeskMailEffect
from gateway.desk.hold_effects import AskAgain, HoldDraft, NotAsked
from gateway.desk.intent import Intent, Refusal
from gateway.desk.rule_effects import FollowRules, Label, Remind, UndoRules
from gateway.desk.upkeep import Merge, SendThread, Silence, Snooze, Split, Unsilence
from gateway.mail.values import AttachedFile, Command
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
    by_store: bool = False  # a seller asks the marketplace's staff


@dataclass(frozen=True)
class AddMessage:
    """An entry of the thread."""

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


@dataclass(frozen=True)
class Notify:
    """The sellers get the entry made last as a notification. `raw`: the mail as it came goes along."""

    raw: bool = False


@dataclass(frozen=True)
class Publish:
    """The entry made last is a question on a product's page; these are its words there. `waits`: why not at once."""

    text: str
    waits: str | None


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
    title: str = ""  # that the customer sees, where the seller wrote one
    template: int | None = None  # the one that begins the text


@dataclass(frozen=True)
class Hide:
    """非表示: off the product's page at once, and the customer is told, always (F11)."""

    title: str
    reason: str
    restrict: bool  # お問い合わせの制限 with it
    status: InquiryStatus | None  # what the inquiry is after it; None for as it is
    template: int | None  # the one that begins the reason
    attachments: tuple[AttachedFile, ...]
    seller_id: int | None
    message_id: str | None  # of the seller's mail
    receipt: "Receipt"


@dataclass(frozen=True)
class Restrict:
    """お問い合わせの制限 on a question that is hidden already: nothing is mailed to the customer."""

    by: str


@dataclass(frozen=True)
class ShowAgain:
    """再表示: back on the product's page, and the restriction that came with the hide is lifted."""

    by: str


@dataclass(frozen=True)
class MakePublic:
    """公開: the question that waits for a seller is shown as it was written."""

    by: str


@dataclass(frozen=True)
class Refuse:
    """The customer may not ask about this product: one polite automatic refusal, unless `bar` says why none."""

    bar: str | None


@dataclass(frozen=True)
class Receipt:
    """To the seller: what was done (F9). With an answer it is written only after the smarthost's 250."""

    to: tuple[str, ...]
    commands: tuple[Command, ...]
    ignored: str = ""  # words of a button's mail that were sent to nobody
    overtaken: str = ""  # what came while the draft was held: newer, colleague


@dataclass(frozen=True)
class TakeBack:
    """#取消: the answer of the entry `message_id` is stopped if it has not left; its writer is told what came of it."""

    message_id: int
    by: str
    to: tuple[str, ...]
    ignored: str = ""  # words that came with it and were sent to nobody


@dataclass(frozen=True)
class DropDraft:
    """#取消 of a draft that was held: it is not sent, and its writer has the text."""

    draft_id: str
    by: str
    to: tuple[str, ...]
    ignored: str = ""


@dataclass(frozen=True)
class ReturnDraft:
    """Nothing was sent: the seller gets the draft back with the reason (a key of the catalogue) and what to do."""

    to: str
    reason: str
    text: str
    detail: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class CallBack:
    """The customer wrote again: answers that wait in their hold window become drafts, each with a question."""


@dataclass(frozen=True)
class SettleDraft:
    """A held draft was confirmed: it is used up."""

    draft_id: str


@dataclass(frozen=True)
class Help:
    to: str


@dataclass(frozen=True)
class Practised:
    """A seller wrote to the practice inquiry, and is told what it would have done."""

    author: str  # as the mail names it
    trust: str  # trusted; unauthenticated or unregistered, whose mail is held
    outcome: Intent | Refusal
    text: str  # that would have left; of a refusal the whole draft
    found: tuple[str, ...] = ()  # kinds of personal data, marked in the text with its title: it would be held first


@dataclass(frozen=True)
class PassToOperator:
    """postmaster@, abuse@ and mail at b…@ that is no report."""

    why: str
    automatic: bool = False  # whatever wrote it: nothing that comes of it could come back to where it came in


@dataclass(frozen=True)
class Bounced:
    """A delivery report about one of our mails: it failed for good."""

    outbox_id: str
    diagnostic: str
    dead: bool = False  # its address is no good


@dataclass(frozen=True)
class Record:
    """A line in the inquiry's history."""

    event: str
    by: str
    why: str


Effect = (
    OpenInquiry
    | AddMessage
    | Notify
    | Publish
    | TouchReceived
    | SetStatus
    | SendAnswer
    | Hide
    | Restrict
    | ShowAgain
    | MakePublic
    | Refuse
    | Receipt
    | HoldDraft
    | AskAgain
    | NotAsked
    | TakeBack
    | DropDraft
    | CallBack
    | ReturnDraft
    | SettleDraft
    | Help
    | DeskMailEffect
    | Practised
    | PassToOperator
    | Bounced
    | Label
    | Remind
    | Snooze
    | Silence
    | Unsilence
    | Split
    | Merge
    | SendThread
    | FollowRules
    | UndoRules
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
    new_text: str | None = None  # what the customer newly wrote, where rules may look at it
