"""The words of every mail that we write about an inquiry: what stands in it, in which order. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from gateway.desk.effects import Receipt
from gateway.desk.intent import character_count
from gateway.desk.page import Button, Page
from gateway.desk.privacy import UNVERIFIED_STAFF, as_read, shown_name, without_signed_addresses
from gateway.desk.wording import label_name, to_staff
from gateway.mail.dangerous import SUFFIX, is_renamed
from gateway.mail.values import Command
from gateway.store.states import Author, Direction, InquiryStatus, Origin
from gateway.store.tables import Customer, Inquiry, Message, Order, Product, Store
from gateway.texts import Texts

Note = tuple[str, Mapping[str, str]]  # a text of the catalogue and its fields
Results = dict[str, Mapping[str, object]]  # by a command's name the fields of what is told of it
HISTORY_ENTRIES = 5  # earlier entries in a notification
HISTORY_LINES = 12  # lines of each
SENDS = ("answer", "auto", "hide", "returned")  # acts by which something may go to the customer
WARNED_REMARKS = (
    *("other_address", "automatic", "no_address", "several_authors"),
    *("shortened", "unreadable", UNVERIFIED_STAFF),
)


@dataclass(frozen=True)
class File:
    """The inquiry as a letter about it needs to see it. `button` gives the address of a button's purpose."""

    inquiry: Inquiry
    customer: Customer
    store: Store
    product: Product | None
    order: Order | None
    thread: Sequence[Message]  # oldest first, without the entry that the letter is about
    buttons: dict[str, str]
    unverified: bool = False  # who wrote poses as the marketplace's staff

    @property
    def title(self) -> str:
        return self.inquiry.title or Texts(self.store.language)("name.no_title")

    def worded(self, texts: Texts) -> Texts:
        return to_staff(texts) if self.inquiry.origin is Origin.MARKETPLACE else texts

    def customer_name(self, texts: Texts) -> str:
        """The customer's name as a seller sees it: an address, or our own store's name, is replaced (A21)."""
        if self.unverified:
            return texts("name.unverified")
        name = shown_name(self.customer.name, (self.store.title,))
        kind = "staff" if self.inquiry.origin is Origin.MARKETPLACE else "customer"
        return texts(f"name.{kind}_from", name=name) if name else texts(f"name.{kind}_unknown")


@dataclass(frozen=True)
class Letter:
    subject: str
    text: str
    html: str | None


def notification(
    file: File,
    entry: Message,
    files: Sequence[str],
    texts: Texts,
    *,
    notes: Sequence[Note] = (),
    reminder: str = "",
    informed: bool = False,
    original: bool = False,
) -> Letter:
    """To a seller: the customer's new text, the facts, the buttons, the thread so far (F4). `notes` are what rules did;
    `reminder` is what is said first when the text was told before. Who is only `informed` can do nothing with it. The
    `original` goes along where it is not shown whole."""
    texts = file.worded(texts)
    page = Page(texts.language)
    if reminder:
        page.words(reminder)
    if informed:
        page.muted(texts("notification.informed", store=file.store.title))
    for key, fields in notes:
        page.muted(texts(key, **fields))
    if entry.remark in WARNED_REMARKS:
        page.muted(texts(f"remark.{entry.remark}"))
    page.words(as_read(entry).strip() or texts("notification.attached" if original else "notification.empty"))
    if not informed:
        page.rule(texts("marker.line"))
    page.facts(facts(file, entry, files, texts))
    if not informed:
        _how(page, file, texts)
    _history(page, file, texts)
    return Letter(subject(file, "notification.subject", texts), page.text, page.html)


def _how(page: Page, file: File, texts: Texts) -> None:
    """What a seller can do with it."""
    if file.inquiry.origin is Origin.PRODUCT_PAGE:
        page.muted(texts("notification.public_warning"))
    page.muted(texts("notification.how"))
    hides = file.inquiry.origin is Origin.PRODUCT_PAGE and not file.inquiry.hidden
    names = ("progress", "done", "auto", *(("hide",) if hides else ()))
    page.buttons([button(file, name, texts) for name in names], *hints(texts, with_words=hides))


