"""Addresses (T08): from a profile alone, and nothing in the environment is obeyed."""

import asyncio
import os
import re
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vmuster.drivers.libvirt.address import SshWay, TlsWay, cleanse_environment, uri_of
from vmuster.drivers.libvirt.driver import LibvirtDriver
from vmuster.drivers.witness import ProcWitness
from vmuster.model.host import LocalProfile, LoopbackProfile, Profile, SshProfile, TlsProfile
from vmuster.ports.driver import DriverError

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGbM2Zq1kLk8qN0Zt0n8hQ0m7s4cGg5kq4Yl7VQ2xk3B"
COMMAND = Path("/state/approaches/h-1/ssh")
NAMING = Path("/state/approaches/h-1/ssh-named")
SSH = re.compile(
    r"qemu\+ssh://[A-Za-z_][\w.-]*@([A-Za-z0-9.-]+|\[[0-9a-f:.]+\]):[0-9]+/(system|session)"
    r"\?command=/state/approaches/h-1/ssh&no_tty=1",
    re.ASCII | re.IGNORECASE,
)
"""All that a URI over ssh can be."""
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


def test_a_profile_of_a_far_host_gives_its_uri() -> None:
    ssh = SshProfile(address="h1.example", host_key=KEY, port=2022, user="anna", scope="session")
    assert uri_of(SshWay(profile=ssh, command=COMMAND, naming=NAMING)) == (
        "qemu+ssh://anna@h1.example:2022/session?command=/state/approaches/h-1/ssh&no_tty=1"
    )
    way = SshWay(profile=ssh, command=COMMAND, naming=NAMING)
    assert uri_of(way, naming=True) == uri_of(way).replace(str(COMMAND), str(NAMING))
    tls = TlsProfile(address="2001:db8::1")
    assert uri_of(TlsWay(profile=tls, certificates=None)) == (
        "qemu+tls://[2001:db8::1]:16514/system"
    )
    assert uri_of(TlsWay(profile=tls, certificates=Path("/p k/i&i"))) == (
        "qemu+tls://[2001:db8::1]:16514/system?pkipath=/p%20k/i%26i"
    )


WORDS = st.one_of(
    st.text(),
    st.sampled_from(
        [
            "h1",
            "10.0.0.1",
            "::1",
            "root",
            "system",
            "h?command=/bin/sh",
            "h/system?x=",
            "a@b",
            "%2e",
        ]
    ),
)


@given(address=WORDS, user=WORDS, scope=WORDS, credential=WORDS, port=st.integers() | WORDS)
def test_no_text_enters_a_uri_but_by_its_grammar(
    address: str, user: str, scope: str, credential: str, port: object
) -> None:
    said = {"address": address, "user": user, "scope": scope, "credential": credential}
    for field, value in (said | {"port": port}).items():
        good = SshProfile(address="h1", host_key=KEY)
        profile = msgspec.structs.replace(good, **{field: value})
        try:
            uri = uri_of(SshWay(profile=profile, command=COMMAND, naming=NAMING))
        except ValueError:
            continue
        assert SSH.fullmatch(uri)


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
        "LIBVIRT_AUTOSTART",
    )
    environment = kept | dict.fromkeys(obeyed, "canary")
    cleanse_environment(environment)
    assert environment == kept | {"LIBVIRT_AUTOSTART": "0"}


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
