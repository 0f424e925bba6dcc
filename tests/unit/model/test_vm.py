"""What counts as active, of what is seen and of what is remembered; and what a tombstone is."""

import itertools

import msgspec
import pytest

from tests.parts import MARK, observation, record, sighting
from vmuster.model.states import MarkVerdict, PowerReason, PowerState, Standing
from vmuster.model.text import NAME_CHARACTERS_MAX
from vmuster.model.vm import VmObservation, is_active

BOTH = [*itertools.product(PowerState, PowerReason)]


@pytest.mark.parametrize(("power", "reason"), BOTH)
def test_what_runs_or_could_run_on_is_active(power: PowerState, reason: PowerReason) -> None:
    paused = power is PowerState.PAUSED and reason is not PowerReason.MIGRATING
    assert is_active(power, reason) is (paused or power is PowerState.RUNNING)
    assert observation(power=power, reason=reason).active is is_active(power, reason)
    assert sighting(power=power, reason=reason).active is is_active(power, reason)


def test_what_is_absent_is_not_active() -> None:
    assert not sighting(absent=True).active


@pytest.mark.parametrize("power", PowerState)
@pytest.mark.parametrize("since", [0, 50])
def test_what_was_active_may_run_on_while_nobody_can_tell(power: PowerState, since: int) -> None:
    untold = power is PowerState.UNKNOWN and since > 0
    may_run = untold or is_active(power, PowerReason.UNKNOWN)
    assert sighting(power=power, active_since=since).may_run is may_run
    assert not sighting(power=power, active_since=since, absent=True).may_run


@pytest.mark.parametrize(
    ("power", "ran"),
    [(PowerState.RUNNING, True), (PowerState.STOPPED, False), (PowerState.UNKNOWN, True)],
)
def test_what_ran_when_it_was_seen_last_ran_though_it_is_absent(
    power: PowerState, *, ran: bool
) -> None:
    """Of what could not be told before it was gone, nobody knows."""
    gone = sighting(power=power, active_since=0, absent=True)
    assert (gone.ran, gone.may_run) == (ran, False)


@pytest.mark.parametrize("standing", Standing)
def test_what_is_nothing_to_us_is_strange(standing: Standing) -> None:
    nothing = standing in (Standing.ALIEN, Standing.LOOKALIKE)
    assert sighting(standing=standing).strange is nothing


def test_only_a_good_mark_that_was_seen_has_a_generation() -> None:
    seven = msgspec.structs.replace(MARK, generation="7")
    assert sighting(raw_mark=seven).mark_generation == 7
    for verdict in set(MarkVerdict) - {MarkVerdict.OURS}:
        assert sighting(raw_mark=seven, mark=verdict).mark_generation == 0
    assert sighting(raw_mark=None).mark_generation == 0
    assert sighting(raw_mark=msgspec.structs.replace(MARK, generation="07")).mark_generation == 0


def test_a_record_with_an_end_is_a_tombstone() -> None:
    assert record().live
    assert not record(removed_at=0.0).live


@pytest.mark.parametrize(
    ("longest", "longer"),
    [
        ({"name": "é" * NAME_CHARACTERS_MAX}, {"name": "é" * (NAME_CHARACTERS_MAX + 1)}),
        *(
            (
                {"mark": msgspec.structs.replace(MARK, **{attribute: "f" * 200})},
                {"mark": msgspec.structs.replace(MARK, **{attribute: "f" * 201})},
            )
            for attribute in MARK.__struct_fields__
        ),
    ],
)
def test_text_of_a_vm_that_is_longer_than_any_driver_gives_is_refused(
    longest: dict[str, object], longer: dict[str, object]
) -> None:
    sound = observation(**longest)
    assert msgspec.json.decode(msgspec.json.encode(sound), type=VmObservation) == sound
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(msgspec.json.encode(observation(**longer)), type=VmObservation)
