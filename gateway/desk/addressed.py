"""Whether a mail was written to us: a signature tells who wrote it and not to whom, so that anybody who was sent it can
hand it in at an address of ours (A09; RFC 6376 8.6). Pure.

A mail without To and Cc says nothing, and is not doubted; nor is one to an address that a gateway had before this one.
"""

from collections.abc import Iterator

from gateway.desk.situation import Incoming
from gateway.mail.addresses import InquiryAddress, looks_signed, parse_local_part
from gateway.mail.values import Mail


def is_written_to_us(incoming: Incoming) -> bool:
    """True unless To and Cc name others alone. Of an inquiry any address counts here: which one is another question
    (`named_inquiries`)."""
    named = list(_named(incoming.mail))
    if not named:
        return True
    if isinstance(incoming.address, InquiryAddress):
        return any(looks_signed(local) for local, _ in named)
    here = incoming.recipient.rpartition("@")[2].casefold()
    return any(domain == here and parse_local_part(local) == incoming.address for local, domain in named)


def named_inquiries(mail: Mail) -> Iterator[InquiryAddress]:
    """The addresses in To and Cc that have the form of an inquiry's; nobody has verified them."""
    parsed = (parse_local_part(local) for local, _ in _named(mail))
    return (address for address in parsed if isinstance(address, InquiryAddress))


def _named(mail: Mail) -> Iterator[tuple[str, str]]:
    """Local part and domain of each address in To and Cc."""
    for mailbox in (*mail.to, *mail.cc):
        local, _, domain = mailbox.address.rpartition("@")
        yield local, domain.casefold()
