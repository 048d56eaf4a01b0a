"""The words of the daily digest. Pure."""

from collections.abc import Sequence
from datetime import datetime

from gateway.desk import rule_digest
from gateway.desk.desk_mail_letters import Row, counted, show
from gateway.desk.letters import Letter
from gateway.desk.page import Page
from gateway.store.counters import StoreCounters
from gateway.store.states import InquiryStatus
from gateway.store.tables import Store
from gateway.texts import Texts


def digest(
    store: Store,
    rows: Sequence[Row],
    counters: StoreCounters,
    told: Sequence[rule_digest.Told],
    end: datetime,
    texts: Texts,
    tag: int,
) -> Letter:
    """What waits, by state, with its numbers and buttons; then what rules did. `end` is in the store's zone."""
    page, date = Page(texts.language), end.strftime(texts("label.day_format"))
    shown = told[: rule_digest.MOST]
    if rows:
        page.words(texts("daily.intro", store=store.title))
        page.words(counted(counters, texts))
        _rows(page, rows, texts)
    if shown:
        if rows:
            page.rule(texts("daily.rules"))
        page.words(texts("digest.intro", store=store.title, count=len(shown)))
        rule_digest.section(page, shown, texts)
        if len(told) > len(shown):
            page.muted(texts("digest.more"))
        page.muted(texts("digest.hint", label=texts("button.reopen")))
    if not rows:
        return Letter(texts("digest.subject", count=len(shown), date=date), page.text, page.html)
    count = {status: sum(row.file.inquiry.status is status for row in rows) for status in InquiryStatus}
    subject = texts(
        "daily.subject",
        unanswered=count[InquiryStatus.UNANSWERED],
        in_progress=count[InquiryStatus.IN_PROGRESS],
        date=date,
        tag=tag,
    )
    return Letter(subject, page.text, page.html)


def _rows(page: Page, rows: Sequence[Row], texts: Texts) -> None:
    status = None
    for item, row in enumerate(rows, 1):
        if row.file.inquiry.status is not status:
            status = row.file.inquiry.status
            page.rule(texts(f"status.{status}"))
        show(page, item, row, texts)
    page.muted(texts("list.hint"))
    page.muted(texts("daily.hint"))
