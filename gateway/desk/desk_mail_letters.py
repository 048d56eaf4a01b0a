"""The words of what the desk answers: lists of inquiries, settings, questions back. Pure.

Written to be read on a phone: an inquiry is four short lines and its buttons, never a table.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.desk.desk_mail_effects import AskAgain, AskStore, Line, TellLines
from gateway.desk.help_letter import explain
from gateway.desk.letters import File, Letter, Results, button, result_of, when
from gateway.desk.list_lines import REFUSED
from gateway.desk.page import Button, Page
from gateway.desk.privacy import without_signed_addresses
from gateway.desk.return_letters import refused
from gateway.store.counters import StoreCounters
from gateway.store.inquiry_filter import Filter
from gateway.store.states import InquiryStatus, Origin
from gateway.store.tables import Message, Seller, Store
from gateway.texts import Texts

LINE_LENGTH = 80  # characters of what the customer wrote


@dataclass(frozen=True)
class Row:
    """An inquiry as a list shows it: `view` as the contract's JSON has it, `entry` the other side's newest mail."""

    file: File
    view: Mapping[str, Any]
    entry: Message | None


def listing(
    store: Store,
    rows: Sequence[Row],
    counters: StoreCounters,
    wanted: Filter,
    by: str | None,
    further: Button | None,
    tag: int,
    texts: Texts,
) -> Letter:
    """F1-F3: the counters, the inquiries that fit, each with its number and buttons, and the button for more."""
    what = described(wanted, texts)
    page = Page(texts.language).words(counted(counters, texts))
    key = "list.none" if not rows else ("list.more" if further else "list.found")
    page.words(texts(key, what=what, count=len(rows)))
    for heading, members in _grouped(rows, by, texts):
        if heading:
            page.rule(heading)
        for item, row in members:
            show(page, item, row, texts)
    if further:
        page.buttons([further])
    if rows:
        page.muted(texts("list.hint"))
    return Letter(texts("list.subject", what=what, store=store.title, tag=tag), page.text, page.html)


def in_order(rows: Sequence[Row], by: str | None) -> list[Row]:
    """As they stand in the list: the members of a group together, groups by their first."""
    keys = list(dict.fromkeys(_key(row, by) for row in rows))
    return sorted(rows, key=lambda row: keys.index(_key(row, by)))


def show(page: Page, item: int, row: Row, texts: Texts) -> None:
    """One inquiry: its number in this mail, what it is about, and what can be done with it."""
    file, inquiry = row.file, row.file.inquiry
    mark = texts("list.unread") if inquiry.unread else ""
    status = texts(f"status.{inquiry.status}")
    page.words(texts("list.row", item=item, number=inquiry.number, status=status, mark=mark, title=file.title))
    lines = [f"{file.customer_name(texts)} {when(inquiry.received_at, file.store, texts)}"]
    if row.entry is not None:
        lines.append(first_line(row.entry.text, texts))
    product = row.view["product_name"] or row.view["product_code"]
    lines += [f"{texts('label.product')}: {product}"] if product else []
    lines += [f"{texts('label.order_number')}: {row.view['order_number']}"] if row.view["order_number"] else []
    page.muted("\n".join(lines))
    closing = () if inquiry.status is InquiryStatus.DONE else ("done", "auto")
    page.buttons([_reply(file, texts), *(button(file, name, texts) for name in closing), full_text(file, texts)])


def counted(counters: StoreCounters, texts: Texts) -> str:
    """The guide's counters of the last 30 days, customers' and the marketplace's apart."""
    return texts(
        "list.counters",
        unanswered=counters.unanswered,
        in_progress=counters.in_progress,
        staff_unanswered=counters.staff_unanswered,
        staff_unread=counters.staff_unread,
    )


def described(wanted: Filter, texts: Texts) -> str:
    """What a list is of, in words."""
    days = (f"{day:%Y/%m/%d}" if day else "" for day in (wanted.since, wanted.until))
    parts = [
        texts("name.staff_list") if wanted.origin is Origin.MARKETPLACE else "",
        texts(f"status.{wanted.status}") if wanted.status else "",
        texts("list.words", words=wanted.words) if wanted.words else "",
        *(
            f"{texts(f'label.{label}')} {value}" if value else ""
            for label, value in (
                ("product_code", wanted.product),
                ("order_number", wanted.order),
                ("kind", wanted.kind),
                ("category", wanted.category),
            )
        ),
        "〜".join(days) if wanted.since or wanted.until else "",
    ]
    return " ".join(filter(None, parts)) or texts("list.all")


def settings(seller: Seller, store: Store, texts: Texts, *, changed: bool = False) -> Letter:
    """What the store is set to, in words; and, where the seller `changed` it, whether the digest comes."""
    switch = {True: texts("settings.on"), False: texts("settings.off")}
    page = Page(texts.language)
    if changed:
        page.words(texts("settings.digest_on" if seller.digest else "settings.digest_off"))
    page.facts(
        [
            (texts("settings.digest"), switch[seller.digest]),
            (texts("settings.title"), store.title),
            (texts("settings.timezone"), store.timezone),
            (texts("settings.hours"), store.hours),
            (texts("settings.closed_days"), store.closed_days),
            (texts("settings.digest_at"), store.digest_at),
            (texts("settings.max_chars"), str(store.max_chars)),
            (texts("settings.hold"), texts("settings.seconds", count=store.hold_seconds)),
            (texts("settings.receipts"), switch[store.receipts]),
            (texts("settings.copies"), switch[store.copies]),
            (texts("settings.auto_notice"), texts(f"settings.notice.{store.auto_notice}")),
        ]
    )
    page.muted(texts("settings.hint"))
    return Letter(texts("settings.subject", store=store.title), page.text, page.html)


