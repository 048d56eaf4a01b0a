"""Judges what is read in foreign mail: subject, author, body, names of attachments; for us and for other readers.

A body is right in either version of the mail, plain or HTML, since projects differ in which one they prefer. Zammad
keeps a document's title in its body and drops pictures from elsewhere, with the words that stand for them; Stalwart's
expectation is the first text part alone, whatever follows it.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from email import message_from_bytes
from typing import Any

from gateway.mail import files, parts
from gateway.mail.charset import decode
from gateway.mail.html import to_text
from gateway.mail.parse import parse
from tests import corpora
from tests.score.check import Check

_CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3\uff66-\uff9d]")
_NOTHING_FOUND = "no visible content"  # Zammad's words in place of a body that it did not find: no expectation
_TITLE = re.compile(r"</?(?:title|head)\b[^<>]*>", re.IGNORECASE)
_IMAGE = re.compile(r"<img\b[^<>]*>", re.IGNORECASE)
_BRACKETS = str.maketrans("\u27e8\u27e9", "\u3008\u3009")  # `&lang;` of HTML 5 and of HTML 4
_INVENTED = re.compile(r"(?:document|file|video)\d?(?:\.html|\.mov)?")
_FIELDS = {"subject": "subject", "from_addr": "author", "from_name": "author", "body": "body",
           "subject_parts": "subject", "body_parts": "body", "attachments": "attachments",
           "attachments_named": "attachments", "attachments_some": "attachments"}  # fmt: skip


@dataclass(frozen=True)
class Reading:
    """What any reader says of a mail."""

    subject: str
    authors: list[tuple[str, str]]  # name, address
    body: str
    files: list[str]
    html: str = ""  # the source of the HTML version, where there is one


def ours(raw: bytes) -> Reading:
    """What the gateway says."""
    mail = parse(raw)
    authors = [(author.name, author.address) for author in mail.from_]
    return Reading(mail.subject, authors, mail.text, [file.name for file in mail.attachments], _html(raw))


def _html(raw: bytes) -> str:
    for part in message_from_bytes(raw).walk():
        if part.get_content_type() == "text/html" and not part.is_multipart():
            return decode(parts.octets(part), parts.parameter(part, "content-type", "charset")).text
    return ""


def checks(reader: Callable[[bytes], Reading] = ours) -> Iterator[Check]:
    """Every case of the corpora as `reader` reads it; a reader that raises is wrong in each field."""
    for corpus, case, raw in corpora.cases("parsing"):
        try:
            reading: Reading | None = reader(raw)
        except Exception:
            reading = None
        yield from fields(corpus, case, reading)


def fields(corpus: str, case: dict[str, Any], reading: Reading | None) -> Iterator[Check]:
    """One check for each field that the case tells of."""
    for key in _FIELDS:
        if key not in case or case[key] == _NOTHING_FOUND:
            continue
        case = {**case, "corpus": corpus}
        said = _said(key, reading) if reading else "raised"
        right = reading is not None and (_RIGHT[key](case, reading) or _is_first_part(corpus, key, case, reading))
        cjk = "CJK" if _CJK.search(str(case[key])) else "other"
        yield Check(f"parsing: {_FIELDS[key]}", corpus, cjk, f"{case['id']} {key}", right, said, str(case[key]))


def squeezed(text: object) -> str:
    """Compared by letters and marks: width, white space and zeros (which no database takes) say nothing."""
    return re.sub(r"[\s\0]+", "", unicodedata.normalize("NFKC", str(text)).translate(_BRACKETS))


def _said(key: str, reading: Reading) -> str:
    kind = _FIELDS[key]
    return str(
        {"subject": reading.subject, "author": reading.authors, "body": reading.body, "attachments": reading.files}[
            kind
        ]
    )


def _is_right_body(case: dict[str, Any], said: Reading) -> bool:
    titled = _TITLE.sub("<p>", said.html)
    sources = (said.html, titled, _IMAGE.sub("", said.html), _IMAGE.sub("", titled))
    versions = {squeezed(version) for version in (said.body, *(map(to_text, sources) if said.html else ()))}
    source = str(case["body"])
    wanted = {squeezed(_body(case)), *([squeezed(to_text(source))] if "<" in source and said.html else [])}
    return not wanted.isdisjoint(versions)


def _is_first_part(corpus: str, key: str, case: dict[str, Any], said: Reading) -> bool:
    return corpus == "stalwart-mail-parser" and key == "body" and squeezed(said.body).startswith(squeezed(_body(case)))


def _body(case: dict[str, Any]) -> str:
    return to_text(case["body"]) if case.get("body_html") else str(case["body"])


def _names(names: Sequence[str]) -> list[str]:
    """A long name by its beginning and extension: ours end at 100 characters (A22), and php-imap's tests ask for both
    long names of one part."""
    return [name if len(name) < files.MAX_NAME else name[:60] + files.extension_of(name) for name in names]


def _without_invented(names: Sequence[str]) -> set[str]:
    """Zammad gives names of its own to parts that have none."""
    return {name for name in names if not _INVENTED.fullmatch(name)}


_RIGHT: dict[str, Callable[[dict[str, Any], Reading], bool]] = {
    "subject": lambda case, said: squeezed(case["subject"]) == squeezed(said.subject),
    "from_addr": lambda case, said: case["from_addr"].lower() in [address.lower() for _, address in said.authors],
    "from_name": lambda case, said: squeezed(case["from_name"]) in [squeezed(name) for name, _ in said.authors],
    "body": _is_right_body,
    "subject_parts": lambda case, said: (
        all(part in said.subject for part in case["subject_parts"]) and "\ufffd" not in said.subject
    ),
    "body_parts": lambda case, said: (
        all(squeezed(part) in squeezed(said.body) for part in case["body_parts"]) and "\ufffd" not in said.body
    ),
    "attachments": lambda case, said: (
        sorted(_names(case["attachments"])) == sorted(_names(said.files))
        or (case["corpus"] == "zammad" and _without_invented(case["attachments"]) <= set(said.files))
    ),
    "attachments_named": lambda case, said: set(_names(case["attachments_named"])) <= set(_names(said.files)),
    "attachments_some": lambda case, said: set(_names(case["attachments_some"])) <= set(_names(said.files)),
}
