"""The words of the mails about an answer that waits in the outbox, and of one that was taken back. Pure."""

from collections.abc import Sequence
from datetime import datetime

from gateway.desk.effects import Receipt
from gateway.desk.letters import File, Letter, button_at, subject, what_was_done, when
from gateway.desk.page import Page
from gateway.store.states import InquiryStatus, OutboxState
from gateway.texts import Texts

MOMENT = "label.moment_format"  # to the second: a hold window may be short
TOLD_STATES = (OutboxState.SENT, OutboxState.SENDING, OutboxState.FAILED, OutboxState.CANCELLED)


def holding(
    file: File,
    done: Receipt,
    text: str,
    status: InquiryStatus,
    files: Sequence[str],
    at: datetime,
    address: str,
    texts: Texts,
) -> Letter:
    """To the seller, at once: what leaves at `at`, and the button that takes it back until then."""
    page = Page(texts.language)
    state = texts(f"status.{status}")
    page.words(texts("holding.waits", number=file.inquiry.number, at=when(at, file.store, texts, MOMENT), status=state))
    page.buttons([button_at(file, "cancel", address, texts)], texts("button.hint"))
    page.muted(texts("holding.reply"))
    what_was_done(page, file, done, text, files, texts)
    return Letter(subject(file, "holding.subject", texts), page.text, page.html)


def taken_back(file: File, text: str, files: Sequence[str], by: str, words: str, texts: Texts) -> Letter:
    """To the seller: the answer did not leave, and its text to use again. `by` is seller or operator; `words` came with
    a button and were sent to nobody."""
    page = Page(texts.language)
    state = texts(f"status.{file.inquiry.status}")
    page.words(texts(f"taken_back.{by}", number=file.inquiry.number, status=state))
    page.muted(texts("taken_back.what_to_do"))
    page.rule(texts("returned.draft")).words(text)
    if files:
        page.muted(texts("receipt.attachments", names=", ".join(files)))
    if words:
        page.muted(texts("receipt.ignored")).words(words)
    return Letter(subject(file, "taken_back.subject", texts), page.text, page.html)


def too_late(file: File, state: OutboxState, at: datetime | None, text: str, words: str, texts: Texts) -> Letter:
    """To the seller: nothing was taken back, since the answer is in `state`; `at` is when it left."""
    page = Page(texts.language)
    key = state if state in TOLD_STATES else OutboxState.UNCERTAIN  # one that waits to be sent once more, too
    page.words(texts(f"too_late.{key}", at=when(at, file.store, texts, MOMENT) if at else ""))
    page.rule(texts("too_late.label" if state is OutboxState.SENT else "returned.draft")).words(text)
    if words:
        page.muted(texts("receipt.ignored")).words(words)
    return Letter(subject(file, "too_late.subject", texts), page.text, page.html)
