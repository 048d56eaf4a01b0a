"""Gathers what the desk knows about one recipient's copy of a mail, inside the transaction that will act on it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.desk import came_back, practice
from gateway.desk.doubt import ASKED_WITHIN
from gateway.desk.facts import facts_in
from gateway.desk.goods import find_order, find_product
from gateway.desk.load_addressed import is_for_another_inquiry
from gateway.desk.load_desk import for_desk
from gateway.desk.matching import FACTS_WINDOW
from gateway.desk.seen import told_to
from gateway.desk.sent_texts import both_parts
from gateway.desk.situation import Candidate, Incoming, Situation
from gateway.desk.wording import button_bodies
from gateway.mail.addresses import DeskAddress, InquiryAddress, PracticeAddress, StoreAddress
from gateway.mail.keyring import Keyring
from gateway.mail.values import AttachedFile
from gateway.store import (
    answers,
    drafts,
    inquiries,
    messages,
    outbox,
    publications,
    restrictions,
    rule_decisions,
    silenced,
    staff,
    templates,
)
from gateway.store.answers import Answer
from gateway.store.public_tables import Publication, Restriction
from gateway.store.rule_tables import RuleDecision
from gateway.store.states import Origin
from gateway.store.tables import Customer, Draft, Inquiry, Message, Seller, Staff, Store
from gateway.texts import Texts, languages

KNOWN_TEXTS = 6  # our newest mails to that side of the thread
REFERENCES_READ = 40  # newest Message-IDs of a References field that are looked up
SIBLINGS_READ = 500  # inquiries of one customer that another may be merged into
THREAD_READ = 50  # entries of the thread that a decision may look at
TO_SELLER = (
    *("notification", "copy", "rule_notice", "reminder", "thread"),
    *("confirmation", "question", "returned", "receipt", "holding", "taken_back"),
)
TO_CUSTOMER = ("answer", "auto_response", "hide_notice", "refusal")
WELCOME = "welcome"


async def load(
    session: AsyncSession, keyring: Keyring, incoming: Incoming, now: datetime
) -> tuple[Incoming, Situation]:
    """The mail, completed with the texts of ours that it may answer, and the situation it meets."""
    situation = Situation(now=now)
    if incoming.mail.message_id:
        situation = replace(situation, own_mail=await messages.is_ours(session, incoming.mail.message_id))
    situation = replace(situation, bounced=await came_back.mail_of_ours(session, incoming))
    match incoming.address:
        case StoreAddress():
            return await _for_store(session, incoming, situation, incoming.address)
        case InquiryAddress():
            return await _for_inquiry(session, keyring, incoming, situation, incoming.address)
        case DeskAddress():
            return await for_desk(session, incoming, situation, partial(_for_inquiry, session, keyring))
        case PracticeAddress():
            return await _for_practice(session, incoming, situation, incoming.address.seller)
        case _:
            return incoming, situation


async def _for_store(
    session: AsyncSession, incoming: Incoming, situation: Situation, address: StoreAddress
) -> tuple[Incoming, Situation]:
    store = await store_named(session, address.store)
    if store is None:
        return incoming, situation
    store_id = _id(store.id)
    answered, ours = await _answered(session, store_id, incoming)
    recent: list[Inquiry] = []
    if incoming.author and incoming.mail.authenticated:  # nobody else is joined by facts
        recent = await inquiries.recent_of(session, store_id, incoming.author_key, situation.now - FACTS_WINDOW)
    written = facts_in(incoming.mail.text)
    order = await find_order(session, store_id, address.order_number or written.order_number)
    product = await find_product(session, store_id, address.product_code or written.product_code)
    restricted: Mapping[str, Restriction] = {}
    if incoming.author and (address.product_code or answered is not None):
        restricted = await restrictions.of_person(session, store_id, incoming.author_key)
    if answered is not None:
        incoming = await _with_texts(session, incoming, _id(answered.inquiry.number), TO_CUSTOMER)
    return incoming, replace(
        situation,
        store=store,
        sellers=await sellers_of(session, store_id),
        answered=answered,
        answered_ours=ours,
        recent=tuple(recent),
        staff=await staff_who_wrote(session, incoming),
        order=order,
        product=product,
        restrictions=restricted,
        silenced=await _is_silenced(session, store_id, incoming),
    )


async def _for_inquiry(
    session: AsyncSession, keyring: Keyring, incoming: Incoming, situation: Situation, address: InquiryAddress
) -> tuple[Incoming, Situation]:
    row = await inquiries.with_customer(session, address.number)
    if row is None:
        return incoming, situation
    nonce = row[0].nonce
    if row[0].merged_into is not None:
        row = await inquiries.with_customer(session, row[0].merged_into) or row
    inquiry, customer = row
    number = _id(inquiry.number)
    from_seller = address.purpose != "c"
    sellers = await sellers_of(session, inquiry.store_id)
    author = next((one for one in sellers if incoming.wrote(one.address)), None) if from_seller else None
    draft = await _draft(session, keyring, address, nonce, number, author) if from_seller else None
    files: tuple[AttachedFile, ...] = ()
    held: Message | None = None
    if draft is not None:
        held = await session.get(Message, draft.message_id)
        files = tuple(AttachedFile(*file) for file in await messages.files_of(session, draft.message_id))
    kinds = TO_SELLER if from_seller else TO_CUSTOMER
    incoming = await _with_texts(session, incoming, number, kinds)
    restricted, question = await _publicity(session, inquiry, customer)
    recent: list[Inquiry] = []
    if restricted and not from_seller:
        since = situation.now - FACTS_WINDOW
        recent = await inquiries.recent_of(session, inquiry.store_id, incoming.author_key, since)
    return replace(incoming, button_texts=_buttons(address.number)), replace(
        situation,
        store=await session.get(Store, inquiry.store_id),
        sellers=sellers,
        staff=None if from_seller else await staff_who_wrote(session, incoming),
        named=Candidate(inquiry, customer),
        question=question,
        restrictions=restricted,
        recent=tuple(recent),
        order=await find_order(session, inquiry.store_id, inquiry.order_number) if from_seller else None,
        product=await find_product(session, inquiry.store_id, inquiry.product_code) if from_seller else None,
        templates=await templates.of_store(session, inquiry.store_id) if from_seller else (),
        siblings=await inquiries.of_customer(session, _id(customer.id), SIBLINGS_READ) if from_seller else {},
        silenced=not from_seller and await _is_silenced(session, _id(inquiry.store_id), incoming),
        thread=tuple(await messages.thread(session, number, THREAD_READ)),
        undoable=await _undoable(session, incoming, number, address.entry) if from_seller else None,
        told=await told_to(session, number, author, _named(incoming)) if author else None,
        elsewhere=bool(author) and await is_for_another_inquiry(session, keyring, incoming.mail, address.number),
        asked=await drafts.doubted(session, number, situation.now - ASKED_WITHIN) if from_seller else {},
        answer=await _answer(session, address, number, author, draft) if from_seller else None,
        draft=draft,
        draft_message=held,
        draft_files=files,
        draft_undoable=await _decision(session, number, draft.reading.get("entry")) if draft else None,
    )


async def _publicity(
    session: AsyncSession, inquiry: Inquiry, customer: Customer
) -> tuple[Mapping[str, Restriction], Publication | None]:
    """What holds of a product-page inquiry: nothing else is restricted or public."""
    if inquiry.origin is not Origin.PRODUCT_PAGE or not inquiry.product_code:
        return {}, None
    restricted = await restrictions.of_person(session, inquiry.store_id, customer.address_key)
    return restricted, await publications.of_question(session, inquiry.number or 0)


async def _for_practice(
    session: AsyncSession, incoming: Incoming, situation: Situation, seller_id: int
) -> tuple[Incoming, Situation]:
    seller = await session.get(Seller, seller_id)
    if seller is None:
        return incoming, situation
    welcome = await outbox.posted(session, WELCOME, WELCOME, [seller.address])
    sent = both_parts([(welcome.text, welcome.html)]) if welcome else ()
    return replace(incoming, sent=sent, button_texts=_buttons(practice.NUMBER)), replace(
        situation,
        store=await session.get(Store, seller.store_id),
        sellers=(seller,),
        named=practice.candidate(seller, situation.now),
        product=practice.product(seller),
        templates=await templates.of_store(session, seller.store_id),
    )


async def _undoable(session: AsyncSession, incoming: Incoming, number: int, entry: int | None) -> RuleDecision | None:
    """What #要対応 means: the entry that the button names, else what the mail that is answered told of."""
    named = _named(incoming)
    told = await rule_decisions.told_by(session, number, named) if named and not entry else None
    return told or await _decision(session, number, entry)


