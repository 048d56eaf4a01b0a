"""What `decide` may look at: one recipient's copy of a mail, and what the desk knows that bears on it. Values only."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from gateway.desk.file_limits import USUAL_FILES, FileLimits
from gateway.mail.addresses import Address, address_key, address_problem, normalise_address, same_address
from gateway.mail.values import AttachedFile, Mail
from gateway.store.answers import Answer
from gateway.store.list_tables import NumberedMail
from gateway.store.public_tables import Publication, Restriction
from gateway.store.rule_tables import RuleDecision
from gateway.store.states import Origin
from gateway.store.tables import Customer, Draft, Inquiry, Message, Order, Outbox, Product, Seller, Staff, Store
from gateway.store.template_tables import Template

WHOLE = 0  # the place in `Situation.items` of the inquiry that 全文 asks for


@dataclass(frozen=True)
class Report:
    """A delivery report, as far as the desk needs it."""

    failed: bool  # for good
    diagnostic: str  # the enhanced status in front
    dead: tuple[str, ...] = ()  # addresses that are no good
    names_nobody: bool = False  # who was not reached, only the address tells that it came to
    message_id: str | None = None  # of the mail that it is about


@dataclass(frozen=True)
class Incoming:
    """One mail for one of its envelope recipients."""

    queue_id: str
    received_at: datetime
    mail_from: str  # "" for the null sender
    recipient: str
    address: Address
    mail: Mail
    bounce: Report | None = None
    sent: tuple[str, ...] = ()  # texts of ours that it may answer, newest first
    button_texts: tuple[str, ...] = ()  # what our own button put into a mail to its address

    @property
    def author(self) -> str:
        """The one author, normalised; the envelope sender when no From field can be read; "" when nobody is named
        whom we could write to. Several authors are nobody in particular (N40)."""
        if len(self.mail.from_) > 1:
            return ""
        address = self.mail.from_[0].address if self.mail.from_ else self.mail_from
        return normalise_address(address) if address and address_problem(address) is None else ""

    @property
    def author_key(self) -> str:
        return address_key(self.author)

    def wrote(self, address: str) -> bool:
        """True when the one author has this address."""
        return bool(address) and same_address(self.author, address)

    @property
    def author_name(self) -> str:
        return self.mail.from_[0].name if len(self.mail.from_) == 1 else ""


@dataclass(frozen=True)
class Candidate:
    """An inquiry that the mail may belong to, with what speaks for it."""

    inquiry: Inquiry
    customer: Customer


@dataclass(frozen=True)
class Seat:
    """One of the stores that the author is a registered seller of."""

    seller: Seller
    store: Store


@dataclass(frozen=True)
class Told:
    """What a seller who writes about an inquiry knows of it, by the numbers of the thread's entries."""

    named: int | None  # what the mail of ours told that this one names in its header
    newest: int | None  # the newest that was sent to them
    settled: frozenset[int]  # what raises no question: mails that rules dealt with, answers that did not arrive


@dataclass(frozen=True)
class Situation:
    """The desk's knowledge, loaded in one go inside the transaction that will act on it."""

    now: datetime
    store: Store | None = None
    sellers: tuple[Seller, ...] = ()
    staff: Staff | None = None  # the author, when registered; of a mail to the desk, whom the store may write to
    named: Candidate | None = None  # the inquiry that a signed address names
    undoable: RuleDecision | None = None  # by which a mail of the named inquiry did without a human: the one meant
    answer: Answer | None = None  # the one that #取消 means: the author's newest, or the one that the button names
    draft: Draft | None = None  # the draft that a confirmation address names; else the author's newest that is held
    draft_message: Message | None = None
    draft_files: tuple[AttachedFile, ...] = ()
    draft_undoable: RuleDecision | None = None  # `undoable` as it was when the draft was held
    answered: Candidate | None = None  # the inquiry of a mail that this one answers, same store
    answered_ours: bool = False  # that mail was one of ours (an unguessable Message-ID)
    recent: tuple[Inquiry, ...] = ()  # this author's inquiries with this store, newest first, 30 days
    order: Order | None = None
    product: Product | None = None
    question: Publication | None = None  # what of the named inquiry's first mail the product's page may show
    restrictions: Mapping[str, Restriction] = field(default_factory=dict)  # of this customer, by product code
    templates: tuple[Template, ...] = ()  # the store's, for its sellers
    siblings: Mapping[int, Origin] = field(default_factory=dict)  # of the named customer: its inquiries
    silenced: bool = False  # a seller said #迷惑 of the author
    thread: tuple[Message, ...] = ()  # of the named inquiry, oldest first
    told: Told | None = None  # of the author, a seller
    elsewhere: bool = False  # To and Cc name other inquiries of ours, and not the named one
    asked: Mapping[str, int] = field(default_factory=dict)  # of late, whether sellers wrote what came: mails by reason
    bounced: Outbox | None = None
    file_limits: FileLimits = USUAL_FILES
    own_mail: bool = False  # it carries the Message-ID of a mail that we sent
    seats: tuple[Seat, ...] = ()  # of the author of a mail to the desk, by the store's name
    numbered: NumberedMail | None = None  # the list or digest that a mail to the desk answers
    items: Mapping[int, "Situation"] = field(default_factory=dict)  # what its lines name, by their number there

    def restriction(self, product_code: str | None) -> Restriction | None:
        """By which this customer may no longer ask about the product on its page."""
        return self.restrictions.get((product_code or "").lower())
