"""Carries out what the desk decided about a mail to desk@: asks the database, and answers the registered address."""

from dataclasses import replace
from hashlib import sha256

from gateway.desk import desk_mail_letters, numbered, templates
from gateway.desk.desk_mail_effects import (
    AskAgain,
    AskStore,
    DeskMailEffect,
    KeepTemplates,
    NotDone,
    SetDigest,
    ShowList,
    ShowSettings,
    TellLines,
    TurnTo,
)
from gateway.desk.letters import Letter
from gateway.desk.page import Button
from gateway.desk.post import REPLIED
from gateway.desk.work import Work
from gateway.store import counters, outbox
from gateway.store.inquiry_filter import find
from gateway.store.states import Origin
from gateway.store.tables import Seller
from gateway.texts import Texts

PAGE = 20  # inquiries in one list: a phone scrolls through no more
PAUSE = 600  # seconds in which the same words that we do not know are answered once (A13)


async def do(work: Work, effect: DeskMailEffect) -> None:
    desk = f"desk@{work.office.domain}"
    match effect:
        case ShowList():
            await _list(work, effect)
        case ShowSettings(seat):
            letter = desk_mail_letters.settings(seat.seller, seat.store, Texts(seat.seller.language))
            await _answer(work, seat.seller, letter, "settings", _cause(work))
        case SetDigest(seat, wanted):
            seat.seller.digest = wanted
            letter = desk_mail_letters.settings(seat.seller, seat.store, Texts(seat.seller.language), changed=True)
            await _answer(work, seat.seller, letter, "settings", _cause(work))
        case KeepTemplates(seat, words, text):
            letter = await templates.answer(work.session, seat.store, words, text, seat.seller.language, work.now)
            await _answer(work, seat.seller, letter, "templates", _cause(work))
        case AskStore():
            seller = effect.seats[0].seller
            letter = desk_mail_letters.which_store(effect, desk, Texts(seller.language))
            await _answer(work, seller, letter, "which_store", _cause(work))
        case AskAgain():
            letter = desk_mail_letters.not_understood(effect, Texts(effect.seller.language))
            same = sha256(effect.line.encode("utf-8", "replace")).hexdigest()[:16]
            cause = f"words:{int(work.now.timestamp() // PAUSE)}:{same}"
            await _answer(work, effect.seller, letter, "not_understood", cause)
        case TellLines():
            seller = effect.seat.seller
            letter = desk_mail_letters.lines_told(effect, work.results_at, Texts(seller.language))
            await _answer(work, seller, letter, "lines", _cause(work))
        case NotDone(seller, reason, draft, detail):
            letter = desk_mail_letters.refusal(reason, dict(detail), draft, Texts(seller.language))
            await _answer(work, seller, letter, "returned", _cause(work))
        case TurnTo(situation):
            await work.turn_to(situation)


async def _list(work: Work, effect: ShowList) -> None:
    seller, store, texts = effect.seat.seller, effect.seat.store, Texts(effect.seat.seller.language)
    found = await find(work.session, replace(effect.wanted, store=store.name, limit=PAGE + 1))
    counted = await counters.of_store(work.session, store.id or 0, work.now)
    rows = await numbered.rows_of(work.session, work.office, found[:PAGE])
    further = None
    if len(found) > PAGE:
        line = texts("list.after", line=effect.line, number=found[PAGE - 1][0].number)
        label = texts("list.further", count=PAGE)
        further = Button(label, f"desk@{work.office.domain}", f"{line} @{store.name}", "", says_more=True)
    rows = desk_mail_letters.in_order(rows, effect.by)

    def letter(tag: int) -> Letter:
        return desk_mail_letters.listing(store, rows, counted, effect.wanted, effect.by, further, tag, texts)

    await numbered.post(
        work.session,
        work.office,
        work.now,
        store,
        seller,
        [row.file.inquiry.number or 0 for row in rows],
        letter,
        kind="list",
        cause=_cause(work),
        auto_submitted=REPLIED,
        answers=work.incoming.mail.message_id,
    )
    if effect.wanted.origin is Origin.MARKETPLACE:  # 一覧 スタッフ opens what it lists
        for row in rows:
            row.file.inquiry.unread = False


async def _answer(work: Work, seller: Seller, letter: Letter, kind: str, cause: str) -> None:
    sender = (Texts(seller.language)("name.desk"), f"desk@{work.office.domain}")
    row = work.office.row(work.now, cause=cause, kind=kind, to=seller.address, letter=letter, sender=sender)
    row.store_id, row.to_name, row.auto_submitted = seller.store_id, seller.name, REPLIED
    row.in_reply_to = work.incoming.mail.message_id
    row.references = [row.in_reply_to] if row.in_reply_to else []
    await outbox.enqueue(work.session, row)


def _cause(work: Work) -> str:
    return f"mail:{work.incoming.queue_id}"
