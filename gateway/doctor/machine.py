"""The machine: room on its disk, the addresses it has; and whom it believes."""

import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import suppress
from ipaddress import ip_address

from gateway import private
from gateway.config import Config
from gateway.doctor.finding import Finding, note, ok, wrong
from gateway.parts import needed_space

GIBIBYTE = 1 << 30
ELSEWHERE = ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1"))  # nobody is there, and nothing is sent
LEAST_FILES = 1000  # that the disk can still hold


def disk(config: Config) -> Iterator[Finding]:
    """Where mail is written; below a limit it is refused, and at twice that somebody should know (N18)."""
    needed = needed_space(config)
    folders = {config.state_folder, *(file.parent for file in private.sqlite_files(config))}
    for folder in sorted(folder for folder in folders if folder.is_dir()):
        free, files = shutil.disk_usage(folder).free, os.statvfs(folder)
        text, remedy = f"{free / GIBIBYTE:.1f} GiB free for {folder}", f"Make room on the disk of {folder}."
        if free < 2 * needed:
            now = "mail is being refused" if free < needed else f"below {needed / GIBIBYTE:.1f} GiB mail is refused"
            yield wrong("disk", f"{text}: {now}", remedy)
        elif files.f_files > 0 and files.f_favail < LEAST_FILES:
            yield wrong("disk", f"{files.f_favail} files more and the disk of {folder} is full", remedy)
        else:
            yield ok("disk", text)


def trust(config: Config) -> Iterator[Finding]:
    """Whose verdict on senders counts."""
    if config.trust.relays and not config.trust.authserv_id:
        remedy = "Set trust.authserv_id to the name that the relay writes into Authentication-Results."
        yield wrong("trust", "[trust] names relays, but not by which name they sign", remedy)
    elif config.trust.authserv_id and not config.trust.relays:
        yield note("trust", "[trust] names an authserv_id but no relay", "Set trust.relays, or no relay is believed.")
    elif config.trust.relays:
        networks = ", ".join(map(str, config.trust.relays))
        yield ok("trust", f"{config.trust.authserv_id} is believed from {networks}")


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
