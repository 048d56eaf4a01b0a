"""What a rule may ask about: the one list of facts from which the checker, the JSON Schema and docs/rules.md are made.

Facts about the inquiry are those before this mail. The defaults are those of a stranger's first mail.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from gateway.rules.reading import Evidence, Reading, Unread

STATUSES = ("unanswered", "in_progress", "done")
ORIGINS = ("product_page", "my_page", "direct", "marketplace")
LANGUAGES = ("ja", "en", "ko", "zh")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True)
class MessageFacts:
    """The mail. `header` has its fields by their names in lower case, decoded, several of one name one a line."""

    text: str = ""
    subject: str = ""
    language: str = ""
    attachments: int = 0
    header: Mapping[str, str] = field(default_factory=dict)
    received: timedelta | None = None
    reading: Reading = field(default_factory=Unread)

    def only(self, classes: Collection[str]) -> Evidence | None:
        """What is attached says something too, and nobody but a human can tell what."""
        return None if self.attachments else self.reading.only(classes)

    def says(self, classes: Collection[str]) -> Evidence | None:
        return self.reading.says(classes)

    @property
    def asks(self) -> Evidence | None:
        return self.reading.asks

    @property
    def length(self) -> int:
        return len(self.text)


@dataclass(frozen=True)
class InquiryFacts:
    status: str = "new"
    answered: bool = False
    asked: bool = False
    origin: str = "direct"
    category: str = "その他"
    kind: str = "一般"
    product_code: str | None = None
    order_number: str | None = None
    age: timedelta | None = None
    since_reply: timedelta | None = None
    auto_responses: int = 0
    duplicate_of_handled: bool | tuple[str, ...] = False  # the inquiry that it repeats, where that is known

    @property
    def is_new(self) -> bool:
        return self.status == "new"


@dataclass(frozen=True)
class CustomerFacts:
    domain: str = ""
    country: str | None = None
    first_time: bool = True
    open_inquiries: int = 0


@dataclass(frozen=True)
class StoreFacts:
    name: str = ""
    open: bool = True


@dataclass(frozen=True)
class TimeFacts:
    hour: int = 12
    weekday: str = "mon"
    holiday: bool = False


@dataclass(frozen=True)
class Facts:
    """All that rules may look at when one mail is decided."""

    message: MessageFacts = MessageFacts()
    inquiry: InquiryFacts = InquiryFacts()
    customer: CustomerFacts = CustomerFacts()
    store: StoreFacts = StoreFacts()
    time: TimeFacts = TimeFacts()


class Kind(StrEnum):
    """What a fact is, and so which tests it can have."""

    TEXT = "text"
    CHOICE = "choice"
    NUMBER = "number"
    YES_NO = "yes or no"
    DURATION = "time"
    CLASSES = "phrase classes"


@dataclass(frozen=True)
class Fact:
    """`example` is a test as YAML writes it; `choices` are all values of a CHOICE."""

    name: str
    kind: Kind
    doc: str
    example: str
    choices: tuple[str, ...] = ()
    largest: int | None = None


HEADER = "message.header."
FACTS = (
    Fact(
        "message.text", Kind.TEXT, "What the customer newly wrote, without quotation and signature", "{contains: 送料}"
    ),
    Fact("message.subject", Kind.TEXT, "The subject", "{matches: '^(Re: )*領収書'}"),
    Fact("message.language", Kind.CHOICE, "The language of the new text", "[ja, en]", LANGUAGES),
    Fact(
        "message.only",
        Kind.CLASSES,
        "Every sentence of the new text belongs to these phrase classes, and nothing is attached",
        "[thanks, acknowledged, received]",
    ),
    Fact("message.says", Kind.CLASSES, "The new text says something of these phrase classes", "withdrawn"),
    Fact("message.asks", Kind.YES_NO, "The new text asks or requests something", "false"),
    Fact("message.length", Kind.NUMBER, "Characters of the new text", "{max: 200}"),
    Fact("message.attachments", Kind.NUMBER, "How many files are attached", "0"),
    Fact(f"{HEADER}NAME", Kind.TEXT, "The header field of that name; empty where there is none", "{contains: Bulk}"),
    Fact("message.received", Kind.DURATION, "How long ago the mail came in", "{within: 1h}"),
    Fact(
        "inquiry.status",
        Kind.CHOICE,
        "The state before this mail: 未回答, 処理中, 処理完了, or new for a first mail",
        "[new, done]",
        ("new", *STATUSES),
    ),
    Fact("inquiry.is_new", Kind.YES_NO, "This mail opened the inquiry", "true"),
    Fact("inquiry.answered", Kind.YES_NO, "The shop has answered the inquiry before", "false"),
    Fact(
        "inquiry.asked",
        Kind.YES_NO,
        "The shop's last answer asks or requests something of the customer; of a first mail, in an earlier inquiry",
        "false",
    ),
    Fact("inquiry.origin", Kind.CHOICE, "受付元: how the inquiry came in", "product_page", ORIGINS),
    Fact("inquiry.category", Kind.TEXT, "カテゴリ before this mail", "送料"),
    Fact("inquiry.kind", Kind.TEXT, "タイプ before this mail", "一般"),
    Fact("inquiry.product_code", Kind.TEXT, "商品コード", "598405570"),
    Fact("inquiry.order_number", Kind.TEXT, "注文番号", "{matches: '^99'}"),
    Fact("inquiry.age", Kind.DURATION, "Time since the inquiry was opened; none for a first mail", "{max: 30d}"),
    Fact(
        "inquiry.since_reply", Kind.DURATION, "Time since the shop's last answer; none before the first", "{within: 7d}"
    ),
    Fact("inquiry.auto_responses", Kind.NUMBER, "Automatic answers sent in this inquiry", "0"),
    Fact("inquiry.duplicate_of_handled", Kind.YES_NO, "It repeats an inquiry that was handled before", "true"),
    Fact(
        "customer.domain",
        Kind.TEXT,
        "What stands behind the @ of the customer's address, in ASCII (xn--…)",
        "[docomo.ne.jp, au.com]",
    ),
    Fact("customer.country", Kind.TEXT, "国名: the country code of the order", "JP"),
    Fact("customer.first_time", Kind.YES_NO, "The customer never wrote to this store before", "true"),
    Fact("customer.open_inquiries", Kind.NUMBER, "The customer's other inquiries that are not done", "{min: 1}"),
    Fact("store.name", Kind.TEXT, "The store's name", "[testshop, sisters]"),
    Fact("store.open", Kind.YES_NO, "The mail came in the store's business hours", "false"),
    Fact("time.hour", Kind.NUMBER, "The hour in the store's time zone, 0 to 23", "{min: 9, max: 17}", largest=23),
    Fact("time.weekday", Kind.CHOICE, "The day of the week in the store's time zone", "[sat, sun]", WEEKDAYS),
    Fact("time.holiday", Kind.YES_NO, "A Japanese public holiday, or a day that the store is closed", "true"),
)
_BY_NAME = {fact.name: fact for fact in FACTS}


def fact_named(name: str) -> Fact | None:
    """The fact of that name; `message.header.NAME` with any NAME."""
    return _BY_NAME[f"{HEADER}NAME"] if name.startswith(HEADER) and len(name) > len(HEADER) else _BY_NAME.get(name)
