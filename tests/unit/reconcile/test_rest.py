"""Each reason for unrest, by a world that has this one alone: without it something is left undone.

A world is settled pass by pass; then time and weather change, and its account does not. What a pass
over the restless VMs leaves out is held against a pass over everything.
"""

from collections.abc import Sequence

import msgspec
import pytest

from tests.laws.random_hosts import Scene
from tests.parts import NOW, VM, held, operation
from tests.worlds import World, but, copy_of, duplicate, moved, owned
from tests.worlds import settled as remembered
from vmuster.model.automation import HoldState
from vmuster.model.ids import VmUuid
from vmuster.model.plan import UNREST, Decision, Unrest
from vmuster.model.policy import Policy
from vmuster.model.states import (
    Completeness,
    DesiredState,
    Drift,
    Finding,
    HostHealth,
    OperationKind,
    OperationState,
    Standing,
)
from vmuster.reconcile import laws, rest

NEIGHBOUR = 2
ENFORCE = Policy(drift=Drift.ENFORCE)
UP = {"health": HostHealth.UP, "well_since": 0.0}
should_be_off = but(owned(), record={"desired": DesiredState.STOPPED}, policy=ENFORCE)
WORLDS: dict[str, World] = {
    "it was not seen": but(owned(), seen=None, record={"absent_reports": 2}),
    "its sighting is written, and not the last": but(owned(), policy=Policy(seen_before_stop=9)),
    "its record is written": but(
        should_be_off,
        policy=Policy(),
        here={
            "finding": Finding.STARTED_OUTSIDE,
            "why": "it should be stopped, and runs on",
        },
    ),
    "a command is proposed": but(
        should_be_off,
        here={
            "finding": Finding.STARTED_OUTSIDE,
            "why": "it should be stopped, and runs on; stop_vm follows",
        },
    ),
    "something is left undone": but(should_be_off, idle="so soon after a start"),
    "another look is asked for": but(moved(), elsewhere=()),
    "an operation on it is open": but(
        owned(),
        operation=operation(OperationKind.STOP, state=OperationState.RUNNING, deadline_at=NOW + 60),
    ),
    "its restarts are to be forgotten": but(
        owned(), record={"restart_tries": 1, "restart_after": NOW + 60}
    ),
    "it broke a law": owned(),
}
"""By its only reason."""
AT_ONCE = {
    "its sighting is written, and not the last",
    "its record is written",
    "a command is proposed",
}
"""What a pass changes, and the next one not: these worlds are not settled first."""


def scene(world: World) -> Scene:
    """The VM of `world`, beside one of ours that is seen and at rest."""
    counted = {"complete_reports": world.policy.seen_before_stop}
    beside = but(copy_of(remembered(owned()), NEIGHBOUR), here=counted)
    found = but(world, host=UP)
    recorded = msgspec.structs.replace(
        found.recorded,
        records=found.recorded.records | beside.recorded.records,
        here=found.recorded.here | beside.recorded.here,
        marks=found.recorded.marks | beside.recorded.marks,
    )
    report = msgspec.structs.replace(found.report, vms=(*found.report.vms, *beside.report.vms))
    return Scene(recorded=recorded, report=report, policy=world.policy)


def settled(first: Scene) -> Scene:
    for _ in range(4):
        first = first.after()
    return first


def later(before: Scene) -> Scene:
    """The next pass, much later, in fair weather."""
    after = before.after()
    calm = msgspec.structs.replace(after.recorded, idle="")
    return msgspec.structs.replace(after, recorded=calm, now=NOW + 1000)


def same(before: Scene) -> bool:
    """Whether the next pass over what is restless does all that one over everything would do."""
    restless = before.plan().restless
    if isinstance(restless, Unrest):
        return True
    whole, part = later(before), later(before).within(restless)
    said = tuple(d for d in whole.plan().decisions if d.uuid in restless)
    equal = part.plan() == msgspec.structs.replace(whole.plan(), decisions=said)
    return equal and part.changes() == whole.changes()


