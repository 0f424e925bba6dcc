"""What a server is told at its start."""

import os
from pathlib import Path

import msgspec


def default_state_dir() -> Path:
    """Where state is kept: `/var/lib/vmuster` for root, else under the user's state home."""
    if os.geteuid() == 0:
        return Path("/var/lib/vmuster")
    home = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(home) / "vmuster"


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """`host` is loopback: anything else needs TLS, which this version does not offer.

    `call_seconds`: the longest a hypervisor call is waited for; then the wait, not the act, is
    given up. `restored`: a person says that the database is a backup: into quarantine with it.
    """

    state_dir: Path
    host: str = "127.0.0.1"
    port: int = 8040
    instance: str = "VM"
    allow_loopback_hosts: bool = False
    call_seconds: float = 15.0
    json_logs: bool = False
    restored: bool = False
