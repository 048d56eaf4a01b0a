"""What `decide` may look at: one recipient's copy of a mail, and what the desk knows that bears on it. Values only."""

from dataclasses import dataclass, field
from datetime import datetime

from gateway.mail.addresses import Address, normalise_address
from gateway.mail.values import Mail
from gateway.store.tables import Customer, Draft, Inquiry, Message, Order, Outbox, Product, Seller, Staff, Store


@dataclass(frozen=True)
class Incoming:
    """One mail for one of its envelope recipients."""

    queue_id: str
    received_at: datetime
    mail_from: str  # "" for the null sender
    recipient: str
    address: Address
    mail: Mail
    sent: tuple[str, ...] = ()  # texts of ours that it may answer, newest first

    @property
    def author(self) -> str:
        """The one author, normalised; the envelope sender when no From field can be read; "" when nobody is named.
        Several authors are nobody in particular (N40)."""
        if len(self.mail.from_) == 1:
            return normalise_address(self.mail.from_[0].address)
        return normalise_address(self.mail_from) if self.mail_from and not self.mail.from_ else ""

    @property
    def author_name(self) -> str:
        return self.mail.from_[0].name if len(self.mail.from_) == 1 else ""


@dataclass(frozen=True)
class Candidate:
    """An inquiry that the mail may belong to, with what speaks for it."""

    inquiry: Inquiry
    customer: Customer


@dataclass(frozen=True)
class Situation:
    """The desk's knowledge, loaded in one go inside the transaction that will act on it."""

    now: datetime
    store: Store | None = None
    sellers: tuple[Seller, ...] = ()
    staff: Staff | None = None  # the author, when registered
    named: Candidate | None = None  # the inquiry that a signed address names
    draft: Draft | None = None  # the draft that a confirmation address names
    draft_message: Message | None = None
    answered: Candidate | None = None  # the inquiry of a mail that this one answers, same store
    answered_ours: bool = False  # that mail was one of ours (an unguessable Message-ID)
    recent: tuple[Inquiry, ...] = ()  # this author's inquiries with this store, newest first, 30 days
    order: Order | None = None
    product: Product | None = None
    bounced: Outbox | None = None
    own_mail: bool = False  # it carries the Message-ID of a mail that we sent
    desk_seller: Seller | None = None  # for desk@: the author's registration
    seller_names: dict[int, str] = field(default_factory=dict)