def before_last(reason: str) -> Scene:
    first = scene(WORLDS[reason])
    return first if reason in AT_ONCE else settled(first)


@pytest.fixture(name="lawless")
def _lawless(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if "it broke a law" in request.node.name:
        monkeypatch.setattr(laws, "violations", _broken)


def _broken(decisions: Sequence[Decision], *_: object) -> dict[VmUuid, str]:
    return {decision.uuid: "L1" for decision in decisions if decision.uuid == VM}


def test_there_is_a_world_for_each_reason() -> None:
    assert set(WORLDS) == set(rest.REASONS)


@pytest.mark.usefixtures("lawless")
@pytest.mark.parametrize("reason", WORLDS)
def test_a_vm_is_restless_for_this_reason_alone(reason: str) -> None:
    before = before_last(reason)
    assert before.plan().restless == {VM}
    assert same(before)


@pytest.mark.usefixtures("lawless")
@pytest.mark.parametrize("reason", WORLDS)
def test_without_the_reason_something_is_left_undone(
    reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(rest.REASONS, reason)
    before = before_last(reason)
    assert before.plan().restless == frozenset()
    assert not same(before)


def test_ours_that_is_as_it_should_be_rests() -> None:
    assert settled(scene(owned())).plan().restless == frozenset()


def test_where_the_order_of_looks_counts_every_pass_is_the_last_word_on_nothing() -> None:
    assert settled(scene(duplicate())).plan().restless == {VM}


@pytest.mark.parametrize(
    ("here", "rests"),
    [
        ({}, True),
        ({"complete_reports": 1}, False),
        ({"standing": Standing.UNPROVEN}, False),
        ({"raw_mark": None}, False),
        ({"absent": True}, False),
    ],
)
def test_a_sighting_is_the_last_where_only_its_words_are_new(
    here: dict[str, object], rests: bool
) -> None:
    before = scene(but(remembered(owned()), here={"why": "it was started", **here}))
    before = but_counted(before) if "complete_reports" not in here else before
    assert VM in {sighting.uuid for sighting in before.plan().sightings}
    assert before.plan().restless == (frozenset() if rests else {VM})
    assert same(before)


def but_counted(before: Scene) -> Scene:
    """Its VM was seen in as many reports as anybody asks for."""
    here = msgspec.structs.replace(
        before.recorded.here[VM], complete_reports=before.policy.seen_before_stop
    )
    recorded = msgspec.structs.replace(before.recorded, here=before.recorded.here | {VM: here})
    return msgspec.structs.replace(before, recorded=recorded)


def test_tries_of_a_vm_that_is_off_are_nothing_to_wait_for() -> None:
    world = but(
        owned(),
        record={"restart_tries": 1, "desired": DesiredState.STOPPED},
        seen={"power": "stopped"},
    )
    assert settled(scene(world)).plan().restless == frozenset()


def test_an_empty_list_leaves_every_vm_restless() -> None:
    emptied = msgspec.structs.replace(
        scene(owned()), report=msgspec.structs.replace(scene(owned()).report, vms=())
    )
    assert emptied.plan().held
    assert emptied.plan().restless == set(emptied.recorded.here)


@pytest.mark.parametrize(
    ("parts", "report"),
    [
        ({"hold": held([OperationKind.STOP], state=HoldState.REJECTED)}, {}),
        ({}, {"completeness": Completeness.PARTIAL}),
        ({}, {"sequence": 9}),
    ],
    ids=["a held plan", "a partial report", "a refused one"],
)
def test_nothing_rests(parts: dict[str, object], report: dict[str, object]) -> None:
    calm = settled(scene(but(should_be_off, idle="so soon after a start")))
    assert calm.plan().restless == {VM}
    found = msgspec.structs.replace(
        calm,
        recorded=msgspec.structs.replace(calm.recorded, **parts),
        report=msgspec.structs.replace(calm.report, **report),
    )
    assert found.plan().restless is UNREST
    assert found.plan().restless, "whoever asks whether anything is restless is told so"
