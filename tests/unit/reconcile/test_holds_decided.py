"""What a person said of a held plan: what it allows, what it forbids, and how long it lasts."""

import msgspec
import pytest

from tests.parts import held, operation
from tests.strays import (
    LATER,
    POLICY,
    decide,
    listed,
    next_pass,
    over,
    plan_of,
    said,
    stopped,
    strays,
)
from tests.worlds import World, but, copy_of, ghost, owned, together
from vmuster.model.automation import HoldState, Spent
from vmuster.model.states import (
    Completeness,
    DesiredState,
    HostMode,
    MarkVerdict,
    OperationKind,
    OperationState,
    PowerState,
    UnknownVms,
)


def test_approved_acts_are_bound_by_no_budget_and_leave_the_plan() -> None:
    after = next_pass(said(over(), HoldState.APPROVED), 1, 2, 3, spent=Spent(host_stops=20))
    assert (stopped(after), after.held, after.hold_after) == ([1, 2, 3], "", None)


def test_what_is_not_done_yet_stays_approved() -> None:
    asked = copy_of(ghost(), 3)
    recorded, report = together(copy_of(ghost(), 1), copy_of(ghost(), 2), unsure(asked))
    approved = said(over(), HoldState.APPROVED).hold_after
    after = decide((msgspec.structs.replace(recorded, hold=approved), report))
    assert (stopped(after), listed(after)) == ([1, 2], [3])
    assert plan_of(after).state is HoldState.APPROVED


def test_the_moment_an_approval_expires_it_is_worth_nothing() -> None:
    approved = said(over(), HoldState.APPROVED)
    assert stopped(next_pass(approved, 1, 2, 3, now=LATER - 1)) == [1, 2, 3]
    expired = next_pass(approved, 1, 2, 3, now=LATER)
    assert (stopped(expired), listed(expired)) == ([], [1, 2, 3])
    assert plan_of(expired).state is HoldState.HELD
    assert plan_of(expired).id == plan_of(over()).id, "what was read, to be decided about anew"
    endless = said(over(), HoldState.APPROVED, expires_at=None)
    assert plan_of(next_pass(endless, 1, 2, 3)).state is HoldState.HELD


def test_an_approval_is_of_these_acts_only() -> None:
    after = next_pass(said(over(), HoldState.APPROVED), 1, 2, 3, 4, 5, 6)
    assert (stopped(after), listed(after)) == ([1, 2, 3], [4, 5, 6])
    assert plan_of(after).state is HoldState.HELD
    assert [command.vm.int for command in after.held_commands] == [4, 5, 6]
    within = next_pass(said(over(), HoldState.APPROVED), 1, 2, 3, 4, 5)
    assert (stopped(within), within.hold_after) == ([1, 2, 3, 4, 5], None)


def test_an_approval_is_of_this_act_and_no_other_on_the_vm() -> None:
    starts = held([OperationKind.START], state=HoldState.APPROVED, expires_at=LATER)
    recorded, report = strays(1, hold=starts)
    assert stopped(decide((recorded, report), stops_per_pass_max=0)) == []


def test_an_approval_is_of_the_act_by_the_rule_that_was_read() -> None:
    approved = said(over(), HoldState.APPROVED)
    acts = tuple(msgspec.structs.replace(a, rule="another") for a in plan_of(approved).acts)
    other = msgspec.structs.replace(
        approved, hold_after=msgspec.structs.replace(plan_of(approved), acts=acts)
    )
    after = next_pass(other, 1, 2, 3)
    assert (stopped(after), plan_of(after).state) == ([], HoldState.HELD)
    assert stopped(next_pass(approved, 1, 2, 3)) == [1, 2, 3]


def test_what_is_asked_for_no_more_leaves_an_approval() -> None:
    after = next_pass(said(over(), HoldState.APPROVED), 1, 2, idle="it is quiet")
    assert listed(after) == [1, 2]


def test_a_rejection_is_of_the_act_whatever_its_rule() -> None:
    rejected = said(over(), HoldState.REJECTED)
    acts = tuple(msgspec.structs.replace(a, rule="another") for a in plan_of(rejected).acts)
    other = msgspec.structs.replace(
        rejected, hold_after=msgspec.structs.replace(plan_of(rejected), acts=acts)
    )
    assert stopped(next_pass(other, 1, 2)) == []


def test_rejected_acts_are_not_done_even_within_the_budgets() -> None:
    rejected = said(over(), HoldState.REJECTED)
    after = next_pass(rejected, 1, 2)
    assert (stopped(after), after.hold_after) == ([], rejected.hold_after)
    assert "rejected by bea" in after.held
    assert all("rejected by bea" in decision.why for decision in after.decisions)
    again = next_pass(after, 1, 2)
    assert (stopped(again), again.hold_after) == ([], after.hold_after)


def test_what_was_not_rejected_is_done_beside_it() -> None:
    after = next_pass(said(over(), HoldState.REJECTED), 1, 2, 3, 4)
    assert (stopped(after), listed(after)) == ([4], [1, 2, 3])
    assert plan_of(after).id == plan_of(over()).id


def test_new_acts_over_a_budget_are_held_together_with_the_rejected_ones() -> None:
    after = next_pass(said(over(), HoldState.REJECTED), 1, 2, 3, 4, 5, 6)
    assert (stopped(after), listed(after)) == ([], [1, 2, 3, 4, 5, 6])
    assert plan_of(after).state is HoldState.HELD
    assert plan_of(after).id != plan_of(over()).id
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
    before = said(over(), state)
    after = decide(strays(1, 2, 3, hold=before.hold_after, **changes))
    assert (stopped(after), after.held, after.hold_after) == ([], "", before.hold_after)


def test_a_rejection_outlasts_a_moment_in_which_nothing_can_be_said() -> None:
    rejected = said(over(), HoldState.REJECTED).hold_after
    for power in (PowerState.PAUSED, PowerState.UNKNOWN):
        recorded, report = together(*(unsure(copy_of(ghost(), n), power) for n in (1, 2, 3)))
        after = decide((msgspec.structs.replace(recorded, hold=rejected), report))
        assert after.hold_after == rejected


def test_a_rejection_outlasts_an_empty_list() -> None:
    rejected = said(over(), HoldState.REJECTED).hold_after
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
    hold = held([OperationKind.STOP], rule="standing-8", state=state, expires_at=LATER)
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
