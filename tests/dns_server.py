"""A DNS server on loopback that a test fills: TXT records by name, and what servers do wrong."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import cast

from dnslib import QTYPE, RCODE, RR, TXT, DNSRecord


@dataclass
class DnsServer(asyncio.DatagramProtocol):
    """`records` holds texts by name; `silent` and `failing` names get no answer and SERVFAIL. Questions are counted."""

    records: dict[str, list[str]] = field(default_factory=dict)
    silent: set[str] = field(default_factory=set)
    failing: set[str] = field(default_factory=set)
    asked: Counter[str] = field(default_factory=Counter)
    port: int = 0
    ttl: int = 300

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)
        self.port = transport.get_extra_info("sockname")[1]

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        question = DNSRecord.parse(data)
        name = str(question.q.qname).rstrip(".").lower()
        self.asked[name] += 1
        if name in self.silent:
            return
        reply = question.reply()
        if name in self.failing:
            reply.header.rcode = RCODE.SERVFAIL
        elif name not in self.records:
            reply.header.rcode = RCODE.NXDOMAIN
        for text in self.records.get(name, []):
            pieces = [text[start : start + 255].encode() for start in range(0, len(text), 255)]
            reply.add_answer(RR(question.q.qname, QTYPE.TXT, rdata=TXT(pieces), ttl=self.ttl))
        packed = reply.pack()
        if len(packed) > 1232:  # what a question without TCP may bring back
            raise AssertionError("the record is too long for this server")
        self._transport.sendto(packed, address)

    @property
    def address(self) -> tuple[str, int]:
        return "127.0.0.1", self.port

    @property
    def configuration(self) -> str:
        """The section that makes a gateway ask it."""
        return f'[dns]\nservers = ["127.0.0.1:{self.port}"]\n'

    def publish(self, key: str, selector: str, domain: str) -> None:
        self.records[f"{selector}._domainkey.{domain}"] = [key]


@asynccontextmanager
async def dns_server() -> AsyncIterator[DnsServer]:
    transport, server = await asyncio.get_running_loop().create_datagram_endpoint(
        DnsServer, local_addr=("127.0.0.1", 0)
    )
    try:
        yield server
    finally:
        transport.close()
