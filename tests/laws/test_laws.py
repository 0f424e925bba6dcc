"""The laws over any world: what must never happen, whatever records, reports and policies say."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.effort import examples
from tests.laws.random_worlds import policies, worlds
from tests.parts import HOST, NOW, OTHER, VM, operation
from tests.worlds import (
    World,
    alien,
    but,
    copy_of,
    duplicate,
    ghost,
    lookalike,
    marked,
    moved,
    orphan,
    owned,
    owned_stopped,
    together,
)
from vmuster.model.automation import HoldState
from vmuster.model.commands import StartVm, StopVm, UnmarkVm
from vmuster.model.states import (
    Completeness,
    DesiredState,
    Drift,
    HostMode,
    MarkVerdict,
    OperationKind,
    PowerState,
    Restart,
    Standing,
    VmPhase,
)
from vmuster.reconcile.engine import reconcile

UNTOUCHABLE = {
    Standing.ALIEN,
    Standing.FOREIGN,
    Standing.CLONE,
    Standing.UNPROVEN,
    Standing.ORPHAN,
    Standing.DUPLICATE,
    Standing.MOVED,
}
STRANGE = {
    "alien": alien(),
    "foreign": marked(MarkVerdict.FOREIGN),
    "clone": marked(MarkVerdict.COPIED),
    "forged": marked(MarkVerdict.FORGED),
    "stripped": marked(MarkVerdict.NONE),
    "orphan": orphan(),
    "duplicate": duplicate(),
    "moved": moved(),
}
many = settings(max_examples=examples(300), deadline=None)


@many
@given(worlds())
def test_l1_what_is_not_provably_ours_is_never_touched(world: World) -> None:
    for decision in world.plan().decisions:
        if decision.standing in UNTOUCHABLE:
            assert decision.command is None


@pytest.mark.parametrize("standing", STRANGE)
@given(
    policy=policies,
    mode=st.sampled_from(HostMode),
    power=st.sampled_from(PowerState),
    kind=st.none() | st.sampled_from([OperationKind.START, OperationKind.STOP]),
)
def test_l1_holds_under_any_policy_mode_and_request(
    standing: str,
    policy: object,
    mode: HostMode,
    power: PowerState,
    kind: OperationKind | None,
) -> None:
    world = but(
        STRANGE[standing],
        policy=policy,
        host={"mode": mode},
        seen={"power": power},
        operation=operation(kind, force=True) if kind else None,
    )
    plan = world.plan()
    assert plan.commands == ()
    assert plan.held_commands == ()


@many
@given(worlds())
def test_l1_an_end_needs_a_proof_of_this_vm_here_and_now(world: World) -> None:
    for command in world.plan().commands:
        if isinstance(command, StopVm | UnmarkVm):
            proof = command.proof
            assert (proof.host, proof.vm) == (HOST, VM)
            assert (proof.epoch, proof.sequence) == (world.epoch, world.sequence)


@many
@given(worlds())
def test_the_second_opinion_has_never_anything_to_say(world: World) -> None:
    assert world.plan().violations == ()


@many
@given(worlds())
def test_l2_nothing_is_started_that_may_be_running(world: World) -> None:
    if any(isinstance(command, StartVm) for command in world.plan().commands):
        assert world.seen is not None
        assert world.seen.power in (PowerState.STOPPED, PowerState.CRASHED)
        assert not any(s.active for s in world.elsewhere)
        assert world.completeness is Completeness.COMPLETE


@many
@given(worlds())
def test_l3_a_request_ends_only_by_looks_at_the_vms_home(world: World) -> None:
    away = world.record is not None and world.record.live and world.record.host == OTHER
    for decision in world.plan().decisions:
        assert not (away and decision.operation is not None)


@many
@given(worlds())
def test_l6_only_what_was_seen_is_recorded(world: World) -> None:
    for change in world.plan().transitions:
        after = change.after
        if after is None or after.phase is change.before.phase:
            continue
        if after.phase is VmPhase.STOPPED:
            began = change.before.phase in (VmPhase.STARTING, VmPhase.STOPPING)
            assert world.seen is not None or began, "it returns to what was last seen"
            last_seen = change.before.power if world.seen is None else world.seen.power
            assert last_seen in (PowerState.STOPPED, PowerState.CRASHED)
        if after.phase in (VmPhase.MISSING, VmPhase.DELETED):
            assert world.seen is None
            assert world.absent == (VM,)


@many
@given(worlds(fresh=False))
def test_l7_a_stale_report_changes_nothing(world: World) -> None:
    plan = world.plan()
    fresh = world.epoch == world.host.epoch and world.sequence > world.host.sequence
    assert bool(plan.refused) is not fresh
    if not fresh:
        assert plan == type(plan)(host=world.host, refused=plan.refused)


@many
@given(worlds())
def test_l8_automatic_acts_keep_their_place(world: World) -> None:
    plan = world.plan()
    automatic = [command for command in plan.commands if command.automatic]
    if automatic:
        assert world.host.mode is HostMode.MANAGE
        assert (world.idle, world.quarantined, plan.too_new) == ("", "", ())
        assert world.hold is None or world.hold.state is not HoldState.HELD
    assert all(command.automatic for command in plan.held_commands)
    assert {c.vm for c in automatic}.isdisjoint(c.vm for c in plan.held_commands)


@given(st.integers(1, 6), st.integers(0, 6), st.booleans())
def test_l8_a_pass_ends_no_more_than_its_budget(vms: int, budget: int, window: bool) -> None:
    limit = {"stops_per_window_max": budget} if window else {"stops_per_pass_max": budget}
    recorded, report = together(*(copy_of(ghost(), n) for n in range(1, vms + 1)))
    policy = msgspec.structs.replace(ghost().policy, **limit)
    plan = reconcile(recorded, report, policy, NOW)
    assert bool(plan.held) is (vms > budget)
    assert len(plan.commands) == (0 if plan.held else vms)
    assert len(plan.held_commands) == (vms if plan.held else 0)


@given(st.integers(1, 6), st.integers(0, 6))
def test_l8_a_pass_starts_no_more_than_its_budget(vms: int, budget: int) -> None:
    recorded, report = together(*(copy_of(owned_stopped(), n) for n in range(1, vms + 1)))
    policy = msgspec.structs.replace(
        owned().policy, drift=Drift.ENFORCE, starts_per_pass_max=budget
    )
    plan = reconcile(recorded, report, policy, NOW)
    assert bool(plan.held) is (vms > budget)
    assert len(plan.commands) == (0 if plan.held else vms)


def test_l8_a_held_plan_still_carries_out_what_a_person_asked_for() -> None:
    asked = but(copy_of(owned(), 1), operation=operation(OperationKind.STOP))
    recorded, report = together(asked, copy_of(ghost(), 2))
    policy = msgspec.structs.replace(ghost().policy, stops_per_pass_max=0)
    plan = reconcile(recorded, report, policy, NOW)
    assert plan.held
    assert [command.actor for command in plan.commands] == ["ann"]


@many
@given(worlds())
def test_l9_a_tombstone_stays_one(world: World) -> None:
    if world.record is None or world.record.live:
        return
    plan = world.plan()
    assert plan.transitions == ()
    assert not any(isinstance(command, StartVm) for command in plan.commands)


def test_l9_an_orphan_holds_the_stops_of_its_whole_cluster_at_once() -> None:
    strange = but(copy_of(ghost(), 2), here=None)
    recorded, report = together(ghost(), but(strange, record=None))
    plan = reconcile(recorded, report, ghost().policy, NOW)
    assert [d.standing for d in plan.decisions] == [Standing.GHOST, Standing.ORPHAN]
    assert plan.commands == ()


@many
@given(worlds())
def test_l9_an_older_database_commands_nothing(world: World) -> None:
    plan = world.plan()
    if world.quarantined or plan.too_new:
        assert plan.commands == plan.held_commands == ()
        assert plan.hold_after == world.hold


@pytest.mark.parametrize("drift", Drift)
@pytest.mark.parametrize("restart", Restart)
def test_the_ends_of_this_suite_are_reached(drift: Drift, restart: Restart) -> None:
    """The laws above would hold of a heart that does nothing: it must do what is asked of it."""
    policy = {"drift": drift, "restart": restart}
    crashed = but(owned_stopped(), policy=policy, seen={"power": PowerState.CRASHED})
    assert bool(crashed.plan().commands) is (restart is not Restart.NEVER)
    started = but(owned(), policy=policy, record={"desired": DesiredState.STOPPED})
    assert bool(started.plan().commands) is (drift is Drift.ENFORCE)
    assert ghost().plan().commands
    assert lookalike().plan().commands
