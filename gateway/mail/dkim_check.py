"""Whether a DKIM signature proves the author's domain (RFC 6376, 8301, 8463), in the words of RFC 8601 2.7.1.

The cryptography is dkimpy's. What it would let pass stands here: a signature that leaves part of what is read unsigned,
a key that must not be used, and what would take it too long. Pure: the records that it needs are given.
"""

import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import dkim
from dkim.util import InvalidTagValueList, parse_tag_value

from gateway.mail import dmarc
from gateway.mail.dmarc import Records
from gateway.mail.fields import is_regular

ALGORITHMS = (b"rsa-sha256", b"ed25519-sha256")  # RFC 8301 3.1: SHA-1 proves nothing
LEAST_BITS = 1024  # RFC 8301 3.2
MAX_SIGNATURES = 3  # of one author's organisation; each costs two questions to DNS and the hash of the mail
MAX_LINES = 4000  # of a header
MAX_FIELD = 4096  # octets of a DKIM-Signature: dkimpy's patterns take the square of it
MAX_KEY = 1200  # octets of a key record: 4096 bits with room; an endless key would take its time
MAX_SPACE = 50_000_000  # half the squares of the runs of blanks: so many steps takes dkimpy to strip them

SIGNED = (b"from", b"subject")  # what we act on must be signed
RECIPIENTS = (b"to", b"cc")
# What may stand once only (RFC 5322 3.6, RFC 2045): a second field above the signed one would be read for it (8.15).
SINGLE = frozenset(
    b"from sender reply-to to cc subject date message-id in-reply-to references"
    b" mime-version content-type content-transfer-encoding".split()
)

_BLANKS = re.compile(rb"[\t ]{32,}")
_DOMAIN = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]{0,251}[a-z0-9])?")
_SILENT = logging.Logger("dkim", logging.CRITICAL + 1)  # dkimpy's messages quote the mail


@dataclass(frozen=True)
class Signature:
    """A DKIM-Signature that may speak for the author; `problem` is why it does not whatever the key says."""

    index: int  # among the fields of that name, topmost first
    domain: str
    selector: str
    problem: str

    @property
    def key_name(self) -> str:
        return f"{self.selector}._domainkey.{self.domain}"  # RFC 6376 3.6.2.1


def names_to_ask(header: bytes, author: str) -> set[str]:
    """The names whose TXT records `check` needs; `author` is a domain in lower case."""
    signatures = _signatures(header, author)
    keys = {one.key_name for one in signatures if not one.problem}
    return keys.union(*(dmarc.record_names(one.domain, author) for one in signatures if not one.problem))


def check(raw: bytes, header_end: int, author: str, records: Records) -> str:
    """The result of the first signature that passes, else of the one that came farthest; "dkim=none" without any.

    Temporary is what DNS did not tell (temperror): it is no pass, and no fail either."""
    results = [_result(raw, one, author, records) for one in _signatures(raw[:header_end], author)]
    for kind in ("pass", "temperror", "policy", "fail", "permerror"):
        for result in results:
            if result.startswith(f"dkim={kind} "):
                return result
    return "dkim=none"


def covered(signatures: Sequence[bytes], author: str) -> frozenset[str] | None:
    """Of the recipients' fields, "to" and "cc", those that every one of these DKIM-Signature values covers which may
    speak for the author's domain; None when none may. The one that is true is among them, whoever added others."""
    found: list[set[bytes]] = []
    for value in signatures:
        try:
            tags = parse_tag_value(re.sub(rb"\r\n", b"", value[:MAX_FIELD]))
        except InvalidTagValueList:
            found.append(set())  # another's library may read it
            continue
        if author and dmarc.may_be_aligned(tags.get(b"d", b"").decode("ascii", "replace").lower(), author):
            found.append(_covered(tags))
    return frozenset(name.decode() for name in RECIPIENTS if all(name in one for one in found)) if found else None


def _covered(tags: dict[bytes, bytes]) -> set[bytes]:
    return {name.strip().lower() for name in tags.get(b"h", b"").split(b":")}


