"""The fields of a delivery status (RFC 3464), as servers write them: in a part of its own, in the text, or quoted.

Reads fields only. What they mean for the address is judged in bounce_reason.py.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from gateway.mail import display, words
from gateway.mail.bounce_address import plain

MAX_ENTRIES = 1000
MAX_VALUE = 1000  # characters of a folded field that are kept

_FIELD = re.compile(r"([A-Za-z][A-Za-z0-9-]{1,60})[ \t]*:[ \t]*(.*)")
_RECIPIENTS = ("final-recipient", "original-recipient", "x-actual-recipient")
_NAMES = frozenset((*_RECIPIENTS, "action", "status", "diagnostic-code", "x-powermta-bouncecategory"))
_ACTIONS = {
    "failed": "failed", "failure": "failed", "error": "failed", "permanent-failure": "failed", "delayed": "delayed",
    "deferred": "delayed", "delay": "delayed", "delivered": "delivered", "relayed": "delivered",
    "expanded": "delivered",
}  # fmt: skip
_QUOTED = re.compile(r"^(?:> ?)+", re.MULTILINE)
_CODE = re.compile(r"\b[245]\.\d{1,3}\.\d{1,3}\b")  # RFC 3463 2
_COMMENT = re.compile(r"\(([^()]{0,200})\)")


@dataclass(frozen=True)
class Entry:
    """The fields about one recipient. `address` is "" where only a file, a program or an X.400 name is told; `category`
    is how PowerMTA sorts its bounces ("bad-mailbox")."""

    address: str
    action: str  # failed, delayed or delivered
    status: str
    diagnostic: str
    category: str = ""


def entries(text: str) -> list[Entry]:
    """Each recipient's fields in `text`: groups between blank lines that have a recipient field (RFC 3464 2.1)."""
    found: list[Entry] = []
    for group in _groups(_QUOTED.sub("", text)):
        if any(name in group for name in _RECIPIENTS):
            found.append(_entry(group))
        if len(found) == MAX_ENTRIES:
            break
    return found


def _groups(text: str) -> Iterator[dict[str, str]]:
    """Groups of fields, first values only. A line that is no field continues the one above, even unfolded."""
    group: dict[str, str] = {}
    last = ""
    for line in text.splitlines():
        match = None if line[:1] in " \t" else _FIELD.match(line)
        name = match[1].lower() if match else ""
        if not line.strip() or (name == "final-recipient" and name in group):
            yield group
            group, last = {}, ""
        if match:
            last = name if name in _NAMES and name not in group else ""
            if last:
                group[name] = match[2][:MAX_VALUE]
        elif last and len(group[last]) < MAX_VALUE:
            group[last] += " " + line.strip()[:MAX_VALUE]
    yield group


def _entry(group: dict[str, str]) -> Entry:
    """RFC 3464 2.3: the final recipient, unless it is no mail address; the words of a status are kept."""
    addresses = (plain(group.get(name, "").rpartition(";")[2]) for name in _RECIPIENTS)
    status = group.get("status", "").strip()
    code = _CODE.search(status)
    told = words.decode(group.get("diagnostic-code", "").encode("utf-8", "surrogateescape"))
    remark = _COMMENT.search(status) or re.match(r"\d\d\d .*", status)
    diagnostic = display.one_line(" ".join(told.split()) or (remark[0].strip("()") if remark else ""))
    action = re.split(r"[ ;(]", group.get("action", "").strip().lower(), maxsplit=1)[0]
    address = next(filter(None, addresses), "")
    category = display.one_line(group.get("x-powermta-bouncecategory", ""))
    return Entry(address, _ACTIONS.get(action, "failed"), code[0] if code else "", diagnostic, category)
