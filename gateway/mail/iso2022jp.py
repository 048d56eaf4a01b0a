"""ISO-2022-JP as Japanese mailers send it, which no codec of Python reads: with NEC and IBM characters (①, ㈱, 髙),
half-width kana by `ESC ( I` or SO/SI, JIS X 0212 and 0213, and lines cut before their closing escape.

Double-byte cells are read through cp932 (JIS row and cell moved to Shift_JIS). Cells that no standard defines, where
carriers put their pictograms, become private-use characters, so that a later reader can still name them.
"""

import re

DESIGNATOR = re.compile(rb"\x1b(?:\$[@AB]|\$\([@BCDOPQ]|\([BHIJ])")
_PRIVATE_USE = 0xE000
_CARRIER_ROW = 0x75  # rows 85 to 94 of JIS X 0208, unassigned there
_TOKEN = re.compile(rb"\x1b\$\(?[@ABCDOPQ]|\x1b\([BHIJ]|\x1b&@|\x0e|\x0f|[\r\n]+|[^\x1b\x0e\x0f\r\n]+|\x1b")
_DOUBLE = {
    b"\x1b$@": "jis", b"\x1b$B": "jis", b"\x1b$(@": "jis", b"\x1b$(B": "jis", b"\x1b$(D": "jis0212",
    b"\x1b$(O": "jis0213", b"\x1b$(Q": "jis0213", b"\x1b$(P": "jis0213-2",
    b"\x1b$A": "gb2312", b"\x1b$(A": "gb2312", b"\x1b$(C": "ksc5601",
}  # fmt: skip
_CODECS = {"jis0213": "euc_jis_2004", "gb2312": "gb2312", "ksc5601": "euc_kr"}


def has_designator(data: bytes) -> bool:
    """Whether `data` holds an escape sequence of the ISO-2022-JP family: nothing else in mail uses them."""
    return DESIGNATOR.search(data) is not None


def decode(data: bytes) -> str:
    """`data` as text; what cannot be known becomes U+FFFD, and nothing raises.

    The standard's own codecs come first (RFC 1468, RFC 1554), so that plain mail reads as everywhere else.
    """
    for codec in ("iso2022_jp", "iso2022_jp_2"):
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
    text: list[str] = []
    position = 0
    while position < len(run):
        row, cell = run[position] & 0x7F, run[position + 1] & 0x7F if position + 1 < len(run) else 0
        if 0x21 <= row <= 0x7E and 0x21 <= cell <= 0x7E:
            text.append(_cell(row, cell, charset))
            position += 2
        else:  # a space or control between characters, or half a character at the end
            text.append(chr(row) if row <= 0x20 else "\ufffd")
            position += 1
    return "".join(text)


def _cell(row: int, cell: int, charset: str) -> str:
    euc = bytes((row | 0x80, cell | 0x80))
    if charset == "jis0212":
        return (b"\x8f" + euc).decode("euc_jp", "replace")[0]
    if charset == "jis0213-2":
        return (b"\x8f" + euc).decode("euc_jis_2004", "replace")[0]
    if charset in _CODECS:
        return euc.decode(_CODECS[charset], "replace")
    return _jis_cell(row, cell)


def _jis_cell(row: int, cell: int) -> str:
    try:
        return shift_jis(row, cell).decode("cp932")
    except UnicodeDecodeError:
        if row >= _CARRIER_ROW:
            return chr(_PRIVATE_USE + (row - _CARRIER_ROW) * 94 + cell - 0x21)
        return "\ufffd"


def shift_jis(row: int, cell: int) -> bytes:
    """The Shift_JIS form of a JIS X 0208 position (both 0x21 to 0x7E)."""
    lead = (row + 1) // 2 + (0x70 if row <= 0x5E else 0xB0)
    trail = cell + (0x1F if cell <= 0x5F else 0x20) if row % 2 else cell + 0x7E
    return bytes((lead, trail))