def copy(file: File, entry: Message, seller: str, status: InquiryStatus, texts: Texts) -> Letter:
    """To the other sellers: what a colleague answered."""
    texts = file.worded(texts)
    page = Page(texts.language)
    who = colleague(seller, texts)
    key = "notification.copy_hidden" if entry.remark == "hide_notice" else "notification.copy"
    page.muted(texts(key, seller=who, number=file.inquiry.number, status=texts(f"status.{status}")))
    page.words(entry.text)
    page.rule(texts("marker.line"))
    _history(page, file, texts)
    return Letter(subject(file, "notification.subject", texts), page.text, page.html)


def colleague(name: str, texts: Texts) -> str:
    """Another seller of the store, by the name that is registered; never by an address."""
    return shown_name(name) or texts("notification.colleague")


def answer(file: File, text: str, asked: Message | None, texts: Texts, files: Sequence[str] = ()) -> Letter:
    """To the customer: the seller's words, and only the customer's own text quoted."""
    page = Page(texts.language).words(text)
    tell_renamed(page, files, "answer.renamed", texts)
    if asked is not None and asked.text.strip():
        date = when(asked.at, file.store, texts, "answer.date_format")
        attribution = texts("answer.quote", date=date)
        page.quotation(attribution, without_signed_addresses(asked.text))
    return Letter("", page.text, page.html)


def tell_renamed(page: Page, files: Sequence[str], key: str, texts: Texts) -> None:
    """That some of the files go under a name that lets nothing run them."""
    if renamed := ", ".join(name for name in files if is_renamed(name)):
        page.muted(texts(key, names=renamed, suffix=SUFFIX))


def auto_response(store: Store, texts: Texts) -> str:
    return store.auto_response or texts("answer.auto_response")


def receipt(
    file: File,
    done: Receipt,
    sent: str | None,
    status: InquiryStatus,
    files: Sequence[str],
    texts: Texts,
    results: Results | None = None,
) -> Letter:
    """To the seller: exactly what was sent, and what each command came to (F9). `sent` is None when nothing was."""
    texts = file.worded(texts)
    page, number = Page(texts.language), file.inquiry.number
    state = texts(f"status.{status}")
    page.words(texts("receipt.unsent" if sent is None else "receipt.sent", number=number, status=state))
    what_was_done(page, file, done, sent, files, texts, results or {})
    if any(command.name == "spam" for command in done.commands):
        page.buttons([button(file, "reopen", texts)], *hints(texts))
    key = "receipt.subject_state" if sent is None else "receipt.subject"
    return Letter(subject(file, key, texts), page.text, page.html)


def what_was_done(
    page: Page, file: File, done: Receipt, sent: str | None, files: Sequence[str], texts: Texts, results: Results
) -> None:
    """Each command with what it came to, and the customer's text as it is."""
    if done.commands:
        told = [
            texts("receipt.command", line=c.line, result=result_of(c, file.store, results, texts))
            for c in done.commands
        ]
        page.words("\n".join([texts("receipt.commands"), *told]))
    if sent is not None:
        page.rule(texts("receipt.characters", count=character_count(sent), limit=file.store.max_chars)).words(sent)
    if files:
        page.muted(texts("receipt.attachments", names=", ".join(files)))
        tell_renamed(page, files, "receipt.renamed", texts)
    if done.ignored:
        page.muted(texts("receipt.ignored")).words(done.ignored)
    if done.overtaken:
        page.muted(texts(f"receipt.since_{done.overtaken}"))


def failure(
    file: File, key: str, sent: str, reply: str | None, texts: Texts, *, hours: int = 0, dead: bool = False
) -> Letter:
    """To the sellers: an answer did not reach the customer; `key` is text, text_kept, uncertain or late. `dead`:
    nothing else would."""
    texts = file.worded(texts)
    page = Page(texts.language).words(texts(f"failure.{key}", hours=hours))
    if dead:
        page.words(texts("failure.dead"))
    if reply:
        page.muted(texts("failure.reply", reply=reply))
    page.rule(texts("returned.draft")).words(sent)
    head = "failure.late_subject" if key == "late" else "failure.subject"
    return Letter(subject(file, head, texts), page.text, page.html)


