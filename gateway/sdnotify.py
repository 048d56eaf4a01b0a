"""Tells systemd how the service is, by the protocol of sd_notify(3). It does nothing else, and nothing elsewhere."""

import os
import socket


def notify(state: str) -> None:
    """Sends one state, such as "READY=1", to $NOTIFY_SOCKET; lines are joined by "\\n". Without that variable a no-op.

    Never blocks, and never raises for a manager that does not listen: a service that works does not stop for that.
    """
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    if address.startswith("@"):  # Linux's abstract namespace
        address = "\0" + address[1:]
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC) as manager:
            manager.connect(address)
            manager.sendall(state.encode())
    except OSError:
        return
