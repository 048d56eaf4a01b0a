"""How libraries fare on the same cases: the standard library's modern policy and mail-parser on parsing, flufl.bounce
on recipients."""

from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import getaddresses

import mailparser
from flufl.bounce import all_failures

from gateway.mail.html import to_text
from tests import corpora
from tests.score import bounces, parsing
from tests.score.check import Check
from tests.score.parsing import Reading


def checks() -> Iterator[Check]:
    """The measures of parsing and bounces again, named after each library."""
    for name, reader in (("email, policy.default", standard_library), ("mail-parser", mail_parser)):
        for check in parsing.checks(reader):
            yield replace(check, measure=f"{check.measure}, by {name}")
    for corpus, case, raw in corpora.cases("bounces"):
        if case["kind"] == "bounce":
            yield _by_flufl(corpus, case, raw)


def standard_library(raw: bytes) -> Reading:
    """What email's documentation recommends."""
    message = message_from_bytes(raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    body = message.get_body(("plain", "html"))
    text = body.get_content() if body else ""
    if body is not None and body.get_content_type() == "text/html":
        text = to_text(text)
    authors = [(a.display_name, a.addr_spec) for a in message["from"].addresses] if message["from"] else []
    files = [part.get_filename() or "" for part in message.iter_attachments()]
    rich = message.get_body(("html",))
    return Reading(str(message["subject"] or ""), authors, text, files, rich.get_content() if rich else "")


def mail_parser(raw: bytes) -> Reading:
    """mail-parser's own fields."""
    mail = mailparser.parse_from_bytes(raw)  # type: ignore[no-untyped-call]
    text = "\n".join(mail.text_plain) or to_text("\n".join(mail.text_html))
    authors = [(name, address) for name, address in mail.from_] or getaddresses([str(mail.from_)])
    files = [file["filename"] for file in mail.attachments]
    return Reading(str(mail.subject or ""), authors, text, files, "\n".join(mail.text_html))


def _by_flufl(corpus: str, case: dict[str, object], raw: bytes) -> Check:
    wanted = case["recipients_main"]
    assert isinstance(wanted, list)
    try:
        temporary, permanent = all_failures(message_from_bytes(raw))
        found = {address.decode("utf-8", "replace").lower() for address in (*temporary, *permanent)}
    except Exception:
        found = set()
    right = {address.lower() for address in wanted} <= found
    measure = f"{bounces.RECIPIENTS}, by flufl.bounce"
    return Check(measure, corpus, bounces.group(case), str(case["id"]), right, str(found), str(wanted))
