"""Whether a mail was written to us: a signature tells who wrote it and not to whom, so that anybody who was sent it can
hand it in at an address of ours (A09; RFC 6376 8.6). Pure.

He can also add what the signature does not cover. So To and Cc count where it covers them; where it covers neither, as
Microsoft 365's, To does. Of a mail with no signature, which cannot be handed in so, nothing is asked but that it names
us or nobody; and an address that a gateway had before this one is ours.
"""

from collections.abc import Iterator

from gateway.desk.situation import Incoming
from gateway.mail.addresses import InquiryAddress, looks_signed, normalise_address, parse_local_part
from gateway.mail.values import Mail


def is_written_to_us(incoming: Incoming) -> bool:
    """True unless To and Cc name others alone. For an inquiry any inquiry's address counts here; whether it is
    another's is another question (`named_inquiries`)."""
    named = list(_named(incoming.mail))
    if not named:
        return incoming.mail.covered is None
    here = incoming.recipient.rpartition("@")[2]
    if isinstance(incoming.address, InquiryAddress):
        unsigned = incoming.mail.covered is None
        return any(looks_signed(local) or (unsigned and domain == here) for local, domain in named)
    return any(domain == here and parse_local_part(local) == incoming.address for local, domain in named)


def named_inquiries(mail: Mail) -> Iterator[InquiryAddress]:
    """The addresses in To and Cc that have the form of an inquiry's; nobody has verified them."""
    parsed = (parse_local_part(local) for local, _ in _named(mail))
    return (address for address in parsed if isinstance(address, InquiryAddress))


def _named(mail: Mail) -> Iterator[tuple[str, str]]:
    """Local part and domain of each address in To and Cc that counts."""
    covered = {"to", "cc"} if mail.covered is None else mail.covered or {"to"}
    for mailbox in (*(mail.to if "to" in covered else ()), *(mail.cc if "cc" in covered else ())):
        local, _, domain = normalise_address(mailbox.address).rpartition("@")
        yield local, domain
