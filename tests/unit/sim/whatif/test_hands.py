"""What other hands did between two passes is done to the supposed rows, and nothing else is."""

import asyncio
from uuid import UUID

import msgspec
import pytest

from tests import worlds
from tests.parts import HOST, OTHER, VM, held, operation, record, sighting
from tests.recorded import given
from tests.worlds import World, but
from vmuster.model.automation import Disarmed, HoldState, Spent
from vmuster.model.errors import Refused
from vmuster.model.host import Cluster, Fleet, Host
from vmuster.model.ids import OperationId, PlanId, VmUuid
from vmuster.model.operations import AUTOMATIC, Operation
from vmuster.model.policy import Drift, Policy
from vmuster.model.states import DesiredState, HostMode, OperationKind, Standing, VmPhase
from vmuster.model.vm import Sighting, VmRecord
from vmuster.reconcile.passed import Given
from vmuster.reconcile.supposed import Change
from vmuster.sim.whatif.hands import Hands
from vmuster.sim.whatif.rows import Rows, place_of, rows_recorded

DISARMED = Disarmed(by="ann", at=1.0)
DOUBTED = frozenset({VM})
AUTOMATIC_STOP = operation(OperationKind.STOP, actor=AUTOMATIC, id=OperationId(UUID(int=78)))
PLAN = held([OperationKind.STOP])
APPROVED = msgspec.structs.replace(PLAN, state=HoldState.APPROVED, by="ann")
OTHER_PLAN = msgspec.structs.replace(PLAN, id=PlanId(UUID(int=5)))


class Two:
    """The rows as they were, and the supposed ones, from the first pass on."""

    def __init__(self, first: World, change: Change | None = None) -> None:
        self.was, self.now = Rows(), Rows()
        self._hands = Hands(self.was, self.now, change or Change())
        self.passes(first)

    def passes(self, then: World | Given, doubted: frozenset[VmUuid] = frozenset()) -> None:
        """The next pass had read this."""
        was = given(then) if isinstance(then, World) else then
        asyncio.run(self._hands.carry_over(was, doubted))

    def give_back(self) -> None:
        """The pass is over."""
        self._hands.give_back()

    def record(self) -> VmRecord | None:
        return self.now.row(VmRecord, VM)


def test_all_that_the_first_pass_read_is_there() -> None:
    first = but(worlds.duplicate(), operation=operation(OperationKind.START), hold=PLAN)
    two, was = Two(first), given(first)
    for rows in (two.was, two.now):
        assert rows.row(Fleet) == was.fleet
        assert rows.row(Cluster, was.cluster.name) == was.cluster
        assert rows.row(Host, HOST) == was.recorded.host
        found = rows_recorded(was.recorded)
        assert {place: rows.at(place) for place in found} == found


def test_what_is_written_anew_on_a_record_is_written_on_the_supposed_one() -> None:
    two = Two(worlds.owned())
    two.passes(but(worlds.owned(), record={"label": "another", "version": 9}))
    found = two.record()
    assert found is not None
    assert (found.label, found.version) == ("another", 0)
    assert two.was.row(VmRecord, VM) == record(label="another", version=9)


def test_a_supposed_record_that_says_otherwise_by_then_stays() -> None:
    two = Two(worlds.owned())
    two.now.put(record(phase=VmPhase.STARTING))
    two.passes(but(worlds.owned(), record={"phase": VmPhase.MISSING, "label": "another"}))
    found = two.record()
    assert found is not None
    assert (found.phase, found.label) == (VmPhase.STARTING, "another")


@pytest.mark.parametrize(
    ("kind", "desired"),
    [
        (OperationKind.STOP, DesiredState.STOPPED),
        pytest.param(OperationKind.RELEASE, DesiredState.RUNNING, id="says nothing of it"),
    ],
)
def test_a_request_says_what_is_wanted_whatever_was(
    kind: OperationKind, desired: DesiredState
) -> None:
    stopped = but(worlds.owned(), record={"desired": DesiredState.STOPPED})
    two = Two(stopped)
    two.now.put(record(desired=DesiredState.RUNNING))
    asked = but(stopped, record={"generation": 4}, operation=operation(kind))
    two.passes(asked)
    found = two.record()
    assert found is not None
    assert (found.desired, found.generation) == (desired, 4)
    assert two.now.row(Operation, operation(kind).id) is not None


def test_a_record_that_was_dropped_or_made_is_so_here_too() -> None:
    two = Two(worlds.owned())
    two.passes(but(worlds.owned(), record=None))
    assert two.record() is None
    two.now.put(record(label="kept"))
    two.passes(worlds.owned())
    assert two.record() == record()


def test_a_change_to_a_record_that_is_no_more_makes_none() -> None:
    two = Two(worlds.owned())
    two.now.drop(record())
    two.passes(but(worlds.owned(), record={"generation": 4}))
    assert two.record() is None


def test_a_request_takes_the_place_of_what_is_open_on_its_vm() -> None:
    two = Two(worlds.owned())
    two.now.put(AUTOMATIC_STOP)
    asked = operation(OperationKind.START)
    two.passes(but(worlds.owned(), operation=asked))
    assert list(two.now.every(Operation)) == [asked]


