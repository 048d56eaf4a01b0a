"""Takes away what stands under a writer's words and was not written for this mail: signatures and clients' own lines.

Works on one run of written lines. What may be an answer stays: a block between rules goes only if it is made of
contact data, and a closing such as 「よろしくお願いいたします。 鈴木」 always stays.
"""

import re
from collections.abc import Sequence

from gateway.mail.normal_forms import nfkc

MAX_SIGNATURE = 30  # lines below "-- " (RFC 3676 4.3); RFC 1855 asks for four, disclaimers are longer
MAX_BLOCK = 14  # lines of a company block
MAX_OWN_BLOCK = 5  # lines of a paragraph with the writer's own address
LEAST_UNRULED = 3  # lines of a block without a drawn line
LEAST_KINDS = 4  # kinds of data in it
MAX_CONTACT_LINE = 300  # characters of a line that are looked at
MAX_FOOTER = 70  # characters of a client's line

_DEVICE = (
    "i?phone|ipad|ipod|android|galaxy|xperia|aquos|arrows|pixel|スマートフォン|スマホ|携帯|ケータイ|タブレット|メール|mail"
    "|outlook|thunderbird|windows|mac|アプリ|app|docomo|ドコモ|softbank|ソフトバンク|spark|proton|em client|yahoo|gmail"
    "|sparrow|huawei|samsung|nokia|blackberry|motorola|oppo|xiaomi|tablet|mobile|device|handheld|wiko|zimbra|hey|workspace"
)
_FOOTER = re.compile(
    rf"sent (?:from|with|via|using) (?:my .{{1,50}}|[a-z]{{3,20}}|.{{0,30}}(?:{_DEVICE}).{{0,30}})"
    r"|get outlook for \S.{0,60}|(?:outlook for (?:ios|android|mac)|android用bluemail).{0,60}を入手.{0,4}"
    rf"|(?!この|本メール).{{0,20}}(?:{_DEVICE}).{{0,30}}(?:から|で|より|を使用して|にて)送信(?:(?:されま)?した|しました)?"
    r"|yahoo!メール for \S{1,20}"
    r"|(?:发自|發自|从我的|從我的|来自我的|來自我的).{1,40}"
    rf"|(?:从|從|由) ?.{{0,20}}(?:{_DEVICE}|手机|手機|邮件|郵件|邮箱).{{0,20}}(?:发送|發送|寄出|传送|傳送)"
    rf"|.{{0,20}}(?:{_DEVICE}|앱|메일).{{0,20}}에서 (?:보냄|보냈습니다\.?|보낸 메일입니다\.?)"
    r"|von mein\w{1,3} \S.{0,40} gesendet|gesendet (?:von|mit|über) .{1,50}"
    r"|diese nachricht wurde von mein.{1,50}gesendet\.?"
    r"|envoyé (?:de mon|depuis) .{1,50}|inviato da .{1,50}|enviado (?:desde mi|do meu|desde el) .{1,50}"
    r"|verstuurd vanaf .{1,50}|sendt fra min .{1,50}|skickat från min .{1,50}|wysłane z .{1,50}|отправлено с .{1,50}"
)
_TELEPHONE = re.compile(
    r"\btel\b|\bphone\b|\bmobile\b|電話|携帯|☎|(?<!\d)\(?0\d{1,4}\)?-\d{1,4}-\d{3,4}(?!\d)|\+\d{1,3}[ -]\d"
)
_COMPANY = re.compile(
    r"株式会社|有限会社|合同会社|\(株\)|\(有\)|\binc\b|\bltd\b|\bgmbh\b|\bllc\b|商店|ショップ|営業時間|定休日|担当"
)
_EVIDENCE = (
    _TELEPHONE,
    re.compile(r"\bfax\b|ファックス|ファクス"),
    re.compile(r"[^\s@]{1,64}@[^\s@]{1,64}\.|\be?-?mail\b|メールアドレス"),
    re.compile(r"〒|\d{3}-\d{4} ?.{0,4}[都道府県]"),
    re.compile(r"https?://|\bwww\.|\burl\b"),
    _COMPANY,
)
_LABEL = re.compile(r"\A(?:e-?mail|mail|メール(?:アドレス)?|address|메일|이메일|邮箱|邮件)\s*[:/]?\s*")
_PLACE = r"(?:ご?住所|(?:お?届け|送り|送付|返送|返品|振込|連絡|宛|請求|配送|発送)先|口座|アドレス|address|주소|地址)"
_ANNOUNCES = re.compile(rf":\Z|以下|下記|次の|こちら|[^ ]先(?:です|は|を|に)|{_PLACE}|below|following|아래|如下")
_HEADING = re.compile(rf"[■●◆【\[(〈<]*(?:ご|新しい)?{_PLACE}(?:変更)?[】\])〉>:]*")
_POSTSCRIPT = re.compile(r"追伸|二伸|追記|p\.?s\b|추신|又及|附言", re.IGNORECASE)
_WEAK_EVIDENCE = 2  # the last two kinds prove nothing under a mere dash
_SENTENCE = re.compile(r"。|(?:です|ます|した|ません|ください)[!?」)]*$")
_DASHES = frozenset(("---", "----", "ーー", "――", "——", "—", "──", "＿＿"))
_DRAWN_LEAST = 5
_DRAWN_KINDS = 4  # different characters in a drawn line such as ◆◇◆◇


