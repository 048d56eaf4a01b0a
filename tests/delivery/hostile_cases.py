"""T09, the table: every way in which a smarthost may fail a mail, and what has to become of that mail."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from tests.delivery.sink import Fault, Step

TLS, SMTPS = "smtp+starttls", "smtps"
LOST = "4.4.2 "  # how the word for a broken connection begins (RFC 3463 3.5)
ENDLESS = b"250-" + b"x" * 10_000_000
ENDLESS_LINES = b"250-mx.example.jp\r\n" * 500_000 + b"250 ok\r\n"


class Ends(Enum):
    """What the first attempt leads to, and the second."""

    SENT = "sent at once"
    LATER = "queued for the next step of the schedule, and sent then"
    REFUSED = "failed, told once, never tried again"
    HELD = "queued, no older, and sent when the login works"
    RESENT = "uncertain, and sent once more"
    UNKNOWN = "uncertain twice: told once, a person's matter"
    NEVER_AGAIN = "uncertain, of an automatic mail: told once, a person's matter"


@dataclass(frozen=True)
class Case:
    name: str
    script: Mapping[str, Step | list[Step]]  # what the server does first, by stage
    ends: Ends
    reply: str = ""  # how the server's recorded word begins
    scheme: str = "smtp"
    extensions: tuple[str, ...] = ("8BITMIME", "SIZE 50000000")
    impatient: str = ""  # the phase whose timeout is short
    server: str = ""  # refused, unknown, unresolved, plain, stranger, another name
    copies: int | None = None  # at the server in the end; None for what is usual
    is_big: bool = False
    to: str = ""
    is_dead: bool = False  # the refusal says that the address is no good

    @property
    def kept(self) -> int:
        return int(self.ends is not Ends.REFUSED) if self.copies is None else self.copies


def _tls(name: str, script: Mapping[str, Step | list[Step]], ends: Ends, reply: str = "", **more: Any) -> Case:
    offers = more.pop("extensions", ("STARTTLS", "AUTH PLAIN LOGIN"))
    return Case(name, script, ends, reply, scheme=more.pop("scheme", TLS), extensions=offers, **more)


CASES = (
    # The connection and the greeting.
    Case("connection refused", {}, Ends.LATER, LOST, server="refused"),
    Case("no such host", {}, Ends.LATER, LOST, server="unknown"),
    Case("DNS down", {}, Ends.LATER, LOST, server="unresolved"),
    Case("greeting 421", {"connect": "421 4.3.2 busy"}, Ends.LATER, "421 4.3.2 busy"),
    Case("greeting 554", {"connect": "554 5.3.2 no service"}, Ends.LATER, "554 5.3.2 no service"),
    Case("greeting, drop", {"connect": Fault.DROP}, Ends.LATER, LOST),
    Case("greeting, reset", {"connect": Fault.RESET}, Ends.LATER, LOST),
    Case("greeting, silence", {"connect": Fault.SILENT}, Ends.LATER, LOST, impatient="connect"),
    Case("greeting, 1 octet at a time", {"connect": Fault.SLOW}, Ends.LATER, LOST, impatient="connect"),
    Case("greeting, garbage", {"connect": b"\0\xff\r\n"}, Ends.LATER),
    Case("greeting, 10 MB", {"connect": ENDLESS}, Ends.LATER),
    Case("greeting twice", {"connect": "220 mx.example.jp\r\n220 mx.example.jp"}, Ends.LATER),
    # EHLO.
    Case("EHLO 421", {"EHLO": "421 4.3.2 busy", "HELO": "421 4.3.2 busy"}, Ends.LATER, "421 4.3.2 busy"),
    Case("EHLO 5yz, HELO good", {"EHLO": "502 5.5.1 what"}, Ends.SENT, "250 2.0.0 Ok"),
    Case("EHLO and HELO 5yz", {"EHLO": "550 5.7.1 no", "HELO": "550 5.7.1 no"}, Ends.LATER, "550 5.7.1 no"),
    Case("EHLO, drop", {"EHLO": Fault.DROP}, Ends.LATER, LOST),
    Case("EHLO, silence", {"EHLO": Fault.SILENT}, Ends.LATER, LOST, impatient="command"),
    Case("EHLO, 1 octet at a time", {"EHLO": Fault.SLOW}, Ends.LATER, LOST, impatient="command"),
    Case("EHLO, 10 MB of lines", {"EHLO": ENDLESS_LINES}, Ends.LATER),
    # STARTTLS, and TLS from the first octet on (N22, N23).
    _tls("STARTTLS not offered", {}, Ends.LATER, extensions=("AUTH PLAIN",), scheme=TLS),
    _tls("STARTTLS 454", {"STARTTLS": "454 4.7.0 not now"}, Ends.LATER, "454 4.7.0 not now"),
    _tls("STARTTLS 554", {"STARTTLS": "554 5.7.0 never"}, Ends.LATER, "554 5.7.0 never"),
    _tls("STARTTLS, drop", {"STARTTLS": Fault.DROP}, Ends.LATER, LOST),
    _tls("STARTTLS, drop after 220", {"STARTTLS": ("220 2.0.0 Go on", Fault.DROP)}, Ends.LATER, LOST),
    _tls("STARTTLS, silence", {"STARTTLS": Fault.SILENT}, Ends.LATER, LOST, impatient="command"),
    _tls(
        "STARTTLS with an answer injected (A02)",
        {"STARTTLS": ("220 2.0.0 Go on\r\n250 injected", Fault.DROP)},
        Ends.LATER,
        LOST,
    ),
    _tls("STARTTLS, another server's certificate", {}, Ends.LATER, LOST, server="another name"),
    _tls("STARTTLS, an unknown authority's certificate", {}, Ends.LATER, LOST, server="stranger"),
    _tls("no TLS where it was to begin", {}, Ends.LATER, LOST, server="plain", scheme=SMTPS),
    _tls("TLS, an unknown authority's certificate", {}, Ends.LATER, LOST, server="stranger", scheme=SMTPS),
    # AUTH (N24).
    _tls("AUTH 535", {"AUTH": ["535 5.7.8 wrong"] * 2}, Ends.HELD, "535 5.7.8 wrong"),
    _tls("AUTH 534", {"AUTH": ["534 5.7.9 too weak"] * 2}, Ends.HELD, "534 5.7.9 too weak", scheme=SMTPS),
    _tls("AUTH 454", {"AUTH": ["454 4.7.0 not now"] * 2}, Ends.LATER, "454 4.7.0 not now"),
    _tls("AUTH, drop", {"AUTH": Fault.DROP}, Ends.LATER, LOST),
    _tls("AUTH, silence", {"AUTH": Fault.SILENT}, Ends.LATER, LOST, impatient="command"),
    _tls("AUTH not offered", {}, Ends.HELD, "4.7.0 ", extensions=("STARTTLS",)),
    Case("login wanted at MAIL", {"MAIL": "530 5.7.0 log in"}, Ends.HELD, "530 5.7.0 log in"),
    # MAIL.
    Case("MAIL 451", {"MAIL": "451 4.3.0 later"}, Ends.LATER, "451 4.3.0 later"),
    Case("MAIL 452", {"MAIL": "452 4.3.1 full"}, Ends.LATER, "452 4.3.1 full"),
    Case("MAIL 550", {"MAIL": "550 5.7.1 no"}, Ends.REFUSED, "550 5.7.1 no"),
    Case("MAIL 552", {"MAIL": "552 5.3.4 too big"}, Ends.REFUSED, "552 5.3.4 too big"),
    Case("MAIL 421, drop", {"MAIL": ("421 4.3.2 bye", Fault.DROP)}, Ends.LATER, "421 4.3.2 bye"),
    Case("MAIL, drop", {"MAIL": Fault.DROP}, Ends.LATER, LOST),
    Case("MAIL, silence", {"MAIL": Fault.SILENT}, Ends.LATER, LOST, impatient="command"),
    Case("MAIL, garbage", {"MAIL": "what"}, Ends.LATER),
    Case("MAIL, two answers", {"MAIL": "250 2.1.0 Ok\r\n250 2.1.5 Ok"}, Ends.LATER, LOST),
    Case("a mail over the server's SIZE", {}, Ends.REFUSED, "5.3.4 ", extensions=("SIZE 10",)),
    Case("an address that needs SMTPUTF8", {}, Ends.REFUSED, "5.6.7 ", to="山田@example.jp"),
    # RCPT.
    Case("RCPT 450", {"RCPT": "450 4.2.1 greylisted"}, Ends.LATER, "450 4.2.1 greylisted"),
    Case("RCPT 550", {"RCPT": "550 5.1.1 unknown"}, Ends.REFUSED, "550 5.1.1 unknown", is_dead=True),
    Case("RCPT 551", {"RCPT": "551 5.1.6 moved"}, Ends.REFUSED, "551 5.1.6 moved", is_dead=True),
    Case("RCPT 550 of our sender", {"RCPT": "550 5.1.8 sender unknown"}, Ends.REFUSED, "550 5.1.8 sender unknown"),
    Case("RCPT 552 of an old server (N05)", {"RCPT": "552 too many"}, Ends.LATER, "552 too many"),
    Case("RCPT 554", {"RCPT": "554 5.7.1 blocked"}, Ends.REFUSED, "554 5.7.1 blocked"),
    Case("RCPT 554 alone", {"RCPT": "554 no such user"}, Ends.REFUSED, "554 no such user"),
    Case("RCPT 421, drop", {"RCPT": ("421 4.3.2 bye", Fault.DROP)}, Ends.LATER, "421 4.3.2 bye"),
    Case("RCPT, drop", {"RCPT": Fault.DROP}, Ends.LATER, LOST),
    Case("RCPT, silence", {"RCPT": Fault.SILENT}, Ends.LATER, LOST, impatient="command"),
    Case("RCPT, 10 MB", {"RCPT": ENDLESS}, Ends.LATER),
    # DATA and the content.
    Case("DATA 452", {"DATA": "452 4.3.1 full"}, Ends.LATER, "452 4.3.1 full"),
    Case("DATA 554", {"DATA": "554 5.5.1 no"}, Ends.REFUSED, "554 5.5.1 no"),
    Case("DATA 250", {"DATA": "250 2.0.0 Ok"}, Ends.LATER, "250 2.0.0 Ok"),
    Case("DATA, drop", {"DATA": Fault.DROP}, Ends.LATER, LOST),
    Case("DATA, silence", {"DATA": Fault.SILENT}, Ends.LATER, LOST, impatient="data"),
    Case("DATA, 250 together with 354", {"DATA": "354 Go on\r\n250 2.0.0 Ok"}, Ends.LATER, LOST),
    Case("DATA, drop after 354", {"DATA": ("354 Go on", Fault.DROPS_IN_CONTENT)}, Ends.LATER, LOST, is_big=True),
    Case(
        "the content at 1 octet a second",
        {"DATA": ("354 Go on", Fault.STOPS_READING)},
        Ends.LATER,
        "4.4.2 the server takes no more",
        impatient="block",
        is_big=True,
    ),
    # After the final dot (RFC 1047, N14).
    Case("dot 451", {"DOT": "451 4.3.0 later"}, Ends.LATER, "451 4.3.0 later"),
    Case("dot 554", {"DOT": "554 5.7.1 spam"}, Ends.REFUSED, "554 5.7.1 spam"),
    Case("dot 552", {"DOT": "552 5.3.4 too big"}, Ends.REFUSED, "552 5.3.4 too big"),
    Case("dot 421, drop", {"DOT": ("421 4.3.2 bye", Fault.DROP)}, Ends.LATER, "421 4.3.2 bye"),
    Case("dot 250, reset", {"DOT": ("250 2.0.0 Ok", Fault.RESET)}, Ends.SENT, "250 2.0.0 Ok"),
    Case("dot 250, drop", {"DOT": ("250 2.0.0 Ok", Fault.DROP)}, Ends.SENT, "250 2.0.0 Ok"),
    Case("dot 250 in lines", {"DOT": "250-2.0.0 Ok\r\n250 2.0.0 queued"}, Ends.SENT, "250 2.0.0 Ok 2.0.0 queued"),
    Case("dot, two answers", {"DOT": "250 2.0.0 Ok\r\n250 2.0.0 Ok"}, Ends.SENT, "250 2.0.0 Ok"),
    Case("dot 250, 1 octet at a time", {"DOT": Fault.SLOW}, Ends.SENT, "250 2.0.0 Ok"),
    Case("dot, drop", {"DOT": Fault.DROP}, Ends.RESENT, LOST),
    Case("dot, reset", {"DOT": Fault.RESET}, Ends.RESENT, LOST),
    Case("dot, silence", {"DOT": Fault.SILENT}, Ends.RESENT, LOST, impatient="dot"),
    Case("dot, garbage", {"DOT": "what"}, Ends.RESENT, LOST),
    Case("dot, 10 MB", {"DOT": ENDLESS}, Ends.RESENT, LOST, copies=2),
    Case("dot, taken, drop", {"DOT": Fault.TAKES_AND_DROPS}, Ends.RESENT, LOST, copies=2),
    Case("dot, taken twice, drop", {"DOT": [Fault.TAKES_AND_DROPS] * 2}, Ends.UNKNOWN, LOST, copies=2),
    Case("dot of an automatic mail, drop", {"DOT": Fault.DROP}, Ends.NEVER_AGAIN, LOST, copies=0),
    Case("dot of an automatic mail, taken, drop", {"DOT": Fault.TAKES_AND_DROPS}, Ends.NEVER_AGAIN, LOST),
)
