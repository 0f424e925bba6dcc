"""How a host's held plan moves: over budget, decided by a person, expired, moot, done."""

import msgspec
import pytest

from tests.parts import CLUSTER, HOST, NOW, held, operation
from tests.worlds import World, but, copy_of, ghost, lookalike, owned, together
from vmuster.model.automation import HeldAct, HeldPlan, HoldState, Spent
from vmuster.model.plan import Plan
from vmuster.model.policy import Policy
from vmuster.model.report import HostReport
from vmuster.model.states import (
    Completeness,
    DesiredState,
    Drift,
    HostMode,
    MarkVerdict,
    OperationKind,
    OperationState,
    PowerState,
    UnknownVms,
)
from vmuster.reconcile.engine import reconcile
from vmuster.reconcile.holds import key_of, keys, settled
from vmuster.reconcile.recorded import Recorded

POLICY = Policy(unknown_vms=UnknownVms.STOP_BY_MARK, drift=Drift.ENFORCE, stops_per_pass_max=2)
LATER = NOW + 60


def strays(*numbers: int, **recorded: object) -> tuple[Recorded, HostReport]:
    """A host that shows ghosts of these numbers, each of which is to be stopped."""
    known, report = together(*(copy_of(ghost(), number) for number in numbers))
    return msgspec.structs.replace(known, **recorded), report


def decide(inputs: tuple[Recorded, HostReport], now: float = NOW, **policy: object) -> Plan:
    return reconcile(*inputs, msgspec.structs.replace(POLICY, **policy), now)


def next_pass(plan: Plan, *numbers: int, now: float = NOW, **changes: object) -> Plan:
    """The pass after `plan`, over a newer report that shows these ghosts."""
    recorded, report = strays(*numbers, hold=plan.hold_after, **changes)
    return decide((recorded, msgspec.structs.replace(report, sequence=11)), now)


def said(plan: Plan, state: HoldState, **changes: object) -> Plan:
    """`plan`, of whose acts a person has said that."""
    assert plan.hold_after is not None
    expires = LATER if state is HoldState.APPROVED else None
    hold = msgspec.structs.replace(
        plan.hold_after, **({"state": state, "by": "bea", "expires_at": expires} | changes)
    )
    return msgspec.structs.replace(plan, hold_after=hold)


def stopped(plan: Plan) -> list[int]:
    return [command.vm.int for command in plan.commands]


def listed(plan: Plan) -> list[int]:
    return [act.vm.int for act in plan.hold_after.acts] if plan.hold_after is not None else []


def plan_of(plan: Plan) -> HeldPlan:
    assert plan.hold_after is not None
    return plan.hold_after


OVER = decide(strays(1, 2, 3))


def test_within_the_budgets_nothing_is_held() -> None:
    plan = decide(strays(1, 2))
    assert (stopped(plan), plan.held, plan.hold_after) == ([1, 2], "", None)


def test_over_a_budget_every_act_of_the_pass_is_held() -> None:
    hold = plan_of(OVER)
    assert stopped(OVER) == []
    assert [command.vm.int for command in OVER.held_commands] == [1, 2, 3]
    assert (hold.host, hold.cluster, hold.state) == (HOST, CLUSTER, HoldState.HELD)
    assert (hold.held_at, hold.expires_at) == (NOW, None)
    assert hold.why == "3 automatic stops in one pass; at most 2 are allowed"
    assert [(a.vm.int, a.act, a.rule) for a in hold.acts] == [
        (n, OperationKind.STOP, "standing-8") for n in (1, 2, 3)
    ]
    assert all(str(hold.id) in decision.why for decision in OVER.decisions)
    assert str(hold.id) in OVER.held
    assert OVER.host_after is not None
    assert OVER.host_after.trouble == "", "the host itself is not in trouble"


def test_a_budget_of_the_window_holds_as_well() -> None:
    plan = decide(strays(1, spent=Spent(fleet_stops=100)))
    assert (stopped(plan), listed(plan)) == ([], [1])


def test_what_is_held_waits_for_a_person_even_where_it_is_within_budget_by_now() -> None:
    after = next_pass(OVER, 1, 2)
    assert stopped(after) == []
    assert (plan_of(after).id, listed(after)) == (plan_of(OVER).id, [1, 2])


def test_the_same_acts_stay_the_same_plan() -> None:
    assert next_pass(OVER, 1, 2, 3).hold_after == OVER.hold_after


def test_an_act_more_makes_another_plan_of_it() -> None:
    after = next_pass(OVER, 1, 2, 3, 4, now=NOW + 5)
    assert stopped(after) == []
    assert plan_of(after).id != plan_of(OVER).id
    assert (listed(after), plan_of(after).held_at) == ([1, 2, 3, 4], NOW + 5)
    assert "4 automatic stops" in plan_of(after).why


