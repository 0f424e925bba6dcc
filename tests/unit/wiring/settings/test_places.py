"""Where a server keeps its state and looks for its settings when nobody says so."""

import os
from pathlib import Path

import pytest

from vmuster.wiring.settings.places import default_config, default_state_dir


def test_root_has_them_in_the_systems_places(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert default_state_dir() == Path("/var/lib/vmuster")
    assert default_config() == Path("/etc/vmuster")


def test_a_user_has_them_in_the_users_places(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setenv("XDG_STATE_HOME", "/somewhere/state")
    monkeypatch.setenv("XDG_CONFIG_HOME", "/somewhere/config")
    assert default_state_dir() == Path("/somewhere/state/vmuster")
    assert default_config() == Path("/somewhere/config/vmuster/server.toml")
    monkeypatch.delenv("XDG_STATE_HOME")
    monkeypatch.delenv("XDG_CONFIG_HOME")
    assert default_state_dir() == Path.home() / ".local" / "state" / "vmuster"
    assert default_config() == Path.home() / ".config" / "vmuster" / "server.toml"
