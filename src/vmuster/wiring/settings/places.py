"""Where things are on a machine when nobody says so: the state folder, the settings."""

import os
from pathlib import Path


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
