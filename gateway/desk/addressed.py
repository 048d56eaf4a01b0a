"""Whether a mail was written to us: a signature tells who wrote it and not to whom, so that anybody who was sent it can
hand it in at an address of ours (A09; RFC 6376 8.6). Pure.

A mail without To and Cc says nothing, and is not doubted; nor is one that names no more than an older domain of ours.
"""

from collections.abc import Iterator

from gateway.desk.situation import Incoming
from gateway.mail.addresses import Address, InquiryAddress, parse_local_part
from gateway.mail.values import Mail


def is_written_to_us(incoming: Incoming) -> bool:
    """True unless To and Cc name others alone. Of an inquiry any address counts here: which one is another question
    (`named_inquiries`)."""
    mail = incoming.mail
    if not mail.to and not mail.cc:
        return True
    if isinstance(incoming.address, InquiryAddress):
        return any(named_inquiries(mail))
    here = incoming.recipient.rpartition("@")[2].casefold()
    return any(domain == here and named == incoming.address for named, domain in _named(mail))


def named_inquiries(mail: Mail) -> Iterator[InquiryAddress]:
    """The addresses in To and Cc that have the form of an inquiry's; nobody has verified them."""
    return (named for named, _ in _named(mail) if isinstance(named, InquiryAddress))


def _named(mail: Mail) -> Iterator[tuple[Address | None, str]]:
    for mailbox in (*mail.to, *mail.cc):
        local, _, domain = mailbox.address.rpartition("@")
        yield parse_local_part(local), domain.casefold()
