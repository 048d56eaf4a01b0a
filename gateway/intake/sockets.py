"""Listening sockets: one we open, or those systemd hands over (sd_listen_fds(3))."""

import os
import socket

FIRST_FD = 3  # SD_LISTEN_FDS_START
BACKLOG = 4096  # connections that wait to be accepted: of more, honest ones too, the system takes no notice (A26)


def parse_endpoint(endpoint: str) -> tuple[str, int]:
    """`127.0.0.1:8025`, `[::]:25` or `:25` (all of IPv4) as (host, port). Raises ValueError."""
    host, colon, port = endpoint.rpartition(":")
    bracketed = host.startswith("[") and host.endswith("]")
    if not colon or not port.isascii() or not port.isdigit() or int(port) > 65535 or (":" in host and not bracketed):
        raise ValueError(f"{endpoint!r} is not HOST:PORT (IPv6 in brackets)")
    return (host[1:-1] if bracketed else host) or "0.0.0.0", int(port)  # noqa: S104 - asked for by name


def open_socket(endpoint: str) -> socket.socket:
    """A bound TCP socket for `endpoint`, not yet listening. Raises ValueError, or OSError when it cannot be bound."""
    host, port = parse_endpoint(endpoint)
    family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    # Without IPPROTO_TCP asyncio leaves TCP_NODELAY off, and every connection stalls 40 ms.
    listener = socket.socket(family, kind, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind(address)
        listener.setblocking(False)
    except BaseException:
        listener.close()
        raise
    return listener


def systemd_sockets(name: str = "smtp") -> list[socket.socket]:
    """The sockets handed to this process under `name`, or all of them when none was named; [] when there are none.

    The descriptors are taken once: the environment is cleared so that no child process believes they are its own.
    """
    pid, count = os.environ.pop("LISTEN_PID", ""), os.environ.pop("LISTEN_FDS", "")
    names = os.environ.pop("LISTEN_FDNAMES", "").split(":")
    if pid != str(os.getpid()) or not count.isdigit():
        return []
    sockets = []
    for offset in range(int(count)):
        fd = FIRST_FD + offset
        os.set_inheritable(fd, False)
        given = names[offset] if offset < len(names) else ""
        # `unknown` and a unit's own name (toiawase.socket) mean that FileDescriptorName= was not set.
        if given == name or given in ("", "unknown") or given.endswith(".socket"):
            listener = socket.socket(fileno=fd)  # finds out family and protocol by itself
            listener.setblocking(False)
            sockets.append(listener)
    return sockets
