"""What the intake is told when it starts. Every limit is here, with its reason; where values come from is not."""

import ssl
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_address
from pathlib import Path

MEBIBYTE = 1 << 20


@dataclass(frozen=True)
class IntakeSettings:
    """Sizes in octets, times in seconds. `domain` is ours, in lower case; it also names the server."""

    domain: str
    state_dir: Path  # unnamed temporary files of big mails live here; must exist
    authserv_id: str = ""  # whose Authentication-Results are ours (N39); "" is the domain
    trusted_relays: tuple[IPv4Network | IPv6Network, ...] = ()
    message_size: int = 25 * MEBIBYTE
    tls: ssl.SSLContext | None = field(default=None, repr=False)

    max_connections: int = 4000  # A26: about 12 KB each when idle
    connections_per_client: int = 20  # of an IPv4 address or an IPv6 /64 (A26); not of trusted relays
    kept_places: int = 256  # of the connections, for relays and for clients that delivered before
    max_recipients: int = 100  # N05
    max_errors: int = 5  # 5yz replies without an accepted mail between, then 421 (A27); not for trusted relays
    max_unknown: int = 200  # refused recipients of one client in an hour, then 421 (A08); not for trusted relays
    max_junk: int = 100  # commands without an accepted mail between, then 421
    command_timeout: float = 300  # N06
    session_timeout: float = 1800  # of all of a session (A26); not of trusted relays
    stress_timeout: float = 10  # instead of command_timeout under stress, as Postfix has it; not of trusted relays
    stress_errors: int = 1  # instead of max_errors
    stress_junk: int = 5  # instead of max_junk: a greeting, STARTTLS and a greeting are three
    min_data_rate: int = 500  # octets a second that DATA must make beside its first command_timeout (A26)
    refusal_delay: float = 0.1  # every refused recipient waits as long, so that time tells no reason (A08)

    memory_per_mail: int = 256 << 10  # more of a mail than this goes to disk
    memory_budget: int = 32 * MEBIBYTE  # octets of all unfinished mails in memory; beyond it all goes to disk
    spool_budget: int = 512 * MEBIBYTE  # octets of all unfinished mails on disk, beyond it 452
    free_space: int = 256 * MEBIBYTE  # of the disk, or 1.5 messages if that is more: below it 452
    waiting_mails: int = 2000  # before the commit, beyond it 452
    waiting_bytes: int = 64 * MEBIBYTE
    backlog: int = 20_000  # mails that are stored and not yet understood, beyond it 451
    store_timeout: float = 10  # of one commit as its client sees it (T08), then 451

    @property
    def needed_space(self) -> int:
        return max(self.free_space, self.message_size * 3 // 2)

    @property
    def our_authserv_id(self) -> str:
        return (self.authserv_id or self.domain).lower()

    def trusts(self, remote_address: str) -> bool:
        """True when the client at this IP address is one of our relays."""
        if not self.trusted_relays:
            return False
        address = ip_address(remote_address)
        mapped = getattr(address, "ipv4_mapped", None)
        return any((mapped or address) in network for network in self.trusted_relays)
