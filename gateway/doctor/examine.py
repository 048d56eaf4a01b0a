"""All questions, in the order in which an operator would mend what is wrong."""

from collections.abc import AsyncIterator, Sequence

from gateway.config import Config
from gateway.doctor import databases, dns_checks, files, machine, network
from gateway.doctor.finding import Finding, ok
from gateway.doctor.lookup import Lookup


async def examine(config: Config, name_servers: Sequence[tuple[str, int]] = ()) -> AsyncIterator[Finding]:
    """Nothing is changed, and no mail is sent."""
    yield ok("configuration", str(config.file))
    for on_disk in (files.rights, files.privacy, files.keys, machine.disk, files.rules, machine.trust):
        for finding in on_disk(config):
            yield finding
    async for finding in databases.examine(config):
        yield finding
    async for finding in network.ports(config):
        yield finding
    for secret in (files.certificate, files.dkim, files.password):
        for finding in secret(config):
            yield finding
    async for finding in network.smarthost(config):
        yield finding
    for finding in await dns_checks.examine(config, Lookup(name_servers or config.dns.endpoints)):
        yield finding
