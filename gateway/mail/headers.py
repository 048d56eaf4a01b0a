"""Header fields for mails that we write: any text in, lines that no reader can take for anything else out.

Encoding is the standard library's. What this adds is that nothing reaches it that could end a line or a phrase (its
own protection came late, CVE-2024-6923), and forms that old Japanese clients read too.
"""

import re
import unicodedata
from collections.abc import Iterable
from email.charset import Charset
from email.header import Header
from email.utils import encode_rfc2231

from gateway.mail.domains import ascii_domain
from gateway.mail.message_id import is_message_id
from gateway.mail.values import Mailbox

TEXT_LIMIT = 200  # characters of a subject or a name that are kept
LINE_LIMIT = 78  # characters a line should have at most (RFC 5322 2.1.1)
_WORD_LIMIT = 60  # a longer ASCII word could not be folded: it is encoded, in pieces
_VALUE_PIECE = 54  # characters of one RFC 2231 continuation

_UTF8 = Charset("utf-8")
_FORBIDDEN = ("Cc", "Cf", "Cs")  # controls, bidi and zero-width, lone surrogates
_BREAKS = frozenset("\t\n\v\f\r\x1c\x1d\x1e\x85\u2028\u2029")
_PLAIN_PHRASE = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")  # atoms (3.2.3)
_DOT_ATOM = re.compile(r"[^\x00-\x20()<>\[\]:;@\\,.\"\x7f]+(?:\.[^\x00-\x20()<>\[\]:;@\\,.\"\x7f]+)*")


def safe_header(text: str, limit: int = TEXT_LIMIT) -> str:
    """One line of at most `limit` characters: no control, bidi or zero-width character, single spaces (A04)."""
    if not text.isprintable():
        text = "".join(
            " " if character in _BREAKS else character
            for character in text
            if character in _BREAKS or unicodedata.category(character) not in _FORBIDDEN
        )
    text = re.sub(" {2,}", " ", text).strip()
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def text_field(name: str, text: str) -> str:
    """An unstructured field (RFC 5322 3.6.5), encoded by RFC 2047 where needed and folded, without its last CRLF."""
    return f"{name}: {_encoded(safe_header(text), name)}"


def mailbox_field(name: str, mailbox: Mailbox) -> str:
    """From or To with one mailbox. The addr-spec is as `addr_spec` gives it: not ASCII if it needs SMTPUTF8."""
    phrase, address = _phrase(safe_header(mailbox.name), name), addr_spec(mailbox.address)
    if not phrase:
        return f"{name}: {address}"
    last_line = f"{name}: {phrase}".rpartition("\r\n")[2]
    fold = "\r\n" if len(last_line) + len(address) + len(" <>") > LINE_LIMIT else ""
    return f"{name}: {phrase}{fold} <{address}>"


def ids_field(name: str, message_ids: Iterable[str]) -> str:
    """Message-ID, In-Reply-To or References, one id a line; what is no msg-id is left out."""
    ids = "\r\n ".join(filter(is_message_id, message_ids))
    first = len(name) + len(": ") + len(ids.partition("\r\n")[0])
    return f"{name}: {ids}" if first <= LINE_LIMIT else f"{name}:\r\n {ids}"


def addr_spec(address: str) -> str:
    """The address as header and envelope want it: a local part like `a..b` quoted (RFC 5321 4.1.2), the domain in
    ASCII if it can be. A local part that is not ASCII stays so (RFC 6531)."""
    local, _, domain = address.rpartition("@")
    if local and not (_DOT_ATOM.fullmatch(local) or local.startswith('"')):
        local = '"' + re.sub(r'(["\\])', r"\\\1", local) + '"'
    if not domain.isascii():
        domain = ascii_domain(domain)  # still in Unicode: SMTPUTF8 carries it, the next server judges it
    return f"{local}@{domain}"


def parameter_in_words(name: str, value: str) -> str:
    """`; name="…"` with RFC 2047 words inside the quotes: against RFC 2047 5 (3), and the only form of a Japanese file
    name that many older clients read; newer ones take `parameter_in_segments`'s from Content-Disposition."""
    if _fits_quoted(name, value):
        return f";\r\n {name}={_quoted(value)}"
    return f';\r\n {name}="{_words(value, name)}"'


def parameter_in_segments(name: str, value: str) -> str:
    """`; name="…"`, or in UTF-8 by RFC 2231 3 and 4, continued over lines where it is long (N37)."""
    if _fits_quoted(name, value):
        return f";\r\n {name}={_quoted(value)}"
    encoded = encode_rfc2231(value, "utf-8")
    if len(encoded) <= _VALUE_PIECE:
        return f";\r\n {name}*={encoded}"
    pieces = re.findall(rf"(?:%..|[^%]){{1,{_VALUE_PIECE // 3}}}", encoded)  # an escape is never cut
    return "".join(f";\r\n {name}*{number}*={piece}" for number, piece in enumerate(pieces))


def _encoded(text: str, field: str) -> str:
    return _words(text, field, "us-ascii" if _is_plain(text) else _UTF8)


def _words(text: str, field: str, charset: Charset | str = _UTF8) -> str:
    # Header gives no encoded word over 75 characters and never cuts a character (RFC 2047 5).
    return Header(text, charset, maxlinelen=LINE_LIMIT - 2, header_name=field).encode(" ", linesep="\r\n")


def _is_plain(text: str) -> bool:
    return text.isascii() and "=?" not in text and all(len(word) <= _WORD_LIMIT for word in text.split(" "))


def _phrase(name: str, field: str) -> str:
    phrase = name if _PLAIN_PHRASE.fullmatch(name) or not name else _quoted(name)
    fits = len(field) + len(": ") + len(phrase) <= LINE_LIMIT
    return phrase if fits and _is_plain(name) else _words(name, field)


def _quoted(text: str) -> str:
    return '"' + re.sub(r'(["\\])', r"\\\1", text) + '"'


def _fits_quoted(name: str, value: str) -> bool:
    return _is_plain(value) and len(name) + len(_quoted(value)) <= LINE_LIMIT - len(" =;")
