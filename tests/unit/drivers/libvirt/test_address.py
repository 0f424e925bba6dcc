"""Addresses (T08): from a profile alone, and nothing in the environment is obeyed."""

import asyncio
import os
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vmuster.drivers.libvirt.address import cleanse_environment, uri_of
from vmuster.drivers.libvirt.driver import LibvirtDriver
from vmuster.drivers.witness import ProcWitness
from vmuster.model.host import LocalProfile, LoopbackProfile, Profile
from vmuster.ports.driver import DriverError

HOSTILE = [
    "system?command=/bin/sh",
    "ext:///system?command=/bin/sh",
    "QEMU+EXT:///system",
    "session?socket=/run/any",
    "../system",
    "system\r\n",
    "SYSTEM",
    "",
]


def test_a_profile_gives_its_uri() -> None:
    assert uri_of(LocalProfile(scope="system")) == "qemu:///system"
    assert uri_of(LocalProfile(scope="session")) == "qemu:///session"
    assert uri_of(LoopbackProfile(port=16509)) == "qemu+tcp://127.0.0.1:16509/session"


@pytest.mark.parametrize("scope", HOSTILE)
def test_a_hostile_scope_cannot_be_said(scope: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        _ = msgspec.convert({"kind": "local", "scope": scope}, Profile)
    with pytest.raises(ValueError, match="scope"):
        _ = uri_of(LocalProfile(scope=scope))  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize("port", ["1/system?command=/bin/sh", "80", 0, -1, 65536, True, 1.5, None])
def test_a_hostile_port_cannot_be_said(port: object) -> None:
    with pytest.raises(ValueError, match="port"):
        _ = uri_of(LoopbackProfile(port=port))  # pyright: ignore[reportArgumentType]


@given(st.text())
def test_no_text_at_all_enters_a_uri(text: str) -> None:
    for kind, field in (("local", "scope"), ("loopback", "port")):
        try:
            profile = msgspec.convert({"kind": kind, field: text}, Profile)
        except msgspec.ValidationError:
            continue
        assert isinstance(profile, LocalProfile)
        assert uri_of(profile) in ("qemu:///system", "qemu:///session")


def test_the_environment_is_cleansed_of_what_libvirt_and_ssh_obey() -> None:
    kept = {"PATH": "/bin", "HOME": "/root", "LIBRARY": "x", "SSHD": "y"}
    obeyed = (
        "LIBVIRT_DEFAULT_URI",
        "LIBVIRTD_PATH",
        "LIBVIRT_DRIVER_DIR",
        "VIRTD_PATH",
        "VIRSH_DEFAULT_CONNECT_URI",
        "SSH_ASKPASS",
        "SSH_AUTH_SOCK",
    )
    environment = kept | dict.fromkeys(obeyed, "canary")
    cleanse_environment(environment)
    assert environment == kept


@pytest.mark.real
def test_no_canary_is_touched_when_a_connection_is_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    touched = tmp_path / "touched"
    canary = tmp_path / "canary"
    _ = canary.write_text(f"#!/bin/sh\ntouch {touched}\n")
    canary.chmod(0o755)
    evil = f"qemu+ext:///session?command={canary}"
    closed_port = 1
    target = uri_of(LoopbackProfile(port=closed_port))
    (tmp_path / "libvirt").mkdir()
    _ = (tmp_path / "libvirt" / "libvirt.conf").write_text(
        f'uri_default = "{evil}"\nuri_aliases = ["{target}={evil}"]\n'
    )
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    for name in ("LIBVIRT_DEFAULT_URI", "LIBVIRTD_PATH", "VIRTD_PATH", "SSH_ASKPASS"):
        monkeypatch.setenv(name, evil if name.endswith("URI") else str(canary))
    driver = LibvirtDriver(LoopbackProfile(port=closed_port), ProcWitness(), call_seconds=10)

    async def knock() -> None:
        with pytest.raises(DriverError, match=r"127\.0\.0\.1"):
            _ = await driver.open(read_only=True)
        await driver.close()

    asyncio.run(knock())
    assert not touched.exists()
    assert "LIBVIRT_DEFAULT_URI" not in os.environ
