"""Unstructured header text: RFC 2047 encoded words as they are really sent, raw 8-bit and raw ISO-2022-JP.

Decodes once. Knows no field names and cleans nothing for display (see display.py).
"""

import binascii
import re
from collections.abc import Sequence
from typing import NamedTuple

from gateway.mail import charset
from gateway.mail.charset_names import codec_of
from gateway.mail.pictograms import Carrier

_ENCODED_WORD = re.compile(
    rb"=\?[ \t]?([A-Za-z0-9!#$%&'*+.^_`{|}~:()-]{0,60})[ \t]?\?([bBqQ])\?(?:"
    rb"((?:[^?\r\n=]|\?(?!=)|=(?!\?[A-Za-z0-9])){0,2000})\?="
    rb"|([^?\s]{1,2000})(?:\?(?=\s|\Z)|(?=\s|\Z)))"  # its end was lost
)
_UNREADABLE = re.compile("[\ufffd\x00-\x08\x0e-\x1f\x7f-\x9f]")
_READABLE = 8  # characters for each of those, at least
_FOLD = re.compile(rb"[\r\n]+(?=[ \t])")
_LINE_END = re.compile(rb"[\r\n]+")
_Q_OCTETS = re.compile(rb"(?:=[0-9A-Fa-f]{2}){2}")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]")


def unfold(value: bytes) -> bytes:
    """RFC 5322 2.2.3: one line; a line break that is no fold becomes a space."""
    return _LINE_END.sub(b" ", _FOLD.sub(b"", value)).strip(b" \t")


def decode(value: bytes, hint: str | None = None, carrier: Carrier | None = None) -> str:
    """The text of a header value; `hint` is the charset that raw 8-bit octets are likely in."""
    value = unfold(value)
    if b"=?" not in value:
        return charset.decode(value, hint, carrier).text
    text: list[str] = []
    pending: list[_Word] = []
    position = 0
    for match in _ENCODED_WORD.finditer(value):
        between = value[position : match.start()]
        if between.strip() or not pending:  # RFC 2047 6.2: space between two encoded words is not shown
            text += [_join(pending, carrier), charset.decode(between, hint, carrier).text]
            pending = []
        pending.append(_Word(match[1].decode("ascii"), match[2] in b"qQ", match[4] if match[3] is None else match[3]))
        position = match.end()
    return "".join([*text, _join(pending, carrier), charset.decode(value[position:], hint, carrier).text])


def has_encoded_word(text: str) -> bool:
    """Whether a string still holds something that reads as an encoded word."""
    return "=?" in text and _ENCODED_WORD.search(text.encode("utf-8", "replace")) is not None


class _Word(NamedTuple):
    declared: str
    is_q: bool
    text: bytes

    @property
    def octets(self) -> bytes:
        if self.is_q or _Q_OCTETS.search(self.text):  # some say B and write Q
            return binascii.a2b_qp(self.text, header=True)
        return base64_octets(self.text)

    @property
    def is_cut(self) -> bool:
        """Whether the next word goes on within the same four letters of base64."""
        return not self.is_q and not self.text.endswith(b"=") and len(_NOT_BASE64.sub(b"", self.text)) % 4 != 0


def _join(words: Sequence[_Word], carrier: Carrier | None) -> str:
    """Adjacent words of one charset are decoded together: mailers cut characters in half between them."""
    text: list[str] = []
    run: list[_Word] = []
    cut = b""
    for index, word in enumerate(words):
        following = words[index + 1] if index + 1 < len(words) else None
        goes_on = following is not None and codec_of(following.declared) == codec_of(word.declared)
        word = word._replace(text=cut + word.text)
        cut = b""
        if goes_on and following is not None and word.is_cut and not following.is_q:
            cut = word.text
            continue
        run.append(word)
        if not goes_on:
            text.append(_text(run, carrier))
            run = []
    return "".join(text)


def _text(run: Sequence[_Word], carrier: Carrier | None) -> str:
    declared = run[0].declared
    octets = [word.octets for word in run]
    whole = charset.decode(b"".join(octets), declared, carrier)
    if whole.damaged and len(run) > 1:  # words that each end in ASCII, as RFC 2047 5 wants them, but do not say so
        pieces = [charset.decode(piece, declared, carrier) for piece in octets]
        if not any(piece.damaged for piece in pieces):
            return "".join(piece.text for piece in pieces)
    if len(_UNREADABLE.findall(whole.text)) * _READABLE > len(
        whole.text
    ):  # no text at all: shown as it is (RFC 2047 6.3)
        return " ".join(
            f"=?{word.declared}?{'Q' if word.is_q else 'B'}?{word.text.decode('latin-1')}?=" for word in run
        )
    return whole.text


def base64_octets(text: bytes) -> bytes:
    """Base64 without its usual mistakes: foreign characters, missing or inner padding."""
    octets = b""
    for piece in text.split(b"="):
        clean = _NOT_BASE64.sub(b"", piece)
        usable = len(clean) - (len(clean) % 4 == 1)
        octets += binascii.a2b_base64(clean[:usable] + b"=" * (-usable % 4))
    return octets
