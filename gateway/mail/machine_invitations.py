"""What calendars send when somebody presses Accept or Decline (RFC 5546 3.2.3), where he adds no words of his own."""

import re
from collections.abc import Sequence

from gateway.mail.values import AttachedFile

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


def is_answer_to_invitation(files: Sequence[AttachedFile], words: str) -> bool:
    """Whether a file answers an invitation, and neither it nor `words`, the readable text, tell what a person wrote."""
    text = words.strip()
    if text and not _WRITTEN_FOR_HIM.fullmatch(text):
        return False
    calendars = [file.content[:MAX_CALENDAR] for file in files if file.type == "text/calendar"]
    return any(_METHOD.search(calendar) and not _COMMENT.search(calendar) for calendar in calendars)