def _signatures(header: bytes, author: str) -> list[Signature]:
    if b"dkim-signature" not in header.lower() or not author or not _is_plain(header):
        return []
    try:
        fields, _ = dkim.rfc822_parse(header)
    except (dkim.DKIMException, IndexError):
        return []
    names = [name.lower() for name, _ in fields]
    twice = any(names.count(name) > 1 for name in SINGLE.intersection(names))
    values = [value for name, value in fields if name.lower() == b"dkim-signature"]
    found = (_signature(index, value, author, names, twice) for index, value in enumerate(values))
    return [one for one in found if one is not None][:MAX_SIGNATURES]


def _is_plain(header: bytes) -> bool:
    """Whether dkimpy and we see the same fields in it, within our bounds."""
    ends = header.count(b"\r\n")
    return ends <= MAX_LINES and ends == header.count(b"\n") == header.count(b"\r") and is_regular(header)


def _signature(index: int, value: bytes, author: str, names: list[bytes], twice: bool) -> Signature | None:
    """None for what cannot be meant for this author, or is no signature."""
    if len(value) > MAX_FIELD:
        return None
    try:
        tags = parse_tag_value(re.sub(rb"\r\n", b"", value))
    except InvalidTagValueList:
        return None
    domain, selector = (tags.get(tag, b"").decode("ascii", "replace").lower() for tag in (b"d", b"s"))
    if not (_DOMAIN.fullmatch(domain) and _DOMAIN.fullmatch(selector) and dmarc.may_be_aligned(domain, author)):
        return None
    return Signature(index, domain, selector, _problem(tags, names, twice))


def _problem(tags: dict[bytes, bytes], names: list[bytes], twice: bool) -> str:
    signed = _covered(tags)
    if twice:
        return "a field stands twice"
    if b"l" in tags:
        return "part of the body is not signed"  # 8.2
    if any(name in names and name not in signed for name in SIGNED):
        return "the subject is not signed"
    if tags.get(b"a", b"").lower() not in ALGORITHMS:
        return "the algorithm proves nothing"
    return ""


def _result(raw: bytes, signature: Signature, author: str, records: Records) -> str:
    which = f"header.d={signature.domain} header.s={signature.selector}"
    if signature.problem:
        return f'dkim=policy reason="{signature.problem}" {which}'
    aligned = dmarc.is_aligned(signature.domain, author, records)
    if signature.key_name not in records or aligned is None:
        return f'dkim=temperror reason="no answer from DNS" {which}'
    if not aligned:
        return f'dkim=policy reason="another organisation than the author\'s" {which}'
    keys = [record for record in records[signature.key_name] if b"p=" in record]
    if len(keys) != 1 or (problem := _key_problem(keys[0])):
        return f'dkim=permerror reason="{"no single key" if len(keys) != 1 else problem}" {which}'
    if sum(len(match[0]) ** 2 for match in _BLANKS.finditer(raw)) // 2 > MAX_SPACE:
        return f'dkim=policy reason="too many blanks" {which}'
    return f"dkim={'pass' if _verifies(raw, signature, keys[0]) else 'fail'} {which}"


def _key_problem(record: bytes) -> str:
    """Why the key must not be used for this (RFC 6376 3.6.1); dkimpy looks at the key alone."""
    try:
        tags = parse_tag_value(record)
    except InvalidTagValueList:
        return "no key"
    if not tags.get(b"p"):
        return "the key was revoked"
    if len(record) > MAX_KEY:
        return "the key is too long"
    if b"y" in _listed(tags, b"t"):
        return "the domain is only testing"
    if b"h" in tags and b"sha256" not in _listed(tags, b"h"):
        return "a key for another algorithm"
    if b"s" in tags and not {b"*", b"email"}.intersection(_listed(tags, b"s")):
        return "a key for another service"
    return ""


def _listed(tags: dict[bytes, bytes], tag: bytes) -> Iterator[bytes]:
    return (item.strip().lower() for item in tags.get(tag, b"").split(b":"))


def _verifies(raw: bytes, signature: Signature, key: bytes) -> bool:
    try:
        mail = dkim.DKIM(raw, logger=_SILENT, minkey=LEAST_BITS)
        if not mail.verify(signature.index, dnsfunc=lambda _name, timeout: key):
            return False
        user = mail.signature_fields.get(b"i", b"").rpartition(b"@")[2].lower()  # 3.6.1: with t=s no subdomain signs
        return user in (b"", signature.domain.encode()) or b"s" not in _listed(parse_tag_value(key), b"t")
    except Exception:  # noqa: BLE001  dkimpy raises many kinds of errors on a stranger's octets; none of them is a pass
        return False
