"""Reads what a seller's mail asks for. Pure, so that a held draft can be read again later."""

from dataclasses import replace

from gateway.desk import grammar
from gateway.desk.filling import filled
from gateway.desk.hide_form import filled_in
from gateway.desk.intent import CATEGORY_LENGTH, STATUS, TITLE_LENGTH, Intent, Refusal, character_count
from gateway.desk.situation import Situation
from gateway.desk.snooze import returns_at
from gateway.desk.standing_alone import cancel, not_hidden, reachable, reopen, standing_alone
from gateway.desk.template_names import nearest_template, template_named
from gateway.mail.commands import refused_above
from gateway.mail.values import Command, Reply
from gateway.rules.merge_fields import MissingFieldError
from gateway.store.states import Author, Direction, InquiryStatus
from gateway.store.tables import Store


def intent_of(reply: Reply, situation: Situation, *, action: str | None, has_attachments: bool) -> Intent | Refusal:
    """Reads a seller's new text and commands, and the button it was sent to, in the situation of the inquiry that its
    address names."""
    if reply.refused and action != "cancel":  # whatever its words are, that button stops something
        return _not_read(reply)
    if action is not None:
        return _button(reply, situation, action, has_attachments)
    return _mail(reply, situation, has_attachments)


def _not_read(reply: Reply) -> Refusal:
    if not refused_above(reply.refused, reply.text):
        return Refusal("command_below", (("line", reply.refused[0]),))
    suggestion = (("near", reply.suggestion),) if reply.suggestion else ()
    return Refusal("unknown_command", (("line", reply.refused[0]), *suggestion))


def _button(reply: Reply, situation: Situation, action: str, has_attachments: bool) -> Intent | Refusal:
    other = next((command for command in reply.commands if command.name != action), None)
    if other is not None and action not in ("hide", "cancel"):  # hiding takes more; what stops something always does
        return Refusal("button_command", (("line", other.line),))
    if action in STATUS:
        return Intent("status", STATUS[action], commands=reply.commands, ignored=reply.text)
    if action == "reopen":
        return reopen(reply, situation)
    if action == "auto":
        return _auto(reply, situation, has_attachments)
    if action == "cancel":
        return cancel(reply, situation)
    if all(command.name != "hide" for command in reply.commands):  # its line was deleted from the prefilled mail
        reply = replace(reply, commands=(Command("hide", "", "#非表示"), *reply.commands))
    return _mail(reply, situation, has_attachments)


def _mail(reply: Reply, situation: Situation, has_attachments: bool) -> Intent | Refusal:
    if any(command.name == "hide" and not command.argument for command in reply.commands):
        reply = filled_in(reply)
    two = grammar.contradiction(reply.commands)
    if two is not None:
        return Refusal("conflict", (("first", two[0].line), ("second", two[1].line)))
    lacking = grammar.without_argument(reply.commands)
    if lacking is not None:
        return Refusal(f"needs_{lacking.name}", (("line", lacking.line),))
    names = {command.name: command for command in reply.commands}
    for name in grammar.ALONE:
        if name in names:
            return standing_alone(names[name], reply, situation, has_attachments)
    if "auto" in names:
        intent = _auto(reply, situation, has_attachments)
    elif "note" in names or "handled" in names:
        intent = _note(reply, names, has_attachments)
    elif "hide" in names or "restrict" in names:
        intent = _hide(reply, names, situation, has_attachments)
    else:
        intent = _answer(reply, names, situation, has_attachments)
    return intent if isinstance(intent, Refusal) else _with_the_rest(intent, names, situation)


def _answer(reply: Reply, names: dict[str, Command], situation: Situation, has_attachments: bool) -> Intent | Refusal:
    status = next((STATUS[name] for name in names if name in STATUS), None)
    if not reply.text and not has_attachments and "template" not in names:
        if "title" in names:
            return Refusal("title_alone", (("line", names["title"].line),))
        return Intent("status", status, commands=reply.commands) if names else Refusal("empty")
    intent = Intent("answer", status or InquiryStatus.DONE, reply.text, reply.commands)
    return _sent(intent, names, "title", situation)