def which_store(asked: AskStore, desk: str, texts: Texts) -> Letter:
    page = Page(texts.language)
    if asked.unknown is not None:
        page.words(texts("which_store.unknown", name=asked.unknown))
    only = asked.seats[0].store.title if len(asked.seats) == 1 else None
    page.words(texts("which_store.only", store=only) if only else texts("which_store.text"))
    page.buttons(
        [
            Button(seat.store.title, desk, f"{asked.line} @{seat.store.name}", "", says_more=True)
            for seat in asked.seats
        ],
        texts("button.hint"),
    )
    return Letter(texts("which_store.subject"), page.text, page.html)


def not_understood(asked: AskAgain, texts: Texts) -> Letter:
    suggestion = texts("returned.suggestion", name=asked.suggestion) if asked.suggestion else ""
    page = Page(texts.language)
    if asked.allowed:
        page.words(texts("not_understood.lacking", line=asked.line))
        page.words(texts(f"not_understood.allowed.{asked.allowed}"))
    else:
        page.words(texts("not_understood.text", line=asked.line, suggestion=suggestion).strip())
    page.words(texts("not_understood.no_answer"))
    if asked.draft.strip():
        page.rule(texts("lines.draft")).words(asked.draft)
    if asked.draft.strip() and not asked.allowed:
        page.rule(texts("help.subject"))
    if not asked.allowed:
        explain(page, texts)
    return Letter(texts("not_understood.subject"), page.text, page.html)


def refusal(reason: str, detail: dict[str, str], draft: str, texts: Texts) -> Letter:
    page = Page(texts.language).words(texts(f"refused.{reason}", **detail))
    if draft.strip():
        page.rule(texts("returned.draft")).words(draft)
    return Letter(texts("lines.subject_undone"), page.text, page.html)


def lines_told(told: TellLines, results: Mapping[int, Results], texts: Texts) -> Letter:
    """What became of each line of an answer to a list; or that nothing was done, and why."""
    page = Page(texts.language).words(texts("lines.done" if told.done else "lines.undone"))
    page.words("\n".join(_line(line, told.seat.store, results, texts) for line in told.lines))
    if told.draft.strip():
        page.rule(texts("lines.draft")).words(told.draft)
    return Letter(texts("lines.subject_done" if told.done else "lines.subject_undone"), page.text, page.html)


def _line(line: Line, store: Store, results: Mapping[int, Results], texts: Texts) -> str:
    detail = dict(line.detail)
    if line.result.startswith(REFUSED):
        result = refused(line.result.removeprefix(REFUSED), detail, texts)
    elif line.result == "lines.unknown":
        near = texts("returned.suggestion", name=detail["near"]) if detail["near"] else ""
        result = texts("lines.unknown", word=detail["word"], suggestion=near)
    elif line.result:
        result = texts(line.result, **detail)
    else:
        came_to = results.get(line.number or 0, {})
        result = texts("lines.and").join(result_of(command, store, came_to, texts) for command in line.commands)
    number = texts("lines.number", number=line.number) if line.number else ""
    return texts("lines.line", item=line.item, number=number, said=line.said, result=result)


def first_line(text: str, texts: Texts) -> str:
    """The beginning of what somebody wrote, in quotation marks."""
    lines = (line.strip() for line in without_signed_addresses(text).splitlines())
    first = next(filter(None, lines), "")
    if not first:
        return texts("notification.empty")
    return texts("digest.words", line=first if len(first) <= LINE_LENGTH else f"{first[:LINE_LENGTH]}…")


def full_text(file: File, texts: Texts) -> Button:
    number = file.inquiry.number
    return Button(
        texts("list.button.full"), file.buttons["desk"], texts("list.button.full_subject", number=number), "", True
    )


def _reply(file: File, texts: Texts) -> Button:
    """Opens an empty answer to the customer."""
    return Button(texts("list.button.reply"), file.buttons["s"], f"Re: {file.title} [Q-{file.inquiry.number}]", "")


def _grouped(rows: Sequence[Row], by: str | None, texts: Texts) -> Iterator[tuple[str, list[tuple[int, Row]]]]:
    """Rows in the order of the list with their numbers, under the headings of their groups."""
    groups: dict[object, list[tuple[int, Row]]] = {}
    for item, row in enumerate(rows, 1):
        groups.setdefault(_key(row, by), []).append((item, row))
    for members in groups.values():
        yield _heading(members[0][1], by, texts), members


def _key(row: Row, by: str | None) -> object:
    inquiry = row.file.inquiry
    return {"customer": inquiry.customer_id, "product": (inquiry.product_code or "").casefold()}.get(by or "")


def _heading(row: Row, by: str | None, texts: Texts) -> str:
    if by == "customer":
        return row.file.customer_name(texts)
    if by == "product":
        named = " ".join(filter(None, (row.view["product_name"], row.view["product_code"])))
        return named or texts("list.no_product")
    return ""
