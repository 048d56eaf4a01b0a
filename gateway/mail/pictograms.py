"""Pictograms of docomo, au and SoftBank become the Unicode emoji that they were the origin of.

The same code means another picture with another carrier: the writer's carrier decides, else the codes of the whole
text do where only one carrier has them all. What stays unknown stays the private-use character that it was.
"""

import re
from collections.abc import Iterator, Sequence
from enum import StrEnum
from functools import cache

from gateway.mail import pictogram_table
from gateway.mail.fields import Fields

# Willcom and eMobile took docomo's pictograms, Disney and Y!mobile SoftBank's; jp-t and its like were J-PHONE.
_DOMAINS = {
    "docomo": "docomo.ne.jp pdx.ne.jp willcom.com emnet.ne.jp emobile.ne.jp",
    "au": "ezweb.ne.jp au.com ido.ne.jp uqmobile.jp",
    "softbank": "softbank.ne.jp softbank.jp vodafone.ne.jp disney.ne.jp ymobile.ne.jp ymobile1.ne.jp y-mobile.ne.jp "
    + " ".join(f"jp-{region}.ne.jp" for region in "cdhknqrst"),
}
_CARRIERS = {domain.encode(): carrier for carrier, domains in _DOMAINS.items() for domain in domains.split()}
_CARRIER = re.compile(rb"(?<![a-z0-9-])(" + b"|".join(map(re.escape, _CARRIERS)) + rb")(?![a-z0-9.-])")
_TELLING_FIELDS = ("from", "sender", "return-path", "message-id", "received")

_PRIVATE_USE = re.compile("[\ue000-\uf0ff\U000fe000-\U000feeff]")
_SHIFT_JIS_PAIR = re.compile(rb"[\x81-\x9f\xe0-\xfc][\x40-\x7e\x80-\xfc]")
WEBCODE = r"\x1b\$([GEFOPQ])([\x21-\x7a]{1,100})(?:\x0f|(?=[\r\n])|\Z)"  # SoftBank's own, in any charset
_WEBCODE = re.compile(WEBCODE)
_WEBCODE_PAGES = {"G": 0xE000, "E": 0xE100, "F": 0xE200, "O": 0xE300, "P": 0xE400, "Q": 0xE500}

_USER_DEFINED = 0xE000  # what cp932 reads F040 to F9FC as, 188 to a lead octet
_AU_ROWS = 4 * 94  # cells of JIS rows 0x75 to 0x78, the first of au's two blocks
_AU_BLOCKS = ((0xE468, 0xF640, 376), (0xEA80, 0xF340, 271))  # first private-use code, first in Shift_JIS, how many
_SOFTBANK_BLOCKS = (
    (0xE001, 0xF941, 90), (0xE101, 0xF741, 90), (0xE201, 0xF7A1, 90),
    (0xE301, 0xF9A1, 77), (0xE401, 0xFB41, 76), (0xE501, 0xFBA1, 62),
)  # fmt: skip
_MOVED = {  # leads that mean kanji, or nothing, in cp932: read as leads that it leaves to users
    "au": {0xEB: 0xF6, 0xEC: 0xF7, 0xED: 0xF3, 0xEE: 0xF4},
    "softbank": {0xFB: 0xF0},
}


class Carrier(StrEnum):
    """Whose pictograms a text is written with."""

    DOCOMO = "docomo"
    AU = "au"
    SOFTBANK = "softbank"


def carrier_of(fields: Fields) -> Carrier | None:
    """The carrier that the writer's address, the Message-ID or the sending host belongs to."""
    values = [value.lower() for name in _TELLING_FIELDS for value in reversed(fields.all(name))]
    together = b"\n".join(values)
    if not any(domain in together for domain in _CARRIERS):  # nearly always, and quick
        return None
    match = _CARRIER.search(together)
    return Carrier(_CARRIERS[match[1]]) if match else None


def to_user_defined(data: bytes, carrier: Carrier | None) -> bytes:
    """Shift_JIS of au or SoftBank with the pictograms moved that cp932 would read as kanji or not at all."""
    moved = _MOVED.get(carrier or "")
    if moved is None or not any(lead in data for lead in moved):
        return data
    known = _tables(shift_jis=True)[carrier or ""]

    def move(pair: re.Match[bytes]) -> bytes:
        lead, trail = pair[0]
        target = moved.get(lead)
        return pair[0] if target is None or _user_defined(target, trail) not in known else bytes((target, trail))

    return _SHIFT_JIS_PAIR.sub(move, data)


