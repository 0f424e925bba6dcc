"""What counts as active, of what is seen and of what is remembered; and what a tombstone is."""

import itertools

import pytest

from tests.parts import observation, record, sighting
from vmuster.model.states import PowerReason, PowerState
from vmuster.model.vm import is_active

BOTH = [*itertools.product(PowerState, PowerReason)]


@pytest.mark.parametrize(("power", "reason"), BOTH)
def test_what_runs_or_could_run_on_is_active(power: PowerState, reason: PowerReason) -> None:
    paused = power is PowerState.PAUSED and reason is not PowerReason.MIGRATING
    assert is_active(power, reason) is (paused or power is PowerState.RUNNING)
    assert observation(power=power, reason=reason).active is is_active(power, reason)
    assert sighting(power=power, reason=reason).active is is_active(power, reason)


def test_what_is_absent_is_not_active() -> None:
    assert not sighting(absent=True).active


def test_a_record_with_an_end_is_a_tombstone() -> None:
    assert record().live
    assert not record(removed_at=0.0).live
