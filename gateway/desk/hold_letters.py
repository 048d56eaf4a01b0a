"""The words of the mails about what waits: drafts that are held, answers in their hold window, and what was taken back.
Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.desk.drafts import as_written
from gateway.desk.effects import Receipt
from gateway.desk.from_shown import CUSTOMERS
from gateway.desk.hold_effects import HoldDraft
from gateway.desk.letters import (
    SENDS,
    File,
    Letter,
    Results,
    button_at,
    colleague,
    hints,
    subject,
    what_was_done,
    when,
)
from gateway.desk.page import Page
from gateway.desk.personal_data_guard import Found
from gateway.desk.privacy import as_read
from gateway.desk.return_letters import anew
from gateway.store.states import Direction, InquiryStatus, OutboxState
from gateway.store.tables import Message
from gateway.texts import Texts

MOMENT = "label.moment_format"  # to the second: a hold window may be short
TOLD_STATES = (OutboxState.SENT, OutboxState.SENDING, OutboxState.FAILED, OutboxState.CANCELLED)


@dataclass(frozen=True)
class Came:
    """An entry that the writer of an answer did not know of; `name` is the colleague's who wrote it."""

    entry: Message
    name: str


def confirmation(
    file: File,
    held: HoldDraft,
    would: tuple[str, InquiryStatus | None],
    since: Sequence[Came],
    found: Found | None,
    address: str,
    days: int,
    texts: Texts,
    sender: str = "",
) -> Letter:
    """To the registered address: why the draft was held, whom it names as its `sender`, what came since, which personal
    data are in it, what it would do, and the one-time button (A10). Where nothing would go to the customer, no word
    says so."""
    texts = file.worded(texts)
    page, (act, status) = Page(texts.language), would
    button = "send" if act in SENDS else "execute"
    caution = "overtaken" if since else "personal_data" if held.reason == "personal_data" else button
    reasons = [held.reason]
    if held.reason != "newer" and any(came.entry.direction is Direction.IN for came in since):
        reasons.append("newer")  # a colleague answered, and that was not the last word
    page.words("\n".join(texts(f"confirmation.{key}") for key in (*reasons, f"not_yet_{caution}")))
    if sender:
        page.words(_named(sender, held.reason, texts))
    if found:
        page.words(found_kinds(found.kinds, texts))
    for came in since:
        _what_came(page, file, came, texts)
    page.words(action(act, status, texts))
    if since and status and status is not file.inquiry.status:
        page.muted(texts("confirmation.state_now", status=texts(f"status.{file.inquiry.status}")))
    if draft := found.text if found else held.reply.text.strip():
        page.rule(texts("returned.draft")).words(draft)
    page.muted(texts(f"confirmation.button_{button}"))
    page.buttons([button_at(file, button, address, texts)], *hints(texts))
    page.muted(texts(f"confirmation.ignore_{caution}", days=days))
    if since:
        page.buttons([anew(file, as_written(held.reply), texts)])
    return Letter(subject(file, "confirmation.subject", texts), page.text, page.html)


def found_kinds(kinds: Sequence[str], texts: Texts) -> str:
    """Which personal data to look at."""
    return texts(
        "personal_data.found", kinds=texts("personal_data.and").join(texts(f"personal_data.{k}") for k in kinds)
    )


def action(act: str, status: InquiryStatus | None, texts: Texts) -> str:
    """What a mail that asks for this would do."""
    if act == "status" and status is None:
        act = "label"
    return texts(f"confirmation.action_{act}", status=texts(f"status.{status}") if status else "")


def _named(sender: str, reason: str, texts: Texts) -> str:
    """The address that wrote, and what is to be doubted in it."""
    if sender == CUSTOMERS:
        sender = texts("confirmation.customers_address")
    return texts(f"confirmation.from_{reason}", sender=sender)


def _what_came(page: Page, file: File, came: Came, texts: Texts) -> None:
    """The customer's words, or a colleague's answer."""
    is_answer = came.entry.direction is Direction.OUT
    who = colleague(came.name, texts) if is_answer else file.customer_name(texts)
    key = "confirmation.answered" if is_answer else "confirmation.wrote"
    page.rule(texts(key, who=who, at=when(came.entry.at, file.store, texts)))
    page.words(as_read(came.entry).strip() or texts("notification.empty"))


