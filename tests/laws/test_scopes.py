"""A pass over what differs and what is restless decides what a pass over everything decides."""

import msgspec
from hypothesis import HealthCheck, assume, given, settings

from tests.effort import examples
from tests.laws.random_hosts import Judged, Scene, judged, settled_scenes
from tests.laws.random_meetings import Meeting, Rewritten, meetings, rewritten
from tests.parts import HOST
from vmuster.model.changes import Changes, Write
from vmuster.model.states import Completeness
from vmuster.reconcile.stirring import stirred

many = settings(
    max_examples=examples(300),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


def check(case: Judged) -> None:
    """Both passes come to the same, and of what is out of the scope nothing is written."""
    assert case.scope is not None
    within = case.scene.within(case.scope)
    whole, part = case.scene.plan(), within.plan()
    judged_there = tuple(d for d in whole.decisions if d.uuid in case.scope)
    assert part == msgspec.structs.replace(whole, decisions=judged_there)
    assert within.changes() == case.scene.changes()


@many
@given(judged())
def test_a_pass_over_its_scope_is_a_pass_over_everything(case: Judged) -> None:
    assume(case.scope is not None)
    check(case)


@many
@given(judged())
def test_a_pass_over_a_partial_account_asks_only_what_is_known_of_whom_it_names(
    case: Judged,
) -> None:
    partial = msgspec.structs.replace(case.scene.report, completeness=Completeness.PARTIAL)
    everything = msgspec.structs.replace(case.scene, report=partial)
    named = frozenset({vm.uuid for vm in partial.vms}.union(partial.absent, partial.held))
    part = everything.within(named)
    assert part.plan() == everything.plan()
    assert part.changes() == everything.changes()


@many
@given(settled_scenes())
def test_of_an_account_at_rest_nothing_is_written_but_its_stamp(later: Scene) -> None:
    plan = later.plan()
    assert plan.host_after is not None
    assert later.changes() == Changes(writes=(Write(before=plan.host, after=plan.host_after),))
    assert stirred(later.changes()).hosts == frozenset()
    assert plan.looks == ()
    assert plan.restless == frozenset()


@many
@given(meetings())
def test_what_is_written_elsewhere_stirs_every_vm_to_which_it_is_news(meeting: Meeting) -> None:
    only_stirred(meeting.elsewhere.changes(), meeting.after)


@many
@given(rewritten())
def test_what_anybody_writes_stirs_every_vm_to_which_it_is_news(said: Rewritten) -> None:
    only_stirred(said.changes, said.after)


def only_stirred(changes: Changes, after: Scene) -> None:
    """What was at rest before `changes` and not stirred by them, is at rest after the next pass."""
    found = stirred(changes)
    assume(not found.everything)
    touched = found.everywhere | {uuid for host, uuid in found.vms if host == HOST}
    plan = after.plan()
    assume(plan.hold_after is None)
    assert isinstance(plan.restless, frozenset)
    assert plan.restless <= touched
    assert plan.looks == () or plan.restless, "who asks is restless"
    assert {vm for wish in plan.looks for vm in wish.vms} <= touched
