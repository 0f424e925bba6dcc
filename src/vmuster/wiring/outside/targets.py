"""Where webhooks may post to: forms of urls, and addresses (T09).

A url is somebody's wish, and the server stands in networks that this somebody may not be let into.
So a name says nothing: what is judged is the very address that is connected to, and a form in
which two parsers might read two different hosts is refused before anybody reads it.
"""

import ipaddress
import re
from collections.abc import Sequence
from typing import Final

import httpx2
import msgspec

from vmuster.model.errors import Refused

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

URL_CHARACTERS_MAX: Final = 2000
_PLAIN: Final = re.compile(r"[!-\[\]-~]+")
"""Visible ASCII, and no backslash."""
_NUMBER: Final = re.compile(r"\d+|0[xX][0-9a-fA-F]*")
"""A last label like this makes the whole host a number to some resolvers: 2130706433, 0x7f.1."""
_DISGUISES: Final = tuple(
    ipaddress.IPv6Network(network)
    for network in (
        "::ffff:0:0/96",
        "::/96",
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "2002::/16",
        "2001::/32",
    )
)
"""IPv6 addresses that stand for an IPv4 address: mapped, compatible, NAT64, 6to4, Teredo."""
_GIVEN_OUT: Final = ipaddress.IPv6Network("2000::/3")
"""All IPv6 addresses that may be public. What Python calls global is more: the site-local ones, of
old networks, among them."""
_METADATA: Final = frozenset({ipaddress.ip_address("168.63.129.16")})
"""Services that a cloud gives its machines at a public address; the others are link-local."""
_ALLOW: Final = "where it is meant, list its network in webhook_allow"


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """A url in its parts. `place`: host and port, as the header `Host` says them; `path` has the
    query."""

    scheme: str
    host: str
    port: int
    place: str
    path: bytes

    def __repr__(self) -> str:
        """Without the path, which may hold a secret."""
        return f"Target({self.scheme}://{self.place})"


def networks(said: Sequence[str]) -> tuple[Network, ...]:
    """Networks as a person lists them (`10.0.0.0/8`, `192.0.2.7`). Raises `Refused`."""
    try:
        return tuple(ipaddress.ip_network(each) for each in said)
    except ValueError as error:
        raise Refused(f"webhook_allow: {error}", hint="say networks as 10.0.0.0/8") from None


def target_of(url: str) -> Target:
    """The parts of a url that is written as one may be. Raises `Refused`, and repeats no url."""
    if len(url) > URL_CHARACTERS_MAX or _PLAIN.fullmatch(url) is None:
        raise Refused(
            f"a webhook's url is visible ASCII, at most {URL_CHARACTERS_MAX} characters",
            hint="write other characters as %XX, and a host's name as xn--...",
        )
    try:
        read = httpx2.URL(url)
        host, port = read.raw_host.decode("ascii"), read.port
    except (httpx2.InvalidURL, ValueError):
        raise Refused("this is no url", hint="say https://HOST/PATH") from None
    if read.scheme not in ("https", "http"):
        raise Refused("a webhook's url begins with https://")
    if read.userinfo or "@" in url.partition("://")[2].partition("/")[0] or read.fragment:
        raise Refused("a webhook's url has no user, no password and no fragment")
    _check_host(host)
    return Target(
        scheme=read.scheme,
        host=host,
        port=port or (443 if read.scheme == "https" else 80),
        place=read.netloc.decode("ascii"),
        path=read.raw_path,
    )


def check_addresses(target: Target, addresses: Sequence[Address], allow: Sequence[Network]) -> None:
    """Raises `Refused` where one of the addresses of a target may not be posted to."""
    if not addresses:
        raise Refused(f"{target.host} has no address")
    for address in addresses:
        allowed = any(address in network for network in allow)
        if flaw := _flaw(address, allowed=allowed):
            raise Refused(f"{target.host} is at {address}: {flaw}", hint=_ALLOW)
        if target.scheme == "http" and not allowed:
            raise Refused(f"{target.host} would be posted to in clear text", hint="say https://")


def _flaw(address: Address, *, allowed: bool) -> str:
    """Why nothing is posted to an address; empty where something may be."""
    if address.is_multicast or address.is_unspecified:
        return "nobody alone is there"
    if allowed and not _disguised(address):
        return ""
    if address.is_loopback:
        return "that is the server's own machine"
    if _disguised(address):
        return "it stands for another address"
    if address.is_link_local or address in _METADATA:
        return "metadata of machines is given there"
    if not address.is_global or address.is_reserved:
        return "that is no public address"
    if address.version == 6 and address not in _GIVEN_OUT:
        return "that is no public address"
    return ""


def _disguised(address: Address) -> bool:
    return not address.is_loopback and any(address in network for network in _DISGUISES)


def _check_host(host: str) -> None:
    """Raises `Refused` for a host that has no name and is no plain address."""
    if not host or "%" in host:
        raise Refused("a webhook's url names a host")
    if ":" in host or _NUMBER.fullmatch(host.rstrip(".").rpartition(".")[2]):
        try:
            plain = str(ipaddress.ip_address(host)) == host.lower() or ":" in host
        except ValueError:
            plain = False
        if not plain:
            raise Refused("an address in a url is written in four decimal numbers, or as IPv6")
