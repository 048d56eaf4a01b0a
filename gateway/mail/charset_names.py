"""Names of charsets: what a label in mail means to Python, and what mail calls a codec.

Labels mean what mailers mean by them: `shift_jis` is cp932, `gb2312` is GB 18030, `iso-8859-1` is windows-1252.
"""

import codecs
import re
from functools import lru_cache

_NAME = re.compile(r"[\s\"']*(?:charset\s*=)?[\s\"']*([a-z0-9_][a-z0-9_.:+()-]{0,39})(?![a-z0-9_.:+()-])")
_BEGINNING = re.compile(  # of names with something stuck to them, as in `utf-8http-equivcontent-type`
    r"utf-?8|iso-8859-1?\d|windows-125\d|iso-2022-(?:jp|kr)|shift[_-]jis|x-sjis|euc-(?:jp|kr)|gb2312|gbk|gb18030|big5"
)
_CODECS = {
    "shift_jis": "cp932", "shift-jis": "cp932", "sjis": "cp932", "x-sjis": "cp932", "shiftjis": "cp932",
    "ms_kanji": "cp932", "windows-31j": "cp932", "ms932": "cp932", "cswindows31j": "cp932", "csshiftjis": "cp932",
    "x-ms-cp932": "cp932", "windows-932": "cp932", "sjis-win": "cp932", "s-jis": "cp932",
    "x-euc-jp": "euc-jp", "eucjp": "euc-jp", "euc": "euc-jp", "x-euc": "euc-jp", "eucjp-ms": "euc-jp",
    "eucjp-win": "euc-jp", "cp51932": "euc-jp",
    "jis": "iso-2022-jp", "cp50220": "iso-2022-jp", "cp50221": "iso-2022-jp", "cp50222": "iso-2022-jp",
    "csiso2022jp": "iso-2022-jp", "iso2022jp": "iso-2022-jp", "iso-2022-jp-ms": "iso-2022-jp",
    "gb2312": "gb18030", "gb_2312-80": "gb18030", "gb2312-80": "gb18030", "euc-cn": "gb18030", "gbk": "gb18030",
    "x-gbk": "gb18030", "cp936": "gb18030", "hz-gb-2312": "hz",
    "ks_c_5601-1987": "cp949", "ks_c_5601": "cp949", "ksc5601": "cp949", "euc-kr": "cp949", "euckr": "cp949",
    "ks_c_5601-1989": "cp949", "x-windows-949": "cp949", "windows-949": "cp949",
    "iso-8859-1": "cp1252", "latin1": "cp1252", "latin-1": "cp1252", "iso8859-1": "cp1252", "iso_8859-1": "cp1252",
    "iso-8859-9": "cp1254", "iso-8859-8-i": "iso8859-8", "iso-8859-8-e": "iso8859-8", "tis-620": "cp874",
    "iso-2022-jp-3": "iso-2022-jp", "iso-2022-jp-2004": "iso-2022-jp", "iso-2022-jp-1": "iso-2022-jp",
    "iso-2022-jp-2": "iso-2022-jp", "iso-2022-jp-ext": "iso-2022-jp", "csiso2022jp2": "iso-2022-jp",
    "_iso-2022-jp": "iso-2022-jp", "x-iso-2022-jp": "iso-2022-jp", "x-ms-iso-2022-jp": "iso-2022-jp",
    "eucjp-open": "euc-jp", "euc_jp": "euc-jp", "cseucpkdfmtjapanese": "euc-jp", "euc-jp-ms": "euc-jp",
    "cseucjp": "euc-jp", "x-windows-31j": "cp932", "cp943": "cp932", "ibm943": "cp932", "sjis-docomo": "cp932",
    "shift_jis-docomo": "cp932", "shift_jis-kddi": "cp932", "shift_jis-softbank": "cp932", "x-shift_jis": "cp932",
    "x-shift-jis": "cp932", "shift_jis-2004": "shift_jis_2004", "shift_jisx0213": "shift_jisx0213",
    "chinese": "gb18030", "cn-gb": "gb18030", "windows-936": "gb18030", "ms936": "gb18030", "x-cp20936": "gb18030",
    "iso-ir-58": "gb18030", "csgb2312": "gb18030", "csiso58gb231280": "gb18030", "gbk2312": "gb18030",
    "gb2312_charset": "gb18030", "eucgb2312_cn": "gb18030", "x-x-big5": "big5", "cn-big5": "big5", "x-big5": "big5",
    "big5-eten": "big5", "big5_hkscs": "big5hkscs", "x-windows-950": "big5", "cp950": "big5", "windows-950": "big5",
    "big-5": "big5", "csbig5": "big5", "korean": "cp949", "uhc": "cp949", "ms949": "cp949", "iso-ir-149": "cp949",
    "ks_c_5601_1987": "cp949", "ksc_5601": "cp949", "csksc56011987": "cp949", "ksc5601-1987": "cp949",
    "cseuckr": "cp949", "windows-1361": "johab", "ks_c_5601-1992": "johab", "ms1361": "johab",
    "unicode": "utf-16", "ucs-2": "utf-16", "iso-10646-ucs-2": "utf-16", "utf16": "utf-16", "unicodefffe": "utf-16-be",
    "utf-16be": "utf-16-be", "utf-16le": "utf-16-le", "x-utf-16le": "utf-16-le", "windows-874": "cp874",
    "iso-8859-11": "cp874", "dos-874": "cp874", "x-cp1251": "cp1251", "x-cp1252": "cp1252", "koi8": "koi8_r",
    "koi8-ru": "koi8_u", "csunicode11utf7": "utf-7", "utf7": "utf-7", "x-unicode-2-0-utf-7": "utf-7",
    "unicode-2-0-utf-8": "utf-8", "x-utf-8": "utf-8", "x-unicode-2-0-utf-8": "utf-8", "utf-8-mac": "utf-8",
    "unicode-1-1-utf-7": "utf-7", "utf8mb4": "utf-8", "unicode-1-1-utf-8": "utf-8", "x-mac-roman": "mac-roman",
}  # fmt: skip
_UNTOLD = {
    "",
    "ascii",
    "us-ascii",
    "ansi_x3.4-1968",
    "unknown-8bit",
    "unknown",
    "8bit",
    "7bit",
    "x-unknown",
    "default",
    "none",
    "binary",
    "iso-8859-8859",
    "x-user-defined",
    "user-defined",
    "x-roman8",
    "ascii8bit",
    "auto",
}
_NOT_CHARSETS = {"idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape", "unicode-escape"}
_MIME_NAMES = {"cp932": "shift_jis", "cp949": "euc-kr", "cp874": "windows-874", "mac-roman": "macintosh"}
_WINDOWS = re.compile(r"\Acp125")
_ISO_8859 = re.compile(r"\Aiso8859-")


def codec_of(declared: str | None) -> str | None:
    """The codec that `declared` means in practice, or None when it says nothing usable."""
    match = _NAME.match((declared or "").lower())
    return _codec_of(match[1]) if match else None


@lru_cache(256)
def _codec_of(name: str) -> str | None:
    if name in _UNTOLD:
        return None
    name = _CODECS.get(name, name)
    if name in ("euc-jp", "iso-2022-jp"):
        return name
    try:
        known = codecs.lookup(name).name
        b" ".decode(name)  # refuses what is a codec, but not of text
    except UnicodeDecodeError:
        pass  # one octet is half a character of UTF-16
    except (LookupError, ValueError):
        beginning = _BEGINNING.match(name)
        return _codec_of(beginning[0]) if beginning and beginning[0] != name else None
    return None if known in _NOT_CHARSETS else common_codec(known)


def common_codec(codec: str) -> str:
    """The superset that is decoded in place of a codec, or the codec itself."""
    return _CODECS.get(codec, codec)


def mime_name(codec: str) -> str:
    """The name that mail uses for a codec, such as `shift_jis` or `windows-1252`."""
    return _MIME_NAMES.get(codec) or _ISO_8859.sub("iso-8859-", _WINDOWS.sub("windows-125", codec))
