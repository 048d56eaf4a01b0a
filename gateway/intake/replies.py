"""The replies we make ourselves, and an enhanced status code for those of the SMTP library (N17, RFC 2034, RFC 3463).

Every refusal of a recipient has the same words, whatever the reason (A08, A27).
"""

import re

BAD_OCTETS = "550 5.6.0 Bare CR, LF or NUL: only CRLF ends a line"  # N01
TOO_EARLY = "554 5.5.1 Input before it was asked for"  # N19
TOO_BIG = "552 5.3.4 Message too big"  # N18
TOO_MANY_HOPS = "554 5.4.6 Too many hops"  # N15
UNKNOWN_RECIPIENT = "550 5.1.1 No such address here"
NO_RELAY = "550 5.7.1 Relaying denied"  # N12
TOO_MANY_RECIPIENTS = "452 4.5.3 Too many recipients"  # N05
NO_ROOM = "452 4.3.1 Insufficient storage, try again later"
TRY_LATER = "451 4.3.0 Temporary failure, try again later"
TOO_MANY_ERRORS = "421 4.7.0 Too many errors"
TOO_BUSY = "421 4.3.2 Too many connections, try again later"
TOO_MANY_OF_YOURS = "421 4.7.0 Too many connections from you, try again later"  # A26
BEHIND = "451 4.3.2 Too much mail waits already, try again later"
CLOSING = "421 4.3.2 Shutting down, try again later"
TIMEOUT = "421 4.4.2 Timeout"
LINE_TOO_LONG = "500 5.5.2 Line too long"
UNKNOWN_COMMAND = "500 5.5.2 Command not recognized"
NOT_IMPLEMENTED = "502 5.5.1 Command not implemented"
CANNOT_VERIFY = "252 2.0.0 Cannot verify, but will accept mail and try"  # N13
HELP = "214 2.0.0 See RFC 5321"
SYNTAX_HELO = "501 5.5.4 Syntax: EHLO hostname"
SYNTAX_STARTTLS = "501 5.5.4 Syntax: STARTTLS"
NO_TLS = "454 4.7.0 TLS not available"
TLS_READY = "220 2.0.0 Ready to start TLS"
SENDER_OK = "250 2.1.0 Ok"
RECIPIENT_OK = "250 2.1.5 Ok"
BYE = "221 2.0.0 Bye"
TLS_ACTIVE = "503 5.5.1 TLS is active already"
SYNTAX_DATA = "501 5.5.4 Syntax: DATA"
NEED_RECIPIENT = "503 5.5.1 Need RCPT first"
START_DATA = "354 End data with <CR><LF>.<CR><LF>"

# Why a session was ended, where the reply is its last; of all other replies ANOTHER_END.
ENDS = {
    BAD_OCTETS: "bare CR, LF or NUL",
    TOO_EARLY: "input too early",
    TOO_MANY_ERRORS: "too many errors",
    LINE_TOO_LONG: "line too long",
    TOO_BIG: "message too big",
}
ANOTHER_END = "trouble of ours"

_ENHANCED = re.compile(r"[245]\d\d [245]\.\d{1,3}\.\d{1,3} ")
_DEFAULTS = {
    "221": "2.0.0",
    "250": "2.0.0",
    "500": "5.5.2",
    "501": "5.5.4",
    "502": "5.5.1",
    "503": "5.5.1",
    "552": "5.3.4",
    "553": "5.1.3",
    "555": "5.5.4",
}


def queued(queue_id: str) -> str:
    """The promise: said only after the commit."""
    return f"250 2.0.0 Ok: queued as {queue_id}"


def with_status(reply: str) -> str:
    """`reply` with an enhanced status code, unless it has one or may have none (354)."""
    if _ENHANCED.match(reply):
        return reply
    status = _DEFAULTS.get(reply[:3])
    return f"{reply[:3]} {status} {reply[4:]}" if status else reply
