"""One pass as a whole: what it does to the host's record, to orphans, and that it is repeatable."""

import msgspec
import pytest
from hypothesis import given, settings

from tests.effort import examples
from tests.laws.random_worlds import worlds
from tests.parts import NAME, NOW, VM
from tests.worlds import (
    World,
    alien,
    but,
    copy_of,
    ghost,
    lookalike,
    moved,
    orphan,
    owned,
    owned_stopped,
    together,
)
from vmuster.model.plan import Decision, Plan
from vmuster.model.states import Completeness, Drift, Finding, HostHealth, Standing
from vmuster.reconcile import engine
from vmuster.reconcile.engine import reconcile


@settings(max_examples=examples(200), deadline=None)
@given(worlds())
def test_the_same_input_gives_the_same_plan_ids_included(world: World) -> None:
    assert world.plan() == world.plan()


def test_a_complete_report_moves_the_hosts_record() -> None:
    before, after = owned().host, owned().plan().host_after
    assert after is not None
    assert (after.epoch, after.sequence, after.health) == (1, 10, HostHealth.UP)
    assert (after.last_report_at, after.last_complete_at) == (NOW, NOW)
    assert (after.digest, after.vms_seen, after.trouble) == ("digest-10", 1, "")
    assert (after.id, after.version, after.mode) == (before.id, before.version, before.mode)


def test_vms_beside_those_that_are_judged_are_counted_as_seen() -> None:
    recorded = msgspec.structs.replace(owned().recorded, others=49)
    after = reconcile(recorded, owned().report, owned().policy, NOW).host_after
    assert after is not None
    assert after.vms_seen == 50


def test_a_plan_says_of_which_host_it_is() -> None:
    assert owned().plan().host == owned().host


def test_a_partial_report_moves_only_the_stamp() -> None:
    after = but(owned(), completeness=Completeness.PARTIAL).plan().host_after
    assert after is not None
    assert (after.sequence, after.last_report_at) == (10, NOW)
    assert (after.last_complete_at, after.digest, after.vms_seen) == (None, "", 0)


def test_what_the_agent_doubts_is_the_hosts_trouble() -> None:
    report = msgspec.structs.replace(owned().report, doubts=("one VM hangs", "so does another"))
    after = reconcile(owned().recorded, report, owned().policy, NOW).host_after
    assert after is not None
    assert after.trouble == "one VM hangs; so does another"


@pytest.mark.parametrize(
    ("completeness", "doubts", "trouble"),
    [
        (Completeness.COMPLETE, (), ""),
        (Completeness.PARTIAL, (), "it was in trouble"),
        (Completeness.COMPLETE, ("one VM hangs",), "one VM hangs"),
        (Completeness.PARTIAL, ("one VM hangs",), "one VM hangs"),
    ],
)
def test_only_a_whole_account_without_doubts_ends_a_trouble(
    completeness: Completeness, doubts: tuple[str, ...], trouble: str
) -> None:
    world = but(owned(), host={"trouble": "it was in trouble"}, completeness=completeness)
    report = msgspec.structs.replace(world.report, doubts=doubts)
    after = reconcile(world.recorded, report, world.policy, NOW).host_after
    assert after is not None
    assert after.trouble == trouble


def test_a_host_that_comes_and_goes_is_held_by_the_policy() -> None:
    for well_since, health in ((NOW - 59, HostHealth.SUSPECT), (NOW - 60, HostHealth.UP)):
        flapping = {"flaps": 1, "health": HostHealth.SUSPECT, "well_since": well_since}
        after = but(owned(), host=flapping, policy={"steady_seconds": 60.0}).plan().host_after
        assert after is not None
        assert after.health is health


def test_a_report_that_is_not_admitted_is_a_plan_of_nothing() -> None:
    stale = but(owned(), sequence=9)
    assert stale.plan() == Plan(host=stale.host, refused=stale.plan().refused)
    assert stale.plan().refused


