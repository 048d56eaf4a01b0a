"""Recognises the lines that clients themselves put around an unmarked quotation: 差出人: … / From: … / Von: ….

Also the ruled lines above such a head ("-----Original Message-----", 「元のメッセージ」, forwarded mails), and
the list of links that Roundcube adds below.
It does not decide what belongs to the quotation below (quoting.py).
"""

import re
from collections.abc import Sequence

from gateway.mail.attribution import ends_sentence, may_begin
from gateway.mail.fieldlabels import KIND_OF, ORDINARY
from gateway.mail.normal_forms import nfkc

MAX_BLOCK = 24  # lines: a To list may be long
MAX_LABEL = 24  # characters before the colon
MAX_CONTINUATION = 3  # lines of a folded field
MAX_SEPARATOR = 600  # characters
BLANK_BELOW_SEPARATOR = 2  # lines

_RULED = re.compile(
    r"original (?:message|appointment|email)|(?:begin )?forwarded message|reply message"
    r"|(?:元の|返信元の?|返信前の)(?:メッセージ|メール)|オリジナルの?(?:メッセージ|メール)|転送(?:された|元)?メッセージ|引用元"
    r"|ursprüngliche nachricht|originalnachricht|weitergeleitete nachricht|message (?:d'origine|original|transféré)"
    r"|mensaje (?:original|reenviado)|mensagem original|messaggio (?:originale|inoltrato)"
    r"|(?:oorspronkelijk|doorgestuurd) bericht|(?:oprindelig|videresendt) meddelelse|opprinnelig melding"
    r"|ursprungligt meddelande|originalmeddelande|wiadomość oryginalna|oryginalna wiadomość|alkuperäinen viesti"
    r"|(?:исходное|пересылаемое) сообщение|원본 (?:메시지|메일|이메일)|전달된 메시지|받은 메일 내용"
    r"|原始(?:邮件|郵件|信件)|邮件原件|郵件原件|(?:回复|答复)的?(?:原)?邮件|转发的邮件|轉寄郵件"
)
_FORWARDED = re.compile(
    r".*(?:forwarded|転送|weitergeleitete|transféré|reenviado|inoltrato|doorgestuurd|videresendt|пересылаемое|전달|转发|轉寄).*"
)
_JOINED = re.compile(r"[-_=*─]{2,60} ?([^-_=*─:]{3,40}?) ?[-_=*─]{2,60} ?([^-_=*─ ].*)")
_YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)")  # a whole date has one
_FIRST_CELL = re.compile(r" ?([^\s|:]{1,24})(?=[ \t|])")
_LINK = re.compile(r"\[\d{1,3}\] \S+")
_RULE_CHARACTERS = "[]-_=*─━—–ー－‐ "
_QUOTE_MARKS = (">", "＞", "|")
_RULE_BEGINNINGS = ("--", "==", "__", "**", "──", "━━", "‐‐", "——")
_WEAK_RULED = "original"  # says so only above a header block


def separator_at(lines: Sequence[str], start: int) -> int | None:
    """The line after a separator ("-----Original Message-----") at line `start` and the header block that may stand
    below it, or None where line `start` does not say by itself that another mail follows."""
    kind = _separator(lines[start])
    if kind is None:
        return None
    below = start + 1
    while below < min(len(lines), start + 1 + BLANK_BELOW_SEPARATOR) and not lines[below].strip():
        below += 1
    block = header_block_at(lines, below, below_separator=True) if below < len(lines) else None
    alone = start == 0 or not lines[start - 1].strip() or _JOINED.match(lines[start].strip()) is not None
    headed = below < len(lines) and (may_begin(lines[below]) or lines[below].lstrip().startswith(_QUOTE_MARKS))
    if block is None and (kind == _WEAK_RULED or not (alone or headed)):
        return None
    return block or start + 1


def is_forwarding(line: str) -> bool:
    """Whether the line says that a mail was forwarded: what stands below it was sent along on purpose."""
    return _FORWARDED.fullmatch(_separator(line) or "") is not None


