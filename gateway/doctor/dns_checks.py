"""Whether DNS says what the gateway's domain needs it to say (`records`)."""

import asyncio
import re
from collections.abc import Awaitable, Callable

from gateway.config import Config, ConfigError
from gateway.doctor import records
from gateway.doctor.finding import Finding, Result, note, ok, wrong
from gateway.doctor.lookup import Lookup, NoAnswerError
from gateway.mail.dkim_signing import Signer
from gateway.parts import signers

SHOWN = "`toiawase dns` prints it."


async def examine(config: Config, lookup: Lookup) -> list[Finding]:
    """Every question at once: a server that is silent costs its time only once."""
    checks = {"mx": _mx, "spf": _spf, "dkim": _dkim, "dmarc": _dmarc, "operator": _operator}
    found = await asyncio.gather(*(_answered(name, check, config, lookup) for name, check in checks.items()))
    return [finding for finding in found if finding is not None]


Check = Callable[[Config, Lookup], Awaitable[Finding | None]]


async def _answered(name: str, check: Check, config: Config, lookup: Lookup) -> Finding | None:
    try:
        return await check(config, lookup)
    except NoAnswerError as question:
        remedy = "See that this machine's name servers answer (/etc/resolv.conf), and those of the domain."
        return wrong(name, f"DNS gave no answer: {question}", remedy)


async def _mx(config: Config, lookup: Lookup) -> Finding:
    hosts = await lookup.exchangers(config.domain)
    if not hosts:
        return wrong("mx", f"{config.domain} has no MX record", f"Set it; {SHOWN}")
    if "" in hosts:
        return wrong("mx", f"{config.domain} says that it takes no mail (RFC 7505)", f"Set the right MX; {SHOWN}")
    for host in [await lookup.host(name) for name in hosts]:
        if not host.addresses:
            return wrong("mx", f"{host.name} has no address", f"Set an A or AAAA record for {host.name}.")
        if host.alias:  # RFC 2181 10.3, RFC 5321 5.1
            return wrong("mx", f"{host.name} is an alias", f"Let the MX name the host that {host.name} stands for.")
    return ok("mx", ", ".join(hosts))


async def _spf(config: Config, lookup: Lookup) -> Finding:
    found = [text for text in await lookup.texts(config.domain) if re.match(r"v=spf1(?: |$)", text, re.IGNORECASE)]
    wanted = records.spf(config)
    if not found:
        return wrong("spf", f"{config.domain} has no SPF record", f"Set it; {SHOWN}")
    if len(found) > 1:  # RFC 7208 4.5
        return wrong("spf", f"{config.domain} has {len(found)} SPF records, which counts as none", "Leave one of them.")
    words = found[0].lower().split()
    if "all" in words or "+all" in words:
        return wrong("spf", "the SPF record lets everybody send", f"End it with -all; {SHOWN}")
    if not set(words) >= set(wanted.lower().split()):
        remedy = f'See that it names whoever sends for the smarthost; we would write "{wanted}".'
        return note("spf", found[0], remedy)
    return ok("spf", found[0])


async def _dkim(config: Config, lookup: Lookup) -> Finding | None:
    try:
        found = [await _key(signer, lookup) for signer in signers(config)]
    except ConfigError:
        return None  # said of the file
    return min(found, key=lambda finding: finding.result is Result.OK, default=None)


async def _key(signer: Signer, lookup: Lookup) -> Finding:
    name, wanted = signer.record_name, _tags(signer.record)
    found = await lookup.texts(name)
    if not found:
        return wrong("dkim", f"{name} has no record", f"Set it; {SHOWN}")
    if len(found) > 1:
        return wrong("dkim", f"{name} has {len(found)} records", "Leave one of them.")
    tags = _tags(found[0])
    if (tags.get("k", "rsa"), tags.get("p")) != (wanted["k"], wanted["p"]):
        return wrong("dkim", f"{name} has another key than ours", f"Set the record of this key; {SHOWN}")
    if "y" in tags.get("t", "").split(":"):
        return wrong("dkim", f"{name} says t=y, so nobody believes it", "Take t=y out of the record.")
    return ok("dkim", f"{name} has our key")


async def _dmarc(config: Config, lookup: Lookup) -> Finding:
    name = f"_dmarc.{config.domain}"
    found = [text for text in await lookup.texts(name) if re.match(r"v=DMARC1\s*(?:;|$)", text)]
    if not found:
        return wrong("dmarc", f"{name} has no DMARC record", f"Set it; {SHOWN}")
    if len(found) > 1:  # RFC 7489 6.6.3
        return wrong("dmarc", f"{name} has {len(found)} records, which count as none", "Leave one of them.")
    policy = _tags(found[0]).get("p", "").lower()
    if policy not in ("none", "quarantine", "reject"):
        return wrong("dmarc", f"{name} has no policy: {found[0]}", f"Set p=; {SHOWN}")
    if policy != "none" and not config.dkim.keys:
        remedy = "Set [dkim], or see that the smarthost signs for the domain: automatic answers have no SPF."
        return note("dmarc", f"p={policy}, and nothing is signed here", remedy)
    if policy == "none" and config.dkim.keys:
        return note("dmarc", "p=none only watches", f"Set p=reject, once the reports are clean; {SHOWN}")
    return ok("dmarc", found[0])


async def _operator(config: Config, lookup: Lookup) -> Finding:
    """Alarms must arrive."""
    domain = config.operator.rpartition("@")[2]
    hosts = await lookup.exchangers(domain)
    if "" in hosts or (not hosts and not (await lookup.host(domain)).addresses):  # RFC 5321 5.1
        return wrong("operator", f"{domain} takes no mail", "Name in `operator` an address that somebody reads.")
    return ok("operator", f"{domain} takes mail")


def _tags(record: str) -> dict[str, str]:
    """The tag=value list of a DKIM or DMARC record (RFC 6376 3.2), without the blanks that may stand in it."""
    pairs = (part.partition("=") for part in record.split(";"))
    return {name.strip(): "".join(value.split()) for name, _, value in pairs if name.strip()}
