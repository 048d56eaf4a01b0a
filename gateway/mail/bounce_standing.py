"""Where an address stands in what a server writes: under words of failure, or under those of somebody to ask.

An address alone on its line says nothing by itself: the last line of words above it tells what it is there for. Finds
no addresses; that is done in bounce_prose.py.
"""

import re
from collections.abc import Sequence
from enum import Enum

from gateway.mail.bounce_address import ADDRESS
from gateway.mail.bounce_words import reason

MAX_LINE = 300  # characters that tell what a line is about
PUNCTUATION = " \t\r\n\xa0\u3000<>()[]{}\"'*-–—_=:;,.|#•・●○■◆「」『』【】（）“”‘’：。、>"


class Standing(Enum):
    """What an address alone is on a line."""

    FAILED = "words of failure are above it, or a reason follows"
    OTHER = "other words are above it"
    CONTACT = "it is of somebody to ask"
    SIGNATURE = "a closing is above it"


_FOUND = re.compile(ADDRESS)
_RULE = re.compile(r"[-=_*~#+.─━―＝－ \t]{3,200}\Z")
_SIGNATURE = re.compile(r"-- ?\Z")
_FAILS = re.compile(
    r"fail|undeliver|unable|reject|refus|error|unknown|invalid|bounc|disabled|problem|trouble|delayed|postponed|aborted"
    r"|(?:not|n.t|never|no longer)\b[^\n]{0,60}(?:deliver|sen[dt]\b|reach|receiv|accept|exist|found|valid)|\bto[:：]?\Z"
    r"|recipient|following|deliver|given up|\b[45]\d\d[ -]|\bsaid:|server\b[^:]{0,20}:"
    r"|でき(?:ま|な)|失敗|エラー|不達|届|下記|以下|次の|不明|存在|見つか|拒否|宛|あて先|送信先|受信者"
    r"|无法|無法|失败|失敗|未能|退回|退信|收件|收信|不存在|拒|못|않|없|실패|반송|수신자|받는"
    r"|nicht|fehl|empfänger|échou|échec|pas pu|impossible|destinat|no se|no pud|fall[oóa]|não|falh|non (?:è|ha|pu)"
    r"|niet|ontvanger|не (?:может|могло|было|удалось|доставлен)|ошибк|получател",
    re.IGNORECASE,
)
_INTRODUCES = re.compile(
    r"[:：]\W{0,9}\Z|\b(?:to|recipients?(?:\(s\))?|address(?:\(?es\)?)?)\W{0,9}\Z|following|\bbelow\b"
    r"|以下|下記|次の|如下|아래|다음|folgende|suivant|siguiente|seguint|seguent|volgende|следующ",
    re.IGNORECASE,
)
_CONTACT = re.compile(
    r"contact|help\b|help ?desk|support\b|assist|question|\breply\b|write to|administrator|postmaster\b|\bteam\b"
    r"|管理者|サポート|お?問い?合わ?せ|連絡|窓口|担当|客服|联系|聯絡|聯繫|管理员|管理員|문의|담당|고객센터|관리자"
    r"|ansprechpartner|contacte|администратор",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"(?:(?:best|kind|warm)? ?regards|(?:yours )?(?:sincerely|faithfully|truly)|yours|thank you|thanks|敬具|以上"
    r"|(?:よろしく|宜しく)お願い(?:いた|致)?します|此致|敬礼|감사합니다|.{0,30}grüße.{0,20}|cordialement|.{0,20}saludos"
    r"|atentamente|.{0,20}saluti|atenciosamente|.{0,20}groet(?:en)?|с уважением)[\W_]{0,9}\Z",
    re.IGNORECASE,
)


def standings(lines: Sequence[str]) -> list[Standing]:
    """For each line, what an address alone on it is. Where no line is understood as telling a failure, any
    address failed that is not of somebody to ask."""
    lines = [line[:MAX_LINE] for line in lines]
    words = [_FOUND.sub("", line).strip(PUNCTUATION) for line in lines]
    failing = [fails(said) for said in words]
    found: list[Standing] = []
    standing, introduced = Standing.OTHER, False
    for line, said, of_failure in zip(lines, words, failing, strict=True):
        found.append(standing)
        if _SIGNATURE.match(line) or _CLOSING.match(line.strip()):
            standing = Standing.SIGNATURE
        elif _RULE.match(line):
            standing = Standing.OTHER if standing is Standing.FAILED and not introduced else standing
        elif said:
            introduced = of_failure and _INTRODUCES.search(line.strip()) is not None
            standing = Standing.FAILED if introduced else _below(line, of_failure, standing)
    if not any(failing):
        return [Standing.FAILED if one is Standing.OTHER else one for one in found]
    return _explained(lines, words, failing, found)


def fails(words: str) -> bool:
    """Whether words are about failure or an addressee, in the languages of servers."""
    return bool(words) and (_FAILS.search(words) is not None or reason(words) is not None)


def introduces(line: str) -> bool:
    """Whether a line of words says that those named below it were not reached."""
    return _INTRODUCES.search(line.strip()) is not None and fails(line)


def _below(line: str, of_failure: bool, standing: Standing) -> Standing:
    """What stands below a line of words that introduces nobody. One that names its address itself has no other."""
    if standing is Standing.SIGNATURE:
        return standing
    if _CONTACT.search(line):
        return Standing.CONTACT
    return Standing.FAILED if of_failure and not _FOUND.search(line) else Standing.OTHER


def _explained(
    lines: Sequence[str], words: Sequence[str], failing: Sequence[bool], found: list[Standing]
) -> list[Standing]:
    """The same, where a reason follows an address alone: read from the end, over other such addresses. What introduces
    another address is no reason, unless nothing stands above this one."""
    beginning = next(number for number, said in enumerate(words) if said)
    reasoned = False
    for number in range(len(lines) - 1, -1, -1):
        line = lines[number]
        if words[number]:
            of_another = _CONTACT.search(line) or (number > beginning and _INTRODUCES.search(line.strip()))
            reasoned = failing[number] and not of_another
        elif reasoned and found[number] is Standing.OTHER:
            found[number] = Standing.FAILED
    return found
