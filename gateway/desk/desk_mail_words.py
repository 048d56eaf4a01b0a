"""Reads what a seller asks the desk for, in the subject or the first lines of a mail: 一覧, 検索, 定型, 設定 … Pure.

Japanese and English words are equal; width, case and a `#` before them do not matter, nor does `Re:` before a subject.
"""

import re
from dataclasses import dataclass, replace
from datetime import date
from difflib import get_close_matches
from typing import Any

from gateway.desk.listed_days import days_of
from gateway.desk.subject import without_prefixes
from gateway.mail.display import one_line
from gateway.mail.normal_forms import nfkc
from gateway.store.inquiry_filter import Filter
from gateway.store.search_tokens import phrases
from gateway.store.states import InquiryStatus, Origin

ACTS: dict[str, tuple[str, ...]] = {
    "list": ("一覧", "list"),
    "search": ("検索", "search", "find"),
    "template": ("定型", "定型文", "template", "templates"),
    "settings": ("設定", "settings"),
    "full": ("全文", "full"),
    "help": ("ヘルプ", "使い方", "help"),
}
STATES = {
    **dict.fromkeys(("未回答", "unanswered"), InquiryStatus.UNANSWERED),
    **dict.fromkeys(("処理中", "in_progress", "progress"), InquiryStatus.IN_PROGRESS),
    **dict.fromkeys(("処理完了", "完了", "done"), InquiryStatus.DONE),
}
GROUPS = {
    **dict.fromkeys(("顧客別", "顧客ごと", "お客様別", "by_customer"), "customer"),
    **dict.fromkeys(("商品別", "商品ごと", "by_product"), "product"),
}
STAFF = ("スタッフ", "qoo10", "マーケットプレイス", "staff", "marketplace")
ALL = ("全件", "すべて", "全て", "all")
DIGEST = ("まとめ", "digest")
SWITCHED = {
    **dict.fromkeys(("オン", "再開", "on"), True),
    **dict.fromkeys(("オフ", "停止", "off"), False),
}
KEYS = {
    **dict.fromkeys(("状態", "status"), "status"),
    **dict.fromkeys(("商品", "商品コード", "product"), "product"),
    **dict.fromkeys(("注文", "注文番号", "order"), "order"),
    **dict.fromkeys(("期間", "日付", "date", "period"), "days"),
    **dict.fromkeys(("タイプ", "type", "kind"), "kind"),
    **dict.fromkeys(("カテゴリ", "カテゴリー", "category"), "category"),
    **dict.fromkeys(("続き", "after"), "before"),
}
LINES_READ = 5  # of the body: a word may stand under a salutation
LONGEST = 500  # characters of a request
LEAST_LIKE = 0.4  # difflib's ratio: 一らん is like 一覧

_ACT_OF = {word: act for act, words in ACTS.items() for word in words}
_GLUED = re.compile("|".join(sorted((word for word in _ACT_OF if not word.isascii()), key=len, reverse=True)))
_KEY = re.compile(rf"(?<!\S)({'|'.join(sorted(KEYS, key=len, reverse=True))}) ?: ?", re.IGNORECASE)
_STORE = re.compile(r"(?<!\S)@([a-z0-9][a-z0-9-]*)(?!\S)", re.IGNORECASE)
_SPELT = {"in progress": "in_progress", "by customer": "by_customer", "by product": "by_product"}
_NUMBER = re.compile(r"(?:q-?|№)?([1-9][0-9]{0,8})", re.IGNORECASE)
_TO_STAFF = re.compile(
    r"(?:(?:qoo10|スタッフ|マーケットプレイス|cs ?センター) ?(?:へ|宛て?) ?:? ?"
    r"|(?:to )?(?:qoo10|staff|marketplace) ?: ?)(.*)",
    re.IGNORECASE,
)


NOTHING = Filter()


@dataclass(frozen=True)
class Request:
    """`act` is one of ACTS, or staff. What the others need: a list `wanted` and its grouping `by`; a search the same; a
    mail to the staff its title; the rest of the line for what others read."""

    act: str
    line: str  # as it can be written again
    store: str | None = None  # named with @
    wanted: Filter = NOTHING
    by: str | None = None
    rest: str = ""
    number: int | None = None
    text: str = ""  # what stands below the line


@dataclass(frozen=True)
class NotUnderstood:
    """`suggestion` is the nearest word that we know, "" for none. `allowed` names what can be written there, "" where
    that is everything."""

    line: str
    suggestion: str = ""
    allowed: str = ""


def read(subject: str, body: str, today: date) -> Request | NotUnderstood:
    """What the mail asks for: the subject, else the first of its lines that is a request. `today` is the store's."""
    asked = _read(subject, body, today)
    return replace(asked, text=asked.text.strip()) if isinstance(asked, Request) else asked


def digest_switched(rest: str) -> bool | None:
    """What `設定 まとめ オフ` asks for; None for any other rest of a line."""
    what, _, how = rest.casefold().partition(" ")
    return SWITCHED.get(how) if what in DIGEST else None


