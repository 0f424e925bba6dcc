"""A report without a VM: a claim that needs evidence, and no information where there is none."""

from uuid import UUID

import msgspec
import pytest

from tests.parts import NOW, VM, copy_elsewhere
from tests.worlds import World, but, ghost, lookalike, orphan, owned
from vmuster.model.ids import VmUuid
from vmuster.model.plan import Plan
from vmuster.model.states import (
    Completeness,
    DesiredState,
    Finding,
    MarkVerdict,
    PowerState,
    VmPhase,
)
from vmuster.reconcile.absence import absent
from vmuster.reconcile.draft import Draft
from vmuster.reconcile.engine import reconcile
from vmuster.reconcile.lifecycle import PhaseEvent

NEIGHBOUR = VmUuid(UUID(int=2))


def without(world: World) -> Plan:
    """What a pass decides about a report that shows a stranger, and not the VM."""
    assert world.seen is not None or world.record is not None
    neighbour = lookalike().seen
    assert neighbour is not None
    stranger = msgspec.structs.replace(neighbour, uuid=NEIGHBOUR, name="web-01")
    gone = but(world, seen=None)
    report = msgspec.structs.replace(gone.report, vms=(stranger,))
    return reconcile(gone.recorded, report, gone.policy, NOW)


def about(plan: Plan, vm: VmUuid = VM) -> tuple[Finding, str] | None:
    return next(((d.finding, d.rule) for d in plan.decisions if d.uuid == vm), None)


LACKING = but(owned(), record={"absent_reports": 1}, absent=(VM,))


@pytest.mark.parametrize(
    ("change", "finding", "rule"),
    [
        ({}, Finding.MISSING, "missing"),
        ({"absent": ()}, Finding.UNCLEAR, "absent-unconfirmed"),
        ({"record": {"absent_reports": 0}}, Finding.UNCLEAR, "absent-unconfirmed"),
        ({"policy": {"seen_before_stop": 3}}, Finding.UNCLEAR, "absent-unconfirmed"),
        ({"policy": {"seen_before_stop": 1}}, Finding.MISSING, "missing"),
        ({"elsewhere": (copy_elsewhere(),)}, Finding.UNCLEAR, "absent-elsewhere"),
        ({"record": {"desired": DesiredState.STOPPED}}, Finding.MISSING, "missing"),
        ({"record": {"desired": DesiredState.ABSENT}}, Finding.IN_SYNC, "absent-as-asked"),
    ],
)
def test_missing_needs_reports_in_a_row_and_a_confirmation(
    change: dict[str, object], finding: Finding, rule: str
) -> None:
    lacking = but(LACKING, **{k: v for k, v in change.items() if k != "record"})
    world = but(lacking, record={"absent_reports": 1} | dict(_part(change, "record")))
    assert about(without(world)) == (finding, rule)


def _part(change: dict[str, object], name: str) -> dict[str, object]:
    part = change.get(name, {})
    assert isinstance(part, dict)
    return {str(key): value for key, value in part.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]


ALONE = but(LACKING, seen=None)