def test_an_answer_counts_where_its_operation_is_open() -> None:
    two = Two(but(worlds.owned(), operation=AUTOMATIC_STOP))
    answered = msgspec.structs.replace(AUTOMATIC_STOP, message="done: it is off")
    two.passes(but(worlds.owned(), operation=answered))
    assert list(two.now.every(Operation)) == [answered]
    two.now.drop(answered)
    two.passes(but(worlds.owned(), operation=AUTOMATIC_STOP))
    assert list(two.now.every(Operation)) == []


def test_an_operation_that_ended_unseen_is_open_no_more() -> None:
    two = Two(but(worlds.owned(), operation=AUTOMATIC_STOP))
    two.passes(worlds.owned())
    assert list(two.now.every(Operation)) == []


@pytest.mark.parametrize(("present", "after"), [(PLAN, APPROVED), (OTHER_PLAN, OTHER_PLAN)])
def test_a_person_decides_about_the_plan_that_they_read(present: object, after: object) -> None:
    two = Two(but(worlds.owned(), hold=PLAN))
    assert isinstance(present, msgspec.Struct)
    two.now.put(present)
    two.passes(but(worlds.owned(), hold=APPROVED))
    assert two.now.at(place_of(PLAN)) == after
    two.passes(worlds.owned())
    assert two.now.at(place_of(PLAN)) == (None if after == APPROVED else OTHER_PLAN)


def test_of_a_vm_in_doubt_only_what_a_person_asked_for_is_carried_over() -> None:
    two = Two(worlds.owned())
    moved = {"record": {"phase": VmPhase.MISSING}, "here": {"standing": Standing.MOVED}}
    two.passes(but(worlds.owned(), **moved, operation=AUTOMATIC_STOP, hold=PLAN), DOUBTED)
    assert two.record() == record()
    assert two.now.row(Sighting, HOST, VM) == sighting()
    assert list(two.now.every(Operation)) == []
    assert two.now.at(place_of(PLAN)) is None
    assert two.was.row(VmRecord, VM) == record(phase=VmPhase.MISSING)
    asked = operation(OperationKind.STOP)
    two.passes(but(worlds.owned(), record={"generation": 4}, operation=asked), DOUBTED)
    found = two.record()
    assert found is not None
    assert found.generation == 4
    assert list(two.now.every(Operation)) == [asked]


def test_in_doubt_nothing_is_dropped() -> None:
    two = Two(worlds.owned())
    two.passes(but(worlds.owned(), record=None, here=None), DOUBTED)
    assert (two.record(), two.now.row(Sighting, HOST, VM)) == (record(), sighting())


def test_what_is_said_of_fleet_cluster_and_host_holds() -> None:
    two = Two(worlds.owned())
    host = two.now.row(Host, HOST)
    assert host is not None
    two.now.put(msgspec.structs.replace(host, vms_seen=7))
    was = given(worlds.owned())
    said = msgspec.structs.replace(was.recorded.host, mode=HostMode.CORDONED, disarmed=DISARMED)
    two.passes(
        msgspec.structs.replace(
            was,
            fleet=msgspec.structs.replace(was.fleet, disarmed=DISARMED),
            cluster=msgspec.structs.replace(was.cluster, policy=Policy(seen_before_stop=5)),
            recorded=msgspec.structs.replace(was.recorded, host=said),
        )
    )
    host, fleet = two.now.row(Host, HOST), two.now.row(Fleet)
    cluster = two.now.row(Cluster, was.cluster.name)
    assert host is not None
    assert fleet is not None
    assert cluster is not None
    assert (host.mode, host.disarmed, host.vms_seen) == (HostMode.CORDONED, DISARMED, 7)
    assert fleet.disarmed == DISARMED
    assert cluster.policy.seen_before_stop == 5


def test_what_is_supposed_holds_whatever_is_said() -> None:
    change = Change(settings={"drift": "enforce"}, mode=HostMode.OBSERVE)
    two, was = Two(worlds.owned(), change), given(worlds.owned())
    said = msgspec.structs.replace(was.recorded.host, mode=HostMode.CORDONED)
    recorded = msgspec.structs.replace(was.recorded, host=said)
    two.passes(msgspec.structs.replace(was, recorded=recorded))
    host, cluster = two.now.row(Host, HOST), two.now.row(Cluster, was.cluster.name)
    assert host is not None
    assert cluster is not None
    assert (host.mode, cluster.policy.drift) == (HostMode.OBSERVE, Drift.ENFORCE)
    assert two.was.row(Cluster, was.cluster.name) == was.cluster


def test_a_setting_that_is_none_is_refused() -> None:
    with pytest.raises(Refused, match="no such setting"):
        Two(worlds.owned(), Change(settings={"drfit": "enforce"}))


def test_what_no_row_shows_counts_as_it_did() -> None:
    two = Two(but(worlds.orphan(), orphans=3, spent=Spent(fleet_stops=2)))
    assert (two.now.beyond.orphans, two.now.beyond.spent) == (2, Spent(fleet_stops=2))


def test_what_a_pass_had_read_too_early_is_lent_to_it() -> None:
    two = Two(worlds.owned())
    newer = record(host=OTHER, version=5)
    for rows in (two.was, two.now):
        rows.put(newer)
        rows.written[place_of(newer)] = (OTHER, worlds.owned().now)
    older = record(version=4)
    two.passes(but(worlds.owned(), record={"version": 4}))
    assert (two.was.row(VmRecord, VM), two.record()) == (older, older)
    two.give_back()
    assert (two.was.row(VmRecord, VM), two.record()) == (newer, newer)
