"""Bodies are strict."""

import pytest
from pydantic import TypeAdapter, ValidationError

from vmuster.api.bodies import Adoption, HostChange, NewHost, PolicySettings, Stop
from vmuster.model.host import LocalProfile, LoopbackProfile
from vmuster.model.states import HostMode


def test_profiles_become_the_models() -> None:
    local = {"name": "a", "profile": {"kind": "local", "scope": "session"}}
    assert NewHost.model_validate(local).profile.profile() == LocalProfile(scope="session")
    loopback = {"name": "a", "profile": {"kind": "loopback", "port": 1}}
    assert NewHost.model_validate(loopback).profile.profile() == LoopbackProfile(port=1)


@pytest.mark.parametrize(
    "profile",
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
        "qemu:///system",
    ],
    ids=str,
)
def test_no_other_profile_can_be_said(profile: object) -> None:
    with pytest.raises(ValidationError):
        NewHost.model_validate({"name": "a", "profile": profile})


def test_a_mode_is_one_of_the_four() -> None:
    assert HostChange.model_validate({"mode": "cordoned"}).mode is HostMode.CORDONED
    for wrong in ("MANAGE", "", 1, None):
        with pytest.raises(ValidationError):
            HostChange.model_validate({"mode": wrong})


@pytest.mark.parametrize("wrong", [{"force": "true"}, {"force": 1}, {"Force": True}, {"x": 1}])
def test_force_is_never_guessed(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Stop.model_validate(wrong)


def test_what_is_left_out_has_its_default() -> None:
    assert (Adoption().host, Adoption().name, Stop().force) == ("", "", False)


@pytest.mark.parametrize("wrong", [{"a": None}, {"a": []}, {"a": float("nan")}, {"a": "x" * 65}])
def test_a_setting_is_a_short_text_a_number_or_a_truth(wrong: dict[str, object]) -> None:
    settings: TypeAdapter[object] = TypeAdapter(PolicySettings)
    assert settings.validate_python({"a": "x", "b": 1, "c": 1.5, "d": True})
    with pytest.raises(ValidationError):
        settings.validate_python(wrong)
