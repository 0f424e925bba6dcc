"""Where a server keeps its state when nobody says so."""

import os
from pathlib import Path

import pytest

from vmuster.wiring.settings import Settings, default_state_dir


def test_root_keeps_it_in_the_systems_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert default_state_dir() == Path("/var/lib/vmuster")


def test_a_user_keeps_it_in_the_users_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setenv("XDG_STATE_HOME", "/somewhere/state")
    assert default_state_dir() == Path("/somewhere/state/vmuster")
    monkeypatch.delenv("XDG_STATE_HOME")
    assert default_state_dir() == Path.home() / ".local" / "state" / "vmuster"


def test_the_defaults_listen_on_loopback_and_take_no_demo_hosts() -> None:
    settings = Settings(state_dir=Path("state"))
    assert (settings.host, settings.allow_loopback_hosts) == ("127.0.0.1", False)
