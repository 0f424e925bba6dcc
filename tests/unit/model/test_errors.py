"""Errors say what happened, what to do next, and when."""

from vmuster.model.errors import Corrupt, NotFound, Refused, Unavailable, VmusterError


def test_an_error_shows_its_hint() -> None:
    assert str(Refused("no")) == "no"
    assert str(Refused("host is in OBSERVE", hint="set it to MANAGE")) == (
        "host is in OBSERVE (set it to MANAGE)"
    )


def test_one_can_tell_whose_fault_it_is() -> None:
    assert issubclass(NotFound, Refused)
    assert not issubclass(Unavailable, Refused)
    assert not issubclass(Corrupt, Refused)
    assert all(issubclass(kind, VmusterError) for kind in (Refused, Unavailable, Corrupt))


def test_what_is_unavailable_says_when_to_try_again() -> None:
    assert Unavailable("busy", retry_after_seconds=2.0).retry_after_seconds == 2.0