def named(text: str, carrier: Carrier | None, *, shift_jis: bool = False) -> str:
    """`text` with its private-use characters as emoji; `shift_jis` when cp932 gave them, else they are Unicode's."""
    found = {ord(character) for character in _PRIVATE_USE.findall(text)}
    return text.translate(_table(found, carrier, shift_jis)) if found else text


def without_webcodes(text: str) -> str:
    """`text` with the escape sequences that SoftBank's older phones sent as emoji."""
    return _WEBCODE.sub(_of_webcode, text) if "\x1b$" in text else text


def of_jis(row: int, cell: int) -> str | None:
    """The pictogram at a cell of ISO-2022-JP: au's, the one carrier that sends them so."""
    number = (row - 0x75) * 94 + cell - 0x21
    if number < 0:
        return None
    code = 0xE468 + number if number < _AU_ROWS else 0xEA80 + number - _AU_ROWS
    return _tables(shift_jis=False)["au"].get(code) if code <= 0xEB8E else None


def _table(found: set[int], carrier: Carrier | None, shift_jis: bool) -> dict[int, str]:
    tables = _tables(shift_jis=shift_jis)
    known = tables.get(carrier or "", {})
    if found <= known.keys():
        return known
    if not shift_jis:
        guessed = tables["softbank"] if found & (tables["softbank"].keys() - tables["au"].keys()) else tables["au"]
        return tables["any"] | guessed | known
    moved = min(found) < _USER_DEFINED + 188  # as to_user_defined() leaves them: without it, a user's own characters
    whole = [table for table in tables.values() if found <= table.keys() and not moved]
    return whole[0] if len(whole) == 1 else known


@cache
def _tables(*, shift_jis: bool) -> dict[str, dict[int, str]]:
    """For each carrier what its private-use characters mean; for Unicode `any` means them all."""
    docomo, au, softbank = map(_read, (pictogram_table.DOCOMO, pictogram_table.AU, pictogram_table.SOFTBANK))
    if shift_jis:
        return {
            "docomo": docomo,  # whose private-use characters are what cp932 gives
            "au": {_user_defined(*code): text for code, text in _in_shift_jis(au, _AU_BLOCKS)},
            "softbank": {
                _user_defined(_MOVED["softbank"].get(lead, lead), trail): text
                for (lead, trail), text in _in_shift_jis(softbank, _SOFTBANK_BLOCKS)
            },
        }
    # au's own Unicode form is its Shift_JIS less 0x700. Word's bullets stand there too, hence only for au.
    own_form = {(lead << 8 | trail) - 0x700: text for (lead, trail), text in _in_shift_jis(au, _AU_BLOCKS)}
    everything = _read(pictogram_table.GOOGLE) | docomo | au | softbank
    return {"docomo": docomo, "au": au | own_form, "softbank": softbank, "any": everything}


def _read(rows: str) -> dict[int, str]:
    table: dict[int, str] = {}
    for row in rows.split("\n"):
        first, _, pictograms = row.partition(" ")
        table |= {int(first, 16) + at: text for at, text in enumerate(pictograms.split(" ")) if text}
    return table


def _in_shift_jis(
    table: dict[int, str], blocks: Sequence[tuple[int, int, int]]
) -> Iterator[tuple[tuple[int, int], str]]:
    """Lead and trail octet of each pictogram."""
    for first, code, length in blocks:
        start = _cell(code & 0xFF)
        for number in range(length):
            if text := table.get(first + number):
                lead, cell = code // 256 + (start + number) // 188, (start + number) % 188
                yield (lead, cell + (0x40 if cell < 0x3F else 0x41)), text


def _user_defined(lead: int, trail: int) -> int:
    return _USER_DEFINED + (lead - 0xF0) * 188 + _cell(trail)


def _cell(trail: int) -> int:
    return trail - (0x40 if trail < 0x7F else 0x41)


def _of_webcode(code: re.Match[str]) -> str:
    page, known = _WEBCODE_PAGES[code[1]], _tables(shift_jis=False)["softbank"]
    return "".join(known.get(page + ord(character) - 0x20, "") for character in code[2])
