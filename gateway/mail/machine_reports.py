"""Reports by their form: delivery status, disposition, feedback, DMARC, TLS (RFC 6522, 3464, 8098, 5965, 7489, 8460).

No wording is read.
"""

import re
from collections.abc import Sequence
from email.message import Message

from gateway.mail import parts
from gateway.mail.values import AttachedFile, Machine

_REPORTS = {
    "delivery-status": Machine.BOUNCE,
    "disposition-notification": Machine.DELIVERY_REPORT,
    "feedback-report": Machine.FEEDBACK,
    "tlsrpt": Machine.FEEDBACK,
}
_REPORT_TYPES = {f"message/{kind}": machine for kind, machine in _REPORTS.items()}
_REPORT_TYPES["message/global-delivery-status"] = Machine.BOUNCE  # RFC 6533
_REPORT_TYPES["message/global-disposition-notification"] = Machine.DELIVERY_REPORT
_STATUS_TYPES = ("message/delivery-status", "message/global-delivery-status")
_GOOD_NEWS = frozenset(("delayed", "delivered", "relayed", "expanded"))
_RETURNED_TYPES = ("message/rfc822", "message/global", "text/rfc822-headers", "message/rfc822-headers",
                   "message/global-headers")  # fmt: skip
# RFC 7489 7.2.1.1: what the receivers of a domain's mail send to its owner.
_AGGREGATE_SUBJECT = re.compile(r"report domain:\s{0,9}\S{1,255}\s{1,9}submitter:\s{0,9}\S", re.IGNORECASE)
_AGGREGATE_FILE = re.compile(
    r"[^!\s]{1,255}![^!\s]{1,255}!\d{1,20}!\d{1,20}(?:![^!\s]{1,99})?\.(?:xml|zip|gz|xml\.gz)", re.I
)


def declared(message: Message) -> Machine | None:
    """The report that the mail's own content type says it is (RFC 6522 3)."""
    if message.get_content_type() != "multipart/report":
        return None
    kind = (parts.parameter(message, "content-type", "report-type") or "").strip().lower()
    return _REPORTS.get(kind.removeprefix("global-"))


def enclosed(message: Message) -> Machine | None:
    """The report that a part makes it; good news where every recipient's action says so (RFC 3464 2.3.3)."""
    for part in _own_parts(message):
        kind = part.get_content_type()
        if kind in _STATUS_TYPES and _is_good_news(part):
            return Machine.DELIVERY_REPORT
        if kind in _REPORT_TYPES:
            return _REPORT_TYPES[kind]
    return None


def returns_a_message(message: Message) -> bool:
    """Whether a whole mail, or its header, hangs on this one, as on a bounce and on a forwarded mail."""
    return any(part.get_content_type() in _RETURNED_TYPES for part in _own_parts(message))


def is_aggregate(subject: str, text: str, files: Sequence[AttachedFile]) -> bool:
    """Whether it is a DMARC aggregate report: by its file, and by its subject or the lack of any words."""
    if _AGGREGATE_SUBJECT.match(subject) is None and text.strip():
        return False
    return any(_AGGREGATE_FILE.fullmatch(file.name) for file in files)


def _own_parts(message: Message) -> list[Message]:
    """The mail, its parts and theirs: servers wrap a report once more. Never what an enclosed mail holds."""
    children = parts.children(message) if parts.is_multipart(message) else []
    wrapped = (part for child in children if parts.is_multipart(child) for part in parts.children(child))
    return [message, *children, *wrapped]


def _is_good_news(part: Message) -> bool:
    blocks = parts.children(part)
    actions = [str(block["action"]).split(";")[0].strip().lower() for block in blocks if block["action"]]
    return bool(actions) and all(action in _GOOD_NEWS for action in actions)