def _hide(reply: Reply, names: dict[str, Command], situation: Situation, has_attachments: bool) -> Intent | Refusal:
    if "hide" not in names:
        return Refusal("restrict_alone", (("line", names["restrict"].line),))
    refusal = not_hidden(situation, names["hide"], restricts="restrict" in names)
    if refusal is not None:
        return refusal
    has_title, has_reason = bool(names["hide"].argument), bool(reply.text or "template" in names)
    status = next((STATUS[name] for name in names if name in STATUS), None)
    if situation.named is not None and situation.named.inquiry.hidden and not (has_reason or has_attachments):
        return Intent("restrict", status, commands=reply.commands)  # the customer was told of the hiding
    if not (has_title and has_reason):
        return Refusal("hide_no_title" if has_reason else "hide_no_reason" if has_title else "hide_incomplete")
    intent = Intent("hide", status, reply.text, reply.commands, restrict="restrict" in names)
    return _sent(intent, names, "hide", situation)


def _note(reply: Reply, names: dict[str, Command], has_attachments: bool) -> Intent | Refusal:
    status = next((STATUS[name] for name in names if name in STATUS), None)
    if "handled" in names:
        status = InquiryStatus.DONE
    elif not reply.text and not has_attachments:
        return Refusal("note_empty")
    return Intent("note" if reply.text or has_attachments else "status", status, reply.text, reply.commands)


def _auto(reply: Reply, situation: Situation, has_attachments: bool) -> Intent | Refusal:
    if reply.text or has_attachments:
        return Refusal("auto_with_text")
    if not reachable(situation):
        return Refusal("no_address")
    thread = situation.thread
    from_customer = [m for m in thread if m.direction is Direction.IN and m.author is Author.CUSTOMER]
    if from_customer and from_customer[-1].remark in ("automatic", "machine"):
        return Refusal("machine")  # a machine is never answered automatically, by command either
    exchanged = [m for m in thread if m.direction is not Direction.INTERNAL]
    if exchanged and exchanged[-1].remark == "auto_response":
        return Refusal("auto_again")
    return Intent("auto", InquiryStatus.DONE, commands=reply.commands)


def _sent(intent: Intent, names: dict[str, Command], titled_by: str, situation: Situation) -> Intent | Refusal:
    """What goes to the customer: the template, and the words of the seller's own under it, with their merge fields
    filled, as far as it may go (F6, F8)."""
    parts, template = [intent.text], None
    if "template" in names:
        template = template_named(situation.templates, names["template"].argument)
        if template is None:
            return _no_template(names["template"], situation)
        parts.insert(0, template.text.strip())
    try:
        text = filled("\n\n".join(filter(None, parts)), situation)
        title = filled(names[titled_by].argument, situation) if titled_by in names else ""
    except MissingFieldError as missing:
        return Refusal("unresolved_field", (("field", f"{{{{ {missing} }}}}"),))
    count, limit = character_count(text), _store(situation).max_chars
    if count > limit:
        return Refusal("too_long", (("count", str(count)), ("limit", str(limit))))
    if len(title) > TITLE_LENGTH:
        return Refusal("title_too_long", (("limit", str(TITLE_LENGTH)),))
    sent = replace(intent, text=text, title=title, template=template.id if template else None)
    return sent if reachable(situation) else Refusal("no_address")


def _no_template(command: Command, situation: Situation) -> Refusal:
    if not situation.templates:
        return Refusal("no_templates", (("line", command.line),))
    nearest = nearest_template(situation.templates, command.argument)
    names = "\n".join(f"・{template.name}" for template in situation.templates)
    near = (("near", nearest.name),) if nearest else ()
    return Refusal("unknown_template", (("line", command.line), ("names", names), *near))


def _with_the_rest(intent: Intent, names: dict[str, Command], situation: Situation) -> Intent | Refusal:
    """The category and the day, which go with anything that does not stand alone."""
    if "category" in names:
        category = names["category"].argument
        if len(category) > CATEGORY_LENGTH:
            return Refusal("category_too_long", (("limit", str(CATEGORY_LENGTH)),))
        intent = replace(intent, category=category)
    if "snooze" in names:
        command = names["snooze"]
        at = returns_at(command.argument, _store(situation), situation.now)
        if isinstance(at, str):
            return Refusal(at, (("line", command.line),))
        intent = replace(intent, snooze=at)
    return intent


def _store(situation: Situation) -> Store:
    if situation.store is None:
        raise AssertionError("an inquiry was named without its store")
    return situation.store
