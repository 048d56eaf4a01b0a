"""A name server on loopback that a test fills: lines of a zone file, as an operator pastes them, and TXT records by
name; and what servers do wrong."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import cast

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rrset
import dns.zonefile
from dns.rdtypes.ANY.TXT import TXT

LONGEST = 1232  # octets of what a question without TCP may bring back


@dataclass
class DnsServer(asyncio.DatagramProtocol):
    """`lines` are records with whole names, `records` texts by name; `silent` and `failing` names get no answer and
    SERVFAIL. Questions are counted."""

    lines: list[str] = field(default_factory=list)
    records: dict[str, list[str]] = field(default_factory=dict)
    silent: set[str] = field(default_factory=set)
    failing: set[str] = field(default_factory=set)
    asked: Counter[str] = field(default_factory=Counter)
    address: tuple[str, int] = ("127.0.0.1", 0)
    ttl: int = 300

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)
        self.address = transport.get_extra_info("sockname")

    def datagram_received(self, data: bytes, client: tuple[str, int]) -> None:
        query = dns.message.from_wire(data)
        question = query.question[0]
        name = question.name.to_text(omit_final_dot=True).lower()
        self.asked[name] += 1
        if name in self.silent:
            return
        response = dns.message.make_response(query)
        response.flags |= dns.flags.RA
        if name in self.failing:
            response.set_rcode(dns.rcode.SERVFAIL)
        else:
            self._answer(response, question)
        packed = response.to_wire()
        if len(packed) > LONGEST:
            raise AssertionError("the record is too long for this server")
        self._transport.sendto(packed, client)

    def _answer(self, response: dns.message.Message, question: dns.rrset.RRset) -> None:
        known = dns.zonefile.read_rrsets("\n".join(self.lines), rdclass=None, default_ttl=self.ttl)
        known += [_texts(name, texts, self.ttl) for name, texts in self.records.items()]
        name = question.name
        while alias := next((one for one in known if _is(one, name, dns.rdatatype.CNAME)), None):
            response.answer.append(alias)
            name = alias[0].target
        response.answer += [one for one in known if _is(one, name, question.rdtype)]
        if not any(one.name == name for one in known):
            response.set_rcode(dns.rcode.NXDOMAIN)

    @property
    def configuration(self) -> str:
        """The section that makes a gateway ask it."""
        return f'[dns]\nservers = ["{self.address[0]}:{self.address[1]}"]\n'

    def publish(self, key: str, selector: str, domain: str) -> None:
        self.records[f"{selector}._domainkey.{domain}"] = [key]


def _texts(name: str, texts: list[str], ttl: int) -> dns.rrset.RRset:
    rows = [
        TXT(dns.rdataclass.IN, dns.rdatatype.TXT, [text[start : start + 255] for start in range(0, len(text), 255)])
        for text in texts
    ]
    return dns.rrset.from_rdata_list(dns.name.from_text(name), ttl, rows)


def _is(record: dns.rrset.RRset, name: dns.name.Name, kind: dns.rdatatype.RdataType) -> bool:
    return record.name == name and record.rdtype == kind


@asynccontextmanager
async def dns_server(*lines: str) -> AsyncIterator[DnsServer]:
    transport, server = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: DnsServer(list(lines)), local_addr=("127.0.0.1", 0)
    )
    try:
        yield server
    finally:
        transport.close()
