"""What a bounce says: who was not reached, how finally, and which of our mails it was about.

In the order of trust: the fields of RFC 3464, in a part or in the text; X-Failed-Recipients; the server's own words; a
bounce that was passed on; what flufl.bounce recognises; at last the only addressee of the returned mail.
Consequences are drawn elsewhere.
"""

import logging
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from email import message_from_bytes

from flufl.bounce import all_failures

from gateway.mail import bounce_notice, bounce_prose, bounce_reason, bounce_report, bounds, display, mailboxes, words
from gateway.mail.bounce_address import plain
from gateway.mail.bounce_notice import Notice
from gateway.mail.bounce_prose import Named
from gateway.mail.bounce_report import Entry
from gateway.mail.bounce_words import reason
from gateway.mail.fields import Fields

MAX_RECIPIENTS = 100
MAX_DIAGNOSTIC = 400  # characters of a server's words that are kept
_RECOGNISABLE = 16 * 1024  # octets given to flufl.bounce, which tries its patterns on each line

logging.getLogger("flufl.bounce").setLevel(logging.CRITICAL + 1)  # it logs each detector's attempt and failure

_WAITING = re.compile(
    r"\b(?:will be|being|be) retried|(?:has|have|been|is) delayed|delayed (?:for|\d+ hours)|has been postponed"
    r"|not (?:yet )?(?:been )?delivered (?:yet|to all of its recipients after|after more)|not yet (?:been )?delivered"
    r"|warning(?: message)? only|this is (?:just|only) a (?:warning|temporary)|advisory-only|temporary failure report"
    r"|will continue to (?:try|attempt)|do(?: not|n't) need to re-?send|delivery attempts will continue"
    r"|could not send message for past|still being retried|遅延|verzögert|再送(?:します|を続け|いたします)",
    re.IGNORECASE,
)
_LIST_FIELDS = ("list-id", "list-post", "list-unsubscribe", "mailing-list", "precedence", "x-beenthere")


@dataclass(frozen=True)
class Failure:
    """One recipient of a report: `action` is failed, delayed or delivered; `dead` where the address is no good."""

    address: str
    status: str
    action: str
    permanent: bool
    dead: bool
    diagnostic: str


@dataclass(frozen=True)
class Bounce:
    """A report's recipients, and the Message-ID of the mail it is about, or None."""

    recipients: tuple[Failure, ...]
    original_message_id: str | None


def read(raw: bytes) -> Bounce:
    """What `raw` reports; without recipients when it names none. Never raises."""
    if bounds.measure(raw).exceeded:
        return Bounce((), None)
    notice = bounce_notice.read(raw)
    failures = [failure if failure.status else _returned_with(failure, notice) for failure in _failures(notice, raw)]
    return Bounce(tuple(failures), bounce_notice.original_message_id(notice, raw))


def _returned_with(failure: Failure, notice: Notice) -> Failure:
    """The failure that a notice without a reason tells; where what it returns is itself a server's transcript about the
    same address, with a status, that one (a gateway passed another server's notice on)."""
    if failure.action != "failed" or reason(failure.diagnostic) or reason(notice.text):
        return failure
    raw = bounce_notice.enclosed(notice)
    told = _failures(bounce_notice.read(raw), raw) if raw else []
    same = (inner for inner in told if inner.address.lower() == failure.address.lower())
    return next((inner for inner in same if inner.permanent and inner.status), failure)


def _failures(notice: Notice, raw: bytes) -> list[Failure]:
    fields = Fields.of(notice.report)
    author = {mailbox.address.lower() for mailbox in mailboxes.read(fields, "from").found}
    sender = (*mailboxes.read(fields, "to").found, *mailboxes.read(notice.returned, "from").found)
    us = {mailbox.address.lower() for mailbox in sender}
    places = bounce_prose.named(notice.text, author, us)
    told = [entry for status in notice.statuses for entry in bounce_report.entries(status)]
    entries = _mail(told) or _mail(bounce_report.entries(notice.text))
    if entries:
        near = [_near(notice, places, entry.address, len(entries)) for entry in entries]
        return [_reported(entry, said, us) for entry, said in zip(entries, near, strict=True)]
    waiting = _WAITING.search(f"{words.decode(fields.first('subject') or b'')}\n{notice.text}")
    unnamed = told[0] if len(told) == 1 else Entry("", "delayed" if waiting else "failed", "", "")
    failed = _header(fields) or [place.address for place in places]
    entries = _mail(replace(unnamed, address=address) for address in failed)
    if entries:
        return [_in_words(entry, notice, places, len(entries)) for entry in entries]
    entries = _mail(bounce_report.entries("\n\n".join([notice.rest, *bounce_notice.inner_statuses(notice)])))
    if entries:
        return [_reported(entry, "", us) for entry in entries]
    addressees = (replace(unnamed, address=address) for address in _only_addressee(notice))
    entries = _mail(_recognised(raw, author)) or _mail(addressees)
    return [_in_words(entry, notice, [], len(entries)) for entry in entries]