def _read(subject: str, body: str, today: date) -> Request | NotUnderstood:
    head = _plain(without_prefixes(nfkc(subject))[0])
    above = [(_plain(line), "\n".join(rest)) for line, *rest in _tails(body.split("\n"))]
    lines = [line for line, _ in above]
    if match := _TO_STAFF.fullmatch(head):
        return Request("staff", head, _named(head), rest=_without_store(match[1]), text=body)
    if _act(head) is not None:
        if _act(head) in ("list", "search", "full") and not _without_store(_split(head)[1]) and lines:
            # The words may stand below their command; what is no word of ours there is a signature.
            whole = _request(f"{head} {lines[0]}", today)
            if isinstance(whole, Request):
                return whole
        asked = _request(head, today)
        return replace(asked, text=body) if isinstance(asked, Request) else asked
    for line, below in above:
        if match := _TO_STAFF.fullmatch(line):
            return Request("staff", line, _named(line), rest=_without_store(match[1]), text=below)
        if _act(line) is not None:
            asked = _request(line, today)
            return replace(asked, text=below) if isinstance(asked, Request) else asked
    line = lines[0] if lines else head
    return NotUnderstood(line, _nearest(line))


def _tails(lines: list[str]) -> list[list[str]]:
    """Each of the first lines that are not blank, with those below it."""
    return [lines[index:] for index, line in enumerate(lines) if line.strip()][:LINES_READ]


def _act(line: str) -> str | None:
    return _ACT_OF.get(_split(line)[0].casefold())


def _split(line: str) -> tuple[str, str]:
    """The command and the rest; Japanese may be written without a space between: 検索送料."""
    word, _, rest = line.partition(" ")
    if word.casefold() not in _ACT_OF and (match := _GLUED.match(line)):
        return match[0], line[match.end() :].strip()
    return word, rest.strip()


def _request(line: str, today: date) -> Request | NotUnderstood:
    act, rest = _act(line) or "", _without_store(_split(line)[1])
    request = Request(act, _without_store(line), _named(line), rest=rest)
    if act == "full":
        number = _NUMBER.fullmatch(rest)
        return replace(request, number=int(number[1])) if number else NotUnderstood(line, allowed="full")
    if act not in ("list", "search"):
        return request
    asked = _filtered(request, today)
    if isinstance(asked, Request) and act == "search" and asked.wanted == NOTHING:
        return NotUnderstood(line, allowed="search")  # nothing to look for
    if isinstance(asked, Request) and asked.wanted.words and not phrases(asked.wanted.words):
        return NotUnderstood(line, allowed="signs")
    return asked


def _filtered(request: Request, today: date) -> Request | NotUnderstood:
    pieces = _KEY.split(_spelt(request.rest))
    words = pieces[0].split()
    for key, value in zip(pieces[1::2], pieces[2::2], strict=True):
        value, _, further = value.strip().partition(" ")
        words += further.split()
        narrowed = _narrowed(request.wanted, KEYS[key.casefold()], value, today)
        if narrowed is None:
            return NotUnderstood(f"{key}:{value}", allowed=KEYS[key.casefold()])
        request = replace(request, wanted=narrowed)
    if request.act == "search":
        return replace(request, wanted=replace(request.wanted, words=" ".join(words) or None))
    for word in words:
        listed = _listed(request, word.casefold())
        if listed is None:
            return NotUnderstood(word, _nearest(word, (*STATES, *GROUPS, *STAFF)))
        request = listed
    return request


def _narrowed(wanted: Filter, key: str, value: str, today: date) -> Filter | None:
    """None for a value that means nothing."""
    match key:
        case "status":
            status = STATES.get(value.casefold())
            return replace(wanted, status=status) if status or value.casefold() in ALL else None
        case "days":
            days = days_of(value, today)
            return replace(wanted, since=days[0], until=days[1]) if days else None
        case "before":
            number = _NUMBER.fullmatch(value)
            return replace(wanted, before=int(number[1])) if number else None
        case "product" | "order" | "kind" | "category" if value:
            codes: dict[str, Any] = {key: value}
            return replace(wanted, **codes)
        case _:
            return None


def _listed(request: Request, word: str) -> Request | None:
    if word in STATES:
        return replace(request, wanted=replace(request.wanted, status=STATES[word]))
    if word in GROUPS:
        return replace(request, by=GROUPS[word])
    if word in STAFF:
        return replace(request, wanted=replace(request.wanted, origin=Origin.MARKETPLACE))
    return request if word in ALL else None


def _nearest(line: str, among: tuple[str, ...] = tuple(_ACT_OF)) -> str:
    words = [line.casefold(), *line.casefold().split()[:1]]
    return next((near for word in words for near in get_close_matches(word[:40], among, 1, LEAST_LIKE)), "")


def _named(line: str) -> str | None:
    match = _STORE.search(line)
    return match[1].casefold() if match else None


def _without_store(line: str) -> str:
    return " ".join(_STORE.sub(" ", line).split())


def _spelt(line: str) -> str:
    for words, word in _SPELT.items():
        line = re.sub(re.escape(words), word, line, flags=re.IGNORECASE)
    return line


def _plain(line: str) -> str:
    return " ".join(nfkc(one_line(line[:LONGEST])).split()).lstrip("#♯ ")
