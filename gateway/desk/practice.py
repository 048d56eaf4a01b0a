"""The practice inquiry: a pretend customer's question with which a new seller tries the desk. Pure.

It is no row anywhere and has no customer, so that nothing of it can leave, be listed, counted or judged by rules. What
the seller writes to it is read as anything a seller writes, and only told back.
"""

from datetime import datetime

from gateway.desk.drafts import as_written
from gateway.desk.effects import Decision, Help, Practised
from gateway.desk.hold_letters import action, found_kinds
from gateway.desk.intent import Refusal, character_count
from gateway.desk.letters import File, Letter, auto_response, notification
from gateway.desk.page import Page
from gateway.desk.personal_data_guard import found_in
from gateway.desk.reading import intent_of
from gateway.desk.return_letters import refused
from gateway.desk.seller import is_machine, written_by
from gateway.desk.situation import Candidate, Incoming, Situation
from gateway.mail.addresses import PracticeAddress
from gateway.mail.reply import divide_seller
from gateway.store.states import Author, Direction, Origin
from gateway.store.tables import Customer, Inquiry, Message, Product, Seller, Store
from gateway.texts import Texts

NUMBER = 0  # shown as Q-0; real ones begin with 1
PRODUCT = "0000000"


def candidate(seller: Seller, now: datetime) -> Candidate:
    """The inquiry of a question from a product's page, which offers everything."""
    texts = Texts(seller.language)
    customer = Customer(
        id=0,
        store_id=seller.store_id,
        address="practice",  # stands for one that could be written to
        address_key="practice",
        name=texts("practice.customer"),
        language=seller.language,
        created_at=now,
    )
    inquiry = Inquiry(
        number=NUMBER,
        store_id=seller.store_id,
        customer_id=0,
        origin=Origin.PRODUCT_PAGE,
        title=texts("practice.title"),
        product_code=PRODUCT,
        nonce="",
        created_at=now,
        received_at=now,
    )
    return Candidate(inquiry, customer)


def product(seller: Seller) -> Product:
    """What it is about."""
    return Product(code=PRODUCT, name=Texts(seller.language)("practice.product"))


def welcome(seller: Seller, store: Store, now: datetime, buttons: dict[str, str]) -> Letter:
    """To a new seller: where they are, and the question, which looks as every notification does."""
    texts, asked = Texts(seller.language), candidate(seller, now)
    file = File(asked.inquiry, asked.customer, store, product(seller), None, (), buttons)
    question = Message(
        inquiry_number=NUMBER,
        direction=Direction.IN,
        author=Author.CUSTOMER,
        at=now,
        text=texts("practice.question"),
    )
    salutation = texts("practice.salutation", name=seller.name) + "\n\n" if seller.name else ""
    told = salutation + texts("practice.welcome", store=store.title)
    return notification(file, question, (), texts, reminder=told, notes=[("practice.below", {})])


def writes(incoming: Incoming, situation: Situation, address: PracticeAddress) -> Decision:
    """A mail to t<seller>-…@: whatever it asks for, its seller is told what it would have done."""
    if is_machine(incoming) or incoming.mail.auto_submitted:
        return Decision((), "recorded", "practice: a machine wrote")
    (seller,) = situation.sellers
    action = None if address.purpose == "s" else address.purpose
    known = (*incoming.sent, *incoming.button_texts)
    reply = divide_seller(incoming.mail.text, known, [incoming.author])
    outcome = intent_of(reply, situation, action=action, has_attachments=bool(incoming.mail.attachments))
    if not isinstance(outcome, Refusal) and outcome.act == "help":
        return Decision((Help(seller.address),), "command", "practice: help")
    if not isinstance(outcome, Refusal) and outcome.act == "send":
        outcome = Refusal("no_draft")
    if written_by(incoming, situation) is None:
        trust = "unregistered"
    else:
        trust = "trusted" if incoming.mail.authenticated else "unauthenticated"
    text = as_written(reply) if isinstance(outcome, Refusal) else outcome.text
    found = found_in(outcome, situation)
    practised = Practised(incoming.author, trust, outcome, found.text if found else text, found.kinds if found else ())
    why = outcome.reason if isinstance(outcome, Refusal) else outcome.act
    return Decision((practised,), "command", f"practice: {why}, {trust}")


def practised(done: Practised, seller: Seller, store: Store) -> Letter:
    """To the seller who tried: what would have happened, and whether mail from this address is believed."""
    texts, outcome = Texts(seller.language), done.outcome
    page = Page(texts.language).words(texts("practice.received"))
    text = done.text
    if isinstance(outcome, Refusal):
        page.words(texts("practice.returned")).words(refused(outcome.reason, dict(outcome.detail), texts))
        page.rule(texts("returned.draft"))
    else:
        if done.found:
            page.words(texts("practice.held")).words(found_kinds(done.found, texts))
        page.words(action(outcome.act, outcome.status, texts))
        text = auto_response(store, texts) if outcome.act == "auto" else text
        count = character_count(outcome.text or text)
        page.rule(texts("receipt.characters", count=count, limit=store.max_chars))
        if outcome.title and not done.found:
            page.muted(texts("practice.titled", title=outcome.title))
    if text.strip():
        page.words(text)
    page.rule(texts("practice.trust"))
    page.words(texts(f"practice.{done.trust}", address=seller.address, author=done.author or "?"))
    page.muted(texts("practice.again"))
    kind = "returned" if isinstance(outcome, Refusal) else "done"
    return Letter(texts(f"practice.subject_{kind}"), page.text, page.html)