def plain(subject: str, text: str, language: str) -> Letter:
    page = Page(language).words(text)
    return Letter(subject, page.text, page.html)


def subject(file: File, key: str, texts: Texts) -> str:
    return texts(key, title=file.title, number=file.inquiry.number)


def result_of(command: Command, store: Store, results: Results, texts: Texts) -> str:
    """What a command came to, in words."""
    result = results.get(command.name, {})
    key = f"receipt.result.{result.get('key', command.name)}"
    fields = {
        name: when(value, store, texts) if isinstance(value, datetime) else value
        for name, value in result.items()
        if name != "key"
    }
    return texts(key, **{"argument": command.argument, **fields}) if texts.has(key) else texts("receipt.result.same")


def hints(texts: Texts, *, with_words: bool = False) -> tuple[str, str]:
    """How to press a button where it is one, and where only its address is shown; `with_words`: #非表示 is among them,
    which an empty mail is not enough for."""
    but = "_but_hide" if with_words else ""
    return texts(f"button.hint{but}"), texts(f"button.by_hand{but}")


def button(file: File, name: str, texts: Texts) -> Button:
    return button_at(file, name, file.buttons[name], texts)


def button_at(file: File, name: str, address: str, texts: Texts) -> Button:
    texts, number = file.worded(texts), file.inquiry.number
    return Button(
        texts(f"button.{name}"),
        address,
        texts(f"button.subject.{name}", number=number),
        texts(f"button.body.{name}", number=number),
    )


def when(at: datetime, store: Store, texts: Texts, form: str = "label.date_format") -> str:
    """The store's local time, as the reader's language writes it."""
    return at.astimezone(ZoneInfo(store.timezone)).strftime(texts(form))


def facts(file: File, entry: Message, files: Sequence[str], texts: Texts) -> list[tuple[str, str]]:
    """What is known of an inquiry and of one of its mails, labelled."""
    inquiry, product, order = file.inquiry, file.product, file.order
    follows = f"Q-{inquiry.follows}" if inquiry.follows else ""
    return [
        (texts("label.status"), texts(f"status.{inquiry.status}")),
        (texts("label.kind"), label_name(inquiry.kind, texts)),
        (texts("label.category"), label_name(inquiry.category, texts)),
        (texts("label.tags"), " / ".join(inquiry.tags)),
        (texts("label.origin"), texts(f"origin.{inquiry.origin}")),
        (texts("label.received"), when(entry.at, file.store, texts)),
        (texts("label.hidden"), texts("label.hidden_yes") if inquiry.hidden else ""),
        (texts("label.product"), product.name if product else ""),
        (texts("label.product_code"), inquiry.product_code or ""),
        (texts("label.product_category"), product.category if product else ""),
        (texts("label.product_page"), product.page if product else ""),
        (texts("label.order_number"), inquiry.order_number or ""),
        (texts("label.cart_number"), order.cart_number if order else ""),
        (texts("label.ordered_at"), when(order.ordered_at, file.store, texts) if order and order.ordered_at else ""),
        (texts("label.country"), inquiry.country or ""),
        (texts("label.follows"), follows),
        (texts("label.attachments"), ", ".join(files)),
    ]


def _history(page: Page, file: File, texts: Texts) -> None:
    earlier = [m for m in file.thread if m.direction is not Direction.INTERNAL and m.remark != "machine"]
    if not earlier:
        return
    page.rule(texts("notification.history"))
    for message in reversed(earlier[-HISTORY_ENTRIES:]):
        lines = as_read(message).strip().split("\n")
        shown = lines[:HISTORY_LINES] + ([texts("notification.shortened")] if len(lines) > HISTORY_LINES else [])
        page.quotation(f"{when(message.at, file.store, texts)} {writer(message, file, texts)}", "\n".join(shown))


def writer(message: Message, file: File, texts: Texts) -> str:
    """Who wrote an entry, as a seller sees it."""
    if message.remark == UNVERIFIED_STAFF:
        return texts("name.unverified")
    if message.direction is Direction.IN:
        return file.customer_name(texts)
    key = "from_rule" if message.author is Author.RULE else "from_store"
    return texts(f"notification.{key}", store=file.store.title)
