"""What a mail to desk@ does: a list, a search, settings, the answer to a list, a mail to the marketplace's staff. Pure.

It acts only for an authenticated registered seller and answers only to the registered address (mail-interface.md).
"""

from gateway.desk.business_hours import local_day
from gateway.desk.desk_mail_effects import AskAgain, AskStore, ShowList, ShowSettings, WriteToStaff
from gateway.desk.desk_mail_words import NotUnderstood, Request, read
from gateway.desk.effects import Decision, Effect, Help
from gateway.desk.situation import Incoming, Seat, Situation
from gateway.mail.reply import divide


def writes(incoming: Incoming, situation: Situation) -> Decision:
    machine = incoming.mail.machine is not None or incoming.mail.auto_submitted or not incoming.mail_from
    seats = tuple(seat for seat in situation.seats if incoming.wrote(seat.seller.address))
    if not seats or machine or not incoming.mail.authenticated:
        return Decision((), "recorded", "desk: not an authenticated registered seller")
    text = divide(incoming.mail.text, incoming.sent, [incoming.author]).text
    request = read(incoming.mail.subject, text, local_day(seats[0].store, situation.now))
    seller = seats[0].seller
    if isinstance(request, NotUnderstood):
        return Decision((AskAgain(seller, request.line, request.suggestion),), "returned", "not understood")
    if request.act == "help":
        return Decision((Help(seller.address),), "command", "help")
    seat = _chosen(seats, situation, request)
    if seat is None:
        unknown = request.store if request.store and not _named(seats, request.store) else None
        return Decision((AskStore(seats, request.line, unknown),), "returned", "for which store")
    return Decision((_effect(request, seat, incoming, text),), "command", request.act)


def _chosen(seats: tuple[Seat, ...], situation: Situation, request: Request) -> Seat | None:
    """The store that the mail names, else the one of the list that it answers, else the only one."""
    if request.store is not None:
        return _named(seats, request.store)
    if len(seats) > 1 and situation.numbered is not None:
        return next((seat for seat in seats if seat.store.id == situation.numbered.store_id), None)
    return seats[0] if len(seats) == 1 else None


def _named(seats: tuple[Seat, ...], name: str) -> Seat | None:
    return next((seat for seat in seats if seat.store.name == name), None)


def _effect(request: Request, seat: Seat, incoming: Incoming, text: str) -> Effect:
    match request.act:
        case "list" | "search":
            return ShowList(seat, request.wanted, request.by, request.line)
        case "staff":
            return WriteToStaff(seat, request.rest, text, incoming.mail.attachments, incoming.mail.message_id)
        case _:
            return ShowSettings(seat)
