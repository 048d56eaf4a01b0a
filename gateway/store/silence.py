"""A PostgreSQL whose machine is gone without a word, as at a failover: TCP alone would wait for it for a quarter of an
hour, and so would every query on a connection that was open then.
"""

import socket
from typing import Any

SILENT = 10  # seconds until what was sent and never confirmed ends the connection (RFC 5482)
IDLE, AGAIN, TIMES = 4, 2, 3  # seconds until a waiting connection is probed, between probes, and how many are in vain


def ends_in_time(connection: Any, _record: Any) -> None:
    """For SQLAlchemy's event `connect` on asyncpg: the kernel watches over the connection."""
    # asyncpg gives its socket to nobody; its transport has kept this name since 0.1.
    peer: socket.socket = connection.driver_connection._transport.get_extra_info("socket")
    if peer.family not in (socket.AF_INET, socket.AF_INET6):
        return
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    options = {"TCP_USER_TIMEOUT": SILENT * 1000, "TCP_KEEPIDLE": IDLE, "TCP_KEEPINTVL": AGAIN, "TCP_KEEPCNT": TIMES}
    for name, value in options.items():
        if (option := getattr(socket, name, None)) is not None:  # not every system has them
            peer.setsockopt(socket.IPPROTO_TCP, option, value)
