"""Every table. What a row means stands here; what may be asked of it stands in the file named after the table."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, LargeBinary, UniqueConstraint, text
from sqlmodel import Field

from gateway.store.columns import Base, at_column, enum_column, json_column, late_column, late_flag, text_column
from gateway.store.states import (
    DRAFT,
    INQUIRY,
    OUTBOX,
    RECEIVED,
    Author,
    Direction,
    DraftState,
    InquiryStatus,
    Origin,
    OutboxState,
    ReceivedState,
    legal_steps,
    one_of,
)


class Store(Base, table=True):
    """販売店. Its name is the local part that customers write to."""

    __tablename__ = "store"

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(max_length=40, unique=True)
    title: str = Field(max_length=200)
    language: str = Field(default="ja", max_length=8)
    timezone: str = Field(default="Asia/Tokyo", max_length=64)
    max_chars: int = 1000  # NFC code points of one answer, a line break as one (F8)
    hold_seconds: int = 0
    receipts: bool = True  # F9; refusals are always reported
    copies: bool = True  # the other sellers see a colleague's answer
    subject_prefix: str = Field(default="Re: ", max_length=20)
    digest_at: str = Field(default="09:00", max_length=5)
    reminders: str = Field(default="", max_length=200)
    closed_days: str = Field(default="", max_length=2000)
    hours: str = late_column("mon-fri 09:00-18:00", 200)  # business hours, in the store's time zone
    auto_notice: str = late_column("notice", 10)  # of what rules did: notice, digest, off
    digest_asked_at: datetime | None = at_column(null=True)  # `digest send`: the gateway, which has the keys, does it
    digest_on: str = late_column("", 10)  # the day whose digest was sent, or had nothing to tell
    auto_response: str = text_column()  # empty: the guide's text in the customer's language
    active: bool = True
    created_at: datetime = at_column()


class Seller(Base, table=True):
    __tablename__ = "seller"
    __table_args__ = (UniqueConstraint("store_id", "address"),)

    id: int | None = Field(default=None, primary_key=True)
    store_id: int = Field(foreign_key="store.id", index=True)
    address: str = Field(max_length=320)  # normalised: NFC, domain in ASCII and lower case
    name: str = Field(default="", max_length=200)
    language: str = Field(default="ja", max_length=8)
    welcome_at: datetime | None = at_column(null=True, index=True)  # the welcome mail is due then
    digest: bool = late_flag(default=True, before=True)  # gets the daily digest
    created_at: datetime = at_column()


class Staff(Base, table=True):
    """A registered address of the marketplace's own staff (CS Center)."""

    __tablename__ = "staff"

    id: int | None = Field(default=None, primary_key=True)
    address: str = Field(max_length=320, unique=True)
    name: str = Field(default="", max_length=200)
    created_at: datetime = at_column()


class Product(Base, table=True):
    __tablename__ = "product"
    __table_args__ = (UniqueConstraint("code", "store_id"),)

    id: int | None = Field(default=None, primary_key=True)
    store_id: int | None = Field(default=None, foreign_key="store.id", index=True)  # none: any store's
    code: str = Field(max_length=64)
    name: str = text_column()
    category: str = text_column()
    page: str = text_column()


class Order(Base, table=True):
    __tablename__ = "order"
    __table_args__ = (UniqueConstraint("number", "store_id"),)

    id: int | None = Field(default=None, primary_key=True)
    store_id: int = Field(foreign_key="store.id", index=True)
    number: str = Field(max_length=64)
    cart_number: str = Field(default="", max_length=64)
    product_code: str = Field(default="", max_length=64)
    ordered_at: datetime | None = at_column(null=True)
    country: str = Field(default="", max_length=8)


class Customer(Base, table=True):
    """One person of one store, fixed by the address that opened the first inquiry; it never changes (A06)."""

    __tablename__ = "customer"
    __table_args__ = (UniqueConstraint("store_id", "address_key"),)

    id: int | None = Field(default=None, primary_key=True)
    store_id: int = Field(foreign_key="store.id")
    address: str = Field(max_length=320)  # normalised as a seller's; "" for mail that names nobody
    address_key: str = Field(max_length=320)  # mail.addresses.address_key: what people are compared by
    name: str = Field(default="", max_length=200)
    language: str = Field(default="ja", max_length=8)
    created_at: datetime = at_column()
    silenced_at: datetime | None = at_column(
        null=True
    )  # a seller said #迷惑: what it writes is kept, and told to nobody


