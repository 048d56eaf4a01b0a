"""What calendars send when somebody presses Accept or Decline (RFC 5546 3.2.3), where he adds no words of his own."""

import re
from email.message import Message

from gateway.mail import parts

MAX_CALENDAR = 64 * 1024  # octets

_METHOD = re.compile(rb"^METHOD[ \t]*:[ \t]*REPLY[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_COMMENT = re.compile(rb"^COMMENT(?:;[^:\r\n]{0,200})?:[ \t]*[^\s]", re.IGNORECASE | re.MULTILINE)
_WRITTEN_FOR_HIM = re.compile(
    r".{1,99} has (?:tentatively |provisionally )?(?:accepted|declined) .{1,200}"
    r"|.{1,99}(?:が|は|さんが)[^\n]{0,60}(?:招待|会議|予定|出席依頼)[^\n]{0,40}(?:承諾|辞退)しました[。.]?"
    r"|.{1,99}(?:已|暂时|暫時)(?:接受|拒绝|拒絕|谢绝|謝絕).{0,200}|.{1,99}(?:수락|거절)(?:했습니다|하였습니다)\.?"
    r"|.{1,99} hat .{1,200} (?:angenommen|zugesagt|abgelehnt|abgesagt)\.?|.{1,99} a (?:accepté|refusé|décliné) .{1,200}"
    r"|.{1,99} ha (?:aceptado|rechazado|accettato|rifiutato) .{1,200}",
    re.IGNORECASE,
)


def is_answer_to_invitation(message: Message, words: str) -> bool:
    """Whether a part answers an invitation, and neither it nor `words`, the readable text, tell what a person wrote."""
    text = words.strip()
    if text and not _WRITTEN_FOR_HIM.fullmatch(text):
        return False
    children = parts.children(message) if parts.is_multipart(message) else []
    return any(_answers(part) for part in (message, *children))


def _answers(part: Message) -> bool:
    if part.get_content_type() != "text/calendar":
        return False
    method = (parts.parameter(part, "content-type", "method") or "").strip().upper()
    calendar = parts.octets(part)[:MAX_CALENDAR]
    return (method == "REPLY" or _METHOD.search(calendar) is not None) and _COMMENT.search(calendar) is None
