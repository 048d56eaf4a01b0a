"""Questions to DNS whose answer may be that there is nothing: that is told from no answer at all."""

from collections.abc import Sequence
from dataclasses import dataclass

from dns.asyncresolver import Resolver
from dns.exception import DNSException
from dns.nameserver import Do53Nameserver
from dns.rdtypes.ANY.MX import MX
from dns.rdtypes.ANY.TXT import TXT
from dns.resolver import NXDOMAIN, Answer, NoResolverConfiguration

LIFETIME = 5.0  # seconds for one question


class NoAnswerError(Exception):
    """DNS did not say whether there is such a record; the text names the question."""


@dataclass(frozen=True)
class Host:
    """A name in MX: how many addresses it has, and whether it is another name's alias."""

    name: str
    addresses: int
    alias: bool


class Lookup:
    """Asks `servers`, each as IP address and port; without any, those of /etc/resolv.conf."""

    def __init__(self, servers: Sequence[tuple[str, int]] = ()) -> None:
        try:
            self._resolver = Resolver(configure=not servers)
        except (NoResolverConfiguration, OSError):
            self._resolver = Resolver(configure=False)
        if servers:
            self._resolver.nameservers = [Do53Nameserver(address, port) for address, port in servers]
        self._resolver.lifetime = LIFETIME

    async def texts(self, name: str) -> list[str]:
        """The TXT records, each as one text. Raises NoAnswerError, as all here do."""
        answer = await self._ask(name, "TXT")
        records = [record for record in answer or () if isinstance(record, TXT)]
        return [b"".join(record.strings).decode("utf-8", "replace") for record in records]

    async def exchangers(self, name: str) -> list[str]:
        """The hosts of the MX records, the preferred first; "" is the null MX (RFC 7505)."""
        answer = await self._ask(name, "MX")
        records = [record for record in answer or () if isinstance(record, MX)]
        return [str(record.exchange).rstrip(".").lower() for record in sorted(records, key=lambda one: one.preference)]

    async def host(self, name: str) -> Host:
        answers = [answer for kind in ("A", "AAAA") if (answer := await self._ask(name, kind)) is not None]
        alias = any(str(answer.canonical_name).rstrip(".").lower() != name for answer in answers)
        return Host(name, sum(len(answer) for answer in answers), alias)

    async def _ask(self, name: str, kind: str) -> Answer | None:
        """None where there is no such name or no such record."""
        try:
            answer = await self._resolver.resolve(f"{name}.", kind, raise_on_no_answer=False, search=False)
        except NXDOMAIN:
            return None
        except (DNSException, OSError, UnicodeError, ValueError):
            raise NoAnswerError(f"{kind} of {name}") from None
        return answer if answer.rrset is not None else None
