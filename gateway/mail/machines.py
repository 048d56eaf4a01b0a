"""Who wrote it, when it was no person: reports, auto-replies, lists (RFC 3834, 3464, 8098, 5965, 2919).

Marks only. What a bounce says is read in bounces.py; whether to answer is the desk's decision.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import Message

from gateway.mail import parts
from gateway.mail.fields import Fields
from gateway.mail.values import Machine, Mailbox

_REPORTS = {
    "delivery-status": Machine.BOUNCE,
    "disposition-notification": Machine.DELIVERY_REPORT,
    "feedback-report": Machine.FEEDBACK,
}
_REPORT_TYPES = {f"message/{kind}": machine for kind, machine in _REPORTS.items()}
_GOOD_NEWS = frozenset(("delayed", "delivered", "relayed", "expanded"))
_LIST_FIELDS = frozenset(("list-id", "list-post", "list-unsubscribe", "list-help", "list-subscribe", "list-archive"))
_AUTO_REPLY_FIELDS = ("x-autoreply", "x-autorespond", "x-autoresponder", "x-auto-reply", "x-autoreply-from",
                      "x-mail-autoreply", "x-auto-reply-from")  # fmt: skip
_AUTO_REPLY_SUBJECT = re.compile(
    r"(?:automatic reply|auto(?:matic)?[- ]?repl(?:y|ies)|autoreply|auto[- ]?response"
    r"|out of (?:the )?office(?: autoreply)?|automatische antwort|abwesenheitsnotiz|réponse automatique"
    r"|respuesta automática|自动回复|자동\s?회신)\s*(?:[:：]|\Z)"
    r"|(?:自動(?:返信|応答|回答)|不在(?:通知|案内|連絡))(?:メール)?\s*(?:[:：]|\Z)"
    r"|[\[【［(（](?:自動(?:返信|応答|回答|配信)|不在通知|auto[- ]?reply)(?:メール)?[\]】］)）]",
    re.IGNORECASE,
)
_AUTO_REPLY_TO_US = re.compile(r"auto(?:mat)?\s*[:：]", re.IGNORECASE)  # also how a person asks about a car
_DAEMON = re.compile(r"(?:mailer|mail)?[-_.]?daemon\Z|mail[-_.]?delivery[-_.]?(?:system|subsystem)\Z|ndr\Z")
_SERVER = re.compile(r"post[-_.]?master|mdaemon\Z|no-?_?reply\Z")  # writes bounces, and other mail too
_BOUNCE_SUBJECT = re.compile(
    r"undeliver|un-?deliverable|returned? (?:mail|to sender|message)|could not be delivered|not (?:be )?delivered"
    r"|delivery (?:status notification|fail|notification|has fail|report|error|problem)|mail delivery|failure notice"
    r"|failed (?:mail|delivery)|mail (?:system )?error|message status|warning: .*message|nondeliverable"
    r"|non remis|nicht zustellbar"
    r"|配信(?:不能|できません|失敗|エラー)|送信(?:できません|エラー|失敗)|宛先不明|メール(?:送信)?エラー|不達",
    re.IGNORECASE,
)
_ROBOT = re.compile(r"(?:no-?_?reply|do-?_?not-?_?reply|noreply-.*|bounces?|owner-.*|.*-(?:request|owner|bounces))\Z")


@dataclass(frozen=True)
class Classified:
    """The kind of machine, or None for what may be a person; `automatic` for any mark that must suppress an answer."""

    machine: Machine | None
    automatic: bool


def classify(message: Message, fields: Fields, subject: str, authors: Sequence[Mailbox]) -> Classified:
    """The strongest evidence first: report types, Auto-Submitted, vendors' marks, lists, then wording."""
    local_parts = [author.address.rpartition("@")[0].lower() for author in authors]
    machine = _report(message) or _bounce(fields, subject, local_parts) or _auto_reply(fields, subject) or _list(fields)
    robot = any(_ROBOT.match(local) or _SERVER.match(local) for local in local_parts)
    return Classified(machine, bool(machine or robot or _is_suppressed(fields)))


def _report(message: Message) -> Machine | None:
    """RFC 6522 by its declared type, else by the part that makes it one."""
    machine = None
    if message.get_content_type() == "multipart/report":
        machine = _REPORTS.get((parts.parameter(message, "content-type", "report-type") or "").strip().lower())
    for part in _outer_parts(message):
        machine = machine or _REPORT_TYPES.get(part.get_content_type())
        if part.get_content_type() == "message/delivery-status" and _is_good_news(part):
            return Machine.DELIVERY_REPORT
    return machine


def _outer_parts(message: Message) -> list[Message]:
    return [message, *parts.children(message)] if parts.is_multipart(message) else [message]


def _is_good_news(part: Message) -> bool:
    """RFC 3464 2.3.3: whether every recipient's action says that nothing failed yet."""
    actions = [str(block["action"]).split(";")[0].strip().lower() for block in parts.children(part) if block["action"]]
    return bool(actions) and all(action in _GOOD_NEWS for action in actions)


def _bounce(fields: Fields, subject: str, local_parts: Sequence[str]) -> Machine | None:
    if fields.first("x-failed-recipients") is not None:
        return Machine.BOUNCE
    if fields.ascii("from").startswith("mailer-daemon"):  # some servers write no domain
        return Machine.BOUNCE
    if any(_DAEMON.match(local) for local in local_parts):
        return Machine.BOUNCE
    from_server = any(_SERVER.match(local) for local in local_parts) or fields.ascii("return-path") == "<>"
    return Machine.BOUNCE if from_server and _BOUNCE_SUBJECT.search(subject) else None


def _auto_reply(fields: Fields, subject: str) -> Machine | None:
    auto_submitted = fields.ascii("auto-submitted")
    if auto_submitted and not re.match(r"no\b", auto_submitted):
        return Machine.AUTO_REPLY
    if any(fields.ascii(name) not in ("", "no", "false") for name in _AUTO_REPLY_FIELDS):
        return Machine.AUTO_REPLY
    if fields.ascii("precedence") in ("auto_reply", "auto-reply") or _AUTO_REPLY_SUBJECT.match(subject):
        return Machine.AUTO_REPLY
    answers = fields.first("in-reply-to") is not None or fields.first("references") is not None
    return Machine.AUTO_REPLY if answers and _AUTO_REPLY_TO_US.match(subject) else None


def _list(fields: Fields) -> Machine | None:
    if _LIST_FIELDS.intersection(fields.names()) or fields.ascii("precedence") in ("bulk", "list", "junk"):
        return Machine.LIST
    return None


def _is_suppressed(fields: Fields) -> bool:
    """X-Auto-Response-Suppress asks for silence, but people's own systems set it too: a mark, not a machine."""
    return fields.ascii("x-auto-response-suppress") not in ("", "none") or fields.ascii("return-path") == "<>"
