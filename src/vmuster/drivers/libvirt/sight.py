"""The witness of a libvirt host: what it needs to see of the daemon behind a profile."""

import os
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Final

from vmuster.drivers.listeners import listener_on_port, listener_on_socket
from vmuster.drivers.witness import ProcWitness
from vmuster.model.host import LocalProfile, LoopbackProfile

_SYSTEM: Final = Path("/run/libvirt")
_SOCKETS: Final = ("virtqemud-sock", "virtqemud-sock-ro", "libvirt-sock", "libvirt-sock-ro")
"""In libvirt's own order: the daemon of QEMU alone, then the one of everything. Whoever may not
change anything may still connect to a read-only one."""


def witness_of(profile: LocalProfile | LoopbackProfile) -> ProcWitness:
    """The witness of the host behind a profile."""
    match profile:
        case LocalProfile():
            return ProcWitness(partial(listener_on_socket, sockets_of(profile)))
        case LoopbackProfile():
            return ProcWitness(partial(listener_on_port, profile.port))


def sockets_of(profile: LocalProfile, environment: Mapping[str, str] = os.environ) -> list[Path]:
    """Where the daemon of a local profile listens."""
    folder = _SYSTEM if profile.scope == "system" else _session_folder(environment)
    return [folder / name for name in _SOCKETS]


def _session_folder(environment: Mapping[str, str]) -> Path:
    """libvirt's own rule: the user's runtime folder, or the cache where there is none."""
    if runtime := environment.get("XDG_RUNTIME_DIR"):
        return Path(runtime) / "libvirt"
    cache = environment.get("XDG_CACHE_HOME") or Path(environment.get("HOME", "/")) / ".cache"
    return Path(cache) / "libvirt"
