"""Whether the From address is its domain's own: a trusted relay vouched for it, or a DKIM signature proves it.

On any doubt: no (RFC 8601, RFC 7489 3.1, N39, N40, A10). SPF counts from a trusted relay alone: only it knows the
client. Who is a trusted relay and what DNS says is the caller's knowledge; signatures are checked in dkim_check.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import authres

from gateway.mail import dkim_check, mailboxes, trace, tree, words
from gateway.mail.dmarc import Records
from gateway.mail.domains import ascii_domain
from gateway.mail.fields import Fields
from gateway.mail.values import Mailbox

MAX_RESULTS = 8 * 1024  # octets of the field: a relay's own is a tenth of that

_UNREADABLE = (authres.AuthResError, ValueError, AttributeError, TypeError, IndexError, RecursionError)


@dataclass(frozen=True)
class Result:
    """One method's verdict: `properties` maps `header.from`, `smtp.mailfrom` ... to lower-case values."""

    method: str
    result: str
    properties: dict[str, str]


@dataclass(frozen=True)
class Knowledge:
    """What is known beside the mail; nothing, and nobody is believed."""

    authserv_id: str | None = None  # whose results count; None: nobody's
    trusted_relay: bool = False  # it was handed in by one that writes them
    records: Records | None = None  # what DNS said about the names of `names_to_ask`


def names_to_ask(raw: bytes, known: Knowledge) -> set[str]:
    """The names whose TXT records tell whether a signature proves the author; none if nothing more need be known."""
    header = raw[: trace.header_length(raw)]
    if b"dkim-signature" not in header.lower() or header.count(b"\n") > dkim_check.MAX_LINES:
        return set()
    fields = Fields.of(tree.read(header, len(header)))
    domain = _author_domain(fields, mailboxes.read(fields, "from").found)
    if not domain or _relay_verdict(fields, domain, known):
        return set()
    return dkim_check.names_to_ask(header, domain)


def judge(raw: bytes, header_end: int, fields: Fields, authors: Sequence[Mailbox], known: Knowledge) -> str:
    """How the one author's domain is proved, as `METHOD=RESULT details` (RFC 8601 2.7); `passes` tells what counts.

    A trusted relay's word goes first, its "fail" too; `raw` and the offset where its header ends are for our own check.
    """
    domain = _author_domain(fields, authors)
    if not domain:
        return "dmarc=permerror"  # no author, several, or one without a domain
    return _relay_verdict(fields, domain, known) or dkim_check.check(raw, header_end, domain, known.records or {})


def passes(verdict: str) -> bool:
    """Whether a verdict of `judge` means that the author is believed."""
    return verdict.partition(" ")[0].endswith("=pass")


def covered(fields: Fields, authors: Sequence[Mailbox]) -> frozenset[str] | None:
    """Of "to" and "cc", what every signature covers that may speak for the author; None without one."""
    return dkim_check.covered(fields.all("dkim-signature"), _author_domain(fields, authors))


def _author_domain(fields: Fields, authors: Sequence[Mailbox]) -> str:
    """The domain of the only author, as DNS writes it, or "" (RFC 7489 6.6.1: several are a failure)."""
    if len(fields.all("from")) != 1 or len(authors) != 1:
        return ""
    domain = ascii_domain(_domain(authors[0].address))
    return domain if domain.isascii() else ""


def _relay_verdict(fields: Fields, domain: str, known: Knowledge) -> str:
    """What the topmost Authentication-Results says, if a trusted relay wrote it under the pinned id; "" if nothing."""
    if not (known.trusted_relay and known.authserv_id):
        return ""
    results = _topmost_results(fields, known.authserv_id)
    dmarc = [result for result in results if result.method == "dmarc"]
    if any(result.result == "fail" for result in dmarc):
        return "dmarc=fail by a trusted relay"
    if any(result.result == "pass" and result.properties.get("header.from") == domain for result in dmarc):
        return "dmarc=pass by a trusted relay"
    for result in results:
        if result.result == "pass" and aligned(_identity(result), domain):
            return f"{result.method}=pass by a trusted relay"
    return ""


def _identity(result: Result) -> str:
    """The domain that a DKIM or SPF pass speaks for, or ""."""
    if result.method == "dkim":
        return _domain(result.properties.get("header.d") or result.properties.get("header.i", ""))
    if result.method == "spf":
        return _domain(result.properties.get("smtp.mailfrom", ""))
    return ""


def aligned(identity: str, domain: str) -> bool:
    """Relaxed alignment of two domains in lower case (RFC 7489 3.1): equal, or one below the other, which has at least
    two labels."""
    shorter, longer = sorted((identity, domain), key=len)
    return bool(shorter) and (shorter == longer or ("." in shorter and longer.endswith("." + shorter)))


def _domain(address: str) -> str:
    return address.rpartition("@")[2].strip().rstrip(".").lower()


def _topmost_results(fields: Fields, authserv_id: str) -> list[Result]:
    """The results of the first Authentication-Results field, if it is the pinned server's; else none."""
    value = words.unfold(fields.first("authentication-results") or b"")
    if not value or len(value) > MAX_RESULTS or not value.isascii():
        return []
    try:
        header = authres.parse_value(value.decode("ascii"))  # type: ignore[no-untyped-call]
        if str(header.authserv_id).lower() != authserv_id.lower():
            return []
        return [_result(result) for result in header.results if hasattr(result, "method")]
    except _UNREADABLE:
        return []


def _result(result: authres.AuthenticationResult) -> Result:
    properties: dict[str, str] = {}
    for found in result.properties:
        properties.setdefault(f"{found.type}.{found.name}", str(found.value or "").lower())
    return Result(str(result.method), str(result.result).lower(), properties)
