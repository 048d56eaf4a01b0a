"""One spelling for each domain name."""

import idna

from gateway.mail.normal_forms import nfc

DOMAIN_LIMIT = 255  # octets (RFC 5321 4.5.3.1.2)


def ascii_domain(domain: str) -> str:
    """In lower case and without the root's dot, its labels as A-labels (RFC 5891 4): as DNS and SMTP write it, and by
    which alone two domains are the same. What is no name by IDNA 2008, as an emoji's, stays in Unicode.

    IDNA 2003, Python's own codec, takes ß for ss: another's domain."""
    domain = nfc(domain.rstrip(".")).lower()
    if domain.isascii() or len(domain) > DOMAIN_LIMIT:
        return domain
    try:
        return idna.encode(domain, strict=True).decode("ascii")
    except UnicodeError:  # idna.IDNAError is one
        return domain
