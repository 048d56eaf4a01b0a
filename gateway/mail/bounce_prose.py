"""The addresses that a server names as not reached, in its own words.

Lines that name an address alone or under a label come first, then phrases, then the dialogue of the two servers: the
first of these that names one counts, since a later kind may also name the sender or somebody to ask.
"""

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from gateway.mail.bounce_address import ADDRESS, from_prose
from gateway.mail.bounce_standing import PUNCTUATION, Standing, fails, introduces, standings
from gateway.mail.bounce_words import MAX_WORDS, reason

MAX_NAMED = 1000
MAX_LINE = 1000  # characters

_FOUND = re.compile(ADDRESS)
_MAILTO = re.compile(r"<mailto:[^>\n]{1,200}>", re.IGNORECASE)
_TYPE = re.compile(r"(?:smtp|rfc822|e-?mail) ?[:;] *\Z", re.IGNORECASE)
_BRACKETED = re.compile(rf"<({ADDRESS})>")

# What may follow an address that stands first on its line: an explanation, not the rest of a sentence.
_EXPLAINED = re.compile(
    r"[>\"')\]*」』]{0,3}[ \t]*(?:[:：;]|\.\.\.|[-–—] |\(|on (?:[A-Z][a-z]{2}\b|\d)|宛|へ|あて|$"
    r"|(?:(?:was|is|has) )?(?:delivery failed|undeliver|failed|rejected|bounced|not (?:been )?delivered))"
)

_OF_OTHERS = (Standing.CONTACT, Standing.SIGNATURE)
_COLON = re.compile(r"[>\"')\]*」』 ]{0,4}[:：]")

_LABEL = re.compile(
    r"(?:recipient|address|(?:user|deliver|reach|fail)\w{0,12}|mailbox|unknown|full|invalid|attempts|smtp|error-for|rcpt(?==)|vnm\d{4}|\bto"
    r"|宛先|あて先|送信先|配信先|受信者|アドレス|邮箱|收件人|收件者|收信人|받는 ?사람|수신자"
    r"|empfänger|destinataire|destinat[aá]rio|получател\w{0,12})"
    r"[^:：=@]{0,40}[:：=][^\w@]{0,12}(?:\[?smtp:|rfc822;)?[^\w@]{0,4}\Z",
    re.IGNORECASE,
)
_NO_LABEL = re.compile(
    r"\b(?:from|sender|contact|reply|postmaster|original|support|admin\w{0,12}|helo|by|cc|question\w{0,12}|subject)\b|\bto[:：]"
    r"|差出人|送信者|送信元|発信者|問い?合わ?せ|連絡|返信先|管理者|窓口|担当|发件人|联系|管理员|보낸|문의|관리자",
    re.IGNORECASE,
)
_LABELLED_TO = re.compile(
    r"(?:deliver|sen[dt]\b|mail|message|reach|return|fail)\w{0,12}[^:：\n]{0,40}\bto[:：]", re.IGNORECASE
)
_OF_ANOTHER = re.compile(
    r"(?:contact|assistance|send (?:an? )?e?-?mail to|reply to|write to|questions?"
    r"|sent by|(?:message|mail) from)"
    r"[^\w@]{0,12}(?:at |to )?[^\w@]{0,12}\Z"
    r"|(?:連絡|問い?合わ?せ|联系|聯絡|문의)[^\n@]{0,20}[^\w@]{0,12}\Z",
    re.IGNORECASE,
)

