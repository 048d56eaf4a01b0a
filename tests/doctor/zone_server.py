"""A name server on loopback that answers from lines of a zone file, as an operator pastes them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import cast

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset
import dns.zonefile


@dataclass
class ZoneServer(asyncio.DatagramProtocol):
    """`lines` are records with whole names; names in `silent` get no answer, those in `failing` SERVFAIL."""

    lines: list[str] = field(default_factory=list)
    silent: set[str] = field(default_factory=set)
    failing: set[str] = field(default_factory=set)
    address: tuple[str, int] = ("127.0.0.1", 0)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)
        self.address = transport.get_extra_info("sockname")

    def datagram_received(self, data: bytes, client: tuple[str, int]) -> None:
        query = dns.message.from_wire(data)
        question = query.question[0]
        name = question.name.to_text(omit_final_dot=True).lower()
        if name in self.silent:
            return
        response = dns.message.make_response(query)
        response.flags |= dns.flags.RA
        if name in self.failing:
            response.set_rcode(dns.rcode.SERVFAIL)
        else:
            self._answer(response, question)
        self._transport.sendto(response.to_wire(), client)

    def _answer(self, response: dns.message.Message, question: dns.rrset.RRset) -> None:
        records = dns.zonefile.read_rrsets("\n".join(self.lines), rdclass=None, default_ttl=300)
        name = question.name
        while alias := next((one for one in records if _is(one, name, dns.rdatatype.CNAME)), None):
            response.answer.append(alias)
            name = alias[0].target
        response.answer += [one for one in records if _is(one, name, question.rdtype)]
        if not any(one.name == name for one in records):
            response.set_rcode(dns.rcode.NXDOMAIN)


def _is(record: dns.rrset.RRset, name: dns.name.Name, kind: dns.rdatatype.RdataType) -> bool:
    return record.name == name and record.rdtype == kind


@asynccontextmanager
async def zone_server(*lines: str) -> AsyncIterator[ZoneServer]:
    loop = asyncio.get_running_loop()
    transport, server = await loop.create_datagram_endpoint(
        lambda: ZoneServer(list(lines)), local_addr=("127.0.0.1", 0)
    )
    try:
        yield server
    finally:
        transport.close()