def going(
    file: File, draft: str, sends: bool, address: str, at: datetime, texts: Texts, asked: str = "", sender: str = ""
) -> Letter:
    """To the owner of a held draft, before its time is over: its text, and the one-time button once more. `sends`:
    there are words for the customer in it. `asked`: for it came a #送信 from `sender`, of which it is not sure that it
    is theirs."""
    texts, button = file.worded(texts), "send" if sends else "execute"
    page = Page(texts.language)
    if asked:
        page.words(texts(f"confirmation.{asked}"))
    if sender:
        page.words(_named(sender, asked, texts))
    page.words(texts(f"going.{button}", at=when(at, file.store, texts), number=file.inquiry.number))
    page.buttons([button_at(file, button, address, texts)], *hints(texts))
    page.muted(texts("going.ignore"))
    if draft.strip():
        page.rule(texts("returned.draft")).words(draft)
    name = "confirmation.subject" if asked else "going.subject"
    return Letter(subject(file, name, texts), page.text, page.html)


def not_asked(file: File, reason: str, count: int, texts: Texts) -> Letter:
    """To the sellers: beyond `count` mails an hour, what is held for this reason is kept without asking (A10)."""
    texts = file.worded(texts)
    page = Page(texts.language).words(texts(f"confirmation.{reason}"))
    page.words(texts("unasked.kept", number=file.inquiry.number, count=count)).muted(texts("unasked.what_to_do"))
    return Letter(subject(file, "unasked.subject", texts), page.text, page.html)


def holding(
    file: File,
    done: Receipt,
    text: str,
    status: InquiryStatus,
    files: Sequence[str],
    at: datetime,
    address: str,
    texts: Texts,
    results: Results,
) -> Letter:
    """To the seller, at once: what leaves at `at`, and the button that takes it back until then."""
    texts = file.worded(texts)
    page = Page(texts.language)
    state = texts(f"status.{status}")
    page.words(texts("holding.waits", number=file.inquiry.number, at=when(at, file.store, texts, MOMENT), status=state))
    page.buttons([button_at(file, "cancel", address, texts)], *hints(texts))
    page.muted(texts("holding.reply"))
    what_was_done(page, file, done, text, files, texts, results)
    return Letter(subject(file, "holding.subject", texts), page.text, page.html)


def taken_back(file: File, text: str, files: Sequence[str], by: str, words: str, texts: Texts) -> Letter:
    """To the seller: the answer did not leave, and its text to use again. `by` is seller or operator; `words` came with
    a button and were sent to nobody."""
    texts = file.worded(texts)
    page = Page(texts.language)
    state = texts(f"status.{file.inquiry.status}")
    page.words(texts(f"taken_back.{by}", number=file.inquiry.number, status=state))
    page.muted(texts("taken_back.what_to_do")).buttons([anew(file, text, texts)])
    page.rule(texts("returned.draft")).words(text)
    if files:
        page.muted(texts("receipt.attachments", names=", ".join(files)))
    if words:
        page.muted(texts("receipt.ignored")).words(words)
    return Letter(subject(file, "taken_back.subject", texts), page.text, page.html)


def too_late(file: File, state: OutboxState, at: datetime | None, text: str, words: str, texts: Texts) -> Letter:
    """To the seller: nothing was taken back, since the answer is in `state`; `at` is when it left."""
    texts = file.worded(texts)
    page = Page(texts.language)
    key = state if state in TOLD_STATES else OutboxState.UNCERTAIN  # one that waits to be sent once more, too
    page.words(texts(f"too_late.{key}", at=when(at, file.store, texts, MOMENT) if at else ""))
    page.rule(texts("too_late.label" if state is OutboxState.SENT else "returned.draft")).words(text)
    if words:
        page.muted(texts("receipt.ignored")).words(words)
    return Letter(subject(file, "too_late.subject", texts), page.text, page.html)
