"""ISO-2022-JP as Japanese mailers send it, which no codec of Python reads: with NEC and IBM characters (①, ㈱, 髙),
half-width kana by `ESC ( I` or SO/SI, JIS X 0212 and 0213, and lines cut before their closing escape.

Cells that the standard lacks are read through cp932 (row and cell moved to Shift_JIS). Where that has none either and
carriers put their pictograms, they become private-use characters, so that a later reader can still name them.
"""

import codecs
import re

DESIGNATOR = re.compile(rb"\x1b(?:\$[@AB]|\$\([@BCDOPQ]|\([BHIJ])")
CELL_BY_CELL = "gateway.iso2022jp"  # the name of our decoding error handler for EUC-JP
_PRIVATE_USE = 0xE000
_CARRIER_ROW = 0x75  # rows 85 to 94 of JIS X 0208, unassigned there
_TOKEN = re.compile(rb"\x1b\$\(?[@ABCDOPQ]|\x1b\([BHIJ]|\x1b&@|\x0e|\x0f|[\r\n]+|[^\x1b\x0e\x0f\r\n]+|\x1b")
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


def has_designator(data: bytes) -> bool:
    """Whether `data` holds an escape sequence of the ISO-2022-JP family: nothing else in mail uses them."""
    return DESIGNATOR.search(data) is not None


def decode(data: bytes) -> str:
    """`data` as text; what cannot be known becomes U+FFFD, and nothing raises.

    The standard's own codecs come first (RFC 1468, RFC 1554), so that plain mail reads as everywhere else.
    """
    for codec in () if b"\x0e" in data else ("iso2022_jp", "iso2022_jp_2"):  # which leave SO as it is
        try:
            return data.decode(codec)
        except UnicodeDecodeError:
            continue
    return _decode_as_sent(data)


def _decode_as_sent(data: bytes) -> str:
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
        elif token[0] != 0x1B:
            text.append(_decode_run(token, "kana" if shifted else charset))
    return "".join(text)


def _decode_run(run: bytes, charset: str) -> str:
    if charset == "kana":
        return bytes(byte | 0x80 if 0x21 <= byte <= 0x5F else byte for byte in run).decode("cp932", "replace")
    if charset in ("ascii", "roman"):
        text = run.decode("cp932", "replace")
        return text.replace("\\", "¥").replace("~", "‾") if charset == "roman" else text
    return _decode_double(run, charset)


def _decode_double(run: bytes, charset: str) -> str:
    """A run between escapes, read as EUC: every octet with its high bit, but for spaces and controls."""
    euc = run.translate(_TO_EUC)
    if charset in _THREE_OCTET:
        euc = _PAIR.sub(b"\x8f\\g<0>", euc)
    return euc.decode(_CODECS[charset], CELL_BY_CELL)


def _read_cell(error: UnicodeError) -> tuple[str, int]:
    """Decoding error handler: a pair that EUC-JP lacks, as cp932 or a carrier's pictogram; else U+FFFD."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    pair = error.object[error.start : error.start + 2]
    if len(pair) < 2 or pair[0] < 0xA1 or pair[1] < 0xA1:
        return "\ufffd", error.start + 1
    row, cell = pair[0] & 0x7F, pair[1] & 0x7F
    if row > 0x7E or cell > 0x7E:
        return "\ufffd", error.start + 2
    try:
        return shift_jis(row, cell).decode("cp932"), error.start + 2
    except UnicodeDecodeError:
        pictogram = chr(_PRIVATE_USE + (row - _CARRIER_ROW) * 94 + cell - 0x21) if row >= _CARRIER_ROW else "\ufffd"
        return pictogram, error.start + 2


def shift_jis(row: int, cell: int) -> bytes:
    """The Shift_JIS form of a JIS X 0208 position (both 0x21 to 0x7E)."""
    lead = (row + 1) // 2 + (0x70 if row <= 0x5E else 0xB0)
    trail = cell + (0x1F if cell <= 0x5F else 0x20) if row % 2 else cell + 0x7E
    return bytes((lead, trail))


codecs.register_error(CELL_BY_CELL, _read_cell)
