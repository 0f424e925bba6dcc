"""L6's checker: what is said of a VM is held against how it ran while it was looked at."""

from uuid import UUID

import msgspec
import pytest

from tests.lawbench import Bench
from tests.parts import HOST, OTHER, VM, observation, record, sighting
from vmuster.model.host import Host
from vmuster.model.ids import HostUuid
from vmuster.model.states import MarkVerdict, PowerState, VmPhase
from vmuster.model.vm import Sighting, VmRecord
from vmuster.sim.laws.observation import Observation
from vmuster.sim.world.truth import Looked

OFF = observation(power=PowerState.STOPPED)
GONE = sighting(absent=True, absence_confirmed=True, mark=MarkVerdict.OURS)
MISSING = record(phase=VmPhase.MISSING)


def running(*, until: float | None = None, since: float = 10.0) -> Bench:
    """The VM runs at home; it is 30 s then."""
    bench = Bench(Observation)
    bench.write(record())
    bench.at(since)
    bench.runs()
    if until is not None:
        bench.at(until)
        bench.ends()
    bench.at(30.0)
    return bench


def off(bench: Bench) -> Looked:
    return bench.look(OFF, began=20.0)


def test_an_account_of_what_is_so_is_true() -> None:
    bench = running(until=15.0)
    bench.take(off(bench), record(power=PowerState.STOPPED, phase=VmPhase.STOPPED))
    bench.at(40.0)
    bench.take(bench.look(sequence=2, absent=(VM,)), MISSING, sightings=(GONE,))
    assert bench.broken == []


@pytest.mark.parametrize("power", [PowerState.STOPPED, PowerState.CRASHED])
def test_an_account_that_calls_a_running_vm_off_is_false(power: PowerState) -> None:
    bench = running()
    bench.take(bench.look(observation(power=power), began=20.0))
    assert bench.broken == [
        f"{VM} is reported {power}, and ran on home all the while that was looked at"
    ]


@pytest.mark.parametrize("power", [PowerState.RUNNING, PowerState.PAUSED, PowerState.UNKNOWN])
def test_anything_else_may_be_said_of_it(power: PowerState) -> None:
    bench = running()
    bench.take(bench.look(observation(power=power), began=20.0))
    assert bench.broken == []


def test_a_vm_that_began_to_run_while_it_was_looked_at_may_be_called_off() -> None:
    bench = running(since=25.0)
    bench.take(off(bench))
    assert bench.broken == []


def test_a_vm_that_ended_while_it_was_looked_at_may_be_called_off() -> None:
    bench = running(until=25.0)
    bench.take(off(bench))
    assert bench.broken == []


def test_one_that_ended_only_after_the_account_was_sent_may_not() -> None:
    bench = running()
    look = off(bench)
    bench.at(35.0)
    bench.ends()
    bench.take(look)
    assert len(bench.broken) == 1


def test_an_account_that_calls_a_running_vm_gone_is_false() -> None:
    bench = running()
    bench.take(bench.look(began=20.0, absent=(VM,)))
    assert bench.broken == [
        f"{VM} is reported gone, and ran on home all the while that was looked at"
    ]


def test_an_account_that_nobody_takes_in_claims_nothing() -> None:
    bench = running()
    _ = off(bench)
    assert bench.broken == []


@pytest.mark.parametrize(
    "after",
    [
        record(power=PowerState.STOPPED),
        record(power=PowerState.CRASHED),
        record(phase=VmPhase.STOPPED),
    ],
)
def test_a_record_that_says_more_than_the_account_is_false(after: VmRecord) -> None:
    bench = running()
    bench.take(bench.look(observation(), began=20.0), after)
    assert len(bench.broken) == 1
    assert "is recorded" in bench.broken[0]


def test_a_record_is_held_against_the_look_that_last_told_of_it() -> None:
    bench = running()
    bench.take(bench.look(observation(), began=20.0))
    bench.at(50.0)
    bench.ends()
    bench.write(record(phase=VmPhase.STOPPED))  # by nobody's look
    assert len(bench.broken) == 1


@pytest.mark.parametrize("runs", [True, False])
@pytest.mark.parametrize("said", ["recorded", "recorded in phase", "noted"])
def test_what_no_look_tells_is_held_against_how_it_is_now(said: str, runs: bool) -> None:
    bench = running(until=None if runs else 15.0)
    claims = {
        "recorded": {"power": PowerState.STOPPED},
        "recorded in phase": {"phase": VmPhase.STOPPED},
    }
    if said == "noted":
        bench.write(sightings=(sighting(power=PowerState.STOPPED),))
    else:
        bench.write(record(**claims[said]))
    words = [f"{VM} is {said} stopped, by nobody's look, and runs on home"]
    assert bench.broken == (words if runs else [])