def without_signature(lines: Sequence[str], own: Sequence[str] = ()) -> list[str]:
    """The lines of one run without the signature and the client's own lines at its end.

    A last paragraph that has one of the writer's `own` addresses on a line of its own is a signature too, unless the
    words above announce it.
    """
    end = _delimiter(lines)
    kept = list(lines[:end])
    while kept:
        if not kept[-1].strip() or is_footer(kept[-1]):
            kept.pop()
            continue
        start = _company_block(kept)
        if start is None and own:
            start = _own_block(kept, own)
        if start is None:
            break
        del kept[start:]
    return kept + _postscript(lines[end:])


def _postscript(below: Sequence[str]) -> list[str]:
    """What follows a signature's delimiter from the line 追伸 or P.S. on, if a blank line stands above it."""
    for index in range(1, len(below)):
        if not below[index - 1].strip() and _POSTSCRIPT.match(below[index].lstrip()):
            kept = list(below[index - 1 :])
            while kept and (not kept[-1].strip() or is_footer(kept[-1])):
                kept.pop()
            return kept
    return []


def typed_below(lines: Sequence[str]) -> list[str]:
    """What the writer may have typed into the place of a signature, in a run of which `without_signature` leaves
    nothing: sentences below a delimiter, an address between rules that is no company's, or without them."""
    start = _delimiter(lines)
    typed = [line for line in lines[start + 1 :] if line.strip() and not is_footer(line)]
    if start < len(lines):
        return typed if any(map(_is_sentence, typed)) else []
    block = [line for line in lines if not is_footer(line)]
    signed = any(map(_is_drawn, block)) and _COMPANY.search(_contact_text(block))
    return [] if signed else block


def _delimiter(lines: Sequence[str]) -> int:
    for index, line in enumerate(lines):
        text = line.rstrip("\r\n")
        below = lines[index + 1 : index + 2 + MAX_SIGNATURE]
        if len(below) > MAX_SIGNATURE:
            continue
        if text == "-- ":
            return index
        if text.strip() == "--" and (not any(map(_is_sentence, below)) or _contacts(below)):
            return index
        if text.strip() in _DASHES and _contacts(below) > _weak(below) and not any(map(_is_sentence, below)):
            return index
    return len(lines)


