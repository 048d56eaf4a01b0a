"""ISO-2022-JP as Japanese mailers send it, which no codec of Python reads: with NEC and IBM characters (①, ㈱, 髙),
half-width kana by `ESC ( I`, SO/SI or raw octets, JIS X 0212 and 0213, and lines cut before their closing escape.

Cells that the standard lacks are read through cp932 (row and cell moved to Shift_JIS), and where that has none either,
as au's pictograms. An unassigned cell becomes a private-use character, so that a later reader can still name it.
"""

import codecs
import re
from functools import cache

from gateway.mail import pictograms
from gateway.mail.pictograms import Carrier

DESIGNATOR = re.compile(rb"\x1b(?:\$[@AB]|\$\([@BCDOPQ]|\([BHIJ])")
_CELL_BY_CELL = "gateway.iso2022jp"  # the names of our decoding error handlers for EUC-JP
_VENDOR_CELLS = "gateway.eucjp-ms"
_PICTOGRAMS_FIRST = "gateway.iso2022jp.au"  # whose rows 0x79 to 0x7C are NEC's kanji everywhere else
_PRIVATE_USE = 0xE000
_CARRIER_ROW = 0x75  # rows 85 to 94 of JIS X 0208, unassigned there
_TOKEN = re.compile(
    pictograms.WEBCODE.encode("ascii")
    + rb"|\x1b\$\(?[@ABCDOPQ]|\x1b\([BHIJ]|\x1b&@|\x0e|\x0f|[\r\n]+|[^\x1b\x0e\x0f\r\n]+|\x1b"
)
_ESCAPES_LOST = re.compile(rb"\$([@B])((?:(?!\([BJ])[\x21-\x7e]{2})*)(\([BJ])?")
_DOUBLE = {
    b"\x1b$@": "jis", b"\x1b$B": "jis", b"\x1b$(@": "jis", b"\x1b$(B": "jis", b"\x1b$(D": "jis0212",
    b"\x1b$(O": "jis0213", b"\x1b$(Q": "jis0213", b"\x1b$(P": "jis0213-2",
    b"\x1b$A": "gb2312", b"\x1b$(A": "gb2312", b"\x1b$(C": "ksc5601",
}  # fmt: skip
_CODECS = {
    "jis": "euc_jp", "jis0212": "euc_jp", "jis0213": "euc_jis_2004", "jis0213-2": "euc_jis_2004",
    "gb2312": "gb2312", "ksc5601": "euc_kr",
}  # fmt: skip
_THREE_OCTET = ("jis0212", "jis0213-2")
_TO_EUC = bytes(octet | 0x80 if octet > 0x20 else octet for octet in range(256))
_PAIR = re.compile(rb"[\xa1-\xfe]{2}")
_UNASSIGNED = re.compile("[\ue000-\uf8ff\ufffd]")
_IBM_ROWS = range(0x93, 0x98)
_THREE_OCTETS = re.compile(rb"[\xe3-\xef][\x80-\xbf]{2}")


def has_designator(data: bytes) -> bool:
    """Whether `data` holds an escape sequence of the ISO-2022-JP family: nothing else in mail uses them."""
    return DESIGNATOR.search(data) is not None


def decode(data: bytes, carrier: Carrier | None = None) -> str:
    """`data` as text; what cannot be known becomes U+FFFD, and nothing raises.

    The standard's own codecs come first (RFC 1468, RFC 1554), so that plain mail reads as everywhere else.
    """
    if b"\x1b" not in data:
        data = _ESCAPES_LOST.sub(_with_escapes, data)  # some relays take the ESC octets away
    for codec in () if b"\x0e" in data else ("iso2022_jp", "iso2022_jp_2"):  # which leave SO as it is
        try:
            return data.decode(codec)
        except UnicodeDecodeError:
            continue
    return _decode_as_sent(data, _PICTOGRAMS_FIRST if carrier is Carrier.AU else _CELL_BY_CELL)


def _with_escapes(run: re.Match[bytes]) -> bytes:
    return b"\x1b$" + run[1] + run[2] + b"\x1b" + run[3] if run[2] and run[3] else run[0]


def decode_eucjp_ms(data: bytes) -> str:
    """EUC-JP with the NEC and IBM rows of cp932; raises UnicodeDecodeError at the first octet that is neither."""
    return data.decode("euc_jp", _VENDOR_CELLS)


