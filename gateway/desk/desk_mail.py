"""What a mail to desk@ does: a list, a search, settings, the answer to a list, a mail to the marketplace's staff. Pure.

It acts only for an authenticated registered seller and answers only to the registered address (mail-interface.md).
"""

from dataclasses import replace

from gateway.desk.addressed import is_written_to_us
from gateway.desk.business_hours import local_day
from gateway.desk.desk_mail_effects import (
    AskAgain,
    AskStore,
    KeepTemplates,
    NotDone,
    SetDigest,
    ShowList,
    ShowSettings,
    TurnTo,
)
from gateway.desk.desk_mail_words import NotUnderstood, Request, digest_switched, read
from gateway.desk.effects import Decision, Effect, Help, OpenInquiry, Receipt, SendAnswer, SetStatus
from gateway.desk.file_limits import excess
from gateway.desk.intent import TITLE_LENGTH
from gateway.desk.list_answer import is_answer, written_in
from gateway.desk.list_lines import answer_lines
from gateway.desk.situation import WHOLE, Incoming, Seat, Situation
from gateway.desk.upkeep import SendThread
from gateway.store.states import InquiryStatus, Origin
from gateway.store.tables import Seller
from gateway.texts import Texts


def writes(incoming: Incoming, situation: Situation) -> Decision:
    machine = incoming.mail.machine is not None or incoming.mail.auto_submitted or not incoming.mail_from
    seats = tuple(seat for seat in situation.seats if incoming.wrote(seat.seller.address))
    if not seats or machine or not incoming.mail.authenticated:
        return Decision((), "recorded", "desk: not an authenticated registered seller")
    if not is_written_to_us(incoming):
        return Decision((), "recorded", "desk: written to others")
    text = written_in(incoming)
    if is_answer(text):
        return answer_lines(incoming, situation, seats, text)
    request = read(incoming.mail.subject, text, local_day(seats[0].store, situation.now))
    seller = seats[0].seller
    if isinstance(request, NotUnderstood) and request.line:
        draft = text if text.strip() != request.line else ""
        again = AskAgain(seller, request.line, request.suggestion, draft, request.allowed)
        return Decision((again,), "returned", "not understood")
    if isinstance(request, NotUnderstood):
        return _help(seller)
    if request.act in ("help", "full"):
        done = _whole_thread(request, seats, situation) if request.act == "full" else _help(seller)
        if done.result == "command":
            done = replace(done, effects=(*done.effects, *_words_beside(request, incoming, seller)))
        return done
    seat = _chosen(seats, situation, request)
    if seat is None:
        unknown = request.store if request.store and not _named(seats, request.store) else None
        return Decision((AskStore(seats, request.line, unknown),), "returned", "for which store")
    if request.act == "staff":
        return _to_staff(request, seat, incoming, situation)
    return Decision((_effect(request, seat),), "command", request.act)


def _chosen(seats: tuple[Seat, ...], situation: Situation, request: Request) -> Seat | None:
    """The store that the mail names, else the one of the list that it answers, else the only one."""
    if request.store is not None:
        return _named(seats, request.store)
    if len(seats) > 1 and situation.numbered is not None:
        return next((seat for seat in seats if seat.store.id == situation.numbered.store_id), None)
    return seats[0] if len(seats) == 1 else None


def _named(seats: tuple[Seat, ...], name: str) -> Seat | None:
    return next((seat for seat in seats if seat.store.name == name), None)


def _effect(request: Request, seat: Seat) -> Effect:
    match request.act:
        case "list" | "search":
            return ShowList(seat, request.wanted, request.by, request.line)
        case "template":
            return KeepTemplates(seat, request.rest, request.text)
        case _:
            wanted = digest_switched(request.rest)
            return ShowSettings(seat) if wanted is None else SetDigest(seat, wanted)


def _help(seller: Seller) -> Decision:
    return Decision((Help(seller.address),), "command", "help")


def _words_beside(request: Request, incoming: Incoming, seller: Seller) -> tuple[NotDone, ...]:
    """What came with a request that sends nothing goes back: it may have been meant for somebody."""
    if not request.text and not incoming.mail.attachments:
        return ()
    return (NotDone(seller, "words_beside", request.text, (("line", request.line),)),)


def _whole_thread(request: Request, seats: tuple[Seat, ...], situation: Situation) -> Decision:
    """`全文 Q-1042`, of any of the author's stores (F4)."""
    item = situation.items.get(WHOLE)
    seat = next((seat for seat in seats if item and item.store and seat.store.id == item.store.id), None)
    if item is None or item.named is None or seat is None:
        return Decision((NotDone(seats[0].seller, "no_inquiry", request.text),), "returned", "no such inquiry")
    effects = (TurnTo(item), SendThread((seat.seller.address,)))
    return Decision(effects, "command", "full", None, item.named.inquiry.number)


def _to_staff(request: Request, seat: Seat, incoming: Incoming, situation: Situation) -> Decision:
    """`Qoo10へ TITLE`: an inquiry of the store's own. It waits for nothing of the store's until the staff answer."""
    mail, staff, seller = incoming.mail, situation.staff, seat.seller
    if staff is None:
        return Decision((NotDone(seller, "no_staff", request.text),), "returned", "no staff is registered")
    if not request.text and not mail.attachments:
        return Decision((NotDone(seller, "staff_empty"),), "returned", "nothing to send")
    if problem := excess(mail.attachments, situation.file_limits):
        reason, detail = problem
        written = f"{request.line}\n\n{request.text}"
        return Decision((NotDone(seller, reason, written, detail),), "returned", reason)
    title = request.rest[:TITLE_LENGTH] or Texts(seat.store.language)("staff.title", store=seat.store.title)
    opened = OpenInquiry(
        customer_address=staff.address,
        customer_name=staff.name,
        language=seat.store.language,
        origin=Origin.MARKETPLACE,
        title=title,
        by_store=True,
    )
    sent = SendAnswer(
        kind="answer",
        text=request.text,
        status=InquiryStatus.IN_PROGRESS,
        attachments=mail.attachments,
        seller_id=seller.id,
        message_id=mail.message_id,
        receipt=Receipt((seller.address,), ()),
        title=title,
    )
    effects = (
        TurnTo(replace(situation, store=seat.store)),
        opened,
        sent,
        SetStatus(InquiryStatus.IN_PROGRESS, seller.address, "the store asked the marketplace's staff"),
    )
    return Decision(effects, "message", "to the marketplace's staff", "new")
