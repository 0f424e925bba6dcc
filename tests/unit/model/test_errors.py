"""Errors say what happened, what to do next, and whose fault it is."""

import pytest

from vmuster.model.errors import Corrupt, NotFound, Refused, Unavailable, VmusterError


@pytest.mark.parametrize("kind", [Refused, NotFound, Unavailable, Corrupt])
def test_an_error_reads_as_one_sentence(kind: type[VmusterError]) -> None:
    assert str(kind("no such host")) == "no such host"
    assert str(kind("no such host", hint="list them")) == "no such host (list them)"


def test_what_is_not_there_is_a_refusal_and_what_is_unavailable_is_none() -> None:
    assert issubclass(NotFound, Refused)
    assert not issubclass(Unavailable, Refused)


def test_what_is_unavailable_says_when_to_come_again() -> None:
    assert Unavailable("busy").retry_after_seconds == 5.0
    assert Unavailable("busy", retry_after_seconds=1.5).retry_after_seconds == 1.5
