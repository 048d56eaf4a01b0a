"""The machine: room on its disk, the addresses it has; and whom it believes."""

import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import suppress
from ipaddress import ip_address

from gateway.config import Config
from gateway.doctor.finding import Finding, note, ok, wrong
from gateway.parts import intake_settings

GIBIBYTE = 1 << 30
ELSEWHERE = ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1"))  # nobody is there, and nothing is sent
LEAST_FILES = 1000  # that the disk can still hold


def disk(config: Config) -> Iterator[Finding]:
    """Mail is refused below a limit; doctor warns at twice that."""
    folder = config.state_folder
    if not folder.is_dir():
        return
    settings = intake_settings(config)
    needed = max(settings.free_space, settings.message_size * 3 // 2)
    free = shutil.disk_usage(folder).free
    remedy = f"Make room on the disk of {folder}."
    text = f"{free / GIBIBYTE:.1f} GiB free for {folder}"
    if free < needed:
        yield wrong("disk", f"{text}: mail is being refused", remedy)
    elif free < 2 * needed:
        yield wrong("disk", f"{text}: below {needed / GIBIBYTE:.1f} GiB mail is refused", remedy)
    elif (files := os.statvfs(folder)).f_files > 0 and files.f_favail < LEAST_FILES:
        yield wrong("disk", f"{files.f_favail} files more and the disk of {folder} is full", remedy)
    else:
        yield ok("disk", text)


def trust(config: Config) -> Iterator[Finding]:
    """Whose verdict on senders counts."""
    if config.trust.relays and not config.trust.authserv_id:
        remedy = "Set trust.authserv_id to the name that the relay writes into Authentication-Results."
        yield wrong("trust", "[trust] names relays, but not by which name they sign", remedy)
    elif config.trust.authserv_id and not config.trust.relays:
        yield note("trust", "[trust] names an authserv_id but no relay", "Set trust.relays, or nobody is believed.")
    elif config.trust.relays:
        yield ok("trust", f"{config.trust.authserv_id} is believed from {len(config.trust.relays)} networks")


def own_addresses() -> list[str]:
    """Those under which the world may reach this machine: none behind a router that translates."""
    found = []
    for family, elsewhere in ELSEWHERE:
        with suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((elsewhere, 9))
            address = str(probe.getsockname()[0])
            if ip_address(address).is_global:
                found.append(address)
    return found
