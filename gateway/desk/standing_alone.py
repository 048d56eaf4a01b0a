"""The commands that are all a mail asks for: what each needs of the inquiry at hand. Pure."""

import re

from gateway.desk.intent import Intent, Refusal, customers_mails
from gateway.desk.situation import Situation
from gateway.mail.normal_forms import nfkc
from gateway.mail.values import Command, Reply
from gateway.store.states import InquiryStatus, Origin
from gateway.store.tables import Inquiry

HARMLESS = ("cancel", "full", "help")  # done although other words came with it, which go back
_NUMBER = re.compile(r"(?:Q-?|№)?([1-9][0-9]{0,8})", re.IGNORECASE)


def standing_alone(command: Command, reply: Reply, situation: Situation, has_attachments: bool) -> Intent | Refusal:
    if command.name == "reopen":
        said_more = reply.text or has_attachments
        return Refusal("reopen_with_text") if said_more else reopen(reply, situation)
    if (reply.text or has_attachments) and command.name not in HARMLESS:
        return Refusal("alone_with_text", (("line", command.line),))
    if command.name == "cancel":
        return cancel(reply, situation)
    if command.name == "spam":
        return _spam(command, situation)
    if command.name == "split" and len(customers_mails(situation.thread)) < 2:
        return Refusal("split_only", (("line", command.line),))
    if command.name in ("unhide", "publish"):
        refusal = _not_shown(situation, command)
        if refusal is not None:
            return refusal
    if command.name == "merge":
        return _merge(command, situation)
    return Intent(command.name, commands=reply.commands, ignored=reply.text)


def _spam(command: Command, situation: Situation) -> Intent | Refusal:
    """Only somebody can be silenced, and never the marketplace."""
    if _origin(situation) is Origin.MARKETPLACE:
        return Refusal("spam_staff", (("line", command.line),))
    if not reachable(situation):
        return Refusal("spam_nobody", (("line", command.line),))
    return Intent("spam", InquiryStatus.DONE, commands=(command,))


def _merge(command: Command, situation: Situation) -> Intent | Refusal:
    """Into another inquiry of the same customer, and none that the public may see."""
    match = _NUMBER.fullmatch(nfkc(command.argument))
    own = situation.named.inquiry.number if situation.named else None
    if match is None or int(match[1]) == own:
        return Refusal("needs_merge", (("line", command.line),))
    into = int(match[1])
    if into not in situation.siblings:
        return Refusal("merge_unknown", (("line", command.line),))
    if Origin.PRODUCT_PAGE in (situation.siblings[into], _origin(situation)):
        return Refusal("merge_public", (("line", command.line),))
    return Intent("merge", commands=(command,), into=into)


def cancel(reply: Reply, situation: Situation) -> Intent | Refusal:
    if situation.answer is None and situation.draft is None:
        return Refusal("nothing_to_cancel")
    return Intent("cancel", commands=reply.commands, ignored=reply.text)


def reopen(reply: Reply, situation: Situation) -> Intent | Refusal:
    if situation.named is not None and situation.named.customer.silenced_at is not None:
        return Intent("reopen", InquiryStatus.UNANSWERED, commands=reply.commands, ignored=reply.text)
    if situation.undoable is None:
        return Refusal("nothing_to_reopen")
    if situation.undoable.undone_at is not None:
        return Refusal("reopened_before")
    return Intent("reopen", InquiryStatus.UNANSWERED, commands=reply.commands, ignored=reply.text)


def not_hidden(situation: Situation, command: Command, *, restricts: bool) -> Refusal | None:
    """Why the question cannot be hidden; a hidden one once more only to restrict its customer."""
    inquiry = _on_product_page(situation)
    if inquiry is None:
        return Refusal("not_public", (("line", command.line),))
    adds = restricts and situation.restriction(inquiry.product_code) is None
    return Refusal("hidden_before") if inquiry.hidden and not adds else None


def _not_shown(situation: Situation, command: Command) -> Refusal | None:
    """Why it cannot be shown, again or at all."""
    inquiry = _on_product_page(situation)
    if inquiry is None:
        return Refusal("not_public", (("line", command.line),))
    if command.name == "unhide":
        is_restricted = situation.restriction(inquiry.product_code) is not None
        return None if inquiry.hidden or is_restricted else Refusal("not_hidden")
    if situation.question is None:
        return Refusal("never_public")
    if inquiry.hidden:
        return Refusal("publish_hidden")
    return Refusal("public_before") if situation.question.waits is None else None


def _on_product_page(situation: Situation) -> Inquiry | None:
    """The inquiry, if it came from a product's page: the only kind that the public may see."""
    inquiry = situation.named.inquiry if situation.named is not None else None
    return inquiry if inquiry is not None and inquiry.origin is Origin.PRODUCT_PAGE else None


def _origin(situation: Situation) -> Origin | None:
    return situation.named.inquiry.origin if situation.named else None


def reachable(situation: Situation) -> bool:
    return situation.named is not None and bool(situation.named.customer.address)