def _mail(entries: Iterable[Entry]) -> list[Entry]:
    """Those about mail addresses, each address once, at most MAX_RECIPIENTS."""
    found: dict[str, Entry] = {}
    for entry in entries:
        if entry.address and len(found) < MAX_RECIPIENTS:
            found.setdefault(entry.address.lower(), entry)
    return list(found.values())


def _reported(entry: Entry, near: str, us: Collection[str]) -> Failure:
    """RFC 3464 fields. The code in the diagnostic is the far server's own; the status may be a summary of it. An
    address of `us` in the diagnostic is what the server complains of."""
    code = bounce_reason.status_in(entry.diagnostic)
    status = code if code and not code.endswith(".0.0") else entry.status or code
    failure = _judged(replace(entry, status=status), entry.diagnostic, f"{entry.category}\n{near}")
    said = entry.diagnostic.lower()
    about_us = entry.address.lower() not in said and any(address in said for address in us)
    return replace(failure, dead=False) if about_us else failure


def _in_words(entry: Entry, notice: Notice, places: list[Named], count: int) -> Failure:
    """What follows the address; where it tells no reason, what stands before it, or before all of several."""
    near = _near(notice, places, entry.address, count)
    paragraph = near.strip(" \t\r\n>\"':：)]").split("\n\n", 1)[0]
    diagnostic = entry.diagnostic or display.one_line(" ".join(paragraph.split()))[:MAX_DIAGNOSTIC]
    status = entry.status or bounce_reason.status_in(near)
    around = notice.text if count == 1 else notice.text[: places[0].start] if places else ""
    return _judged(replace(entry, status=status, diagnostic=diagnostic), near, near if reason(near) else around)


def _judged(entry: Entry, said: str, notice: str) -> Failure:
    permanent = entry.action == "failed" and bounce_reason.is_permanent(entry.status, said)
    dead = permanent and bounce_reason.is_gone(entry.status, said, notice)
    return Failure(entry.address, entry.status, entry.action, permanent, dead, entry.diagnostic)


def _near(notice: Notice, places: list[Named], address: str, count: int) -> str:
    """What the notice says of that address; where it does not name it, all of it, if it is the only one."""
    index = next((index for index, place in enumerate(places) if place.address.lower() == address.lower()), None)
    if index is not None:
        return bounce_prose.after(notice.text, places, index)
    return notice.text if count == 1 else ""


def _header(fields: Fields) -> list[str]:
    """X-Failed-Recipients, as Exim and Google write it."""
    values = (value.decode("utf-8", "replace") for value in fields.all("x-failed-recipients"))
    return [address for value in values for one in value.split(",") if (address := plain(one))]


def _recognised(raw: bytes, author: Collection[str]) -> list[Entry]:
    try:
        temporary, permanent = all_failures(message_from_bytes(raw[:_RECOGNISABLE]))
    except Exception:  # noqa: BLE001 - its detectors raise whatever odd bytes make them raise
        return []
    found = [("failed", octets) for octets in sorted(permanent)] + [("delayed", octets) for octets in sorted(temporary)]
    entries = (Entry(plain(octets.decode("utf-8", "replace")), action, "", "") for action, octets in found)
    return [entry for entry in entries if entry.address.lower() not in author]


def _only_addressee(notice: Notice) -> list[str]:
    """Of the returned mail, or of a header in the words, where they tell a reason. A mail to a list may have failed for
    others than named."""
    shared = any(notice.returned.first(name) is not None for name in (*_LIST_FIELDS, "cc"))
    if shared or reason(notice.text) is None:
        return []
    addressees = [mailbox.address for mailbox in mailboxes.read(notice.returned, "to").found]
    return addressees if len(addressees) == 1 else bounce_prose.only_addressee(notice.text)