def _separator(line: str) -> str | None:
    """The words of a separator."""
    if len(line) > MAX_SEPARATOR:
        return None
    text = nfkc(line.replace("&nbsp;", " ")).casefold().strip()
    if not (text.startswith(_RULE_BEGINNINGS) or text.endswith(":")):
        return None
    inner = text.strip(_RULE_CHARACTERS).rstrip(":").rstrip()
    joined = _JOINED.match(text)  # some clients lose the line ends of the header block
    if joined and _field(joined[2]) is not None:
        inner = joined[1]
    return inner if inner == _WEAK_RULED or _RULED.fullmatch(inner) else None


def rule(line: str) -> bool:
    """Whether the line is a drawn one: at least five strokes."""
    return len(line.strip()) >= 5 and drawn_only(line)


def drawn_only(line: str) -> bool:
    """Whether the line has nothing but strokes."""
    return not line.strip(_RULE_CHARACTERS + "\t\xa0\u3000|>")


def link_list_at(lines: Sequence[str], start: int) -> int:
    """How many lines from `start` are links that a client took out of the quotation: "Links:", a rule, "[1] …"."""
    if lines[start].strip() != "Links:" or start + 2 >= len(lines) or not rule(lines[start + 1]):
        return 0
    end = start + 2
    while end < len(lines) and _LINK.fullmatch(lines[end].strip()):
        end += 1
    return end - start if end > start + 2 else 0


def header_block_at(lines: Sequence[str], start: int, *, below_separator: bool = False) -> int | None:
    """The line after the header block that begins at line `start`, if there is one.

    A writer may list a mail's fields too, or 「宛先: 〒100-0001 …」. So it takes a sender or a date, an address, and a
    whole date with a break above, or four fields with one of these. Without an address it takes all, and a break
    below. Below a separator one field is enough, and labels need no colon.
    """
    first = _field(lines[start], below_separator)
    if first is None:
        return None
    kinds: set[str] = set()
    labels: set[str] = set()
    address = dated = False
    end = start
    gap = 0
    for index in range(start, min(len(lines), start + MAX_BLOCK)):
        line = lines[index]
        label = _field(line, below_separator)
        if label is not None:
            kind = KIND_OF[label]
            if (index > start and kind == KIND_OF[first]) or (kind != "subject" and ends_sentence(line)):
                return None  # the writer's own line stood above: the block begins below it
            kinds.add(kind)
            labels.add(label)
            gap = 0
            end = index + 1
            address = address or "@" in line
            dated = dated or (kind == "sent" and _YEAR.search(line) is not None)
        elif line.strip():
            gap += 1
            if gap > MAX_CONTINUATION or not lines[index - 1].strip() or _separator(line) or rule(line):
                break  # a paragraph of its own: the quoted text
            address = address or ("@" in line and gap == 1)
        elif len(kinds) < 2 or not lines[index - 1].strip():
            break  # one field alone above a blank line is a writer's
    if below_separator:
        return end if len(kinds) > 1 or (address and kinds == {"sender"}) else None
    known = len(kinds - {"other"})
    if known < 2 or not (("sender" in kinds) or ("sent" in kinds and not labels & ORDINARY)):
        return None
    above = lines[start - 1].lstrip() if start else ""
    apart = not above or above.startswith(_QUOTE_MARKS)
    below_rule = rule(above)
    whole = {"sender", "sent", "subject"} <= kinds
    if address:
        held = (
            below_rule
            or (dated and known > 3)
            or (apart and (dated or known > 3 or (known > 2 and "sent" not in kinds)))
        )
    else:
        closed = end >= len(lines) or not lines[end].strip()
        held = whole and (below_rule or (apart and closed and dated and known > 3))
    return end if held else None


def _field(line: str, without_colon: bool = False) -> str | None:
    """The label of a header field as a client writes it, folded, or None."""
    text = nfkc(line[:120].replace("︰", ":")).strip().lstrip("*|").casefold()
    label, colon, _ = text[: MAX_LABEL + 1].partition(":")
    label = re.sub(r"[\s*]", "", label) if colon else ""
    if label not in KIND_OF and without_colon:
        cell = _FIRST_CELL.match(text)
        label = cell[1] if cell else ""
    return label if label in KIND_OF else None
