"""Who must never be answered automatically, whatever a rule says (RFC 3834 2, N29, N32, A12), and why. Pure.

Only the mail and its envelope are looked at; how often somebody was answered before is asked in answer_limits.py.
"""

import re

from gateway.desk.situation import Incoming
from gateway.mail.addresses import InquiryAddress, StoreAddress, normalise_address, parse_local_part, same_address
from gateway.mail.authentication import aligned
from gateway.mail.body import SHORTENED
from gateway.mail.machines import is_program
from gateway.store.states import Origin

_NOBODY = re.compile(  # local parts behind which no person reads an answer, beside those that tell the kind of a mail
    r"(?:mailer|mail)[-_.]?daemon.*|(?:no|never|do[-_.]?not|dont)[-_.]?(?:reply|respond|answer).*|owner[-_.].*"
    r"|(?:.*[-_.])?bounces?(?:[-_.=].*)?|(?:return|verp)[-_.=].*|.*[-_.](?:request|owner)|root|nobody|daemon|cron"
    r"|www-data|auto[-_.]?(?:mat|reply|respond|answer|confirm|notif).*|notif(?:y|ications?)|alerts?|newsletters?"
    r"|mailmagazine|melmaga|postmaster|hostmaster|abuse|majordomo.*|listserv.*"
)


def bar(incoming: Incoming, customer: str, origin: Origin) -> str | None:
    """Why no rule may answer, close, file or silence this mail of the inquiry of `customer` (the stored address, to
    which alone an answer would go); None when one may."""
    mail, sender = incoming.mail, normalise_address(incoming.mail_from)
    if not sender:
        return "null sender"  # RFC 5321 4.5.5
    if mail.machine is not None:
        return f"a machine: {mail.machine}"
    if mail.silenced_by:
        return f"marked: {mail.silenced_by}"[:40]
    if not incoming.author or len(mail.from_) != 1:
        return "not exactly one author"  # N40
    if _is_ours(incoming.author, incoming) or _is_ours(sender, incoming):
        return "our own address"  # A13
    if _is_nobody(incoming.author) or _is_nobody(sender):
        return "an address that nobody reads"
    if mail.auto_submitted:
        return "automatic"
    if origin is Origin.MARKETPLACE:
        return "marketplace staff"
    if not same_address(incoming.author, customer):
        return "another address"
    if not mail.authenticated:
        return "not authenticated"
    if not aligned(_domain(sender), _domain(customer)):
        return "another envelope sender"  # N32
    if not _is_addressed(incoming):
        return "not addressed to us"  # RFC 5230 4.5
    return "shortened" if SHORTENED in mail.defects else None


def _is_ours(address: str, incoming: Incoming) -> bool:
    return _domain(address) == _domain(normalise_address(incoming.recipient))


def _is_nobody(address: str) -> bool:
    """By the local part, with and without a detail (RFC 5233)."""
    local = address.rpartition("@")[0].casefold()
    return any(is_program(part) or _NOBODY.fullmatch(part) for part in {local, local.partition("+")[0]})


def _is_addressed(incoming: Incoming) -> bool:
    """Whether To or Cc names the store or the inquiry, in any of its addresses."""
    ours = normalise_address(incoming.recipient)
    for mailbox in (*incoming.mail.to, *incoming.mail.cc):
        local, _, domain = normalise_address(mailbox.address).rpartition("@")
        if domain == _domain(ours) and _means_the_same(parse_local_part(local), incoming.address):
            return True
    return False


def _means_the_same(named: object, recipient: object) -> bool:
    match named, recipient:
        case StoreAddress(), StoreAddress():
            return named.store == recipient.store
        case InquiryAddress(), InquiryAddress():
            return named.number == recipient.number
        case _:
            return False


def _domain(address: str) -> str:
    return address.rpartition("@")[2].lower()
