"""Networks that requests come from, for limits."""

from ipaddress import IPv6Address, IPv6Network, ip_address
from typing import Any


def network_of(address: str) -> str:
    """Returns the IPv4 address, or the /64 of an IPv6 address, since one connection has all addresses in it.

    An IPv4 address written as IPv6 (``::ffff:203.0.113.7``) is returned as IPv4.
    """
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:  # a server behind a Unix socket has no address
        return address
    if not isinstance(found, IPv6Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(IPv6Network((int(found), 64), strict=False))


def network(request: Any) -> str:
    """Returns the network of a request of Django or of the API."""
    return network_of(request.META.get("REMOTE_ADDR", ""))
