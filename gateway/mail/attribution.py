"""Recognises the line that a mail client writes above a quotation: "On …, NAME wrote:", 「… のメール:」.

Looks at no more than five lines at a time and at no more than 600 characters, with bounded patterns, so that no text
can make it slow. It does not know header blocks (headerblock.py) or what we sent (recall.py).
"""

import re
from collections.abc import Sequence

from gateway.mail.normal_forms import nfkc

MAX_LINES = 5  # clients wrap "<address> wrote:" into two or three lines, or into five
MAX_LENGTH = 600  # a longer line was written by no client

_ADDRESS = re.compile(r"[^\s<>\"@:;,、]{1,64}@[^\s<>\"@]{1,255}")
_DIGIT = re.compile(r"\d")
_TIME = re.compile(r"\d{1,2}[:.時h]\s?\d{2}")
_DATE = re.compile(
    r"(?<!\w)(?:\d{4}\s?[年년./-]\s?\d{1,2}\s?[月월./-]\s?\d{1,2}"  # 2026年11月20日, 2026-11-20, 2026. 11. 20
    r"|\d{1,2}[./-]\s?\d{1,2}[./-]\s?\d{2,4}"  # 20.11.2026, 11/20/26, 20. 11. 26
    r"|\d{1,2}\s?[月월]\s?\d{1,2}\s?[日일]"
    r"|\d{1,2}[.\s-]{0,2}(?:de )?[^\W\d_]{3,12}\.?[,\s-]{0,2}(?:de )?\d{4}"  # 20 Nov 2026, 20 de noviembre de 2026
    r"|[^\W\d_]{3,12}\.?\s\d{1,2},?\s{1,2}\d{4}"  # Nov 20, 2026
    r"|[^\W\d_]{3} \d{1,2} \d{1,2}:\d{2}"  # Nov 20 14:03:00 2026
    r"|\d{1,2} (?:tháng|thg) \d{1,2}"
    r"|\d{1,2} [\u0e01-\u0e2e.]{3,16} \d{4})"  # 20 พ.ย. 2026
)
_WROTE_WORDS = (
    r"\b(?:wrote|writes|said|schrieb|schreef|geschreven|geschrieben|a écrit|ha scritto|escribió|escreveu|skrev|napisał"
    r"|napisała|pisze|kirjoitti|написал|написала|пишет|пише|написав|đã viết|yazdı|napsala?|napísala?|írta|a scris"
    r"|έγραψε|menulis|ha escrit|raportoi)\b"
    r"|[はがに] ?(?:書(?:きました|かれました|いた:)|wrote)|さん ?(?:wrote|writes|曰く|いわく)|の書き込み|の記事において"
    r"|写道|寫道|写到|님이 작성|님이 쓴 글|이\(가\) 쓴 글|님께서 (?:작성|쓰신)|เขียนว่า|כתב|كتب"
)
_WROTE = re.compile(_WROTE_WORDS)
_END_AFTER_BRACKET = re.compile(rf"> ?(?:さん ?)?(?:{_WROTE_WORDS}|のメール) ?[:：]")
# These words also stand in ordinary sentences: they count only beside an address or a date.
_WROTE_PERHAPS = re.compile(
    r"\b(?:sent|quoting|zitat von|citando|quoted from|excerpts from)\b"
    r"|のメール|のメッセージ|より:|の返信|から引用|\A引用 |작성"
    r"|さんの ?(?:メッセージ ?)?<[^<>]{3,200}> ?から"
)
_REST = re.compile(
    rf"[^\w<]*(?:<?[^\s<>]{{1,64}}@[^\s<>]{{1,255}}>?)?[^\w<]*(?:様|さん|님)?\W*(?:{_WROTE_WORDS}|のメール|のメッセージ|より|작성)?\W*"
)
_OPEN_BRACKET = re.compile(r"<\s*(?:\Z|[^\s<>]{0,64}@|mailto:)")
_LABELLED = re.compile(r"\s*[^\W\d]{2,10} ?[:：]")  # "日時: 12/1 10:00", as writers list facts
_CLOSINGS = (":", "：", "-", "*")
_SENTENCE_END = re.compile(
    r"(?:[。.!?！？]|です|ます|ました|でした|ません|ください|下さい|します|ますか|ですか|んか|ね|よ|요|다|까)[」』)）\s]*\Z"
)


def attribution_at(lines: Sequence[str], start: int, quote_follows: Sequence[bool]) -> int:
    """How many lines from `start` (0 to 5) are an attribution.

    `quote_follows[i]` says whether the next line after line i that is not blank is surely quoted. Before a quotation
    slight evidence is enough; elsewhere the attribution alone must prove that the rest is a quotation.
    """
    if not may_begin(lines[start]):
        return 0
    for count in range(1, MAX_LINES + 1):
        end = start + count
        if end > len(lines) or not (lines[end - 1].strip() or _opens_bracket(lines, end)):
            return 0
        if count > 1 and (ends_sentence(lines[end - 2]) or _is_marked(lines[end - 1])):
            return 0
        window = lines[start:end]
        if _is_attribution(window, quote_follows[end - 1]):
            # "11月25日に送ります / On Fri, … wrote:": the first line is the writer's own if the rest is complete.
            rest = window[1:]
            own_first = count > 1 and _stands_apart(window[0], rest) and _is_attribution(rest, quote_follows[end - 1])
            return 0 if own_first else count
    return 0


