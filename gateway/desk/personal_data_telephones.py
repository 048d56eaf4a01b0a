"""Telephone numbers, in the forms of Japan, Korea, China and North America, and behind a +. Pure.

What a number is, its form tells or the last word before it: 電話 03-1234-5678 is one, 型番 0312345678 is none. Tracking
numbers are none either: without the carrier's books they lead to nobody, and shops do write them.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

import phonenumbers

from gateway.desk.personal_data_text import Reading

_LOOK_BACK = 24  # characters before a number in which the word stands that says what it is
_NEAR = 14  # characters at most between a word for telephones and the number
_PHONE_WORDS = (
    r"電話|でんわ|TEL|(?:携帯|ケータイ|けいたい|ケイタイ)(?!用|型|ケース|バッグ|ポーチ|ストラップ|充電)|ダイヤル|"
    r"ファックス|FAX|連絡先|☎|☏|📞|📱|"
    r"전화|연락처|문의|휴대폰|핸드폰|폰번호|팩스|번호로|电话|手机(?!壳|架)|手機(?!殼|架)|联系方式|聯絡方式|传真|微信|"
    r"\b(?:phone(?! case)|call|mobile|cell|text me|whatsapp|contact)"
)
_OTHER_WORDS = (
    r"型番|品番|型式|商品コード|商品番号|商品No|品名|JAN|EAN|UPC|ISBN|ASIN|SKU|コード|注文番号|オーダー|注文No|"
    r"ご注文|カート番号|"
    r"受注番号|伝票|追跡|送り状|お問い?合わせ番号|問合せ番号|配送番号|荷物番号|シリアル|製造番号|ロット|管理番号|"
    r"受付番号|取引番号|"
    r"モデル|特許|登録番号|許可番号|認証番号|"
    r"주문번호|주문|상품코드|상품번호|모델|품번|운송장|송장|바코드|시리얼|"
    r"订单|訂單|货号|貨號|商品编号|型号|型號|快递单号|单号|單號|条码|條碼|序列号|编号|"
    r"\b(?:order|product|item|model|part|tracking|serial|sku|code|lot|batch|style|ref|parcel|shipment|invoice|"
    r"barcode)"
)
_WORD = re.compile(rf"(?P<phone>{_PHONE_WORDS})|(?P<other>{_OTHER_WORDS})", re.IGNORECASE)
_GROUP = re.compile(r"\+?[0-9]+")
_BETWEEN = re.compile(r"[-.()・/の,_ ]{0,3}|[-(] ?\n ?")
_BRACKETS = {"(", ")", ")-", "-("}
_UNIT = re.compile(
    r"\s?(?:円|個|点|枚|本|㎝|cm|mm|ml|mg|kg|g\b|%|日|年|月|時|歳|人|名|ポイント|원|개|元|块|天|件|USD|yen)",
    re.IGNORECASE,
)
_MOBILE = re.compile(r"(?:0[5-9]0|01[016-9])[0-9]{8}")


def telephones(reading: Reading) -> Iterator[tuple[str, int, int]]:
    text = reading.digits
    for run in _runs(text):
        at = 0
        while at < len(run):
            length = next((n for n in range(min(len(run) - at, 12), 0, -1) if _is_telephone(text, run[at : at + n])), 0)
            if length:
                start, end = run[at].start(), run[at + length - 1].end()
                opened = text[start - 1 : start] == "(" and ")" in text[start:end]
                yield "telephone", start - opened, end
            at += length or 1


def meaning(text: str, start: int) -> str | None:
    """What the last word before a number in its line calls it: phone, other, or None."""
    before = text[max(0, start - _LOOK_BACK) : start].rpartition("\n")[2]
    words = list(_WORD.finditer(before))
    if not words or (words[-1].lastgroup == "phone" and len(before) - words[-1].end() > _NEAR):
        return None
    return words[-1].lastgroup


def _runs(text: str) -> Iterator[list["re.Match[str]"]]:
    """Groups of digits that stand close together."""
    run: list[re.Match[str]] = []
    for group in _GROUP.finditer(text):
        if run and not _BETWEEN.fullmatch(text, run[-1].end(), group.start()):
            yield run
            run = []
        run.append(group)
    if run:
        yield run


def _is_telephone(text: str, groups: Sequence["re.Match[str]"]) -> bool:
    start, end = groups[0].start(), groups[-1].end()
    digits = "".join(group[0] for group in groups)
    if not 7 <= len(digits) <= 16 or "+" in digits[1:]:
        return False
    if _attached(text, start - 1, -1) or _attached(text, end, 1) or _UNIT.match(text, end):
        return False
    between = {re.sub(r"[ \n]", "", text[a.end() : b.start()]) for a, b in pairwise(groups)} - _BRACKETS
    if between & {",", "_", "/"} or (len(between) > 1 and between != {"", "-"}):
        return False
    called = meaning(text, start)
    if digits.startswith("+"):
        return len(digits) > 9
    if called == "other":
        return False
    sizes = [len(group[0]) for group in groups]
    if called == "phone" and between <= {"", "-"} and (8 < len(digits) < 12 or sizes in ([4, 4], [3, 4])):
        return True
    return _is_formed(digits, sizes, text)


def _attached(text: str, at: int, step: int) -> bool:
    """Whether the number goes on there: as part of a longer one, of a code or of an address in the net."""
    if not 0 <= at < len(text):
        return False
    one = text[at]
    if one.isascii() and (one.isalnum() or one in "#@=&%_"):
        return not (step < 0 and re.search(r"(?i)tel|fax|phone|call|at|is|:$", text[max(0, at - 5) : at + 1]))
    beyond = at + step
    if step > 0 and one == "/":
        return beyond < len(text) and text[beyond].isdigit()
    return one in "-./" and 0 <= beyond < len(text) and text[beyond].isascii() and text[beyond].isalnum()


def _is_formed(digits: str, sizes: list[int], text: str) -> bool:
    """A number in the form of its country, with nothing before it that says what it is."""
    if set(sizes) == {1}:
        return len(digits) in (10, 11) and digits[0] == "0" and _is_valid(digits)
    if digits.startswith("0"):
        if len(sizes) == 1:
            return bool(_MOBILE.fullmatch(digits)) or (len(digits) == 10 and _is_valid(digits))
        if sizes == [5, 6] and digits[1] == "7":
            return True  # British mobiles
        if len(sizes) in (2, 3) and 2 <= sizes[0] <= 5 and sizes[-1] in (3, 4) and len(digits) in (9, 10, 11):
            return digits[1] != "0"
        return len(sizes) == 2 and sizes[0] in (3, 4) and sizes[1] in (7, 8) and digits[1] != "0"
    if len(digits) == 11 and digits[0] == "1":
        grouped = sizes in ([3, 4, 4], [1, 3, 3, 4])
        return (grouped or not re.search("[ぁ-んァ-ヶ]", text)) and (sizes[0] == 1 or digits[1] in "3456789")
    if len(digits) == 10 and sizes == [3, 3, 4]:
        return digits[0] in "23456789" and digits[3] in "23456789"
    return False


def _is_valid(digits: str) -> bool:
    """Whether Japan has such numbers."""
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(digits, "JP"))
    except phonenumbers.NumberParseException:
        return False
