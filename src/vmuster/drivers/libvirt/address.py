"""From a profile to a URI; the only place that writes one.

A libvirt URI can name a program to run (`command=`, the `ext` transport), a socket or a key
file. So nobody gives us one: a profile holds a choice and a number, and nothing else (T08).
"""

import os
from collections.abc import MutableMapping
from typing import Final

from vmuster.model.host import LocalProfile, LoopbackProfile

_SCOPES: Final = {"system": "qemu:///system", "session": "qemu:///session"}
_PORT_MAX: Final = 65535
_DANGEROUS_PREFIXES: Final = ("LIBVIRT", "VIRTD_", "VIRSH_", "SSH_")
"""`LIBVIRT_DEFAULT_URI`, `LIBVIRTD_PATH`, `LIBVIRT_DRIVER_DIR`, `VIRTD_PATH`, `SSH_ASKPASS`, ..."""


def uri_of(profile: LocalProfile | LoopbackProfile) -> str:
    """The URI of a profile. Raises `ValueError` for a value that no profile may hold."""
    match profile:
        case LocalProfile():
            if profile.scope not in _SCOPES:
                raise ValueError("a local profile's scope is 'system' or 'session'")
            return _SCOPES[profile.scope]
        case LoopbackProfile():
            # A type is no proof at run time, and `True` is an int.
            if type(profile.port) is not int or not 0 < profile.port <= _PORT_MAX:
                raise ValueError(f"a loopback profile's port is a number from 1 to {_PORT_MAX}")
            return f"qemu+tcp://127.0.0.1:{profile.port}/session"


def cleanse_environment(environment: MutableMapping[str, str] = os.environ) -> None:
    """Take every variable out of the process's environment that libvirt or ssh would obey."""
    for name in [name for name in environment if name.startswith(_DANGEROUS_PREFIXES)]:
        del environment[name]
