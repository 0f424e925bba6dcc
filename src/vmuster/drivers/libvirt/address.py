"""From a profile to a URI; the only place that writes one.

A libvirt URI can name a program to run (`command=`, the `ext` transport), a socket or a key
file. So nobody gives us one: a profile holds choices, a number and a few names of strict grammars
(`model/reach.py`), and the two parameters that we write name files that we made (T08).
"""

import os
from collections.abc import MutableMapping
from ipaddress import IPv6Address, ip_address
from pathlib import Path
from typing import Final
from urllib.parse import quote

import msgspec

from vmuster.model.host import LocalProfile, LoopbackProfile, SshProfile, TlsProfile
from vmuster.model.reach import flaw

_DANGEROUS_PREFIXES: Final = ("LIBVIRT", "VIRTD_", "VIRSH_", "SSH_")
"""`LIBVIRT_DEFAULT_URI`, `LIBVIRTD_PATH`, `LIBVIRT_DRIVER_DIR`, `VIRTD_PATH`, `SSH_ASKPASS`, ..."""
NO_AUTOSTART: Final = ("LIBVIRT_AUTOSTART", "0")
"""Where no daemon of a user listens, libvirt's client would start one, and that one the VMs that
are set to start with it: an act of ours on a VM, even by a look (L1, L11)."""


class SshWay(msgspec.Struct, frozen=True, kw_only=True):
    """The way to a host over ssh. `command`: the program of ours that is run in place of `ssh`;
    `naming`: its twin, for the one line by which the witness knows the host."""

    profile: SshProfile
    command: Path
    naming: Path


class TlsWay(msgspec.Struct, frozen=True, kw_only=True):
    """The way to a host over TLS. `certificates`: the folder that holds `cacert.pem`,
    `clientcert.pem` and `clientkey.pem`; None for the ones that libvirt finds by itself."""

    profile: TlsProfile
    certificates: Path | None


Way = LocalProfile | LoopbackProfile | SshWay | TlsWay
"""How libvirt reaches a host: a profile, and the files of ours that it needs."""


def uri_of(way: Way, *, naming: bool = False) -> str:
    """The URI of a way. Raises `ValueError` for a value that no profile may hold.

    `naming`: for the line by which a witness over there knows the host.
    """
    wrong = flaw(way.profile if isinstance(way, SshWay | TlsWay) else way)
    if wrong:
        raise ValueError(wrong)
    match way:
        case LocalProfile(scope=scope):
            return f"qemu:///{scope}"
        case LoopbackProfile(port=port):
            return f"qemu+tcp://127.0.0.1:{port}/session"
        case SshWay(profile=SshProfile(address=address, port=port, user=user, scope=scope)):
            place = f"{user}@{_authority(address, port)}"
            command = _quoted(way.naming if naming else way.command)
            # `no_tty`: nobody is there to be asked for a password.
            return f"qemu+ssh://{place}/{scope}?command={command}&no_tty=1"
        case TlsWay(profile=TlsProfile(address=address, port=port, scope=scope)):
            files = way.certificates
            parameter = "" if files is None else f"?pkipath={_quoted(files)}"
            return f"qemu+tls://{_authority(address, port)}/{scope}{parameter}"


def _authority(address: str, port: int) -> str:
    try:
        if isinstance(ip_address(address), IPv6Address):
            return f"[{address}]:{port}"
    except ValueError:
        pass
    return f"{address}:{port}"


def _quoted(path: Path) -> str:
    return quote(str(path), safe="/")


def cleanse_environment(environment: MutableMapping[str, str] = os.environ) -> None:
    """Take every variable out of the process's environment that libvirt or ssh would obey, but for
    the one by which libvirt's client starts no daemon.

    That one is never away for a moment: another thread may be connecting.
    """
    kept, value = NO_AUTOSTART
    if environment.get(kept) != value:
        environment[kept] = value
    for name in [name for name in environment if name.startswith(_DANGEROUS_PREFIXES)]:
        if name != kept:
            _ = environment.pop(name, None)