@pytest.mark.parametrize(
    ("change", "finding", "rule", "why", "reports"),
    [
        (
            {},
            Finding.MISSING,
            "missing",
            "its hypervisor says that there is no such VM, and no process holds it",
            2,
        ),
        (
            {"record": {"desired": DesiredState.ABSENT}},
            Finding.IN_SYNC,
            "absent-as-asked",
            "it was asked to go, and is gone",
            2,
        ),
        (
            {"record": {"absent_reports": 0}},
            Finding.UNCLEAR,
            "absent-unconfirmed",
            "not in 1 of 2 complete reports in a row",
            1,
        ),
        (
            {"record": {"absent_reports": 0}, "completeness": Completeness.PARTIAL},
            Finding.UNCLEAR,
            "absent-unconfirmed",
            "it is not there; no complete report has missed it yet",
            0,
        ),
        (
            {"absent": (), "here": {"absent": True}},
            Finding.UNCLEAR,
            "absent-unconfirmed",
            "not in 2 of 2 complete reports in a row; its absence is not confirmed",
            2,
        ),
        (
            {"absent": ()},
            Finding.UNCLEAR,
            "absent-empty-list",
            "the list is empty where VMs were: no information",
            1,
        ),
        (
            {"elsewhere": (copy_elsewhere(host="third"), copy_elsewhere())},
            Finding.UNCLEAR,
            "absent-elsewhere",
            "it is not here, and was seen on other, third",
            1,
        ),
        (
            {
                "elsewhere": (
                    copy_elsewhere(host="third", absent=True, mark=MarkVerdict.NONE),
                    copy_elsewhere(absent=True),
                )
            },
            Finding.UNCLEAR,
            "absent-elsewhere",
            "it is not here; it is gone from other, third too, where a process of it may be left",
            1,
        ),
        (
            {"elsewhere": (copy_elsewhere(mark=MarkVerdict.NONE),)},
            Finding.UNCLEAR,
            "absent-elsewhere",
            "it is not here, and was seen on other",
            1,
        ),
        (
            {"elsewhere": (copy_elsewhere(mark=MarkVerdict.NONE, power=PowerState.STOPPED),)},
            Finding.MISSING,
            "missing",
            "its hypervisor says that there is no such VM, and no process holds it",
            2,
        ),
        (
            {"elsewhere": (copy_elsewhere(absent=True, absence_confirmed=True),)},
            Finding.MISSING,
            "missing",
            "its hypervisor says that there is no such VM, and no process holds it",
            2,
        ),
    ],
)
def test_what_is_concluded_is_said_and_counted(
    change: dict[str, object], finding: Finding, rule: str, why: str, reports: int
) -> None:
    world = but(ALONE, **change)
    settled = finding is not Finding.UNCLEAR
    assert absent(world.pair, world.recorded, world.report, world.policy) == Draft(
        pair=world.pair,
        standing=None,
        finding=finding,
        rule=rule,
        why=why,
        event=PhaseEvent.ABSENCE_CONFIRMED if settled else None,
        absent_reports=reports,
        alert=finding is Finding.MISSING,
    )


def test_a_missing_vm_is_recorded_and_told_and_nothing_is_done() -> None:
    plan = without(LACKING)
    decision = next(d for d in plan.decisions if d.uuid == VM)
    assert decision.alert
    assert decision.command is None
    assert decision.transition is not None
    assert decision.transition.after is not None
    assert decision.transition.after.phase is VmPhase.MISSING
    assert decision.transition.after.desired is DesiredState.RUNNING


def test_a_vm_that_was_asked_to_go_is_deleted_without_alarm() -> None:
    going = {"desired": DesiredState.ABSENT, "phase": VmPhase.DELETING}
    plan = without(but(LACKING, record=going))
    decision = next(d for d in plan.decisions if d.uuid == VM)
    assert not decision.alert
    assert decision.transition is not None
    assert decision.transition.after is not None
    assert decision.transition.after.phase is VmPhase.DELETED


def test_reports_without_it_are_counted_and_no_further_than_needed() -> None:
    world = but(owned(), policy={"seen_before_stop": 2})
    counts: list[int] = []
    for _ in range(4):
        for change in without(world).transitions:
            assert change.after is not None
            world = but(world, record=change.after)
        assert world.record is not None
        counts.append(world.record.absent_reports)
        assert world.record.phase is VmPhase.RUNNING
    assert counts == [1, 2, 2, 2]


def test_being_seen_again_ends_the_count() -> None:
    (change,) = but(owned(), record={"absent_reports": 1}).plan().transitions
    assert change.after is not None
    assert change.after.absent_reports == 0


def test_a_partial_report_counts_nothing_even_where_it_confirms() -> None:
    world = but(owned(), seen=None, absent=(VM,), completeness=Completeness.PARTIAL)
    decision = world.decision()
    assert decision.finding is Finding.UNCLEAR
    assert world.plan().transitions == ()


def test_a_confirmation_after_enough_complete_reports_settles_it() -> None:
    world = but(owned(), seen=None, absent=(VM,), completeness=Completeness.PARTIAL)
    assert but(world, record={"absent_reports": 2}).decision().finding is Finding.MISSING


def test_a_vm_that_lacks_only_its_confirmation_is_asked_for() -> None:
    plan = without(but(owned(), record={"absent_reports": 2}))
    assert [(wish.host, wish.vms) for wish in plan.looks] == [("home", (VM,))]
    assert without(but(owned(), record={"absent_reports": 0})).looks == ()
    assert without(LACKING).looks == (), "it is missing, and known to be"


@pytest.mark.parametrize(
    "world",
    [ghost(), orphan(), lookalike()],
    ids=["tombstone", "orphan", "stranger"],
)
def test_what_does_not_live_here_may_go_without_a_word(world: World) -> None:
    world = but(world, here={"mark": world.mark.verdict}, absent=(VM,))
    plan = without(world)
    assert about(plan) is None
    assert plan.gone == (VM,)
    assert plan.transitions == ()


EMPTY = but(owned(), seen=None)
