"""Policies: every setting is described, and bad values are no policy."""

import msgspec
import pytest

from vmuster.model.policy import Policy, allowed_values
from vmuster.model.states import OperationKind


@pytest.mark.parametrize("setting", Policy.__struct_fields__)
def test_every_setting_says_what_it_may_be_and_its_default(setting: str) -> None:
    words = allowed_values(setting)
    default = getattr(Policy(), setting)
    shown = str(default).lower() if isinstance(default, bool) else str(default)
    assert words.endswith(f"[{shown}]")


def test_words_are_listed_and_numbers_have_their_range() -> None:
    assert allowed_values("unknown_vms") == "leave, stop-by-mark, stop-by-name [leave]"
    assert allowed_values("seen_before_stop") == "a whole number from 1 to 1000 [2]"
    assert allowed_values("report_seconds").startswith("seconds, from 0.1 to")
    assert allowed_values("track_host_change") == "true, false [true]"
    with pytest.raises(KeyError):
        allowed_values("nothing")


class Odd(Policy, frozen=True, kw_only=True):
    """A policy with a setting of a kind that nobody put into words yet."""

    words: str = ""


def test_a_setting_that_nobody_described_is_an_error_and_no_guess() -> None:
    with pytest.raises(TypeError, match="words is of a type that nobody described"):
        allowed_values("words", Odd)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("seen_before_stop", 0),
        ("stops_per_pass_max", -1),
        ("report_seconds", 0),
        ("quiet_seconds", -1),
        ("quiet_seconds", "nan"),
        ("drift", "both"),
    ],
)
def test_what_would_make_it_unsafe_or_busy_is_no_policy(setting: str, value: object) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({setting: value}, Policy, strict=False)


def test_a_guest_that_is_asked_to_stop_has_its_grace_within_the_operation() -> None:
    policy = Policy(operation_seconds=60.0, stop_grace_seconds=90.0)
    assert policy.patience(OperationKind.STOP) == 150.0
    assert policy.patience(OperationKind.STOP, force=True) == 60.0
    assert policy.patience(OperationKind.START) == 60.0
