"""What the lines of an answer to a list do: each what a reply to the notification would, all of them or none. Pure."""

from collections.abc import Sequence
from dataclasses import replace

from gateway.desk.desk_mail_effects import Line, TellLines, TurnTo
from gateway.desk.effects import Decision, Effect, Receipt, ReturnDraft, SendAnswer
from gateway.desk.hold_effects import HoldDraft
from gateway.desk.list_answer import Item, items_of
from gateway.desk.seller import carried_out
from gateway.desk.situation import Incoming, Seat, Situation
from gateway.mail.values import AttachedFile
from gateway.store.tables import Seller

UNBOUND = "lines.unbound"  # the numbers are of no list that we know
REFUSED = "returned.reason."  # before the reason for which a reply is refused


def answer_lines(incoming: Incoming, situation: Situation, seats: Sequence[Seat], text: str) -> Decision:
    """`seats` are the author's, authenticated. Nothing is done unless every line is understood and can be done."""
    numbered = situation.numbered
    seat = next((one for one in seats if numbered is not None and one.store.id == numbered.store_id), None)
    if numbered is None or seat is None:
        told = TellLines(seats[0], (Line("", "", None, UNBOUND),), done=False, draft=text)
        return Decision((told,), "returned", "numbers of no known list")
    items = _with_files(items_of(text, numbered.numbers), bool(incoming.mail.attachments))
    decisions = [_decided(item, incoming, situation, seat.seller) for item in items]
    done = all(decision is not None and _problem(decision) is None for decision in decisions)
    lines = tuple(_line(item, decision, done) for item, decision in zip(items, decisions, strict=True))
    if not done:
        told = TellLines(seat, lines, done=False, draft=text)
        return Decision((told,), "returned", "a line is not understood, or cannot be done")
    effects: list[Effect] = []
    for item, decision in zip(items, decisions, strict=True):
        if decision is not None and item.position is not None:
            effects.append(TurnTo(situation.items[item.position]))
            effects += [effect for effect in decision.effects if not isinstance(effect, Receipt)]
    return Decision((*effects, TellLines(seat, lines, done=True)), "command", f"{len(items)} lines of a list")


def _with_files(items: list[Item], has_files: bool) -> list[Item]:
    """Attachments go with the one answer of the mail; of several nobody knows which is meant."""
    answers = [item for item in items if item.reply.text]
    if not has_files or len(answers) == 1:
        return items
    return [replace(item, problem=item.problem or "lines.files") for item in items]


def _decided(item: Item, incoming: Incoming, situation: Situation, seller: Seller) -> Decision | None:
    """None where there is nothing to decide: the line is not understood, or its inquiry is gone."""
    at = situation.items.get(item.position or 0)
    if item.problem or at is None or at.named is None:
        return None
    files: tuple[AttachedFile, ...] = incoming.mail.attachments if item.reply.text else ()
    mine = replace(incoming, mail=replace(incoming.mail, attachments=files))
    at_limits = replace(at, file_limits=situation.file_limits)
    return carried_out(mine, at_limits, at.named, seller, item.reply, None)


def _problem(decision: Decision) -> ReturnDraft | None:
    return next((effect for effect in decision.effects if isinstance(effect, ReturnDraft)), None)


def _line(item: Item, decision: Decision | None, done: bool) -> Line:
    if item.problem or decision is None:
        return Line(item.written, item.said, None, item.problem or "lines.gone", item.detail)
    problem = _problem(decision)
    if problem is not None:
        return Line(item.written, item.said, decision.inquiry, f"{REFUSED}{problem.reason}", problem.detail)
    result = _result(decision) if done else "lines.would"
    return Line(item.written, item.said, decision.inquiry, result, commands=item.reply.commands)


def _result(decision: Decision) -> str:
    """What is told of a line that is carried out."""
    for effect in decision.effects:
        if isinstance(effect, HoldDraft):
            return "lines.held"
        if isinstance(effect, SendAnswer):
            return "lines.answer" if effect.kind == "answer" else "lines.auto"
    return ""
