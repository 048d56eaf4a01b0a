"""Postal addresses: Japanese, Korean, Chinese, English. Pure.

A town alone is none (大阪市への送料); with a house number, or behind a word such as 住所, it is.
"""

import re
from collections.abc import Iterator

from gateway.desk.personal_data_text import Reading

_N = "[0-9〇一二三四五六七八九十百]{1,5}"
_PREFECTURE = (
    "(?:北海道|東京都|大阪府|京都府|(?:青森|岩手|宮城|秋田|山形|福島|茨城|栃木|群馬|埼玉|千葉|神奈川|新潟|富山|"
    "石川|福井|山梨|長野|岐阜|静岡|愛知|三重|"
    "滋賀|兵庫|奈良|和歌山|鳥取|島根|岡山|広島|山口|徳島|香川|愛媛|高知|福岡|佐賀|長崎|熊本|大分|宮崎|鹿児島|沖縄)県)"
)
_NAME = "[々〆ヶケ一-龥ァ-ヴー]"
_KANA_TOWNS = (
    "つくばみらい|つくば|さいたま|いわき|ひたちなか|うるま|みどり|かすみがうら|いなべ|あきる野|ふじみ野|たつの|むつ|にかほ|つがる|えびの|"
    "さぬき|東かがわ|あわら|かほく|いちき串木野|うきは|みやま|みよし"
)
_TOWN = f"(?:(?:{_KANA_TOWNS})市|(?![先所]){_NAME}{{1,6}}(?:市|区|郡|町|村)(?!場|販|民|内|営|立))"
_COUNTED = r"\s?(?:日|時|円|個|点|枚|本|営業|週|か月|ヶ月|月|年|cm|分|名|人|歳|%)"
_DASHED = rf"[0-9]{{1,4}}-[0-9]{{1,4}}(?:-[0-9]{{1,4}}){{0,2}}(?![0-9]|-|〜|~|{_COUNTED})"
_HOUSE = (
    f"(?:{_N}丁目|{_N}番地|{_N}番(?:の?{_N})?号?|{_N}条|{_DASHED}|[0-9]{{1,4}}の[0-9]{{1,4}}(?:の[0-9]{{1,4}})?|"
    "[0-9]{1,5}番?号|上ル|上る|下ル|下る|東入|西入)"
)
_PLACE = "[々〆ヶケの一-龥ぁ-んァ-ヴー0-9]"
_REST = (
    f"(?:[-の ]?(?:{_N}(?:丁目|番地の?|番|号室?|条|階|F)|[東西南北]{_N}(?:条|丁目)|"
    f"上ル|上る|下ル|下る|東入|西入|{_DASHED}|"
    "[0-9]{1,5}|[一-龥ァ-ヴーA-Za-z]{2,12}(?= ?[0-9]{2,4}(?:号室)?))){0,6}"
)

