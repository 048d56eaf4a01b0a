"""Who a client is by its IP address, and whom we know for having delivered a mail before."""

from ipaddress import IPv6Address, ip_address, ip_network

REMEMBERED = 10_000  # clients


def client_of(remote_address: str) -> str:
    """What counts as one client: an IPv4 address, also when it comes mapped into IPv6, or the /64 that a customer of a
    provider has as a whole (A26). What is no IP address is a client by itself."""
    try:
        address = ip_address(remote_address)
    except ValueError:
        return remote_address
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ip_network((address, 64), strict=False))


class Acquaintances:
    """The clients that delivered a mail, the last ones; those that have not done so for longest are forgotten first."""

    def __init__(self, most: int = REMEMBERED) -> None:
        self._most = most
        self._clients: dict[str, None] = {}

    def __contains__(self, client: str) -> bool:
        return client in self._clients

    def add(self, client: str) -> None:
        self._clients.pop(client, None)
        self._clients[client] = None
        if len(self._clients) > self._most:
            del self._clients[next(iter(self._clients))]