def ends_sentence(line: str) -> bool:
    """Whether the line reads as the end of a sentence, and so not as the first half of a wrapped head."""
    return _SENTENCE_END.search(line[-MAX_LENGTH:]) is not None


def attribution_above(lines: Sequence[str], end: int) -> int:
    """The line at which an attribution that ends right above line `end`, where a quotation begins for certain, begins
    itself; `end` if there is none."""
    while end > 0 and not lines[end - 1].strip():
        end -= 1
    for count in range(min(MAX_LINES, end), 0, -1):
        window = lines[end - count : end]
        if attribution_at(window, 0, [False] * (count - 1) + [True]) == count:
            return end - count
    return end


def is_rest_of_attribution(text: str) -> bool:
    """Whether the text, behind words of ours, is the rest of an attribution: 「<address>のメール:」, "wrote:"."""
    return len(text) <= MAX_LENGTH and _REST.fullmatch(_fold(text)) is not None


def is_end_after_bracket(line: str) -> bool:
    """Whether a line that seems to bear a quote mark is the end of "… <address⏎> wrote:"."""
    return len(line) <= MAX_LENGTH and _END_AFTER_BRACKET.fullmatch(line.strip()) is not None


def proves_quotation(window: Sequence[str]) -> bool:
    """Whether these attribution lines alone show that what follows is quoted, though nothing marks it."""
    return _is_attribution(window, quote_follows=False)


def may_begin(line: str) -> bool:
    """Whether an attribution may begin with the line: a date, an address or a word for writing is in it."""
    if len(line) > MAX_LENGTH:
        return False
    text = _fold(line)
    return (
        "@" in text
        or "<" in text
        or text.endswith("さんの")
        or (_DIGIT.search(text) is not None and _DATE.search(text) is not None)
        or _WROTE.search(text) is not None
        or _WROTE_PERHAPS.search(text) is not None
    )


def _stands_apart(line: str, rest: Sequence[str]) -> bool:
    """Whether the line adds nothing to the attribution that `rest` may be: a date that it has already, or no part."""
    if _OPEN_BRACKET.search(line):
        return False
    text = _fold(line)
    return _has_date(rest) or _LABELLED.match(text) is not None or not (_DATE.search(text) or _WROTE.search(text))


def _is_marked(line: str) -> bool:
    """A quoted line below: the attribution would have ended before it."""
    text = line.lstrip()
    return text.startswith((">", "＞")) and not (text.strip() == ">" or is_end_after_bracket(text))


def _opens_bracket(lines: Sequence[str], index: int) -> bool:
    """Whether an address begins there: a client may put it apart from the name, below a blank line."""
    return index < len(lines) and lines[index].strip().startswith("<")


def _has_date(window: Sequence[str]) -> bool:
    return any(_DATE.search(_fold(line)) for line in window)


def _is_attribution(window: Sequence[str], quote_follows: bool) -> bool:
    if not quote_follows:
        # It must prove itself, by its end and by a date or an address: cheap to ask, since any text is asked.
        if not window[-1].rstrip().endswith(_CLOSINGS):
            return False
        if not any("@" in line or _DIGIT.search(line) for line in window) and not window[0].lstrip().startswith("--"):
            return False
    # Latin text is wrapped at spaces, Japanese text anywhere: 「さんは書きまし / た:」
    glues = (" ", "") if len(window) > 1 else ("",)
    return any(_reads_as_attribution(glue.join(line.strip() for line in window), quote_follows) for glue in glues)


def _reads_as_attribution(joined: str, quote_follows: bool) -> bool:
    if len(joined) > MAX_LENGTH:
        return False
    text = _fold(joined).strip("* ")
    date = _DIGIT.search(text) is not None and _DATE.search(text) is not None
    time = date and _TIME.search(text) is not None
    address = "@" in text and _ADDRESS.search(text) is not None
    wrote = bool(_WROTE.search(text)) or ((date or address) and bool(_WROTE_PERHAPS.search(text)))
    closed = text.endswith(":")
    if text.startswith("--") and text.endswith("--"):
        return wrote
    if closed and wrote and (address or time):
        return True
    if closed and date and time and address:
        return True
    if not quote_follows:
        return False
    return (closed and (wrote or address or (date and time))) or ((address or wrote) and date) or (address and wrote)


def _fold(text: str) -> str:
    return nfkc(text).casefold().strip()
