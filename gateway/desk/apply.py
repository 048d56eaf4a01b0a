"""Carries effects out: rows of the thread, the state, the history, and letters into the outbox, in one transaction."""

from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.desk import desk_mail_work, hiding, rejoin, silencing
from gateway.desk.called_back import call_back
from gateway.desk.correspondence import (
    answer,
    bounced,
    receipt,
    return_draft,
    send_help,
)
from gateway.desk.desk_mail_effects import DeskMailEffect
from gateway.desk.effects import (
    AddMessage,
    Bounced,
    CallBack,
    Decision,
    DropDraft,
    Effect,
    Help,
    Hide,
    MakePublic,
    Notify,
    OpenInquiry,
    PassToOperator,
    Practised,
    Publish,
    Receipt,
    Record,
    Refuse,
    Restrict,
    ReturnDraft,
    SendAnswer,
    SetStatus,
    SettleDraft,
    ShowAgain,
    TakeBack,
    TouchReceived,
)
from gateway.desk.hold_effects import AskAgain, HoldDraft, NotAsked
from gateway.desk.holding import ask_again, hold, tell_not_asked
from gateway.desk.operator_mail import pass_to_operator
from gateway.desk.post import Office
from gateway.desk.publishing import make_public, publish
from gateway.desk.rule_effects import FollowRules, Label, Remind, UndoRules
from gateway.desk.ruled import follow_rules, label, undo_rules
from gateway.desk.situation import Incoming, Situation
from gateway.desk.upkeep import Merge, SendThread, Silence, Snooze, Split, Unsilence
from gateway.desk.welcome import tell_practised
from gateway.desk.whole_thread import send_thread
from gateway.desk.withdrawal import drop_draft, take_back
from gateway.desk.work import Work
from gateway.mail.addresses import InquiryAddress
from gateway.store import drafts, suppressions
from gateway.store.states import DraftState


async def apply(
    session: AsyncSession, office: Office, incoming: Incoming, situation: Situation, decision: Decision
) -> dict[str, Any]:
    """Does everything that was decided, in order; returns the account of it for this recipient (for `mail show`)."""
    work = Work(session, office, incoming, situation, situation.now)
    if decision.inquiry is not None:
        await work.open_file(decision.inquiry)
        if _acts(incoming, decision):
            work.file()[0].unread = False
    if incoming.author and incoming.mail.machine is None and not incoming.mail.auto_submitted:
        await suppressions.lift(session, [incoming.author])  # somebody writes from it: it lives
    for effect in decision.effects:
        await _do(work, effect)
    return {
        "recipient": incoming.recipient,
        "result": "recorded" if work.kept else decision.result,
        "message": work.message,
        "inquiry": work.inquiry.number if work.inquiry else decision.inquiry,
        "matched_by": decision.matched_by,
        "why": work.kept or decision.why,
        **work.ruled,
    }


def _acts(incoming: Incoming, decision: Decision) -> bool:
    """Whether a seller does something to the inquiry: marketplace mail is read with it."""
    from_seller = isinstance(incoming.address, InquiryAddress) and incoming.address.purpose != "c"
    return from_seller and decision.result in ("message", "command")


async def _do(work: Work, effect: Effect) -> None:
    if isinstance(effect, DeskMailEffect):
        await desk_mail_work.do(work, effect)
        return
    match effect:
        case OpenInquiry():
            await work.open(effect)
        case AddMessage():
            await work.add(effect)
        case Notify(raw):
            await work.notify(work.added(), work.files, raw=raw)
        case Publish(text, waits):
            publish(work, text, waits)
        case TouchReceived(at):
            work.touch(at)
        case SetStatus(status, by, why):
            await work.set_status(status, by, why)
        case SendAnswer():
            await answer(work, effect)
        case Hide():
            await hiding.hide(work, effect)
        case ShowAgain(by):
            await hiding.unhide(work, by)
        case Restrict(by):
            await hiding.restrict(work, by)
        case MakePublic(by):
            await make_public(work, by)
        case Refuse(bar):
            await hiding.refuse(work, bar)
        case Receipt():
            await receipt(work, effect, None, [], None)
        case HoldDraft():
            await hold(work, effect)
        case AskAgain():
            await ask_again(work, effect)
        case NotAsked():
            await tell_not_asked(work, effect)
        case TakeBack():
            await take_back(work, effect)
        case DropDraft():
            await drop_draft(work, effect)
        case CallBack():
            await call_back(work)
        case ReturnDraft():
            await return_draft(work, effect)
        case SettleDraft(draft_id):
            await drafts.settle(work.session, draft_id, DraftState.SENT)
            work.history(drafts.CONFIRMED, "seller", draft_id)
        case Help(to):
            await send_help(work, to)
        case Practised():
            await tell_practised(work, effect)
        case PassToOperator():
            await pass_to_operator(work, effect)
        case Bounced():
            await bounced(work, effect)
        case Label():
            label(work, effect)
        case Remind(at):
            work.remind(at)
        case Snooze(at, by):
            work.snooze(at, by)
        case Silence(by):
            silencing.silence(work, by)
        case Unsilence(by):
            await silencing.unsilence(work, by)
        case Split(message_id, by):
            await rejoin.split(work, message_id, by)
        case Merge(into, by):
            await rejoin.merge(work, into, by)
        case SendThread(to):
            await send_thread(work, to)
        case FollowRules():
            await follow_rules(work, effect)
        case UndoRules(message_id, by):
            await undo_rules(work, message_id, by)
        case Record(event, by, why):
            work.history(event, by, why)
