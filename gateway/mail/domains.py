"""One spelling for each domain name."""

import idna

from gateway.mail.normal_forms import nfc

DOMAIN_LIMIT = 255  # octets (RFC 5321 4.5.3.1.2)


def ascii_domain(domain: str) -> str:
    """In lower case and without the root's dot, its labels as A-labels (RFC 5891 4): as DNS and SMTP write it, and by
    which alone two domains are the same. A label that is none by IDNA 2008, as an emoji, stays in Unicode.

    IDNA 2003, Python's own codec, takes ß for ss: another's domain."""
    domain = nfc(nfc(domain.rstrip(".")).lower())
    if domain.isascii() or len(domain) > DOMAIN_LIMIT:
        return domain
    return ".".join(label if label.isascii() else _a_label(label) for label in domain.split("."))


def readable_domain(domain: str) -> str:
    """As people write it: A-labels as U-labels, where they are any."""
    if "xn--" not in domain or len(domain) > DOMAIN_LIMIT:
        return domain
    return ".".join(_u_label(label) if label.startswith("xn--") else label for label in domain.split("."))


def _a_label(label: str) -> str:
    try:
        return idna.alabel(label).decode("ascii")
    except UnicodeError:  # idna.IDNAError is one
        return label


def _u_label(label: str) -> str:
    try:
        return idna.ulabel(label)
    except UnicodeError:
        return label
