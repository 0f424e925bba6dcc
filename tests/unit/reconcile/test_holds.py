"""How a host's held plan comes, grows and goes: over budget, moot, done."""

import msgspec

from tests.parts import CLUSTER, HOST, NOW, OTHER, held, operation
from tests.strays import (
    decide,
    listed,
    next_pass,
    over,
    plan_of,
    said,
    stopped,
    strays,
)
from tests.worlds import but, copy_of, lookalike, owned
from vmuster.model.automation import HeldAct, HeldPlan, HoldState, Spent
from vmuster.model.states import (
    Completeness,
    OperationKind,
    UnknownVms,
)
from vmuster.reconcile.holds import key_of, keys, settled


def test_within_the_budgets_nothing_is_held() -> None:
    plan = decide(strays(1, 2))
    assert (stopped(plan), plan.held, plan.hold_after) == ([1, 2], "", None)


def test_over_a_budget_every_act_of_the_pass_is_held() -> None:
    plan = over()
    hold = plan_of(plan)
    assert stopped(plan) == []
    assert [command.vm.int for command in plan.held_commands] == [1, 2, 3]
    assert hold == HeldPlan(
        host=HOST,
        id=hold.id,
        cluster=CLUSTER,
        why="3 automatic stops in one pass; at most 2 are allowed",
        acts=hold.acts,
        held_at=NOW,
    )
    assert plan.held == f"{hold.why}; held for a person as plan {hold.id}"
    for act, d in zip(hold.acts, plan.decisions, strict=True):
        assert (act.vm, act.name, act.act) == (d.uuid, d.name, OperationKind.STOP)
        assert (act.rule, d.rule) == ("standing-8", "standing-8")
        assert d.why == f"{act.why}; stop_vm withheld: {plan.held}"
    assert plan.host_after is not None
    assert plan.host_after.trouble == "", "the host itself is not in trouble"


def test_a_budget_of_the_window_holds_as_well() -> None:
    plan = decide(strays(1, spent=Spent(fleet_stops=100)))
    assert (stopped(plan), listed(plan)) == ([], [1])


def test_what_is_held_waits_for_a_person_even_where_it_is_within_budget_by_now() -> None:
    after = next_pass(over(), 1, 2)
    assert stopped(after) == []
    hold = plan_of(after)
    assert hold == plan_of(over())
    assert after.held == f"{hold.why}; held for a person as plan {hold.id}"
    assert all(after.held in decision.why for decision in after.decisions)


def test_what_a_person_asked_for_is_bound_by_no_budget_and_held_by_no_plan() -> None:
    policy = {"stops_per_pass_max": 0, "stops_per_window_max": 0}
    asked = but(owned(), operation=operation(OperationKind.STOP), policy=policy)
    assert [c.automatic for c in asked.plan().commands] == [False]
    assert asked.plan().hold_after is None
    waiting = but(asked, hold=held([OperationKind.STOP]))
    assert len(waiting.plan().commands) == 1


def test_the_same_acts_stay_the_same_plan() -> None:
    assert next_pass(over(), 1, 2, 3).hold_after == over().hold_after


def test_an_act_more_makes_another_plan_of_it() -> None:
    after = next_pass(over(), 1, 2, 3, 4, now=NOW + 5)
    assert stopped(after) == []
    assert plan_of(after).id != plan_of(over()).id
    assert plan_of(after) == msgspec.structs.replace(
        plan_of(over()),
        id=plan_of(after).id,
        why="4 automatic stops in one pass; at most 2 are allowed",
        acts=plan_of(after).acts,
        held_at=NOW + 5,
    )
    assert listed(after) == [1, 2, 3, 4]
    at_once = plan_of(decide(strays(1, 2, 3, 4)))
    assert plan_of(after).id == at_once.id, "it follows from the acts, however they came together"


def test_an_act_that_rests_on_another_rule_makes_another_plan_of_it() -> None:
    first = plan_of(over())
    acts = tuple(msgspec.structs.replace(act, rule="another") for act in first.acts)
    read = msgspec.structs.replace(over(), hold_after=msgspec.structs.replace(first, acts=acts))
    after = next_pass(read, 1, 2, 3)
    assert plan_of(after).id != first.id
    assert {act.rule for act in plan_of(after).acts} == {"another", "standing-8"}
    assert next_pass(after, 1, 2, 3).hold_after == after.hold_after, "both were read"


def test_an_act_that_comes_and_goes_leaves_the_plan_and_its_id_as_they_are() -> None:
    more = next_pass(over(), 1, 2, 3, 4)
    less = next_pass(more, 1, 2, 3)
    assert less.hold_after == more.hold_after
    assert next_pass(less, 1, 2, 3, 4).hold_after == more.hold_after
    rejected = said(more, HoldState.REJECTED)
    without = next_pass(rejected, 1, 2, 3)
    assert without.hold_after == rejected.hold_after
    back = next_pass(without, 1, 2, 3, 4)
    assert (stopped(back), back.hold_after) == ([], rejected.hold_after)


def test_a_plan_that_comes_again_is_known_by_the_same_id() -> None:
    gone = next_pass(over(), 9)
    assert gone.hold_after is None
    again = next_pass(gone, 3, 2, 1, now=NOW + 60)
    assert plan_of(again).id == plan_of(over()).id
    assert plan_of(next_pass(gone, 1, 2, 4)).id != plan_of(over()).id


def test_the_same_acts_on_another_host_are_another_plan() -> None:
    recorded, report = strays(1, 2, 3)
    there = msgspec.structs.replace(
        recorded,
        host=msgspec.structs.replace(recorded.host, id=OTHER),
        here={u: msgspec.structs.replace(s, host=OTHER) for u, s in recorded.here.items()},
    )
    elsewhere = plan_of(decide((there, msgspec.structs.replace(report, host=OTHER))))
    assert [act.vm for act in elsewhere.acts] == [act.vm for act in plan_of(over()).acts]
    assert elsewhere.id != plan_of(over()).id


def test_a_plan_ends_when_none_of_its_acts_is_proposed_any_more() -> None:
    after = next_pass(over(), 4)
    assert (after.hold_after, stopped(after)) == (None, [4])


def test_a_partial_report_that_does_not_name_them_ends_nothing() -> None:
    recorded, report = strays(4, hold=over().hold_after)
    partial = msgspec.structs.replace(report, completeness=Completeness.PARTIAL)
    assert decide((recorded, partial)).hold_after == over().hold_after


def test_a_vm_that_is_among_others_is_not_gone_and_its_act_not_moot() -> None:
    recorded, report = strays(1, hold=said(over(), HoldState.APPROVED).hold_after)
    assert listed(decide((recorded, report))) == []
    beside_others = msgspec.structs.replace(recorded, others=2)
    assert listed(decide((beside_others, report))) == [2, 3]


def test_a_change_of_mind_about_strangers_ends_the_plan() -> None:
    inputs = strays(1, 2, 3, hold=over().hold_after)
    assert decide(inputs, unknown_vms=UnknownVms.LEAVE).hold_after is None


def test_the_new_plan_takes_the_place_of_the_old_row() -> None:
    before = msgspec.structs.replace(plan_of(said(over(), HoldState.REJECTED)), version=7)
    recorded, report = strays(1, 2, 3, 4, 5, 6, hold=before)
    newer = msgspec.structs.replace(report, sequence=12)
    assert plan_of(decide((recorded, newer))).version == 7


def test_only_what_was_really_sent_leaves_the_plan() -> None:
    hold = plan_of(over())
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