def test_an_act_that_rests_on_another_rule_makes_another_plan_of_it() -> None:
    first = plan_of(OVER)
    acts = tuple(msgspec.structs.replace(act, rule="another") for act in first.acts)
    read = msgspec.structs.replace(OVER, hold_after=msgspec.structs.replace(first, acts=acts))
    after = next_pass(read, 1, 2, 3)
    assert plan_of(after).id != first.id
    assert {act.rule for act in plan_of(after).acts} == {"standing-8"}


def test_a_plan_ends_when_none_of_its_acts_is_proposed_any_more() -> None:
    after = next_pass(OVER, 4)
    assert (after.hold_after, stopped(after)) == (None, [4])


def test_a_partial_report_that_does_not_name_them_ends_nothing() -> None:
    recorded, report = strays(4, hold=OVER.hold_after)
    partial = msgspec.structs.replace(report, completeness=Completeness.PARTIAL)
    assert decide((recorded, partial)).hold_after == OVER.hold_after


def test_approved_acts_are_bound_by_no_budget_and_leave_the_plan() -> None:
    after = next_pass(said(OVER, HoldState.APPROVED), 1, 2, 3, spent=Spent(host_stops=20))
    assert (stopped(after), after.held, after.hold_after) == ([1, 2, 3], "", None)


def test_what_is_not_done_yet_stays_approved() -> None:
    asked = copy_of(ghost(), 3)
    recorded, report = together(copy_of(ghost(), 1), copy_of(ghost(), 2), unsure(asked))
    approved = said(OVER, HoldState.APPROVED).hold_after
    after = decide((msgspec.structs.replace(recorded, hold=approved), report))
    assert (stopped(after), listed(after)) == ([1, 2], [3])
    assert plan_of(after).state is HoldState.APPROVED


def test_the_moment_an_approval_expires_it_is_worth_nothing() -> None:
    approved = said(OVER, HoldState.APPROVED)
    assert stopped(next_pass(approved, 1, 2, 3, now=LATER - 1)) == [1, 2, 3]
    expired = next_pass(approved, 1, 2, 3, now=LATER)
    assert (stopped(expired), listed(expired)) == ([], [1, 2, 3])
    assert plan_of(expired).state is HoldState.HELD
    assert plan_of(expired).id != plan_of(OVER).id
    endless = said(OVER, HoldState.APPROVED, expires_at=None)
    assert plan_of(next_pass(endless, 1, 2, 3)).state is HoldState.HELD


def test_an_approval_is_of_these_acts_only() -> None:
    after = next_pass(said(OVER, HoldState.APPROVED), 1, 2, 3, 4, 5, 6)
    assert (stopped(after), listed(after)) == ([1, 2, 3], [4, 5, 6])
    assert plan_of(after).state is HoldState.HELD
    assert [command.vm.int for command in after.held_commands] == [4, 5, 6]
    within = next_pass(said(OVER, HoldState.APPROVED), 1, 2, 3, 4, 5)
    assert (stopped(within), within.hold_after) == ([1, 2, 3, 4, 5], None)


def test_an_approval_is_of_this_act_and_no_other_on_the_vm() -> None:
    starts = held([OperationKind.START], state=HoldState.APPROVED, expires_at=LATER)
    recorded, report = strays(1, hold=starts)
    assert stopped(decide((recorded, report), stops_per_pass_max=0)) == []


def test_rejected_acts_are_not_done_even_within_the_budgets() -> None:
    rejected = said(OVER, HoldState.REJECTED)
    after = next_pass(rejected, 1, 2)
    assert (stopped(after), listed(after)) == ([], [1, 2])
    assert "rejected by bea" in after.held
    assert all("rejected by bea" in decision.why for decision in after.decisions)
    again = next_pass(after, 1, 2)
    assert (stopped(again), again.hold_after) == ([], after.hold_after)


def test_what_was_not_rejected_is_done_beside_it() -> None:
    after = next_pass(said(OVER, HoldState.REJECTED), 1, 2, 3, 4)
    assert (stopped(after), listed(after)) == ([4], [1, 2, 3])
    assert plan_of(after).id == plan_of(OVER).id


def test_new_acts_over_a_budget_are_held_together_with_the_rejected_ones() -> None:
    after = next_pass(said(OVER, HoldState.REJECTED), 1, 2, 3, 4, 5, 6)
    assert (stopped(after), listed(after)) == ([], [1, 2, 3, 4, 5, 6])
    assert plan_of(after).state is HoldState.HELD
    assert plan_of(after).id != plan_of(OVER).id
    assert "3 acts were rejected before" in plan_of(after).why


def unsure(world: World, power: PowerState = PowerState.PAUSED) -> World:
    """Whether the act is asked for can't be said of a VM that is seen like this."""
    return but(world, seen={"power": power})


