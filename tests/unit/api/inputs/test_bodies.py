"""Bodies are strict."""

import pytest
from pydantic import TypeAdapter, ValidationError

from vmuster.api.inputs.bodies import (
    Adoption,
    Automation,
    HostChange,
    HostIdentity,
    PolicySettings,
    SshSecret,
    Stop,
    TlsSecret,
    WhatIf,
)
from vmuster.model.states import HostMode


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


@pytest.mark.parametrize(
    "wrong",
    [
        {"scope": "fleet", "name": "alpha", "armed": True},
        {"scope": "host", "armed": True},
        {"scope": "host", "name": "alpha"},
        {"scope": "rack", "name": "alpha", "armed": True},
        {"scope": "host", "name": "alpha", "armed": 1},
        {"scope": "host", "name": "alpha", "armed": False, "why": "x" * 501},
    ],
    ids=str,
)
def test_what_is_armed_is_said_exactly(wrong: dict[str, object]) -> None:
    assert not Automation.model_validate({"scope": "host", "name": "a", "armed": False}).armed
    with pytest.raises(ValidationError):
        Automation.model_validate(wrong)


def test_a_question_is_about_a_host_or_a_cluster() -> None:
    assert WhatIf.model_validate({"mode": "manage"}).mode is HostMode.MANAGE
    assert WhatIf.model_validate({}).settings == {}
    with pytest.raises(ValidationError):
        WhatIf.model_validate({"host": "a", "cluster": "b"})


def test_an_identity_is_a_uuid() -> None:
    uuid = "4c4c4544-0051-3510-8052-b4c04f4a3132"
    assert str(HostIdentity.model_validate({"uuid": uuid}).uuid) == uuid
    with pytest.raises(ValidationError):
        HostIdentity.model_validate({"uuid": "alpha"})


def test_secrets_are_joined_and_shown_by_nothing() -> None:
    tls = {"kind": "tls", "ca": "CANARY-1", "certificate": "CANARY-2\n", "key": "CANARY-3"}
    secrets = [
        SshSecret.model_validate({"kind": "ssh", "key": "CANARY-0"}),
        TlsSecret.model_validate(tls),
    ]
    assert [each.secret() for each in secrets] == [
        b"CANARY-0\n",
        b"CANARY-3\nCANARY-2\nCANARY-1\n",
    ]
    assert "CANARY" not in repr(secrets) + str(secrets)
    with pytest.raises(ValidationError) as caught:
        TlsSecret.model_validate({**tls, "key": ["CANARY-3"]})
    assert "CANARY" not in str(caught.value)