_JAPANESE = (
    re.compile(rf"{_PREFECTURE} ?(?:{_TOWN}){{1,3}} ?{_PLACE}{{0,14}}?{_HOUSE}{_REST}"),
    re.compile(
        rf"{_PREFECTURE} ?(?:{_TOWN}){{1,3}} ?[々ヶケ一-龥]{{0,10}}?[0-9]{{1,5}}"
        rf"(?![0-9]|{_COUNTED}|-[0-9]+{_COUNTED})"
    ),
    re.compile(rf"{_TOWN} ?(?![のでにからはがをへとも内]){_PLACE}{{1,12}}?{_HOUSE}(?!店){_REST}"),
    re.compile(rf"{_NAME}{{0,8}}{_N}丁目[の ]?(?:{_N}(?:番地?|号|-)?(?![0-9]?(?:店|日|円))|{_DASHED}){_REST}"),
    re.compile(rf"{_NAME}{{0,8}}{_N}番地(?:の?{_N})?{_REST}"),
    re.compile(r"[一-龥ァ-ヴーA-Za-z]{0,14} ?[0-9]{3,4}号室"),
)
_POSTAL = re.compile(
    r"〒 ?[0-9]{3}-? ?[0-9]{4}|(?:郵便番号|〒番号|우편번호|邮编|邮政编码|郵遞區號|zip(?: ?code)?|postal code|"
    r"postcode)(?:は|が|:|는|은|是|is|\s){0,3}[0-9]{3,6}(?:-[0-9]{4})?(?![0-9])",
    re.I,
)
_POSTAL_BEFORE = re.compile(
    rf"(?<![0-9-])[0-9]{{3}}-[0-9]{{4}}(?![0-9-])(?=[\s、,]{{0,2}}(?:{_PREFECTURE}|{_NAME}{{1,5}}[市区郡]))"
)
_LABELLED = re.compile(
    rf"(?:住所|自宅|届け?先|送り先|送付先|配送先|宛先|発送先|転送先)[^\n。]{{0,8}}?(?P<n>(?:{_PREFECTURE}|"
    rf"(?<=[はが: 、]){_NAME}{{1,5}}[市区郡])"
    rf"{_PLACE}{{1,20}}[市区郡町村]{_PLACE}{{0,16}})"
)
_KOREAN = (
    re.compile(
        r"(?:[가-힣]{1,6}(?:특별시|광역시|시|도|군|구)\s){0,3}[가-힣]{1,6}(?:시|군|구)\s(?:[가-힣]{1,6}(?:읍|면|"
        r"동)\s)?"
        r"[가-힣0-9]{1,10}(?:로|길|동|리|가)\s?[0-9]{1,4}(?:-[0-9]{1,4})?(?:번지|번길 ?[0-9]{1,4})?(?:[ ,]{1,2}"
        r"[가-힣A-Za-z0-9]{0,12}[0-9]{1,4}(?:동|호))*"
    ),
    re.compile(r"(?:[가-힣A-Za-z]{0,10}(?:아파트|빌라|오피스텔)\s?)?[0-9]{1,4}동\s?[0-9]{1,4}호"),
    re.compile(r"[가-힣]{2,8}(?:대로|로|길)\s?[0-9]{1,3}번?길\s?[0-9]{1,4}"),
    re.compile(
        r"(?:주소|배송지|받는 ?곳)(?:는|은|:|\s){1,3}[가-힣 ]{0,12}[가-힣]{1,6}(?:시|군|구|동|읍|면)"
        r"[가-힣0-9 -]{0,24}"
    ),
)
_CHINESE = (
    re.compile(
        r"(?:[\u4e00-\u9fff]{2,8}(?:省|自治区|市))?[\u4e00-\u9fff]{1,6}(?:市|区|區|县|縣|镇|鎮|乡|鄉)"
        r"[\u4e00-\u9fff0-9]{1,12}?(?:路|街|道|巷|弄|胡同|村|里|段|苑|园|小区)"
        rf"[\u4e00-\u9fff0-9]{{0,8}}?{_N}-?[0-9]{{0,4}}(?:号|號|弄|栋|楼|巷)[\u4e00-\u9fff0-9-]{{0,14}}"
    ),
    re.compile(rf"[\u4e00-\u9fff]{{2,6}}(?:路|街|大道|道(?=[0-9]+號)|胡同){_N}(?:号|號|弄){_PLACE}{{0,10}}"),
    re.compile(r"[0-9]{1,4}(?:号楼|號樓|栋|棟|幢)[0-9]{0,3}(?:单元|單元)?[0-9]{1,5}(?:室|房|号|號)?"),
    re.compile(r"[0-9]{1,3}(?:单元|單元)\s?[0-9]{2,5}室?"),
    re.compile(
        r"(?:地址|住址|收货地|收件地址)(?:是|为|為|:|\s){1,3}[\u4e00-\u9fff]{0,10}(?:省|市|区|區|县|縣)"
        r"[\u4e00-\u9fff0-9-]{2,30}"
    ),
)
_STREET = "(?:street|st|avenue|ave|road|rd|boulevard|blvd)"
_WAY = "(?:Lane|Ln|Drive|Dr|Court|Ct|Way|Place|Pl|Square|Sq|Terrace|Parkway|Pkwy|Highway|Hwy|Circle|Crescent|Close)"
_STATES = (
    "A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]|T[NX]|UT|V[AT]|W[AIVY]"
)
_FLAT = r"(?:[,. ]{1,3}(?:apt|apartment|suite|unit|flat|#)\.? ?[0-9]{0,5}[A-Za-z]?)?"
_ENGLISH = (
    re.compile(
        rf"\b[0-9]{{1,5}}[A-Za-z]?,? (?:[NSEW]\.? )?(?:[A-Za-z0-9'.-]{{2,20}} ){{1,3}}{_STREET}\b{_FLAT}", re.IGNORECASE
    ),
    re.compile(
        rf"\b[0-9]{{1,5}}[A-Za-z]? (?:[A-Z][A-Za-z'-]{{1,20}} ){{1,3}}{_WAY}\b(?=\.?(?:[,.;\n]|$| (?i:apt|unit|"
        rf"flat)|, [A-Z])){_FLAT}"
    ),
    re.compile(r"\b(?:apt|apartment|flat)\.? ?#?[0-9]{1,5}[A-Za-z]?\b|\bP\.? ?O\.? ?Box [0-9]{1,6}", re.IGNORECASE),
    re.compile(rf", ?(?:{_STATES}),? [0-9]{{5}}(?:-[0-9]{{4}})?\b"),
    re.compile(
        r"[0-9]{1,4}(?:-[0-9]{1,4}){1,3},? ?(?:[A-Z][A-Za-z-]{1,20},? ){0,2}[A-Z][a-z]+-(?:ku|shi|cho|machi|gun|"
        r"mura|dong|gu|si|ro|gil)\b",
        re.IGNORECASE,
    ),
    re.compile(r"\b[0-9]{1,4},? [A-Z][A-Za-z0-9-]{2,20}(?:-ro|-gil|-daero|-dong)\b"),
    re.compile(
        r"(?:address|live at|ship(?:ped)? (?:it )?to)(?: is|:)? (?=[^\n]{0,40}\b[A-Z]{1,2}"
        r"[0-9][A-Z0-9]? ?[0-9][A-Z]{2}\b)[^\n]{5,60}",
        re.IGNORECASE,
    ),
)
_PATTERNS = (*_JAPANESE, _POSTAL, _POSTAL_BEFORE, *_KOREAN, *_CHINESE, *_ENGLISH)


def places(reading: Reading) -> Iterator[tuple[str, int, int]]:
    text = reading.words
    for pattern in _PATTERNS:
        yield from (("address", *match.span()) for match in pattern.finditer(text))
    yield from (("address", *match.span("n")) for match in _LABELLED.finditer(text))