def _decode_as_sent(data: bytes, errors: str) -> str:
    text: list[str] = []
    charset, shifted = "ascii", False
    for match in _TOKEN.finditer(data):
        token = match[0]
        if token in _DOUBLE:
            charset = _DOUBLE[token]
        elif token in (b"\x1b(B", b"\x1b(H"):
            charset = "ascii"
        elif token == b"\x1b(J":
            charset = "roman"
        elif token == b"\x1b(I":
            charset = "kana"
        elif token == b"\x0e":
            shifted = True
        elif token == b"\x0f":
            shifted = False
        elif token[0] in b"\r\n":
            text.append(token.decode("ascii"))
            charset, shifted = "ascii", False  # RFC 1468: a line ends in ASCII
        elif match[1]:
            text.append(token.decode("ascii"))  # SoftBank's own code, named with the rest of the text
        elif token[0] != 0x1B:
            text.append(_decode_run(token, "kana" if shifted else charset, errors))
    return "".join(text)


def _decode_run(run: bytes, charset: str, errors: str) -> str:
    if charset == "kana":
        return bytes(byte | 0x80 if 0x21 <= byte <= 0x5F else byte for byte in run).decode("cp932", "replace")
    if charset in ("ascii", "roman"):
        text = _decode_single(run)
        return text.replace("\\", "¥").replace("~", "‾") if charset == "roman" else text
    return _decode_double(run, charset, errors)


def _decode_single(run: bytes) -> str:
    """ASCII; 8-bit octets in it are half-width kana or Shift_JIS, unless three or more of them make UTF-8."""
    if _THREE_OCTETS.search(run):
        try:
            return run.decode("utf-8")
        except UnicodeDecodeError:
            pass
    return run.decode("cp932", "replace")


def _decode_double(run: bytes, charset: str, errors: str) -> str:
    """A run between escapes, read as EUC: every octet with its high bit, but for spaces and controls."""
    euc = run.translate(_TO_EUC)
    if charset in _THREE_OCTET:
        euc = _PAIR.sub(b"\x8f\\g<0>", euc)
    return euc.decode(_CODECS[charset], errors)


def _read_cell(error: UnicodeError) -> tuple[str, int]:
    """Decoding error handler: a pair that EUC-JP lacks, as cp932 or a carrier's pictogram; else U+FFFD."""
    return _cell(error, pictograms_first=False)


def _read_vendor_cell(error: UnicodeError) -> tuple[str, int]:
    text, end = _cell(error, pictograms_first=False)
    if _UNASSIGNED.match(text):
        raise error
    return text, end


def _read_pictogram_cell(error: UnicodeError) -> tuple[str, int]:
    return _cell(error, pictograms_first=True)


def _cell(error: UnicodeError, *, pictograms_first: bool) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    text, octets = _pair(error.object[error.start : error.start + 2], pictograms_first)
    return text, error.start + octets


@cache
def _pair(pair: bytes, pictograms_first: bool) -> tuple[str, int]:
    """What two octets of EUC-JP mean that its codec lacks, and how many of them are read."""
    is_ibm_row = pair[0] in _IBM_ROWS  # 115 to 119, beyond the 94 of the standard
    if len(pair) < 2 or pair[1] < 0xA1 or not (pair[0] >= 0xA1 or is_ibm_row):
        return "\ufffd", 1
    row, cell = pair[0] if is_ibm_row else pair[0] & 0x7F, pair[1] & 0x7F
    if 0xFF in pair:
        return "\ufffd", 2
    pictogram = pictograms.of_jis(row, cell)
    if pictogram and pictograms_first:
        return pictogram, 2
    try:
        return shift_jis(row, cell).decode("cp932"), 2
    except UnicodeDecodeError:
        unassigned = chr(_PRIVATE_USE + (row - _CARRIER_ROW) * 94 + cell - 0x21) if row >= _CARRIER_ROW else "\ufffd"
        return pictogram or unassigned, 2


def shift_jis(row: int, cell: int) -> bytes:
    """The Shift_JIS form of a JIS X 0208 position (both 0x21 to 0x7E) or of rows 115 to 119 (0x93 to 0x97)."""
    lead = (row + 1) // 2 + (0x70 if row <= 0x5E else 0xB0)
    trail = cell + (0x1F if cell <= 0x5F else 0x20) if row % 2 else cell + 0x7E
    return bytes((lead, trail))


codecs.register_error(_CELL_BY_CELL, _read_cell)
codecs.register_error(_VENDOR_CELLS, _read_vendor_cell)
codecs.register_error(_PICTOGRAMS_FIRST, _read_pictogram_cell)
