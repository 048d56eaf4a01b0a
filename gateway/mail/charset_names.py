"""Names of charsets: what a label in mail means to Python, and what mail calls a codec.

Labels mean what mailers mean by them: `shift_jis` is cp932, `gb2312` is GB 18030, `iso-8859-1` is windows-1252.
"""

import codecs
import re

_NAME = re.compile(r"[a-z0-9][a-z0-9_.:+()-]{0,39}\Z")
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
    "unicode-1-1-utf-7": "utf-7", "utf8mb4": "utf-8", "unicode-1-1-utf-8": "utf-8", "x-mac-roman": "mac-roman",
}  # fmt: skip
_UNTOLD = {"", "ascii", "us-ascii", "ansi_x3.4-1968", "unknown-8bit", "unknown", "8bit", "7bit", "x-unknown", "default"}
_NOT_CHARSETS = {"idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape", "unicode-escape"}
_MIME_NAMES = {"cp932": "shift_jis", "cp949": "euc-kr", "cp874": "windows-874", "mac-roman": "macintosh"}
_WINDOWS = re.compile(r"\Acp125")
_ISO_8859 = re.compile(r"\Aiso8859-")


def codec_of(declared: str | None) -> str | None:
    """The codec that `declared` means in practice, or None when it says nothing usable."""
    name = (declared or "").strip().strip("\"'").lower().split("*", 1)[0]
    if name in _UNTOLD or not _NAME.match(name):
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
        return None
    return None if known in _NOT_CHARSETS else common_codec(known)


def common_codec(codec: str) -> str:
    """The superset that is decoded in place of a codec, or the codec itself."""
    return _CODECS.get(codec, codec)


def mime_name(codec: str) -> str:
    """The name that mail uses for a codec, such as `shift_jis` or `windows-1252`."""
    return _MIME_NAMES.get(codec) or _ISO_8859.sub("iso-8859-", _WINDOWS.sub("windows-125", codec))