def test_an_orphan_holds_the_first_pass_that_shows_it() -> None:
    for first, second in ((1, 2), (2, 1)):
        strange = but(copy_of(ghost(), second), record=None, here=None)
        recorded, report = together(copy_of(ghost(), first), strange)
        assert reconcile(recorded, report, ghost().policy, NOW).commands == ()


def test_an_empty_list_that_nothing_explains_forgets_no_stranger() -> None:
    emptied = but(alien(), seen=None)
    assert (emptied.plan().gone, emptied.plan().sightings) == ((), ())
    explained = but(emptied, absent=(VM,))
    assert explained.plan().gone == (VM,)


@pytest.mark.parametrize("before", [{"absent": True}, {"standing": Standing.ALIEN}])
def test_an_orphan_that_was_gone_or_was_none_before_holds_as_a_new_one_does(
    before: dict[str, object],
) -> None:
    strange = but(copy_of(orphan(), 2), here=before)
    recorded, report = together(copy_of(ghost(), 1), strange)
    plan = reconcile(msgspec.structs.replace(recorded, orphans=0), report, ghost().policy, NOW)
    assert plan.commands == ()


def test_an_orphan_more_holds_as_the_first_one_did() -> None:
    strange = but(copy_of(ghost(), 2), record=None, here=None)
    recorded, report = together(copy_of(ghost(), 1), strange)
    known = msgspec.structs.replace(recorded, orphans=1)
    assert reconcile(known, report, ghost().policy, NOW).commands == ()


def test_an_orphan_that_is_counted_already_is_not_counted_twice() -> None:
    known = but(orphan(), orphans=1)
    assert "VMs with our mark" not in known.decision().why
    recorded, report = together(copy_of(ghost(), 1), copy_of(orphan(), 2))
    plan = reconcile(msgspec.structs.replace(recorded, orphans=0), report, ghost().policy, NOW)
    assert len(plan.commands) == 1


@pytest.mark.parametrize("withheld", [False, True])
def test_what_is_withheld_is_not_begun(withheld: bool) -> None:
    world = but(ghost(), policy={"stops_per_pass_max": 0 if withheld else 1})
    decision = world.decision()
    assert (decision.command is None, decision.operation is None) == (withheld, withheld)
    assert (world.plan().held_commands == ()) is not withheld
    assert decision == Decision(
        uuid=VM,
        name=NAME,
        standing=Standing.GHOST,
        finding=Finding.GHOST,
        rule="standing-8",
        why=decision.why,
        transition=None,
        command=decision.command,
        operation=decision.operation,
        alert=True,
    )


def test_each_vm_of_a_report_is_decided_once() -> None:
    kinds = (owned(), owned_stopped(), ghost(), lookalike(), alien(), orphan(), moved())
    recorded, report = together(*(copy_of(world, n) for n, world in enumerate(kinds, start=1)))
    plan = reconcile(recorded, report, lookalike().policy, NOW)
    assert [decision.uuid.int for decision in plan.decisions] == [1, 2, 3, 4, 5, 6, 7]


def test_a_broken_law_takes_the_act_out_and_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> dict[object, str]:
        return {VM: "L1: a test says so"}

    world = but(owned_stopped(), policy={"drift": Drift.ENFORCE})
    assert world.plan().commands
    monkeypatch.setattr(engine.laws, "violations", broken)
    plan = world.plan()
    assert plan.commands == plan.transitions == ()
    assert plan.violations == (f"L1: a test says so (VM {VM})",)
    (decision,) = plan.decisions
    assert decision.alert
    assert decision.operation is None
    assert "stopped by L1" in decision.why


def test_what_an_agent_doubts_is_bounded_and_visible() -> None:
    report = msgspec.structs.replace(owned().report, doubts=("\x1b[31m", "y" * 1_000_000))
    after = reconcile(owned().recorded, report, owned().policy, NOW).host_after
    assert after is not None
    assert after.trouble.isprintable()
    assert after.trouble.startswith("\\x1b[31m; yyy")
    assert len(after.trouble) < 600
