"""The words of a question or an answer as the public may read them: no name, no live link (mail-interface, "What the
public sees"). Signature and quotation are gone before. Pure."""

import re

from gateway.desk.privacy import without_signed_addresses
from gateway.mail.display import without_directions

SOMEBODY = "○○"
_CUSTOMER = {"님": "고객님", "先生": "顾客", "小姐": "顾客", "女士": "顾客"}  # in Japanese for every other title
_TITLES = "様|さま|さん|殿|氏|님|先生|小姐|女士"
_SPACE = re.compile(r"[\s\u3000・]+")
_IS_LATIN = re.compile(r"[\w'’-]+", re.ASCII)
_SIGN = r"[々〆\u3041-\u30ff\u3400-\u9fff]"
_NAME = rf"{_SIGN}{{1,8}}(?:[ \u3000]{_SIGN}{{1,8}})?"
_INTRODUCTIONS = (
    re.compile(rf"(?<!{_SIGN}){_NAME}(?=と(?:申|もう|言|い)(?:し|い)ます)"),
    re.compile(r"(?<=\bmy name is )[^\W\d_][\w'’-]*(?: [^\W\d_][\w'’-]*)?", re.IGNORECASE),
    re.compile(r"(?<=제 이름은 )[가-힣]{2,5}?(?=입니다|이고|이에요|예요)"),
    re.compile(r"(?<=我叫)[\u3400-\u9fff]{2,4}"),
)
_SALUTATION = re.compile(
    rf"\S.{{0,30}}(?:{_TITLES})[、,]?|(?:dear|hi|hello)(?: [\w.'’-]+){{1,3}}[,:!]?"
    r"|尊敬的.{0,20}|.{1,20}(?:您好|你好)[！!，,]?",
    re.IGNORECASE,
)
_GREETS = re.compile(r"(?:お客|みな|皆)(?:様|さま|さん).*")  # names nobody
_SCHEME = re.compile(r"\b(?:https?|ftp)://|\bmailto:", re.IGNORECASE)


def public_text(text: str, customer: str) -> str:
    """`customer` is the name that the customer goes by, "" where none is known."""
    lines = without_directions(without_signed_addresses(text)).strip().split("\n")
    if _SALUTATION.fullmatch(lines[0].strip()) and not _GREETS.fullmatch(lines[0].strip()):
        lines = lines[1:]
    parts = [part for part in _SPACE.split(customer) if part]
    if parts and lines and _SPACE.sub("", lines[-1]) in {"".join(parts), *parts}:
        lines = lines[:-1]  # the name under a closing
    words = _SCHEME.sub("", without_name("\n".join(lines), customer))
    for introduction in _INTRODUCTIONS:
        words = introduction.sub(SOMEBODY, words)
    return words.strip()


def masked(text: str, spans: list[tuple[int, int]]) -> str:
    """The text with what stands at these places made unreadable."""
    for start, end in sorted(spans, reverse=True):
        text = f"{text[:start]}＊＊＊{text[end:]}"
    return text


def without_name(text: str, customer: str) -> str:
    """The customer's name, whole or a part of it; one sign alone is a name only before a title."""
    parts = [part for part in _SPACE.split(customer) if part]
    if not parts:
        return text
    whole = "".join(parts)
    beginnings = {whole[:length] for length in range(1, len(whole) + 1)} if not _IS_LATIN.fullmatch(whole) else set()
    addressed = _any_of({*parts, *beginnings})
    text = re.sub(rf"(?:{addressed})[ \u3000]?({_TITLES})", lambda m: _CUSTOMER.get(m[1], "お客様"), text)
    if introduced := {name for name in beginnings if len(name) > 1}:
        text = re.sub(rf"^(?:{_any_of(introduced)})(?=です|でございます)", SOMEBODY, text, flags=re.MULTILINE)
    named = {part for part in (*parts, whole) if len(part) >= (3 if _IS_LATIN.fullmatch(part) else 2)}
    return re.sub(_any_of(named), SOMEBODY, text, flags=re.IGNORECASE) if named else text


def _any_of(names: set[str]) -> str:
    """Longest first; a Latin name is a word of its own."""
    longest = sorted(names, key=len, reverse=True)
    return "|".join(rf"\b{re.escape(one)}\b" if _IS_LATIN.fullmatch(one) else re.escape(one) for one in longest)
