"""What a case says, as records, sightings and marks; and what is carried from pass to pass."""

import pytest

from tests.unit.replay.asked import MANAGE, ask, finding, record, report, uuid, vm
from tests.unit.replay.test_cases import parsed
from vmuster.model.ids import HostId
from vmuster.model.states import MarkVerdict, PowerReason, VmPhase
from vmuster.replay.world import World, judged, observation


@pytest.mark.parametrize(
    ("desired", "phase"),
    [
        ("running", VmPhase.RUNNING),
        ("stopped", VmPhase.STOPPED),
        ("absent", VmPhase.DELETING),
    ],
)
def test_a_phase_that_is_not_given_is_that_of_what_is_desired(desired: str, phase: VmPhase) -> None:
    (made,) = World(parsed(records=[record(desired=desired)], report={})).records.values()
    assert made.phase is phase


def test_a_removed_record_is_a_tombstone() -> None:
    live, buried = World(
        parsed(records=[record(1), record(2, removed=True)], report={})
    ).records.values()
    assert (live.live, buried.live) == (True, False)


def test_only_stopped_has_a_witness() -> None:
    for power in ("running", "paused", "stopped", "crashed", "unknown"):
        shown = parsed(report=report(vm(power=power))).deliveries[0].vms[0]
        witnessed = observation(shown).reason is PowerReason.HAND
        assert witnessed is (power == "stopped")


def test_a_good_mark_is_as_old_as_its_record() -> None:
    case = parsed(records=[record()], report=report(vm()))
    world = World(case)
    judgement = judged(case.deliveries[0].vms[0], next(iter(world.records.values())))
    assert (judgement.verdict, judgement.generation) == (MarkVerdict.OURS, 1)


def test_a_host_is_in_the_mode_of_the_case() -> None:
    assert World(parsed(policy=MANAGE, report={})).host(HostId("x")).mode == "manage"


@pytest.mark.parametrize(
    ("mark", "records", "standing"),
    [
        ("none", [], "lookalike"),
        ("none", [record()], "unproven"),
        ("none", [record(removed=True)], "unproven"),
        ("ours", [], "orphan"),
        ("ours", [record()], "owned"),
        ("ours", [record(host=None)], "owned"),
        ("ours", [record(host="b")], "moved"),
        ("ours", [record(removed=True)], "ghost"),
        ("foreign", [record()], "foreign"),
        ("copied", [record()], "clone"),
        ("forged", [record()], "unproven"),
        ("forged", [], "unproven"),
    ],
)
def test_the_mark_and_the_record_decide_the_standing(
    mark: str, records: list[dict[str, object]], standing: str
) -> None:
    found = finding(ask(records=records, report=report(vm(mark=mark))))
    assert found is not None
    assert found[0] == standing


@pytest.mark.parametrize(
    ("name", "instance", "standing"),
    [("i-2-1-VM", "VM", "lookalike"), ("i-2-1-VM", "X", "alien"), ("i-2-1-X", "X", "lookalike")],
)
def test_a_name_is_ours_by_the_fleets_instance(name: str, instance: str, standing: str) -> None:
    shown = report(vm(name=name, mark="none"))
    found = finding(ask(fleet={"instance": instance}, report=shown))
    assert found is not None
    assert found[0] == standing


def test_transitions_carry_over() -> None:
    stopped, runs = report(vm(power="stopped")), report(vm())
    answer = ask(records=[record()], reports=[stopped, runs])
    assert finding(answer) == ("owned", "started_outside")
    assert answer["transitions"] == [
        {"uuid": uuid(1), "phase": "running", "desired": "running", "host": "a"}
    ]


def test_a_record_without_a_host_gets_the_one_that_shows_it() -> None:
    answer = ask(records=[record(host=None)], report=report(vm(), host="b"))
    assert answer["transitions"][0]["host"] == "b"


def test_a_stranger_that_is_gone_is_forgotten() -> None:
    policy = {**MANAGE, "unknown_vms": "stop-by-name"}
    shown, other = report(vm(mark="none")), report(vm(2, name="x", mark="none"))
    answer = ask(policy=policy, reports=[shown, other, shown])
    assert answer["commands"] == []
