"""What a gateway calls itself before its database, which others may share."""

import socket
from hashlib import sha256
from pathlib import Path


def own_name(state_folder: Path) -> str:
    """The name of the gateway of this host and state folder: what processes of this name held when they died is its."""
    return node_name(socket.gethostname(), state_folder)


def node_name(host: str, state_folder: Path) -> str:
    """All of the host's name counts, since those of a cluster may share its beginning, and the folder."""
    place = sha256(f"{host}\0{state_folder}".encode()).hexdigest()[:8]
    return f"{host[:24]}:{place}"
