"""L6's checker: a host that is another machine by a person's word is what that machine shows."""

import msgspec
import pytest

from tests.lawbench import Bench
from tests.parts import HOST, OTHER, VM, observation, record
from vmuster.model.host import Host
from vmuster.model.ids import HostId, HostUuid, VmUuid
from vmuster.model.states import VmPhase
from vmuster.sim.laws.observation import Observation

MISSING = record(phase=VmPhase.MISSING)


def running() -> Bench:
    """The VM runs at home; it is 30 s then."""
    bench = Bench(Observation)
    bench.write(record())
    bench.at(10.0)
    bench.runs()
    bench.at(30.0)
    return bench


def ended() -> Bench:
    """It has ended there since."""
    bench = running()
    bench.ends()
    bench.at(35.0)
    return bench


def becomes(bench: Bench, host: HostId, uuid: HostUuid) -> None:
    """A person has accepted this machine as the host, and it has introduced itself."""
    row = bench.world.database.row(Host, host)
    assert row is not None
    bench.write(msgspec.structs.replace(row, accepted=uuid))
    bench.write(msgspec.structs.replace(row, uuid=uuid, accepted=uuid))


def becomes_new(bench: Bench, host: HostId) -> HostId:
    """So has a machine that nobody knew."""
    machine = HostId("new")
    becomes(bench, host, bench.world.add_host(machine, far=False).uuid)
    return machine


def test_where_a_person_accepted_another_machine_that_one_says_what_is_missing() -> None:
    bench = running()
    bench.take(bench.look(observation()))
    bench.at(40.0)
    new = becomes_new(bench, HOST)
    bench.take(bench.look(machine=new, answers_as=HOST, sequence=2, absent=(VM,)), MISSING)
    assert bench.broken == []


def test_where_nobody_accepted_it_the_machine_before_is_believed() -> None:
    bench = running()
    bench.take(bench.look(observation()))
    bench.at(40.0)
    bench.take(bench.look(machine=OTHER, answers_as=HOST, sequence=2, absent=(VM,)), MISSING)
    assert bench.broken == [f"{VM} is recorded missing, and home had shown that it runs there"]


@pytest.mark.parametrize(
    ("complete", "absent", "times"), [(True, (), 0), (False, (VM,), 0), (False, (), 1)]
)
def test_of_the_machine_before_is_known_what_the_new_one_has_not_told(
    complete: bool, absent: tuple[VmUuid, ...], times: int
) -> None:
    bench = ended()
    bench.runs(OTHER)
    bench.take(bench.look(observation(), machine=OTHER))
    bench.at(40.0)
    new = becomes_new(bench, OTHER)
    told = bench.look(machine=new, answers_as=OTHER, sequence=2, complete=complete, absent=absent)
    bench.take(told)
    bench.take(bench.look(absent=(VM,)), MISSING)
    assert len(bench.broken) == times


def test_a_machine_that_is_this_host_again_has_to_tell_anew() -> None:
    bench = ended()
    bench.runs(OTHER)
    new = becomes_new(bench, OTHER)
    bench.take(bench.look(machine=new, answers_as=OTHER))
    bench.at(40.0)
    becomes(bench, OTHER, bench.world.hosts[OTHER].uuid)
    bench.take(bench.look(observation(), machine=OTHER, sequence=2))
    bench.at(50.0)
    bench.take(bench.look(machine=OTHER, sequence=3))
    becomes(bench, OTHER, bench.world.hosts[new].uuid)
    bench.take(bench.look(absent=(VM,)), MISSING)
    assert bench.broken == [f"{VM} is recorded missing, and other had shown that it runs there"]


def test_a_later_list_of_the_same_machine_that_lacks_it_replaces_nothing() -> None:
    bench = ended()
    bench.runs(OTHER)
    bench.take(bench.look(observation(), machine=OTHER))
    bench.at(40.0)
    bench.take(bench.look(machine=OTHER, sequence=2))
    bench.take(bench.look(absent=(VM,)), MISSING)
    assert bench.broken == [f"{VM} is recorded missing, and other had shown that it runs there"]
