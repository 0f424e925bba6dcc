"""What a profile may say: the grammar of addresses, users, ports, host keys and credential names.

A libvirt URI can name a program to run, a socket or a key file (T08), and an argument of ssh can
be an option. So every text of a profile has a strict grammar, in which neither can be said, and
whoever uses a profile asks here first.
"""

import base64
import ipaddress
import re
from typing import Final

from vmuster.model.host import LocalProfile, LoopbackProfile, Profile, SshProfile, TlsProfile

PORT_MAX: Final = 65535
HOST_KEY_TYPES: Final = (
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "ssh-rsa",
)
"""The kinds of key that a host may be known by, the best first."""

_LABEL: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?", re.ASCII)
_NUMBER: Final = re.compile(r"[0-9]+|0[xX][0-9A-Fa-f]*", re.ASCII)
_USER: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,31}", re.ASCII)
_CREDENTIAL: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}", re.ASCII)
_NAME_CHARACTERS_MAX: Final = 253
_KEY_CHARACTERS_MAX: Final = 4096


def flaw(profile: Profile) -> str:
    """Why this profile can't be used, in words; empty where it can.

    Types are no proof at run time: whatever the values are, the answer is in words.
    """
    match profile:
        case LocalProfile():
            return _first(_scope(profile.scope))
        case LoopbackProfile():
            return _first(_port(profile.port))
        case SshProfile():
            return _first(
                address_flaw(profile.address),
                _port(profile.port),
                _scope(profile.scope),
                _matches(_USER, profile.user, "that is no name of a user"),
                host_key_flaw(profile.host_key),
                _credential(profile.credential),
            )
        case TlsProfile():
            return _first(
                address_flaw(profile.address),
                _port(profile.port),
                _scope(profile.scope),
                _credential(profile.credential),
            )
        case _:
            return ""


def address_flaw(address: object) -> str:
    """Why this is not the address of a host; empty where it is one.

    A DNS name, or an IPv4 or IPv6 address in its usual form, that can be one machine's: the other
    forms of an IPv4 address (`0x7f.1`) and those that mean a network or a link are not (T09).
    """
    if not isinstance(address, str) or not address or len(address) > _NAME_CHARACTERS_MAX:
        return "an address is a DNS name, an IPv4 or an IPv6 address"
    try:
        number = ipaddress.ip_address(address)
    except ValueError:
        return _name_flaw(address)
    if isinstance(number, ipaddress.IPv6Address):
        if number.scope_id is not None:
            return "an address has no scope of a link"
        if number.ipv4_mapped is not None:
            return "write an IPv4 address as such"
    elif number.is_reserved:
        return "that is no address of one machine"
    if number.is_link_local or number.is_multicast or number.is_unspecified:
        return "that is no address of one machine"
    return ""


def _name_flaw(name: str) -> str:
    labels = name.split(".")
    if not all(_LABEL.fullmatch(label) for label in labels) or _NUMBER.fullmatch(labels[-1]):
        return "an address is a DNS name, an IPv4 or an IPv6 address"
    return ""


def host_key_flaw(key: object) -> str:
    """Why this is no public host key as in a known_hosts file ("type base64"); empty if it is."""
    if not isinstance(key, str) or len(key) > _KEY_CHARACTERS_MAX:
        return "a host key is written as in a known_hosts file: type, space, base64"
    kind, _, encoded = key.partition(" ")
    if kind not in HOST_KEY_TYPES:
        return "a host key begins with its type: " + ", ".join(HOST_KEY_TYPES)
    try:
        blob = base64.b64decode(encoded, validate=True)
    except ValueError:
        return "that host key is not whole"
    # The key itself begins with its type, as text with its length before it.
    name = kind.encode()
    if blob[: 4 + len(name)] != len(name).to_bytes(4, "big") + name or len(blob) <= 4 + len(name):
        return "that host key is not of the type that is written before it"
    return ""


def credential_flaw(name: object) -> str:
    """Why this is no name for a credential; empty where it is one."""
    return _matches(
        _CREDENTIAL,
        name,
        "a credential's name is at most 63 letters, digits, dots, dashes, underscores",
    )


def _credential(name: object) -> str:
    return "" if name == "" else credential_flaw(name)


def _scope(scope: object) -> str:
    return "" if scope in ("system", "session") else "a scope is 'system' or 'session'"


def _port(port: object) -> str:
    # `True` is an int.
    if type(port) is int and 0 < port <= PORT_MAX:
        return ""
    return f"a port is a number from 1 to {PORT_MAX}"


def _matches(pattern: re.Pattern[str], text: object, otherwise: str) -> str:
    return "" if isinstance(text, str) and pattern.fullmatch(text) else otherwise


def _first(*flaws: str) -> str:
    return next((words for words in flaws if words), "")
