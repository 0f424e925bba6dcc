"""L7's checker: stamps rise; a record leaves a host that has looked again."""

import msgspec
import pytest

from tests.lawbench import Bench
from tests.parts import HOST, OTHER, VM, observation, record
from vmuster.model.host import Host
from vmuster.model.states import PowerReason, PowerState
from vmuster.sim.laws.order import Order
from vmuster.sim.world.truth import Looked

MOVED = record(host=OTHER)


def stamp(bench: Bench, epoch: int, sequence: int) -> None:
    row = bench.world.database.row(Host, HOST)
    assert row is not None
    bench.write(msgspec.structs.replace(row, epoch=epoch, sequence=sequence))


def test_a_stamp_that_rises_is_right() -> None:
    bench = Bench(Order)
    for epoch, sequence in ((1, 1), (1, 1), (1, 2), (2, 0), (2, 7)):
        stamp(bench, epoch, sequence)
    assert bench.broken == []


@pytest.mark.parametrize(("epoch", "sequence"), [(2, 6), (1, 9)])
def test_a_stamp_that_goes_back_is_wrong(epoch: int, sequence: int) -> None:
    bench = Bench(Order)
    stamp(bench, 2, 7)
    stamp(bench, epoch, sequence)
    assert bench.broken == [f"the account of home went back from 2.7 to {epoch}.{sequence}"]


def test_an_older_database_begins_anew() -> None:
    bench = Bench(Order)
    stamp(bench, 2, 7)
    bench.world.chronicle.restored()
    stamp(bench, 1, 3)
    assert bench.broken == []
    stamp(bench, 1, 2)
    assert len(bench.broken) == 1


def seen_elsewhere() -> Bench:
    """At 20 s the other host shows a VM that is recorded at home."""
    bench = Bench(Order)
    bench.write(record())
    bench.at(10.0)
    bench.take(bench.look(observation()))
    bench.at(20.0)
    bench.take(bench.look(observation(), machine=OTHER))
    bench.at(30.0)
    return bench


def again(bench: Bench) -> Looked:
    return bench.look(observation(), machine=OTHER, sequence=2)


def test_a_record_leaves_a_home_that_has_looked_again() -> None:
    bench = seen_elsewhere()
    bench.take(bench.look(sequence=2, began=25.0))
    bench.take(again(bench), MOVED)
    assert bench.broken == []


def test_that_it_is_off_there_is_enough_and_that_it_is_gone_too() -> None:
    for seen, absent in ((observation(power=PowerState.STOPPED),), ()), ((), (VM,)):
        bench = seen_elsewhere()
        bench.take(bench.look(*seen, absent=absent, sequence=2, complete=False))
        bench.take(again(bench), MOVED)
        assert bench.broken == []


def test_a_home_that_has_not_looked_since_is_not_left() -> None:
    bench = seen_elsewhere()
    bench.take(again(bench), MOVED)
    assert bench.broken == [f"the record of {VM} left home, which had not looked again"]


def test_a_look_that_began_before_does_not_count() -> None:
    bench = seen_elsewhere()
    bench.take(bench.look(sequence=2, began=15.0))
    bench.take(again(bench), MOVED)
    assert len(bench.broken) == 1


@pytest.mark.parametrize("power", [PowerState.RUNNING, PowerState.PAUSED, PowerState.UNKNOWN])
def test_a_home_that_shows_it_is_not_left(power: PowerState) -> None:
    bench = seen_elsewhere()
    bench.take(bench.look(observation(power=power), sequence=2))
    bench.take(again(bench), MOVED)
    assert len(bench.broken) == 1


def test_a_home_where_it_waits_for_its_memory_does_not_run_it_and_is_left() -> None:
    bench = seen_elsewhere()
    waits = observation(power=PowerState.PAUSED, reason=PowerReason.MIGRATING)
    bench.take(bench.look(waits, sequence=2))
    bench.take(again(bench), MOVED)
    assert bench.broken == []


def test_a_partial_account_that_does_not_name_it_says_nothing() -> None:
    bench = seen_elsewhere()
    bench.take(bench.look(sequence=2, complete=False))
    bench.take(again(bench), MOVED)
    assert len(bench.broken) == 1


def test_a_record_moves_by_a_look_at_its_new_host() -> None:
    bench = seen_elsewhere()
    bench.take(bench.look(sequence=2), MOVED)
    assert bench.broken == [
        f"the record of {VM} moved, and no look at its new host showed it there"
    ]


def test_a_record_that_is_brought_back_has_no_home_to_leave() -> None:
    bench = Bench(Order)
    bench.write(record(removed_at=1.0))
    bench.write(MOVED)
    bench.write(record(host=None))
    bench.write(record(generation=9))
    assert bench.broken == []
