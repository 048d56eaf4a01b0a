"""Cards, bank accounts and official numbers: what pays for a person, or proves who they are. Pure."""

import re
from collections.abc import Iterator

from gateway.desk.personal_data_telephones import meaning
from gateway.desk.personal_data_text import Reading

_NAMED_WITHIN = 24  # characters before a number in which a word for a card stands
_CARD_WORDS = re.compile(
    r"カード|クレカ|クレジット|デビット|VISA|マスター|JCB|AMEX|card|credit|debit|카드|卡号|卡號|信用卡|银行卡|"
    r"銀行卡|储蓄卡",
    re.IGNORECASE,
)

_GROUP = re.compile(r"[0-9]+")
_CARD = re.compile(r"(?<![0-9])[0-9](?:[- ]{0,2}[0-9]){11,18}(?![0-9])")
_ISSUERS = re.compile(r"4|5[1-5]|2[2-7]|3[045678]|6")
_ACCOUNTS = re.compile(
    r"(?:口座(?:番号)?|普通(?:預金)?|当座(?:預金)?|貯蓄預金|계좌(?:번호)?|账号|帳號|账户|account(?: number|"
    r" no\.?| #)?|"
    r"routing(?: number)?|sort code|記号)"
    r"(?:は|が|:|이?에?는|은|是|为|number|is|番号|\s|\(|\)|。|、|「|#){0,6}(?P<n>[0-9][0-9 -]{3,22}"
    r"[0-9](?:[ 、,]{0,2}番号[: ]?[0-9]{5,8})?)",
    re.IGNORECASE,
)
_BANKS = re.compile(
    r"(?:銀行|信用金庫|信金|信組|農協|ゆうちょ|バンク|支店|은행|국민|신한|우리|하나|농협|기업|카카오뱅크|"
    r"토스뱅크|银行|銀行|bank)"
    r"[^0-9\n]{0,20}(?P<n>[0-9][0-9-]{5,22}[0-9])",
    re.IGNORECASE,
)
_IBAN = re.compile(r"\b[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b")
_HOLDER = re.compile(
    r"(?:口座名義|名義人?|예금주|户名|戶名|account (?:name|holder))"
    r"(?:(?:は|が|:|는|은|是|is|\s){1,3}|(?=[A-Zァ-ヶ]))(?!ご|お|を|何|変|の|人)"
    r"(?P<n>[A-Za-z\u3041-\u3093\u30a1-\u30f6ー\u4e00-\u9fff가-힣()・. ]{2,24})",
    re.IGNORECASE,
)
_SECRETS = re.compile(
    r"(?:セキュリティ ?コード|CVV|CVC|暗証番号|security code|보안 ?코드|安全码|カード(?:番号)?の?下4桁|下4桁|"
    r"last (?:four|4) digits)"
    r"(?:は|が|の番号は|:|이?는|은|是|are|is|\s|\(|「){0,4}(?P<n>[0-9]{3,6})(?![0-9])",
    re.IGNORECASE,
)
_EXPIRY = re.compile(
    r"(?:有効期限|exp(?:iry|ires|\.)?|유효기간|有效期)[^0-9\n]{0,10}(?P<n>(?:0[1-9]|"
    r"1[0-2]) ?/ ?(?:20)?[2-4][0-9])(?![/0-9])",
    re.IGNORECASE,
)
_OFFICIAL = re.compile(
    r"(?:マイナンバー|個人番号|免許証?番号|パスポート(?:番号)?|旅券番号|保険証番号|passport(?: number| no\.?)?|"
    r"social security(?: number)?|SSN|"
    r"주민등록번호|주민번호|여권번호|身份证号?码?|身分證字?號?|护照号?码?|個人通関番号|通関番号|개인통관고유부호|"
    r"통관부호)"
    r"(?:は|が|:|이?는|은|是|is|number|\s){0,4}(?P<n>[A-Z]{0,2}[0-9][0-9 -]{5,20}[0-9Xx])",
    re.IGNORECASE,
)
_RESIDENT = re.compile(
    r"(?<![0-9-])[0-9]{6}-[1-4][0-9]{6}(?![0-9])|(?<![0-9])[1-9][0-9]{5}(?:19|20)[0-9]{9}[0-9Xx](?![0-9])"
)


def payments(reading: Reading) -> Iterator[tuple[str, int, int]]:
    text = reading.digits
    for pattern in (_OFFICIAL, _ACCOUNTS, _BANKS, _HOLDER, _SECRETS):
        kind = "id" if pattern is _OFFICIAL else "payment"
        yield from ((kind, *match.span("n")) for match in pattern.finditer(text))
    yield from (("id", *match.span()) for match in _RESIDENT.finditer(text))
    yield from (("payment", *match.span()) for match in _IBAN.finditer(text) if _is_iban(match[0]))
    for match in _EXPIRY.finditer(text):
        if _CARD_WORDS.search(text, max(0, match.start() - 2 * _NAMED_WITHIN), match.start()):
            yield "payment", *match.span("n")
    yield from _cards(text)


def _cards(text: str) -> Iterator[tuple[str, int, int]]:
    """Cards by their issuer and check digit (ISO/IEC 7812-1 Annex B); behind a word for a card by their length alone.
    Of thirteen digits are JAN codes."""
    for match in _CARD.finditer(text):
        start = match.start()
        if meaning(text, start) == "other":
            continue
        named = _CARD_WORDS.search(text, max(0, start - _NAMED_WITHIN), start)
        for end in (start + group.end() for group in reversed(list(_GROUP.finditer(match[0])))):
            digits = "".join(_GROUP.findall(text[start:end]))
            known = 13 < len(digits) < 17 and _ISSUERS.match(digits) and _luhn(digits)
            if known or (named and 13 < len(digits) < 20):
                yield "card", start, end
                break


def _luhn(digits: str) -> bool:
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(map(int, digits[-1::-2])) + sum(doubled)) % 10 == 0


def _is_iban(text: str) -> bool:
    """ISO 13616: modulo 97."""
    plain = text.replace(" ", "")
    return len(plain) >= 15 and int("".join(str(int(c, 36)) for c in plain[4:] + plain[:4])) % 97 == 1
