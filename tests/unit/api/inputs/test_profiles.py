"""Profiles are plain fields, and no text in them can be anything else."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from vmuster.api.inputs.profiles import ProfileBody
from vmuster.model.host import LocalProfile, LoopbackProfile, Profile, SshProfile, TlsProfile

BODIES: TypeAdapter[Any] = TypeAdapter(ProfileBody)
SSH = {"kind": "ssh", "address": "a.example", "host_key": "ssh-ed25519 AAAA"}
TLS = {"kind": "tls", "address": "::1"}


def profile(body: object) -> Profile:
    return BODIES.validate_python(body).profile()


def test_profiles_become_the_models() -> None:
    assert profile({"kind": "local", "scope": "session"}) == LocalProfile(scope="session")
    assert profile({"kind": "loopback", "port": 1}) == LoopbackProfile(port=1)
    ssh = {**SSH, "port": 2222, "user": "ann", "scope": "session", "credential": "c"}
    assert profile(ssh) == SshProfile(
        address="a.example",
        host_key="ssh-ed25519 AAAA",
        port=2222,
        user="ann",
        scope="session",
        credential="c",
    )
    tls = {**TLS, "port": 1, "scope": "session", "credential": "c"}
    assert profile(tls) == TlsProfile(address="::1", port=1, scope="session", credential="c")


def test_what_is_left_out_is_as_in_the_model() -> None:
    assert profile(SSH) == SshProfile(address="a.example", host_key="ssh-ed25519 AAAA")
    assert profile(TLS) == TlsProfile(address="::1")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"kind": "simulated", "name": "x"},
        {"kind": "local", "uri": "qemu+ssh://x/system"},
        {"kind": "local", "scope": "other"},
        {"kind": "loopback"},
        {"kind": "loopback", "port": 0},
        {"kind": "loopback", "port": 65536},
        {"kind": "loopback", "port": "16509"},
        {"kind": "loopback", "port": True},
        {"kind": "loopback", "port": 1, "host": "10.0.0.1"},
        {"kind": "ssh", "address": "a.example"},
        {**SSH, "host_key": ""},
        {**SSH, "host_key": "x" * 4097},
        {**SSH, "address": ""},
        {**SSH, "address": "x" * 256},
        {**SSH, "command": "nc"},
        {**SSH, "keyfile": "/etc/passwd"},
        {**SSH, "port": "22"},
        {**TLS, "pkipath": "/etc"},
        {**TLS, "scope": "embed"},
        "qemu:///system",
    ],
    ids=str,
)
def test_no_other_profile_can_be_said(body: object) -> None:
    with pytest.raises(ValidationError):
        profile(body)