_MARK = r"[\"'<(\[*「『“‘（]{0,4}"
_TAIL = r"[\"'>)\]*」』”’）]{0,4}"
_PHRASES = tuple(
    re.compile(phrase.replace("ADDRESS", rf"{_MARK}(?:mailto:|smtp:)?({ADDRESS}){_TAIL}"), re.IGNORECASE)
    for phrase in (
        r"\b(?:un)?deliver(?:ed|y|ing|able)?\b[^\n@.]{0,60}?\bto:?\s{1,8}ADDRESS",
        r"\b(?:message|mail|e-?mail) to ADDRESS\s{1,4}(?:could|can|was|has|couldn|wasn|cannot|is|failed|bounced)",
        r"\b(?:not|never|n.t) (?:be )?(?:reach(?:ed)?|sent|sent to)\W{0,4}\s{1,4}(?:to )?ADDRESS",
        r"\baddressed to ADDRESS",
        r"\b(?:user|mailbox|account|recipient|address|client|subscriber|list)s?:? {1,3}ADDRESS",
        r"ADDRESS[ \t]{0,9}\n?[ \t]{0,9}(?:does|is|was|has|could|couldn.t|cannot|can.t|not|wasn.t|did"
        r"|no longer|isn.t|unknown)\b",
        r"(?:zugestellt|zustell|remis|distribu|livr|entreg|recapit|consegn|bezorg|leverer|доставл)[^\n@]{0,60}ADDRESS",
        r"\b(?:an|à|a|para|aan|til|do) ADDRESS\s{1,4}(?:konnte|wurde|n.a|no (?:se )?(?:pudo|ha)|não|non|kon|kunne)",
        r"ADDRESS ?(?:宛|あて|へ|に|は|は、|が)[^\n]{0,40}(?:配信|配送|送信|送達|届|存在|見つか|不達|エラー|拒否)",
        r"(?:宛先|送信先|アドレス|あて先|收件人|收件者|收信人|수신자|받는 ?사람)[^\n@]{0,12}ADDRESS",
        r"(?:无法|無法|未能)[^\n@]{0,20}(?:到|至|给|給)\s?ADDRESS",
        r"ADDRESS ?(?:으로|에게|님|계정|주소)",
        r"\bgenerated (?:by|from) ADDRESS",
        r"\bexpanded from:? {1,3}ADDRESS",
        r"ADDRESS\) not listed",
    )
)
_LIST = re.compile(
    rf"\bnot (?:a )?(?:member|subscrib\w{{1,20}}|allowed to post)[^\n@]{{0,40}}\blist {_MARK}({ADDRESS})", re.IGNORECASE
)
_RCPT = re.compile(
    rf"\bRCPT[ \t]+TO:\s{{0,9}}<?({ADDRESS})>?([^\n]*(?:\n(?![^\n]*\b(?:RCPT|DATA|QUIT|RSET)\b)[^\n]*){{0,6}})", re.I
)
_TO = re.compile(rf"^[ \t>]{{0,9}}To[ \t]*:[ \t]*<?({ADDRESS})>?[ \t]*$", re.IGNORECASE | re.MULTILINE)
_CC = re.compile(r"^[ \t>]{0,9}Cc[ \t]*:[^\n]*@", re.IGNORECASE | re.MULTILINE)
_REFUSED = re.compile(r"(?:^|[^\d.])[45]\d\d[ -]", re.MULTILINE)
_REPLY = re.compile(rf"(?:^|[^\d.\w])[45]\d\d[ -](?:#?[45]\.\d{{1,3}}\.\d{{1,3}} )?[^\n@<]{{0,40}}<?({ADDRESS})")


@dataclass(frozen=True)
class Named:
    """An address, and where it stands in the text."""

    address: str
    start: int
    end: int


def named(text: str, author: Collection[str], sender: Collection[str]) -> list[Named]:
    """The addresses that `text` says were not reached, each once. Not `author`, who wrote the report; nor `sender`,
    whose mail it is about, unless a line of its own names nobody else. Both are given in lower case."""
    kinds: tuple[Callable[[str], Iterator[Named]], ...] = (_as_list, _on_lines, _in_phrases, _in_dialogue)
    for kind in kinds:
        found: dict[str, Named] = {}
        for one in kind(text):
            if one.address.lower() not in author and len(found) < MAX_NAMED:
                found.setdefault(one.address.lower(), one)
        others = [one for address, one in found.items() if address not in sender]
        if others or (found and kind is _on_lines):
            return others or list(found.values())
    return []


