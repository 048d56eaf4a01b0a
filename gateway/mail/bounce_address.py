"""Mail addresses in what servers write: found in prose, and told from files, programs and X.400 names."""

import re

from gateway.mail import display

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]"
ADDRESS = (
    rf'(?<!{_ATOM})(?:{_ATOM}{{1,128}}|"[^"\s@]{{1,64}}")@'
    r"(?:(?:[A-Za-z0-9_-]{1,63}\.){1,16}[A-Za-z0-9_-]{1,63}|\[[0-9A-Fa-f.:]{3,60}\])"
)
"""A pattern of an address in running text, without groups: ASCII, a domain of two labels or more."""

_WHOLE = re.compile(r'(?:[^\s@<>"]+|"[^"]*")@(?:[^\s@<>.]+\.)+[^\s@<>.]+|(?:[^\s@<>"]+|"[^"]*")@\[[0-9A-Fa-f.:]+\]')
_NOT_MAIL = ("|", "/", ":", "\\")
_MARKED = re.compile(r"[*'`_~]*(?:smtp=|mailto=)?", re.IGNORECASE)  # what prose and X.400 put before an address


def plain(value: str) -> str:
    """An address as a field gives it, `<a@b>` or `a@b`; "" for what is none."""
    address = display.one_line(value).strip().strip("<>").strip()
    return address if _WHOLE.fullmatch(address) and not address.startswith(_NOT_MAIL) else ""


def from_prose(found: str) -> str:
    """What ADDRESS matched, without the marks of emphasis and quotation; "" for a file, a program or a Message-ID."""
    return plain(_MARKED.sub("", found, count=1))