def test_what_stays_as_it_was_is_claimed_by_nobody_anew() -> None:
    bench = running(until=15.0)
    bench.take(off(bench), record(power=PowerState.STOPPED, phase=VmPhase.STOPPED))
    bench.at(40.0)
    bench.runs()
    bench.write(record(power=PowerState.STOPPED, phase=VmPhase.STOPPED, generation=9))
    assert bench.broken == []


@pytest.mark.parametrize(
    "sight",
    [
        sighting(power=PowerState.STOPPED),
        GONE,
    ],
)
def test_a_sighting_that_says_more_than_the_account_is_false(sight: Sighting) -> None:
    bench = running()
    bench.take(bench.look(observation(), began=20.0), sightings=(sight,))
    assert len(bench.broken) == 1
    assert "is noted" in bench.broken[0]


def test_that_a_vm_was_merely_not_shown_is_no_claim() -> None:
    bench = running()
    bench.take(bench.look(began=20.0), sightings=(sighting(absent=True),))
    assert bench.broken == []


def test_what_was_confirmed_once_may_be_said_again_until_it_is_shown() -> None:
    bench = running(until=15.0)
    bench.take(bench.look(began=20.0, absent=(VM,)), sightings=(GONE,))
    bench.take(bench.look(sequence=2), sightings=(GONE,))
    assert bench.broken == []
    bench.take(bench.look(OFF, sequence=3))
    bench.take(bench.look(sequence=4), sightings=(GONE,))
    assert bench.broken == [f"{VM} is noted as gone from home, which nobody has said"]


def test_a_person_may_say_so_too() -> None:
    bench = running(until=15.0)
    bench.write(sightings=(GONE,))
    bench.take(bench.look(), sightings=(GONE,))
    assert bench.broken == []


def test_a_missing_vm_was_said_to_be_gone_by_somebody() -> None:
    bench = running(until=15.0)
    bench.take(bench.look(began=20.0), MISSING)
    assert bench.broken == [f"{VM} is recorded missing, and nobody has said that it is gone"]


@pytest.mark.parametrize(("marked", "times"), [(True, 1), (False, 0)])
def test_a_missing_vm_runs_nowhere_where_it_was_shown_as_ours(marked: bool, times: int) -> None:
    bench = running(until=15.0)
    bench.runs(OTHER)
    seen = observation() if marked else observation(mark=None)
    bench.take(bench.look(seen, machine=OTHER))
    bench.at(40.0)
    bench.take(bench.look(absent=(VM,)), MISSING)
    assert len(bench.broken) == times


def test_what_its_host_shows_is_missing_no_more() -> None:
    bench = Bench(Observation)
    bench.write(MISSING)
    bench.runs()
    bench.at(30.0)
    bench.broken.clear()
    bench.take(bench.look(observation(power=PowerState.PAUSED)))
    assert bench.broken == [
        f"{VM} stays recorded missing, and ran on home all the while that was looked at"
    ]
    bench.broken.clear()
    bench.take(bench.look(observation(mark=None), sequence=2))
    bench.take(bench.look(observation(), sequence=3), record())
    assert bench.broken == []


def test_an_older_database_is_held_against_the_looks_that_it_knows() -> None:
    bench = running(until=15.0)
    bench.take(off(bench))
    bench.world.database.back_up("monday")
    bench.at(40.0)
    bench.runs()
    bench.at(50.0)
    bench.take(bench.look(observation(), sequence=2), record(label="seen"))
    bench.world.database.restore("monday")
    bench.world.chronicle.restored(bench.world.database.every(Host))
    bench.write(record(phase=VmPhase.STOPPED, label="as it was seen then"))
    assert bench.broken == []


def test_of_an_older_database_what_it_says_to_be_gone_is_not_asked_for_again() -> None:
    bench = running(until=15.0)
    bench.write(sightings=(GONE,))
    bench.take(bench.look(OFF))
    bench.world.chronicle.restored()
    bench.take(bench.look(sequence=2), sightings=(GONE,))
    assert bench.broken == []


@pytest.mark.parametrize(("accepted", "times"), [(True, 0), (False, 1)])
def test_a_host_is_another_machine_only_by_a_persons_word(accepted: bool, times: int) -> None:
    bench = Bench(Observation)
    row = bench.world.database.row(Host, HOST)
    assert row is not None
    other = HostUuid(UUID(int=0xAB))
    bench.write(msgspec.structs.replace(row, accepted=other if accepted else None))
    bench.write(msgspec.structs.replace(row, uuid=other, accepted=None))
    bench.write(msgspec.structs.replace(row, uuid=other, trouble="the same machine again"))
    assert len(bench.broken) == times
