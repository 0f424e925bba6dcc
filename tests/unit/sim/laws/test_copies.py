"""L2's checker: a start is wrong where a copy runs that could have been known of."""

import msgspec
import pytest

from tests.lawbench import Bench, start
from tests.parts import HOST, OTHER, VM, host, observation, record, sighting
from vmuster.model.states import PowerReason, PowerState
from vmuster.model.vm import VmObservation
from vmuster.sim.laws.copies import Copies

ON_BOTH: dict[str, object] = {"runs_on": (OTHER,)}


def shown(*seen: VmObservation, later: VmObservation | None = None) -> Bench:
    """The VM runs on the other host since 10 s, which said so at 20 s; and `later` at 25 s."""
    bench = Bench(Copies)
    bench.write(record())
    bench.at(10.0)
    bench.runs(OTHER)
    bench.at(20.0)
    bench.take(bench.look(*seen, machine=OTHER))
    if later is not None:
        bench.at(25.0)
        bench.take(bench.look(later, machine=OTHER, sequence=2))
    bench.at(30.0)
    return bench


def test_a_start_of_what_runs_nowhere_is_right() -> None:
    bench = Bench(Copies)
    bench.order(start())
    bench.act("start", start())
    assert bench.broken == []


def test_a_start_is_wrong_where_another_host_had_shown_it() -> None:
    bench = shown(observation())
    bench.order(start())
    bench.act("start", start(), **ON_BOTH)
    assert bench.broken == [f"{VM} is started on home, and runs on other, which had said so"]


def test_only_a_start_is_judged() -> None:
    bench = shown(observation())
    bench.order(start())
    bench.act("mark", start(), **ON_BOTH)
    assert bench.broken == []


def test_what_was_shown_after_the_command_was_durable_could_not_be_known() -> None:
    bench = shown(observation())
    bench.at(15.0)
    bench.order(start())
    bench.at(30.0)
    bench.act("start", start(), **ON_BOTH)
    assert bench.broken == []


@pytest.mark.parametrize(
    "seen",
    [
        observation(power=PowerState.STOPPED),
        observation(power=PowerState.PAUSED, reason=PowerReason.MIGRATING),
    ],
)
def test_what_was_shown_as_off_or_arriving_is_not_known_to_run(seen: VmObservation) -> None:
    bench = shown(seen)
    bench.order(start())
    bench.act("start", start(), **ON_BOTH)
    assert bench.broken == []


def test_that_it_can_not_be_told_takes_nothing_back() -> None:
    bench = shown(observation(), later=observation(power=PowerState.UNKNOWN))
    bench.order(start())
    bench.act("start", start(), **ON_BOTH)
    assert len(bench.broken) == 1


def test_a_run_that_began_after_it_was_shown_is_another_one() -> None:
    bench = shown(observation())
    bench.ends(OTHER)
    bench.runs(OTHER)
    bench.order(start())
    bench.act("start", start(), **ON_BOTH)
    assert bench.broken == []


def test_a_persons_word_goes_before_what_was_shown() -> None:
    bench = shown(observation())
    bench.write(gone=((OTHER, VM),))
    bench.order(start())
    bench.act("start", start(), **ON_BOTH)
    gone = sighting(host=OTHER, absent=True, absence_confirmed=True)
    other = shown(observation())
    other.write(sightings=(gone,))
    other.order(start())
    other.act("start", start(), **ON_BOTH)
    assert bench.broken == other.broken == []


def test_what_a_pass_writes_is_no_persons_word() -> None:
    bench = Bench(Copies)
    bench.write(record())
    bench.at(10.0)
    bench.runs(OTHER)
    bench.at(20.0)
    gone = sighting(host=OTHER, absent=True, absence_confirmed=True)
    bench.take(bench.look(observation(), machine=OTHER), sightings=(gone,))
    bench.order(start())
    bench.at(30.0)
    bench.order(start(2))
    bench.act("start", start(2), **ON_BOTH)
    assert len(bench.broken) == 1


def test_a_host_that_was_removed_is_not_known_any_more() -> None:
    bench = shown(observation())
    bench.write(dropped=(msgspec.structs.replace(host(), id=OTHER),))
    bench.order(start())
    bench.act("start", start(), **ON_BOTH)
    assert bench.broken == []


def test_a_process_on_the_very_host_is_to_be_seen() -> None:
    bench = Bench(Copies)
    bench.order(start())
    bench.act("start", start(), runs_on=(HOST,))
    assert bench.broken == [f"{VM} is started on home, where a process of it runs"]


def test_where_nobody_can_look_a_person_may_start_it_and_nobody_else() -> None:
    bench = Bench(Copies)
    bench.world.hosts[HOST].blind = True
    bench.order(start())
    bench.act("start", start(), runs_on=(HOST,))
    assert bench.broken == []
    bench.act("start", start(automatic=True), runs_on=(HOST,))
    assert len(bench.broken) == 1
