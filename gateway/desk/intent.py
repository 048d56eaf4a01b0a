"""What a seller's mail asks for, or why it cannot be done. Pure, so that a held draft can be read again later."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from gateway.mail.normal_forms import nfc
from gateway.mail.values import Command, Reply
from gateway.store.rule_tables import RuleDecision
from gateway.store.states import Author, Direction, InquiryStatus
from gateway.store.tables import Message

STATUS = {"progress": InquiryStatus.IN_PROGRESS, "done": InquiryStatus.DONE}
AVAILABLE = frozenset({"progress", "done", "auto", "note", "handled", "reopen", "send", "help"})
ALONE = frozenset({"auto", "reopen", "send", "help"})  # commands that mean nothing else may be asked


@dataclass(frozen=True)
class Intent:
    """`act` is answer, status, auto, note, reopen, send or help; `status` is the state after it, None for as it is."""

    act: str
    status: InquiryStatus | None
    text: str = ""
    commands: tuple[Command, ...] = ()
    ignored: str = ""  # words that came with a button which sends nothing


@dataclass(frozen=True)
class Refusal:
    """Nothing is sent. `reason` and `detail` name the text that says why."""

    reason: str
    detail: tuple[tuple[str, str], ...] = ()


def character_count(text: str) -> int:
    """Characters as the shop counts them (F8): NFC code points, a line break as one."""
    return len(nfc(text.replace("\r\n", "\n").strip()))


def intent_of(
    reply: Reply,
    *,
    action: str | None,
    has_attachments: bool,
    max_chars: int,
    thread: Sequence[Message],
    reachable: bool,
    undoable: RuleDecision | None = None,
) -> Intent | Refusal:
    """Reads a seller's new text and commands, and the button it was sent to, against the thread so far and the
    decision of the rules that it would undo."""
    if reply.refused:
        suggestion = (("name", reply.suggestion),) if reply.suggestion else ()
        return Refusal("unknown_command", (("line", reply.refused[0]), *suggestion))
    if action == "reopen":
        return _reopen(reply, undoable)
    if action is not None:
        return _button(reply, action, has_attachments, thread, reachable)
    names = {command.name: command for command in reply.commands}
    for name, command in names.items():
        if name not in AVAILABLE:
            return Refusal("unavailable", (("line", command.line),))
    conflict = _conflict(reply.commands)
    if conflict is not None:
        return conflict
    if "help" in names:
        return Intent("help", None, commands=reply.commands)
    if "send" in names:
        return Intent("send", None, commands=reply.commands)
    if "reopen" in names:
        said_more = reply.text or has_attachments
        return Refusal("reopen_with_text") if said_more else _reopen(reply, undoable)
    if "auto" in names:
        return _auto(bool(reply.text) or has_attachments, thread, reachable, reply.commands)
    return _written(reply, names, has_attachments, max_chars, reachable)


def _written(
    reply: Reply, names: dict[str, Command], has_attachments: bool, max_chars: int, reachable: bool
) -> Intent | Refusal:
    status = next((STATUS[name] for name in names if name in STATUS), None)
    if "note" in names or "handled" in names:
        if "handled" in names:
            status = InquiryStatus.DONE
        elif not reply.text and not has_attachments:
            return Refusal("note_empty")
        act = "note" if reply.text or has_attachments else "status"
        return Intent(act, status, reply.text, reply.commands)
    if not reply.text and not has_attachments:
        return Intent("status", status, commands=reply.commands) if status else Refusal("empty")
    count = character_count(reply.text)
    if count > max_chars:
        return Refusal("too_long", (("count", str(count)), ("limit", str(max_chars))))
    if not reachable:
        return Refusal("no_address")
    return Intent("answer", status or InquiryStatus.DONE, reply.text, reply.commands)


def _button(
    reply: Reply, action: str, has_attachments: bool, thread: Sequence[Message], reachable: bool
) -> Intent | Refusal:
    if action in STATUS:
        return Intent("status", STATUS[action], commands=reply.commands, ignored=reply.text)
    if action == "auto":
        return _auto(bool(reply.text) or has_attachments, thread, reachable, reply.commands)
    return Refusal("unavailable", (("line", action),))


def _reopen(reply: Reply, undoable: RuleDecision | None) -> Intent | Refusal:
    if undoable is None:
        return Refusal("nothing_to_reopen")
    if undoable.undone_at is not None:
        return Refusal("reopened_before")
    return Intent("reopen", InquiryStatus.UNANSWERED, commands=reply.commands, ignored=reply.text)


def _auto(
    said_more: bool, thread: Sequence[Message], reachable: bool, commands: tuple[Command, ...]
) -> Intent | Refusal:
    if said_more:
        return Refusal("auto_with_text")
    if not reachable:
        return Refusal("no_address")
    from_customer = [m for m in thread if m.direction is Direction.IN and m.author is Author.CUSTOMER]
    if from_customer and from_customer[-1].remark in ("automatic", "machine"):
        return Refusal("machine")  # a machine is never answered automatically, by command either
    exchanged = [m for m in thread if m.direction is not Direction.INTERNAL]
    if exchanged and exchanged[-1].remark == "auto_response":
        return Refusal("auto_again")
    return Intent("auto", InquiryStatus.DONE, commands=commands)


def _conflict(commands: tuple[Command, ...]) -> Refusal | None:
    """The first two commands that contradict each other."""
    states = [c for c in commands if c.name in ("progress", "done", "handled")]
    for first, second in pairwise(states):
        if first.name != second.name and {first.name, second.name} != {"done", "handled"}:
            return Refusal("conflict", (("first", first.line), ("second", second.line)))
    for alone in (c for c in commands if c.name in ALONE):
        for other in commands:
            if other.name != alone.name and not (alone.name == "auto" and other.name == "done"):
                return Refusal("conflict", (("first", alone.line), ("second", other.line)))
    return None