def _company_block(lines: Sequence[str]) -> int | None:
    """Where a block of contact data begins: under a drawn line, with or without another below, or a paragraph of its
    own that names a company and has its telephone and two more kinds of data. A person's postal address may be an
    answer."""
    begin = None
    for index in range(len(lines) - 1, max(-1, len(lines) - 1 - MAX_BLOCK), -1):
        if not lines[index].strip():
            break
        if index < len(lines) - 1 and _is_drawn(lines[index]):
            block = lines[index + 1 :]
            if any(map(_is_sentence, block)):
                break
            if _contacts(block) >= 2:
                begin = index
    start = _last_paragraph(lines) if begin is None else begin
    if start is None or _is_announced(lines, start) or any(map(_is_heading, lines[start:])):
        return None
    return start


def _last_paragraph(lines: Sequence[str]) -> int | None:
    """Where the last paragraph begins, if it is the data of a company and nothing else."""
    start = _paragraph(lines, MAX_BLOCK)
    block = lines[start:]
    if len(block) < LEAST_UNRULED or any(map(_is_sentence, block)):
        return None
    text = _contact_text(block)
    found = sum(1 for evidence in _EVIDENCE if evidence.search(text))
    sure = _TELEPHONE.search(text) and _COMPANY.search(text)
    return start if sure and found >= LEAST_KINDS else None


def _own_block(lines: Sequence[str], own: Sequence[str]) -> int | None:
    """Where a last paragraph with the writer's own address begins: a name and little else, below other words."""
    start = _paragraph(lines, MAX_OWN_BLOCK)
    block = [_fold(line[:MAX_CONTACT_LINE]) for line in lines[start:]]
    addresses = {_fold(address) for address in own}
    bare = [_LABEL.sub("", line).strip("<>()[] ") for line in block]
    if start == 0 or len(block) < 2 or not addresses.intersection(bare) or any(map(_is_sentence, block)):
        return None
    return None if _is_announced(lines, start) else start


def _is_heading(line: str) -> bool:
    """Whether the line heads an address that is the matter itself: 「お届け先」."""
    return _HEADING.fullmatch(_fold(line[:MAX_CONTACT_LINE])) is not None


def _is_announced(lines: Sequence[str], start: int) -> bool:
    """Whether the words above the line say that an address or the like follows."""
    above = next((line for line in reversed(lines[:start]) if line.strip()), "")
    return _ANNOUNCES.search(_fold(above[-MAX_CONTACT_LINE:])) is not None


def _paragraph(lines: Sequence[str], most: int) -> int:
    """Where the last paragraph begins, or the number of lines if it is longer than `most`."""
    start = len(lines)
    while start > 0 and lines[start - 1].strip():
        start -= 1
        if len(lines) - start > most:
            return len(lines)
    return start


def is_footer(line: str) -> bool:
    """Whether a client wrote the line: "Sent from my …", 「…から送信」."""
    text = _fold(line).removesuffix("。")
    if not text or len(text) > MAX_FOOTER or "、" in text or "," in text or text.endswith(("!", "?")):
        return False
    return _FOOTER.fullmatch(re.sub(r"<[^<>]{1,60}>", "", text).rstrip(".")) is not None


def _contacts(lines: Sequence[str]) -> int:
    text = _contact_text(lines)
    return sum(1 for evidence in _EVIDENCE if evidence.search(text))


def _weak(lines: Sequence[str]) -> int:
    text = _contact_text(lines)
    return sum(1 for evidence in _EVIDENCE[-_WEAK_EVIDENCE:] if evidence.search(text))


def _contact_text(lines: Sequence[str]) -> str:
    return _fold("\n".join(line[:MAX_CONTACT_LINE] for line in lines))


def _is_sentence(line: str) -> bool:
    return _SENTENCE.search(_fold(line[:MAX_CONTACT_LINE])) is not None


def _is_drawn(line: str) -> bool:
    text = line.strip()
    return (
        len(text) >= _DRAWN_LEAST
        and len(set(text)) <= _DRAWN_KINDS
        and not any(character.isalnum() and character not in "ー一o" for character in text)
    )


def _fold(text: str) -> str:
    return nfkc(text).casefold().strip()