def _named(incoming: Incoming) -> list[str]:
    """The mails that this one names in its header, the one that it answers first."""
    mail = incoming.mail
    return list(dict.fromkeys([*mail.in_reply_to, *reversed(mail.references[-REFERENCES_READ:])]))


async def _decision(session: AsyncSession, number: int, entry: int | None) -> RuleDecision | None:
    if entry is None:
        return await rule_decisions.newest_undoable(session, number)
    return await rule_decisions.undoable(session, number, entry)


async def _is_silenced(session: AsyncSession, store_id: int, incoming: Incoming) -> bool:
    return bool(incoming.author) and await silenced.find(session, store_id, incoming.author_key) is not None


async def staff_who_wrote(session: AsyncSession, incoming: Incoming) -> Staff | None:
    """The author, when registered as the marketplace's staff."""
    return await staff.find(session, incoming.author) if incoming.author else None


async def _draft(
    session: AsyncSession, keyring: Keyring, address: InquiryAddress, nonce: str, number: int, author: Seller | None
) -> Draft | None:
    """The draft that a confirmation address names; for #送信 and #取消 in a reply the newest held one of the author."""
    if address.purpose == "send":
        candidates = await drafts.of_inquiry(session, address.number)
        return next((d for d in candidates if keyring.verifies_draft(address, nonce, d.nonce)), None)
    if address.action == "cancel" and address.entry:
        return None  # it names an answer
    return await drafts.newest_held(session, number, author.id) if author else None