@pytest.mark.parametrize(
    "changes",
    [
        {"idle": "the whole fleet is disarmed"},
        {"quarantined": "the database is old"},
        {"orphans": 1},
    ],
)
@pytest.mark.parametrize("state", HoldState)
def test_what_a_person_said_outlasts_what_keeps_automation_back(
    state: HoldState, changes: dict[str, object]
) -> None:
    before = said(OVER, state)
    after = decide(strays(1, 2, 3, hold=before.hold_after, **changes))
    assert (stopped(after), after.hold_after) == ([], before.hold_after)


def test_a_rejection_outlasts_a_moment_in_which_nothing_can_be_said() -> None:
    rejected = said(OVER, HoldState.REJECTED).hold_after
    for power in (PowerState.PAUSED, PowerState.UNKNOWN):
        recorded, report = together(*(unsure(copy_of(ghost(), n), power) for n in (1, 2, 3)))
        after = decide((msgspec.structs.replace(recorded, hold=rejected), report))
        assert after.hold_after == rejected


def test_a_rejection_outlasts_an_empty_list() -> None:
    rejected = said(OVER, HoldState.REJECTED).hold_after
    recorded, report = strays(1, 2, 3, hold=rejected)
    after = decide((recorded, msgspec.structs.replace(report, vms=())))
    assert "the list is empty where VMs were" in after.held
    assert after.hold_after == rejected


def test_a_rejection_outlasts_a_request_about_the_vm() -> None:
    enforced = but(owned(), record={"desired": DesiredState.STOPPED}, policy=POLICY)
    hold = held([OperationKind.STOP], state=HoldState.REJECTED)
    running = operation(OperationKind.START, state=OperationState.RUNNING)
    flying = but(enforced, seen={"power": PowerState.STOPPED}, operation=running, hold=hold)
    assert flying.plan().hold_after == hold


@pytest.mark.parametrize("state", HoldState)
def test_no_words_of_a_person_waive_anything_but_a_budget(state: HoldState) -> None:
    """Every other condition of an automatic act, each broken alone, under an approval too."""
    hold = held([OperationKind.STOP], state=state, expires_at=LATER)
    allowed = but(ghost(), hold=hold, policy={"stops_per_pass_max": 0})
    assert bool(allowed.plan().commands) is (state is HoldState.APPROVED)
    for flaw in FLAWS:
        assert but(allowed, **flaw).plan().commands == ()


FLAWS: list[dict[str, object]] = [
    {"idle": "the whole fleet is disarmed"},
    {"quarantined": "the database is old"},
    {"unheard_of": frozenset({ghost().uuid}), "record": None},
    {"orphans": 1},
    {"completeness": Completeness.PARTIAL},
    {"mark": {"generation": 2}},
    {"record": None},
    {"here": {"complete_reports": 0}},
    {"policy": {"unknown_vms": UnknownVms.LEAVE}},
    *({"host": {"mode": mode}} for mode in HostMode if mode is not HostMode.MANAGE),
    *({"seen": {"power": power}} for power in PowerState if power is not PowerState.RUNNING),
    *({"mark": {"verdict": verdict}} for verdict in MarkVerdict if verdict is not MarkVerdict.OURS),
]


def test_a_change_of_mind_about_strangers_ends_the_plan() -> None:
    recorded, report = strays(1, 2, 3, hold=OVER.hold_after)
    assert decide((recorded, report), unknown_vms=UnknownVms.LEAVE).hold_after is None


def test_the_new_plan_takes_the_place_of_the_old_row() -> None:
    before = msgspec.structs.replace(plan_of(said(OVER, HoldState.REJECTED)), version=7)
    recorded, report = strays(1, 2, 3, 4, 5, 6, hold=before)
    newer = msgspec.structs.replace(report, sequence=12)
    assert plan_of(decide((recorded, newer))).version == 7


def test_only_what_was_really_sent_leaves_the_plan() -> None:
    hold = plan_of(OVER)
    sent = decide(strays(1)).decisions
    assert keys(settled(hold, sent)) == {key_of(act) for act in hold.acts[1:]}
    unsent = [msgspec.structs.replace(decision, command=None) for decision in sent]
    assert settled(hold, unsent) is hold
    assert settled(None, sent) is None
    (by_ann,) = but(copy_of(owned(), 1), operation=operation(OperationKind.STOP)).plan().decisions
    assert settled(hold, [by_ann]) is hold


def test_acts_are_the_same_where_the_vm_and_the_deed_are() -> None:
    act = HeldAct(vm=lookalike().uuid, name="a", act=OperationKind.STOP, rule="r", why="w")
    assert key_of(act) == key_of(msgspec.structs.replace(act, name="b", rule="q", why="v"))
    assert key_of(act) != key_of(msgspec.structs.replace(act, act=OperationKind.START))
