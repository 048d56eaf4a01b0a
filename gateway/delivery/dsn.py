"""What we ask of servers that offer delivery status notifications (RFC 3461, N33)."""

from dataclasses import dataclass

from gateway.delivery.envelope import Envelope


@dataclass(frozen=True, slots=True)
class Parameters:
    """Of the commands MAIL and RCPT."""

    mail: list[str]
    rcpt: list[str]


def parameters(envelope: Envelope) -> Parameters:
    """Reports of failure and delay, with the header alone (N34); of a mail with the null sender none."""
    notify = "NOTIFY=FAILURE,DELAY" if envelope.mail_from else "NOTIFY=NEVER"  # RFC 3461 4.1
    return Parameters(["RET=HDRS", f"ENVID={xtext(envelope.id)}"], [f"ORCPT={orcpt(envelope.rcpt_to)}", notify])


def orcpt(address: str) -> str:
    """The recipient as it was first given (RFC 3461 4.2); one that is not ASCII as utf-8-addr-xtext (RFC 6533 3)."""
    if address.isascii():
        return f"rfc822;{xtext(address)}"
    return "utf-8;" + "".join(c if _is_plain(c) and c != "\\" else f"\\x{{{ord(c):X}}}" for c in address)


def xtext(value: str) -> str:
    """RFC 3461 4: ASCII without spaces, controls, `+` and `=`, which are written `+XX`."""
    return "".join(c if _is_plain(c) else f"+{ord(c):02X}" for c in value)


def _is_plain(character: str) -> bool:
    return "!" <= character <= "~" and character not in "+="