KIND, CATEGORY = "一般", "その他"  # while nobody gave another
LISTED_BY = ("status", "origin", "kind", "category", "product_code", "order_number")  # of a store, by number


class Inquiry(Base, table=True):
    """お問い合わせ: one conversation between one customer and one store about one matter, shown as Q-<number>."""

    __tablename__ = "inquiry"
    __table_args__ = (
        one_of("status", InquiryStatus, "status"),
        one_of("origin", Origin, "origin"),
        legal_steps("status", "prior_status", INQUIRY, "status_step"),
        Index("ix_inquiry_store_id_status_received_at", "store_id", "status", "received_at"),
        Index("ix_inquiry_customer_id_received_at", "customer_id", "received_at"),
        Index("ix_inquiry_store_id_received_at", "store_id", "received_at"),
        *(Index(f"ix_inquiry_store_id_{column}_number", "store_id", column, "number") for column in LISTED_BY),
        Index("ix_inquiry_store_id_number", "store_id", "number"),
        Index(
            "ix_inquiry_unread",
            *("store_id", "received_at"),
            sqlite_where=text("unread = 1"),
            postgresql_where=text("unread"),
        ),
        Index(
            "ix_inquiry_unerased",
            "received_at",
            sqlite_where=text("erased_at IS NULL"),
            postgresql_where=text("erased_at IS NULL"),
        ),
        {"sqlite_autoincrement": True},  # a number is never given twice
    )

    number: int | None = Field(default=None, primary_key=True)
    store_id: int = Field(foreign_key="store.id")
    customer_id: int = Field(foreign_key="customer.id")
    status: InquiryStatus = enum_column(InquiryStatus, default=InquiryStatus.UNANSWERED)
    prior_status: InquiryStatus | None = enum_column(InquiryStatus, null=True)
    kind: str = Field(default=KIND, max_length=40)
    category: str = Field(default=CATEGORY, max_length=40)
    origin: Origin = enum_column(Origin)
    title: str = text_column()
    product_code: str | None = Field(default=None, max_length=64, index=True)
    order_number: str | None = Field(default=None, max_length=64, index=True)
    country: str | None = Field(default=None, max_length=8)
    nonce: str = Field(max_length=16)  # part of every signed address of this inquiry
    hidden: bool = False
    unread: bool = False  # marketplace mail only
    last_rule: str | None = Field(default=None, max_length=200)  # the last by which a mail did without a human
    tags: list[str] = json_column(list, late="[]")
    remind_at: datetime | None = at_column(null=True, index=True)  # the sellers are reminded then, unless it is done
    snoozed_until: datetime | None = at_column(null=True, index=True)  # a seller wants it back then, in any state
    follows: int | None = Field(default=None, foreign_key="inquiry.number")  # past its address's expiry, or refused
    merged_into: int | None = Field(default=None)  # its mails are there now, and its addresses lead there
    created_at: datetime = at_column()
    received_at: datetime = at_column(index=True)  # the last mail from the customer's side
    closed_at: datetime | None = at_column(null=True)  # when it last became DONE
    erased_at: datetime | None = at_column(null=True)  # nothing but this row, without its customer, is kept


class Received(Base, table=True):
    """A mail that was answered 250: the envelope. The bytes are in `received_chunk`."""

    __tablename__ = "received"
    __table_args__ = (
        one_of("state", ReceivedState, "state"),
        legal_steps("state", "prior_state", RECEIVED, "state_step"),
        Index("ix_received_state_queue_id", "state", "queue_id"),
    )

    queue_id: str = Field(primary_key=True, max_length=18)  # ids.new_id()
    state: ReceivedState = enum_column(ReceivedState, default=ReceivedState.RECEIVED)
    prior_state: ReceivedState | None = enum_column(ReceivedState, null=True)
    mail_from: str = Field(max_length=320)  # "" for the null sender
    rcpt_to: list[str] = json_column(list)
    received_at: datetime = at_column(index=True)
    remote_address: str = Field(max_length=64)
    helo: str = Field(default="", max_length=255)
    trusted_relay: bool = False  # the client's address was in [trust].relays at that time
    smtputf8: bool = False
    tls: bool = False
    size: int = 0  # octets as stored, trace fields included
    message_id: str | None = Field(default=None, max_length=998, index=True)  # set when understood
    header_from: str | None = Field(default=None, max_length=320, index=True)
    attempts: int = 0  # times a worker began with it
    claimed_by: str | None = Field(default=None, max_length=64)
    lease_until: datetime | None = at_column(null=True)
    outcome: list[dict[str, Any]] = json_column(list)  # per recipient: what became of it and why
    error: str | None = text_column(null=True)  # why the last attempt failed; no mail content
    authentication: str = late_column("", 600)  # why its author is believed or not, once understood


