"""Unstructured header text: RFC 2047 encoded words as they are really sent, raw 8-bit and raw ISO-2022-JP.

Decodes once. Knows no field names and cleans nothing for display (see display.py).
"""

import binascii
import quopri
import re

from gateway.mail import charset

_ENCODED_WORD = re.compile(rb"=\?([A-Za-z0-9!#$%&'*+.^_`{|}~:()-]{1,60})\?([bBqQ])\?((?:[^?\r\n]|\?(?!=)){0,2000})\?=")
_FOLD = re.compile(rb"[\r\n]+(?=[ \t])")
_LINE_END = re.compile(rb"[\r\n]+")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]")


def unfold(value: bytes) -> bytes:
    """RFC 5322 2.2.3: one line; a line break that is no fold becomes a space."""
    return _LINE_END.sub(b" ", _FOLD.sub(b"", value)).strip(b" \t")


def decode(value: bytes, hint: str | None = None) -> str:
    """The text of a header value; `hint` is the charset that raw 8-bit octets are likely in."""
    value = unfold(value)
    text: list[str] = []
    pending: list[tuple[str, bytes]] = []
    position = 0
    for match in _ENCODED_WORD.finditer(value):
        between = value[position : match.start()]
        if between.strip() or not pending:  # RFC 2047 6.2: space between two encoded words is not shown
            text += [_join(pending), charset.decode(between, hint).text]
            pending = []
        pending.append((match[1].decode("ascii"), _octets(match[2], match[3])))
        position = match.end()
    return "".join([*text, _join(pending), charset.decode(value[position:], hint).text])


def has_encoded_word(text: str) -> bool:
    """Whether a string still holds something that reads as an encoded word."""
    return "=?" in text and _ENCODED_WORD.search(text.encode("utf-8", "replace")) is not None


def _octets(encoding: bytes, text: bytes) -> bytes:
    if encoding in b"qQ":
        return quopri.decodestring(text, header=True)
    return base64_octets(text)


def base64_octets(text: bytes) -> bytes:
    """Base64 without its usual mistakes: foreign characters, missing or inner padding."""
    octets = b""
    for piece in text.split(b"="):
        clean = _NOT_BASE64.sub(b"", piece)
        usable = len(clean) - (len(clean) % 4 == 1)
        octets += binascii.a2b_base64(clean[:usable] + b"=" * (-usable % 4))
    return octets


def _join(words: list[tuple[str, bytes]]) -> str:
    """Adjacent words of one charset are decoded together: mailers cut characters in half between them."""
    text: list[str] = []
    run = b""
    for index, (declared, octets) in enumerate(words):
        run += octets
        following = words[index + 1][0] if index + 1 < len(words) else None
        if following is None or following.lower() != declared.lower():
            text.append(charset.decode(run, declared).text)
            run = b""
    return "".join(text)
