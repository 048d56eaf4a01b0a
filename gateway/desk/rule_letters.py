"""The words of the mails that a rule is the cause of: the notice to the sellers, and the answer. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.desk.attachments import notes
from gateway.desk.letters import File, Letter, button, hints, subject, when
from gateway.desk.page import Page
from gateway.desk.privacy import as_read, without_signed_addresses
from gateway.store.states import RuleOutcome
from gateway.store.tables import Message
from gateway.texts import Texts


@dataclass(frozen=True)
class RulesWork:
    """What rules did with one mail, as its notice tells it."""

    outcome: RuleOutcome
    rule: str
    version: str
    words: tuple[str, ...]
    repeats: str | None  # the inquiry that it repeats, if that decided
    withheld: str | None  # the limit that kept the answer back
    sent: str | None  # the answer


def rule_notice(file: File, entry: Message, done: RulesWork, files: Sequence[str], texts: Texts) -> Letter:
    """To a seller: a mail needed no human; by which rule and words, what was sent, and the button that undoes it."""
    page, status = Page(texts.language), texts(f"status.{file.inquiry.status}")
    withheld = texts(f"withheld.{done.withheld}") if done.withheld else ""
    page.muted(texts(f"rule_notice.{done.outcome}", status=status, why=withheld))
    if done.repeats:
        page.muted(texts("rule_notice.repeats", number=done.repeats))
    for key, fields in notes(files, ()):
        page.muted(texts(key, **fields))
    page.words(as_read(entry).strip() or texts("notification.empty"))
    page.rule(texts("marker.line"))
    page.facts(
        [
            (texts("label.status"), status),
            (texts("label.rule"), done.rule),
            (texts("label.rule_version"), done.version),
            (texts("label.words"), without_signed_addresses(" / ".join(done.words))),
            (texts("label.received"), when(entry.at, file.store, texts)),
            (texts("label.attachments"), ", ".join(files)),
        ]
    )
    if done.sent:
        page.quotation(texts("rule_notice.sent"), done.sent)
    page.muted(texts("rule_notice.reopen"))
    page.buttons([button(file, "reopen", texts)], *hints(texts))
    return Letter(subject(file, "notification.subject", texts), page.text, page.html)


def automatic(text: str, texts: Texts) -> Letter:
    """To the customer: a rule's answer. Nothing that its sender wrote is in it (A12)."""
    page = Page(texts.language).words(text)
    return Letter("", page.text, page.html)
