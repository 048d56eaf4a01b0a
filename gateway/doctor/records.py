"""The DNS records that a gateway's domain needs, as exact values. What stands in DNS is dns_checks.py's question."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from gateway.config import Config
from gateway.parts import signers

TTL = 3600  # seconds
PREFERENCE = 10
STRING_LIMIT = 255  # octets of one string of a TXT record (RFC 1035 3.3.14)

# Whom mail leaves from when it is handed to these; the submission host's own address does not tell.
PROVIDERS = (
    (r"smtp(-relay)?\.gmail\.com", "include:_spf.google.com"),
    (r"smtp\.office365\.com", "include:spf.protection.outlook.com"),
    (r"email-smtp(-fips)?\.[a-z0-9-]+\.amazonaws\.com", "include:amazonses.com"),
    (r"smtp\.sendgrid\.net", "include:sendgrid.net"),
    (r"smtp(\.eu)?\.mailgun\.org", "include:mailgun.org"),
)


@dataclass(frozen=True)
class Record:
    """One record. `name` is whole, without the last dot; `value` is what a provider's form wants; `why` a sentence."""

    type: str
    name: str
    value: str
    why: str

    @property
    def zone(self) -> str:
        """The line of a zone file."""
        value = _strings(self.value) if self.type == "TXT" else self.value
        return f"{self.name}. {TTL} IN {self.type} {value}"


def records(config: Config, mx: str = "", senders: str = "", addresses: Sequence[str] = ()) -> list[Record]:
    """All that the domain needs. `mx` is the server that takes its mail, `senders` the SPF mechanisms of those that
    send it; "" is what the configuration tells. `addresses` are our own, for where we take it ourselves. Raises
    ConfigError."""
    domain, exchanger = config.domain, mx or mail_exchanger(config)
    return [
        Record("MX", domain, f"{PREFERENCE} {exchanger}.", "Mail for the gateway comes here."),
        *(_host(domain, address) for address in addresses if exchanger == domain),
        Record("TXT", domain, spf(config, senders), "Who may send mail of this domain (SPF, RFC 7208)."),
        *_dkim(config),
        Record("TXT", f"_dmarc.{domain}", dmarc(config), "What becomes of others' mail in its name (DMARC, RFC 7489)."),
    ]


def mail_exchanger(config: Config) -> str:
    """The mail server before the gateway, which its authserv_id names where that is a host; else the gateway itself."""
    server = config.trust.authserv_id.lower().rstrip(".")
    is_host = re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", server) is not None
    return server if config.trust.relays and is_host else config.domain


def spf(config: Config, senders: str = "") -> str:
    """Nobody else may send: the domain is the gateway's alone."""
    return f"v=spf1 {senders or sending_mechanism(config)} -all"


def sending_mechanism(config: Config) -> str:
    """Who hands our mail on to the world, as the smarthost's URL tells."""
    host = urlsplit(config.smarthost.url).hostname or ""
    try:
        address = ip_address(host)
    except ValueError:
        if host in ("", "localhost") or "." not in host:
            return "mx"
        known = (mechanism for pattern, mechanism in PROVIDERS if re.fullmatch(pattern, host))
        return next(known, f"a:{host}")
    return f"ip{address.version}:{address}" if address.is_global else "mx"  # our own network sends as it receives


def dmarc(config: Config) -> str:
    """`reject` needs DKIM: an automatic answer has no envelope sender, so that SPF proves nothing for it."""
    policy = "p=reject; adkim=s; aspf=s" if config.dkim.keys else "p=none"
    of_operator = config.operator.rpartition("@")[2]
    # Reports that leave the organisation would need a record of the receiver's (RFC 7489 7.1).
    reports = f"; rua=mailto:{config.operator}" if config.domain.endswith(f".{of_operator}") else ""
    return f"v=DMARC1; {policy}{reports}"


def _dkim(config: Config) -> list[Record]:
    why = "The key of our signature (DKIM, RFC 6376)."
    return [Record("TXT", signer.record_name, signer.record, why) for signer in signers(config)]


def _host(domain: str, address: str) -> Record:
    kind = "AAAA" if ip_address(address).version == 6 else "A"
    return Record(kind, domain, address, "This machine takes it.")


def _strings(value: str) -> str:
    parts = [value[start : start + STRING_LIMIT] for start in range(0, len(value), STRING_LIMIT)]
    return " ".join(f'"{part}"' for part in parts)
