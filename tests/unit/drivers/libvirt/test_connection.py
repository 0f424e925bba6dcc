"""What is made of libvirt's errors."""

import libvirt  # pyright: ignore[reportMissingTypeStubs]
import pytest

from tests.unit.drivers.libvirt.doubles import FakeConnection, error
from vmuster.drivers.libvirt.connection import explain
from vmuster.ports.driver import DriverError

FAILURE = error(libvirt.VIR_ERR_OPERATION_FAILED)


@pytest.mark.parametrize("deed", [True, False])
def test_an_error_on_a_living_connection_is_just_that(deed: bool) -> None:
    explained = explain(FAILURE, FakeConnection().real, deed=deed)
    assert (explained.broken, explained.unknown) == (False, False)


@pytest.mark.parametrize("deed", [True, False])
def test_only_a_deed_on_a_dead_connection_has_an_unknown_outcome(deed: bool) -> None:
    explained = explain(FAILURE, FakeConnection(alive=False).real, deed=deed)
    assert (explained.broken, explained.unknown) == (True, deed)


def test_no_connection_is_a_broken_one() -> None:
    assert explain(FAILURE, None).broken


def test_our_own_error_keeps_what_it_says() -> None:
    explained = explain(DriverError("why", unknown=True), FakeConnection().real)
    assert (str(explained), explained.unknown, explained.broken) == ("why", True, False)


def test_text_from_the_other_side_is_bounded_and_visible() -> None:
    text = str(explain(error(1, "\x1b]0;\u202e" + "x" * 100_000), FakeConnection().real))
    assert len(text) < 1000
    assert text.isprintable()
