"""Whether a failure is permanent, and whether the address is gone for good.

Servers write one code for many things (5.1.1 for a full mailbox, 5.0.0 for an unknown user), so the words are read
first, the enhanced status (RFC 3463) where they say nothing, the reply code (RFC 5321 4.2) last.
"""

import re

from gateway.mail.bounce_phrases import Reason
from gateway.mail.bounce_words import MAX_WORDS, reason

_GONE = frozenset((Reason.CLOSED, Reason.MOVED, Reason.NO_MAIL, Reason.UNKNOWN_HOST, Reason.UNKNOWN_USER))
_GONE_STATUS = re.compile(r"5\.1\.(?:1|2|3|6|10|351)|5\.4\.4")  # RFC 3463 3.2, 3.5; RFC 7505; 351 is Exchange Online's
_SENDER_STATUS = re.compile(r"\d\.1\.[78]")

# Japanese carriers answer DATA with "Unknown user" for filtered mail, too; in other words they mean it.
_UNKNOWN = re.compile(r"user unknown|unknown user", re.IGNORECASE)
_AFTER_DATA = re.compile(
    r"in reply to (?:end of )?data|after (?:end of data|data)\b|\[(?:data|body)\]"
    r"|>>> ?data[^\n]{0,99}\n(?:<<<[^\n]{0,400}\n)?<<< ?5",
    re.IGNORECASE,
)
_AFTER_RCPT = re.compile(r"\brcpt\b|\[rcpt_to\]|bad-mailbox", re.IGNORECASE)
_FOR_NOW = re.compile(
    r"have been failing for a long time|retry time not reached"  # Exim, after 4yz replies alone
    r"|temporarily (?:un|not\b)|temporary (?:failure|error|problem)"
    r"|一時的[なに]|暂时(?:无法|不能)|暫時(?:無法|不能)|일시적",
    re.IGNORECASE,
)
_NO_SUCH_DOMAIN = re.compile(r"\bnxdomain\b", re.IGNORECASE)  # RFC 2308 2.1; Google reports it as 4.0.0

_ENHANCED = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.]*\d)")
_REPLY = re.compile(
    r"(?<![\d./@\[-])(?<!\d:)([45]\d\d)(?=[ :,-]|$)(?! ?(?:[kmg]?bytes|days|hours|minutes|seconds))", re.I | re.M
)


def status_in(words: str) -> str:
    """The first enhanced status code in words, if possible one that says more than X.0.0, or ""."""
    found = [match[0] for match in _ENHANCED.finditer(words[:MAX_WORDS]) if match[1] != "2"]
    return next((status for status in found if not status.endswith(".0.0")), found[0] if found else "")


def is_permanent(status: str, words: str) -> bool:
    """Whether trying again later would not help: 5 of 4 and 5, in the enhanced status, else in the reply code."""
    if _NO_SUCH_DOMAIN.search(words[:MAX_WORDS]):
        return True
    if status:
        return not status.startswith("4")
    reply = _REPLY.search(words[:MAX_WORDS])
    return reply[1].startswith("5") if reply else _FOR_NOW.search(words[:MAX_WORDS]) is None


def is_gone(status: str, diagnostic: str, notice: str) -> bool:
    """Whether the address will never work, of a permanent failure.

    `notice` is what the reporting server adds in its own words: it counts where the diagnostic tells no reason, and
    where it raises a doubt. The output of a local program (`x-unix;`, RFC 3464 2.1.1) tells nothing of the address.
    """
    if _SENDER_STATUS.fullmatch(status) or diagnostic.lower().startswith("x-unix"):
        return False
    told = reason(notice)
    why = reason(diagnostic) or told
    if why is None:
        return _GONE_STATUS.fullmatch(status) is not None
    if why not in _GONE or told is Reason.FULL:
        return False
    about = f"{diagnostic}\n{notice[:MAX_WORDS]}"
    if why is not Reason.UNKNOWN_USER:
        return True
    if status == "5.2.1":  # the mailbox exists (RFC 3463 3.3), against the words: sure only of RCPT's answer
        return _AFTER_RCPT.search(about) is not None
    doubted = _UNKNOWN.search(diagnostic if reason(diagnostic) else about) and _AFTER_DATA.search(about)
    return status.startswith("5.1.") or not doubted