def after(text: str, places: list[Named], index: int) -> str:
    """What `text` says after the address at `index`, up to the next one, or after those enumerated with it."""
    start = places[index].end
    following = sorted(other for other in ((place.start, place.end) for place in places) if other[0] >= start)
    for other, end in following:
        if text[start:other].strip(PUNCTUATION):
            return text[start : min(other, start + MAX_WORDS)]
        start = end
    return text[start : start + MAX_WORDS]


def only_addressee(text: str) -> list[str]:
    """The one whom a header within the words names, where no other is told or introduced below it."""
    matches = list(_TO.finditer(text))
    addresses = list(filter(None, (from_prose(match[1]) for match in matches)))
    if len(addresses) != 1 or _CC.search(text):
        return []
    below = text[matches[0].end() :].split("\n")
    return [] if any(introduces(line) for line in below) else addresses


def _as_list(text: str) -> Iterator[Named]:
    """A list that the sender may not post to; what else is named there is where to ask."""
    return filter(None, (_named(match, 0) for match in _LIST.finditer(text)))


def _on_lines(text: str) -> Iterator[Named]:
    if "@" not in text:
        return
    position = 0
    lines = text.split("\n")
    for line, standing in zip(lines, standings(lines), strict=True):
        if "@" in line and len(line) <= MAX_LINE:
            for match in _of_line(line, standing):
                one = _named(match, position)
                before = text[max(0, one.start - 60) : one.start] if one else ""
                if one and not _OF_ANOTHER.search(before):
                    yield one
        position += len(line) + 1


def _of_line(line: str, standing: Standing) -> list[re.Match[str]]:
    """The addresses of a line which names them: alone, first with an explanation, or under a label."""
    line = _MAILTO.sub(lambda link: " " * len(link[0]), line)
    matches = list(_FOUND.finditer(line))
    if not matches:
        return []
    bracketed = list(_BRACKETED.finditer(line))
    first = matches[0]
    before = _TYPE.sub("", line[: first.start()])
    if before.strip(PUNCTUATION):
        labelled = _LABEL.search(before) and (not _NO_LABEL.search(before) or _LABELLED_TO.search(before))
        return [first] if labelled and (standing not in _OF_OTHERS or fails(before)) else []
    rest = line[first.end() :]
    if not _FOUND.sub("", rest).strip(PUNCTUATION):
        explained = standing is Standing.OTHER and _COLON.match(rest)
        return (bracketed or matches) if standing is Standing.FAILED or explained else []
    if bracketed and not line[first.end() : bracketed[0].start()].strip(PUNCTUATION):
        first = bracketed[0]  # "A. Name <a@b>", where the name is an address too
        rest = line[first.end() :]
    if standing in _OF_OTHERS:
        return [first] if fails(rest) else []
    return [first] if _EXPLAINED.match(rest) or reason(rest) is not None else []


def _in_phrases(text: str) -> Iterator[Named]:
    for phrase in _PHRASES:
        for match in phrase.finditer(text):
            one = _named(match, 0)
            if one and not _OF_ANOTHER.search(text[max(0, match.start() - 60) : one.start]):
                yield one


def _in_dialogue(text: str) -> Iterator[Named]:
    """RCPT commands that were refused, else the addresses in refusals, else every RCPT: the mail as a whole failed."""
    commands = list(_RCPT.finditer(text))
    refused = [match for match in commands if _REFUSED.search(match[2])]
    for match in refused or list(_REPLY.finditer(text)) or commands:
        one = _named(match, 0)
        if one:
            yield one


def _named(match: re.Match[str], offset: int) -> Named | None:
    group = 1 if match.re.groups else 0
    address = from_prose(match[group])
    return Named(address, offset + match.start(group), offset + match.end(group)) if address else None
