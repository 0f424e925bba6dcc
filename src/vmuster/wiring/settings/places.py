"""Where things are on a machine: the state folder and the settings, when nobody says so; and what
the files and folders in the state folder are called."""

import os
from pathlib import Path
from typing import Final

DATABASE: Final = "vmuster.db"
KEYS: Final = "keys"
SIGNING_KEY: Final = f"{KEYS}/signing.key"
SEALING_KEY: Final = f"{KEYS}/sealing.key"
TLS: Final = "tls"
OWN_CA: Final = f"{TLS}/ca.crt"
CLIENT: Final = "client.toml"
"""Where the server is, and its operator's key to it."""
AGENTS: Final = "agents"
"""What agents remember: it is how an older database is noticed."""
APPROACHES: Final = "approaches"
"""The files of connections to hosts, and what is unsealed for them."""


def default_state_dir() -> Path:
    """Where state is kept: `/var/lib/vmuster` for root, else under the user's state home."""
    if os.geteuid() == 0:
        return Path("/var/lib/vmuster")
    home = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(home) / "vmuster"


def default_config() -> Path:
    """Where settings are read from: the folder `/etc/vmuster` for root, else the user's file."""
    if os.geteuid() == 0:
        return Path("/etc/vmuster")
    home = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(home) / "vmuster" / "server.toml"