class ReceivedChunk(Base, table=True):
    """The raw bytes in order, each piece compressed by itself with zlib. No foreign key: a big mail's chunks are
    stored before its row, and those whose row never came are swept by their age."""

    __tablename__ = "received_chunk"

    queue_id: str = Field(primary_key=True, max_length=18)
    seq: int = Field(primary_key=True)
    data: bytes = Field(sa_column=Column(LargeBinary(), nullable=False))


class SeenMail(Base, table=True):
    """One recipient's copy of a mail: hash of sender, Message-ID, recipient, body. RFC 1047 duplicates end here."""

    __tablename__ = "seen_mail"

    digest: str = Field(primary_key=True, max_length=64)
    queue_id: str = Field(max_length=18, index=True)
    seen_at: datetime = at_column(index=True)


class Message(Base, table=True):
    """One entry of an inquiry's thread."""

    __tablename__ = "message"
    __table_args__ = (
        one_of("direction", Direction, "direction"),
        one_of("author", Author, "author"),
        UniqueConstraint("received_id", "recipient"),  # a mail enters one thread once for each recipient
        Index("ix_message_inquiry_number_id", "inquiry_number", "id"),
        Index(
            "ix_message_unsearchable",
            "id",
            sqlite_where=text("searchable = 0"),
            postgresql_where=text("NOT searchable"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    inquiry_number: int = Field(foreign_key="inquiry.number")
    direction: Direction = enum_column(Direction)
    author: Author = enum_column(Author)
    at: datetime = at_column()
    subject: str = text_column()
    text: str = text_column()
    quoted: str = text_column()
    message_id: str | None = Field(default=None, max_length=998, index=True)
    references: list[str] = json_column(list)  # as it came: what an answer to it continues (RFC 5322 3.6.4)
    received_id: str | None = Field(default=None, foreign_key="received.queue_id", max_length=18)
    recipient: str | None = Field(default=None, max_length=320)
    outbox_id: str | None = Field(default=None, max_length=18, index=True)
    seller_id: int | None = Field(default=None)
    matched_by: str | None = Field(default=None, max_length=20)
    remark: str | None = Field(default=None, max_length=40)  # e.g. "other_address": what the seller is warned of
    status: InquiryStatus | None = enum_column(InquiryStatus, null=True)  # the state that a seller's answer set (F5)
    status_before: InquiryStatus | None = enum_column(InquiryStatus, null=True)  # what it goes back to with #取消
    remind_before: datetime | None = at_column(null=True)
    searchable: bool = late_flag(default=True, before=False)  # search.py has its entry


class Blob(Base, table=True):
    """An attachment's content, once for all that have the same."""

    __tablename__ = "blob"

    sha256: str = Field(primary_key=True, max_length=64)
    data: bytes = Field(sa_column=Column(LargeBinary(), nullable=False))


class Attachment(Base, table=True):
    __tablename__ = "attachment"

    id: int | None = Field(default=None, primary_key=True)
    message_id: int = Field(foreign_key="message.id", index=True)
    name: str = text_column()
    type: str = Field(default="application/octet-stream", max_length=255)
    size: int = 0
    sha256: str = Field(foreign_key="blob.sha256", max_length=64, index=True)
    left_out: bool = late_flag(default=False, before=False)  # of what goes to the other side: too much for one mail


class Outbox(Base, table=True):
    """A mail that we send to one recipient. The bytes are made from the row, so that they are the same each time."""

    __tablename__ = "outbox"
    __table_args__ = (
        one_of("state", OutboxState, "state"),
        legal_steps("state", "prior_state", OUTBOX, "state_step"),
        UniqueConstraint("cause", "kind", "to_address"),
        Index("ix_outbox_state_next_at", "state", "next_at"),
        Index("ix_outbox_inquiry_number", "inquiry_number"),
    )

    id: str = Field(primary_key=True, max_length=18)  # ids.new_id(); names the bounce address b<id>-<sig>
    cause: str = Field(max_length=80)  # what made it: "message:17", "draft:…"; with kind and recipient only once
    kind: str = Field(max_length=40)  # notification, answer, receipt, auto_response, confirmation …
    state: OutboxState = enum_column(OutboxState, default=OutboxState.QUEUED)
    prior_state: OutboxState | None = enum_column(OutboxState, null=True)
    once: bool = False  # never sent again when uncertain: a rule's auto-response, a refusal
    store_id: int | None = Field(default=None, foreign_key="store.id")
    inquiry_number: int | None = Field(default=None, foreign_key="inquiry.number")
    message_id: str = Field(max_length=255, unique=True)  # fixed here, the same in every attempt
    mail_from: str = Field(default="", max_length=320)  # "" is the null sender
    to_name: str = Field(default="", max_length=200)
    to_address: str = Field(max_length=320)
    from_name: str = Field(default="", max_length=200)
    from_address: str = Field(max_length=320)
    subject: str = text_column()
    in_reply_to: str | None = Field(default=None, max_length=998)
    references: list[str] = json_column(list)
    auto_submitted: str | None = Field(default=None, max_length=40)
    unsubscribe: str | None = Field(default=None, max_length=900)  # a mailto URL: the field List-Unsubscribe
    text: str = text_column()
    html: str | None = text_column(null=True)
    attachments_of: int | None = Field(default=None, foreign_key="message.id")  # send this message's attachments along
    raw_of: str | None = Field(default=None, max_length=18)  # attach this received mail as it came (読めないメール)
    originals: list[str] = json_column(list, late="[]")  # and these, which #全文 asked for
    date: datetime = at_column()  # the Date field
    attempts: int = 0
    uncertain_attempts: int = 0  # of these, how many ended in a dead process
    next_at: datetime = at_column()
    expires_at: datetime = at_column()
    claimed_by: str | None = Field(default=None, max_length=64)
    lease_until: datetime | None = at_column(null=True)
    reply: str | None = text_column(null=True)  # the remote server's last reply
    sent_at: datetime | None = at_column(null=True)
    warned_at: datetime | None = at_column(null=True)  # the seller was told that it is late


class OutboxAttempt(Base, table=True):
    """One attempt, written before the network is touched and finished after."""

    __tablename__ = "outbox_attempt"

    id: int | None = Field(default=None, primary_key=True)
    outbox_id: str = Field(foreign_key="outbox.id", index=True, max_length=18)
    started_at: datetime = at_column()
    finished_at: datetime | None = at_column(null=True)
    outcome: str | None = Field(default=None, max_length=20)  # sent, deferred, failed, uncertain
    code: int | None = None
    reply: str | None = text_column(null=True)


class Draft(Base, table=True):
    """A seller's mail that was held: `message_id` is the internal thread entry with its text and attachments."""

    __tablename__ = "draft"
    __table_args__ = (
        one_of("state", DraftState, "state"),
        legal_steps("state", "prior_state", DRAFT, "state_step"),
        Index("ix_draft_inquiry_number_state", "inquiry_number", "state"),
        Index("ix_draft_state_expires_at", "state", "expires_at"),
    )

    id: str = Field(primary_key=True, max_length=18)
    state: DraftState = enum_column(DraftState, default=DraftState.HELD)
    prior_state: DraftState | None = enum_column(DraftState, null=True)
    reason: str = Field(max_length=40)
    inquiry_number: int = Field(foreign_key="inquiry.number")
    message_id: int = Field(foreign_key="message.id")
    reading: dict[str, Any] = json_column(dict)  # commands, refused lines and button, as they were read
    nonce: str = Field(max_length=16)  # its confirmation address is bound to this draft alone
    created_at: datetime = at_column()
    expires_at: datetime = at_column(index=True)
    warned_at: datetime | None = at_column(null=True)  # its owner was told that it goes soon


class History(Base, table=True):
    """What happened to an inquiry, by whom and why."""

    __tablename__ = "history"
    __table_args__ = (Index("ix_history_inquiry_number_id", "inquiry_number", "id"),)

    id: int | None = Field(default=None, primary_key=True)
    inquiry_number: int = Field(foreign_key="inquiry.number")
    at: datetime = at_column()
    event: str = Field(max_length=40)
    by: str = Field(default="gateway", max_length=320)
    rule: str | None = Field(default=None, max_length=200)
    why: str = text_column()


class KeyFingerprint(Base, table=True):
    """The reply-address keys this database was used with: a missing or foreign key is noticed at start."""

    __tablename__ = "key_fingerprint"

    key_id: str = Field(primary_key=True, max_length=40)
    fingerprint: str = Field(max_length=64)
    first_seen_at: datetime = at_column()
    revoked_at: datetime | None = at_column(null=True)
