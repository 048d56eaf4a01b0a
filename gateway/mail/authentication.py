"""Whether a trusted relay vouched for the From address (RFC 8601, RFC 7489 3.1). On any doubt: no (N39, N40, A10).

This checks no signature itself, and who is a trusted relay is the caller's knowledge.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import authres

from gateway.mail import words
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


def is_authenticated(fields: Fields, authors: Sequence[Mailbox], authserv_id: str | None, trusted_relay: bool) -> bool:
    """Whether the one author's domain is aligned with a pass in the topmost Authentication-Results.

    That field must come from a trusted relay and carry the pinned `authserv_id`; nothing pinned means no.
    """
    if not (trusted_relay and authserv_id) or len(fields.all("from")) != 1 or len(authors) != 1:
        return False
    domain = _domain(authors[0].address)
    if not domain:
        return False
    return _vouches(_topmost_results(fields, authserv_id), domain)


def _vouches(results: Sequence[Result], domain: str) -> bool:
    dmarc = [result for result in results if result.method == "dmarc"]
    if any(result.result == "fail" for result in dmarc):
        return False
    if any(result.result == "pass" and result.properties.get("header.from") == domain for result in dmarc):
        return True
    return any(result.result == "pass" and aligned(_identity(result), domain) for result in results)


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
