"""Who is at the other end of a connection, as far as an address says it."""

from ipaddress import IPv6Address, IPv6Network, ip_address
from typing import Final

from starlette.types import Scope

_NET_BITS: Final = 64
"""Of an IPv6 address: everybody has as many addresses below that as they like."""
_FORWARDED: Final = frozenset({b"forwarded", b"x-forwarded-for", b"x-real-ip", b"via"})


def peer_of(scope: Scope) -> str:
    """The address that a request comes from, by which those without a key are told apart. All of
    whom a proxy says no address are one: what it says instead may be anything."""
    host = _host(scope)
    try:
        address = ip_address(host)
    except ValueError:
        return ""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(IPv6Network((int(address), _NET_BITS), strict=False))
    return host


def is_near(scope: Scope) -> bool:
    """Whether it comes from this machine, and no proxy says that it has come from elsewhere."""
    try:
        loopback = ip_address(_host(scope)).is_loopback
    except ValueError:
        return False
    return loopback and not any(name in _FORWARDED for name, _ in scope["headers"])


def _host(scope: Scope) -> str:
    client = scope.get("client")
    return client[0] if client else ""
