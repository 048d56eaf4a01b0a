"""One mail understood: `parse` turns any bytes into a `Mail`.

It never raises and takes linear time: bounds are measured before any parser runs, and what a library still raises
becomes a defect. It knows no inquiry and decides nothing.
"""

from dataclasses import replace
from email.message import Message

from gateway.mail import (
    authentication,
    body,
    boundaries,
    bounds,
    display,
    language,
    machine_marks,
    machines,
    mailboxes,
    parts,
    tree,
    words,
)
from gateway.mail.authentication import Knowledge
from gateway.mail.fields import Fields, message_id, message_ids
from gateway.mail.pictograms import carrier_of
from gateway.mail.values import Mail

MAX_DEFECTS = 50
_BEGINNING = 64 * 1024  # octets of the body of a mail over the bounds: what its writer says stands at the top
_TEXT_FIELDS = ("from", "to", "cc", "subject")


def parse(raw: bytes, known: Knowledge = Knowledge()) -> Mail:  # noqa: B008  a frozen value
    """The mail that `raw` is, with `authenticated` judged by what is `known` beside it.

    Over the bounds of A15, or where a library fails, only the header is read, and `defects` names why and that the text
    was not read. Of a mail over the bounds the beginning is read as well, if that is within them.
    """
    raw = tree.without_preface(raw)
    limits = bounds.measure(raw)
    if limits.exceeded is None:
        try:
            return _understood(raw, limits.header_end, known)
        except Exception as error:  # noqa: BLE001 - one mail's bytes must never stop the mails behind it
            defect = f"unreadable: {type(error).__name__}"
    else:
        defect = limits.exceeded
    header = bounds.safe_header(raw, limits.header_end)
    beginning = header + raw[limits.header_end : limits.header_end + _BEGINNING]
    if limits.exceeded and bounds.measure(beginning).exceeded is None:
        mail = parse(beginning)
        how = body.NOT_READ if body.NOT_READ in mail.defects else body.SHORTENED
        return replace(mail, attachments=(), authenticated=False, defects=(defect, how))
    return _header_alone(header, defect)


def renderings(raw: bytes) -> tuple[str, ...]:
    """The texts under which a reader may have seen `raw`, and so may quote it: plain, and its HTML as text."""
    raw = tree.without_preface(raw)
    text = parse(raw).text
    limits = bounds.measure(raw)
    rendered = "" if limits.exceeded else body.html_rendering(_tree(raw, limits.header_end))
    return tuple(version for version in dict.fromkeys((text, rendered)) if version)


def _tree(raw: bytes, header_end: int) -> Message:
    message = tree.read(raw, header_end)
    boundaries.repair(message)
    return message


def _understood(raw: bytes, header_end: int, known: Knowledge) -> Mail:
    message = _tree(raw, header_end)
    fields = Fields.of(message)
    carrier = carrier_of(fields)
    parts.prepare(message, carrier)
    hint = None if fields.are_ascii(*_TEXT_FIELDS) else parts.likely_charset(message)
    authors, to, cc = (mailboxes.read(fields, name, hint, carrier) for name in ("from", "to", "cc"))
    subject = display.one_line(words.decode(fields.first("subject") or b"", hint, carrier))
    content = body.read(message, carrier)
    text = content.text
    classified = machines.classify(message, fields, subject, authors.found, text, content.attachments)
    defects = [*authors.defects, *to.defects, *cc.defects, *content.defects]
    if len(fields.all("from")) != 1 or len(authors.found) != 1:
        defects.insert(0, "not exactly one author")
    verdict = authentication.judge(raw, header_end, fields, authors.found, known)
    return Mail(
        message_id=message_id(fields),
        subject=subject,
        from_=authors.found,
        to=to.found,
        cc=cc.found,
        date=mailboxes.date(fields.first("date")),
        in_reply_to=message_ids(fields, "in-reply-to"),
        references=message_ids(fields, "references"),
        charset=content.charset,
        text=text,
        attachments=tuple(content.attachments),
        machine=classified.machine,
        auto_submitted=classified.automatic,
        language=language.of(text or subject, content.charset),
        authenticated=authentication.passes(verdict),
        defects=tuple(dict.fromkeys(defects))[:MAX_DEFECTS],
        silenced_by=machine_marks.silenced_by(fields),
        covered=authentication.covered(fields, authors.found),
        authentication=verdict,
    )


def _header_alone(header: bytes, defect: str) -> Mail:
    """What can be had from the header of a mail that is not to be parsed; never authenticated."""
    message = tree.read(header, len(header))
    fields = Fields.of(message)
    authors = mailboxes.read(fields, "from").found
    subject = display.one_line(words.decode(fields.first("subject") or b""))
    classified = machines.classify(message, fields, subject, authors, "")
    return Mail(
        message_id=message_id(fields),
        subject=subject,
        from_=authors,
        to=mailboxes.read(fields, "to").found,
        cc=mailboxes.read(fields, "cc").found,
        date=mailboxes.date(fields.first("date")),
        in_reply_to=message_ids(fields, "in-reply-to"),
        references=message_ids(fields, "references"),
        charset=None,
        text="",
        attachments=(),
        machine=classified.machine,
        auto_submitted=classified.automatic,
        language=language.of(subject),
        authenticated=False,
        defects=(defect, body.NOT_READ),
        silenced_by=machine_marks.silenced_by(fields),
    )