async def _answer(
    session: AsyncSession, address: InquiryAddress, number: int, author: Seller | None, draft: Draft | None
) -> Answer | None:
    """What #取消 means: the answer that the button names, or that a held #取消 meant, else the author's newest."""
    entry = address.entry if address.action == "cancel" else None
    if address.purpose == "send":
        entry = draft.reading.get("answer") if draft else None
    if entry:
        return await answers.of_entry(session, number, entry)
    return await answers.newest_by(session, number, author.id) if author else None


async def _answered(session: AsyncSession, store_id: int, incoming: Incoming) -> tuple[Candidate | None, bool]:
    """The inquiry of the newest mail that this one refers to, in this store, and whether that mail was ours."""
    mail = incoming.mail
    named = list(dict.fromkeys([*reversed(mail.references[-REFERENCES_READ:]), *mail.in_reply_to]))
    if not named:
        return None, False
    ours = await messages.inquiry_of_ours(session, named)
    theirs = await messages.inquiry_of_customers(session, store_id, named)
    for message_id in named:
        number = ours.get(message_id) or theirs.get(message_id)
        row = await inquiries.with_customer(session, number) if number else None
        if row is not None and row[0].store_id == store_id:
            return Candidate(*row), message_id in ours
    return None, False


async def _with_texts(session: AsyncSession, incoming: Incoming, number: int, kinds: tuple[str, ...]) -> Incoming:
    """Adds what we sent to that side."""
    return replace(incoming, sent=await known_texts(session, number, kinds))


async def known_texts(
    session: AsyncSession, number: int, kinds: tuple[str, ...], before: datetime | None = None
) -> tuple[str, ...]:
    """What a mail about the inquiry may quote of ours, newest first, as text and as a client shows the HTML."""
    return both_parts(await messages.sent_texts(session, number, kinds, KNOWN_TEXTS, before))


def _buttons(number: int) -> tuple[str, ...]:
    return tuple(body for language in languages() for body in button_bodies(Texts(language), number))


async def store_named(session: AsyncSession, name: str) -> Store | None:
    """The store; asked once in a transaction."""
    known: dict[str, Store | None] = session.info.setdefault("stores", {})
    if name not in known:
        known[name] = (await session.exec(select(Store).where(Store.name == name))).first()
    return known[name]


async def sellers_of(session: AsyncSession, store_id: int) -> tuple[Seller, ...]:
    """A store's sellers, in the order of their registration; asked once in a transaction."""
    known: dict[int, tuple[Seller, ...]] = session.info.setdefault("sellers", {})
    if store_id not in known:
        query = select(Seller).where(Seller.store_id == store_id).order_by(col(Seller.id))
        known[store_id] = tuple((await session.exec(query)).all())
    return known[store_id]


def _id(value: int | None) -> int:
    if value is None:
        raise AssertionError("a stored row has its key")
    return value
