"""Names and addresses of persons: those that the desk knows, and those that a text itself calls names. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from gateway.desk.personal_data_text import Reading, read

_HONORIFIC = r"(?:\s?(?:様|さま|サマ|さん|殿|氏|님|씨|先生|女士|小姐)|-?(?:san|sama)\b)"
_GREETING = r"(?:\b(?:dear|hi|hello|mr|mrs|ms|miss)\.? )"
_READING = r"(?:\s?\(\s?[ァ-ヶーぁ-ん][ァ-ヶーぁ-ん ・]{1,20}\)|[ 、](?:[ァ-ヶー]{2,10} ?){1,2}(?= ?様))?"
_SURNAMES = (
    "佐藤|鈴木|高橋|田中|伊藤|渡辺|渡邊|渡邉|山本|中村|小林|加藤|吉田|山田|佐々木|山口|松本|井上|木村|斎藤|斉藤|"
    "齋藤|清水|山崎|池田|橋本|阿部|石川|山下|中島|"
    "石井|小川|前田|岡田|長谷川|藤田|後藤|近藤|村上|遠藤|青木|坂本|福田|太田|西村|藤井|金子|岡本|藤原|中野|三浦|"
    "原田|中川|松田|竹内|小野|田村|中山|和田|石田|"
    "森田|上田|内田|柴田|酒井|宮崎|横山|高木|安藤|宮本|大野|小島|谷口|今井|工藤|高田|増田|丸山|杉山|村田|大塚|"
    "新井|小山|平野|藤本|河野|上野|野口|武田|松井|千葉|"
    "岩崎|菅原|木下|久保|佐野|野村|松尾|市川|菊地|菊池|杉本|古川|大西|島田|水野|桜井|高野|渡部|吉川|山内|西田|"
    "飯田|西川|小松|北村|安田|五十嵐|川口|平田|関口|中田|"
    "久保田|服部|東|岩田|土屋|川崎|福島|本田|辻|樋口|秋山|田口|永井|山中|中西|吉村|川上|石原|馬場|大橋|松岡|浜田|"
    "森本|黒田|星野"
)
_KOREAN_SURNAMES = "김이박최정강조윤장임한오서신권황안송홍"
_JAPANESE = re.compile(
    rf"(?<![一-龥])(?:{_SURNAMES})[ 　]?[一-龥ぁ-んァ-ヶー]{{0,4}}?{_READING}\s?(?:様|さま)(?!子|々|式|相){_READING}"
)
_BY_SURNAME = re.compile(rf"(?<![一-龥々])(?:{_SURNAMES})(?:さん|氏)(?![一-龥])")
_INTRODUCED = re.compile(
    r"(?P<n>[一-龥ァ-ヶーA-Za-z가-힣々][一-龥ぁ-んァ-ヶーA-Za-z々 ]{0,11}?)(?:と申します|ともうします|と言います)"
    r"(?!か|が)"
)
_CALLED = (
    re.compile(
        r"(?:氏名|宛名|受取人|受け取り人|送り主|差出人|依頼主|注文者|購入者|届け先)名?(?:は|が|を|に|:)[^\n。]{0,5}?"
        rf"(?P<n>(?:{_SURNAMES})[ 　]?[一-龥々]{{1,3}})(?![一-龥])"
    ),
    re.compile(r"(?:送り主|差出人|依頼主|受取人|受け取り人)名?(?:は|を|:)\s?(?P<n>[一-龥々]{3,5})(?=で|に|と|へ|。|$)"),
    re.compile(rf"(?P<n>[{_KOREAN_SURNAMES}][가-힣]{{2}})(?=(?:이)?라고 (?:합니다|해요))"),
    re.compile(r"\b(?:I'm|I am) (?P<n>[A-Z][a-z]{1,15} [A-Z][a-z]{1,20})\b"),
    re.compile(
        rf"(?:氏名|(?<!商品)(?<!品)(?<!店)名前|宛名|受取人|届け先名|購入者|注文者|フルネーム|名義)(?:は|が|:|"
        rf"\s){{1,3}}(?P<n>(?:{_SURNAMES})[ 　]?[一-龥ぁ-んァ-ヶー]{{1,4}})"
    ),
    re.compile(r"(?:氏名|宛名|受取人|購入者名|注文者名)\s?:\s?(?P<n>[一-龥ァ-ヶー々]{1,5} ?[一-龥ぁ-んァ-ヶー]{1,5})"),
    re.compile(
        r"(?:이름|성함|수령인|받는 ?사람|예금주|주문자)(?:은|는|:|이|\s){1,3}(?!이름|성함|주소|전화)"
        r"(?P<n>[김이박최정강조윤장임한오서신권황안송류전홍고문양손배백허유남심노하곽성차주우구]\s?[가-힣]{1,2})"
        r"(?:입니다|이에요|예요|이고|님|\s|$|,|\.)"
    ),
    re.compile(rf"(?:저는|제가)\s(?P<n>[{_KOREAN_SURNAMES}][가-힣]{{2}})(?:입니다|이에요|라고|이라고)"),
    re.compile(
        r"(?:我叫|姓名|收件人|收货人|收貨人|户名|戶名)(?:是|:|\s){0,2}(?P<n>[\u4e00-\u9fff]{2,4})(?=[,，。、!\s]|$)"
    ),
    re.compile(
        r"(?i:my (?:full )?name is|the name(?: is| of)?|full name:|recipient:|name:)\s?(?P<n>[A-Z][a-z]{1,15}"
        r"(?: [A-Z]\.?)?(?: [A-Z][a-z]{1,20}){1,2})"
    ),
)
_KOREAN = re.compile(
    r"(?<![가-힣])(?!이용자|최고|조합원|정회원|강사|안내|신청자|주문자|구매자|판매자|한국)"
    rf"[{_KOREAN_SURNAMES}][가-힣]{{2}}\s?(?:님|씨)(?![가-힣]{{3}})"
)
_ENGLISH = re.compile(r"\b(?:Dear )?(?:Mr|Mrs|Ms|Miss)\.? (?:[A-Z][a-z]+ )?[A-Z][a-z]{1,20}\b")
_ASIAN = re.compile(r"[一-龥ぁ-んァ-ヶー々가-힣]")


@dataclass(frozen=True)
class Known:
    """What the desk knows of the customer: names (as written in mails and orders) and addresses, postal and of mail."""

    names: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()


def names(reading: Reading, known: Known | None) -> Iterator[tuple[str, int, int]]:
    text = reading.words
    for name in known.names if known else ():
        for pattern in _variants(read(name).words.strip()):
            yield from (("name", *match.span()) for match in pattern.finditer(text))
    for address in known.addresses if known else ():
        kind = "email" if "@" in address else "address"
        yield from ((kind, *match.span()) for match in re.finditer(_loosely(read(address).words), text, re.IGNORECASE))
    yield from (
        ("name", *match.span())
        for pattern in (_JAPANESE, _BY_SURNAME, _KOREAN, _ENGLISH)
        for match in pattern.finditer(text)
    )
    for pattern in (_INTRODUCED, *_CALLED):
        yield from (("name", *match.span("n")) for match in pattern.finditer(text))


def _variants(name: str) -> Iterator["re.Pattern[str]"]:
    """The whole name, with or without its blanks and in either order; one part of it only beside 様 or a greeting,
    since a nickname may be any word."""
    name = re.sub(r"\s?(?:様|さま|さん|님|先生|女士)$", "", name)
    name, _, kana = name.partition("(")
    kana = kana.rstrip(") ")
    parts = [part for part in re.split(r"[\s・]+", name.strip()) if part]
    if not parts:
        return
    asian = bool(_ASIAN.search(name))
    whole = r"[\s・]{0,2}".join(map(re.escape, parts)) if asian else r"[\s,]{1,2}".join(map(re.escape, parts))
    if len(parts) > 1 or _is_full(parts[0]):
        yield _pattern(whole, asian, _READING)
        if len(parts) == 2:
            yield _pattern(rf"{re.escape(parts[1])}[\s,・]{{0,2}}{re.escape(parts[0])}", asian)
    if kana:
        yield _pattern(r"\s?".join(map(re.escape, kana.split())), True)
    pieces = dict.fromkeys(piece for part in parts for piece in (part, *_beginnings(part)))
    for piece in pieces:
        yield _pattern(rf"{re.escape(piece)}{_READING}{_HONORIFIC}", asian or bool(_ASIAN.search(piece)))
        if not asian and len(piece) > 1:
            yield _pattern(rf"{_GREETING}{re.escape(piece)}", False)


def _pattern(source: str, asian: bool, after: str = "") -> "re.Pattern[str]":
    if asian:
        return re.compile(source + after, re.IGNORECASE)
    return re.compile(rf"(?<![A-Za-z]){source}(?![A-Za-z]){after}", re.IGNORECASE)


def _is_full(part: str) -> bool:
    """Whether a name in one piece is surely more than a nickname: 山田太郎, 김민수."""
    return bool(re.fullmatch(r"[一-龥々]{3,6}|[가-힣]{3,4}|[一-龥々]{1,3}[ぁ-んァ-ヶー]{2,4}", part))


def _beginnings(part: str) -> Iterator[str]:
    """The surnames that a name without blank may begin with, and a Korean given name."""
    if re.fullmatch(r"[一-龥々]{3,6}", part):
        yield from (part[:length] for length in range(1, len(part)))
        yield part[2:]
    elif re.fullmatch(r"[가-힣]{3}", part):
        yield part[1:]


def _loosely(address: str) -> str:
    """An address, whatever blanks and dashes are in it; of mail the part before its @, where that is no mere word."""
    if "@" in address:
        local = address.partition("@")[0]
        is_telling = len(local) > 5 and re.search(r"[0-9._-]", local)
        return rf"(?<![A-Za-z0-9._-]){re.escape(local if is_telling else address)}(?![A-Za-z0-9_-])"
    plain = re.sub(r"[\s,、-]", "", address)
    return r"[\s,、-]?".join(map(re.escape, plain)) if len(plain) > 5 else r"(?!)"
