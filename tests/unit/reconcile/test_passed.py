"""A pass that is decided again comes to the same, and what is kept of it opens nothing."""

import msgspec
import pytest

from tests import worlds
from tests.parts import grant, operation
from tests.recorded import FAIR, given, pass_over
from tests.worlds import World, but
from vmuster.model.host import SshProfile
from vmuster.model.plan import Transition
from vmuster.model.policy import Policy
from vmuster.model.states import (
    DesiredState,
    Drift,
    Finding,
    HostHealth,
    OperationKind,
    OperationState,
    Standing,
    UnknownVms,
)
from vmuster.reconcile.passed import UNTOLD, Decided, again, decided, passed

SSH = SshProfile(address="10.0.0.1", host_key="ssh-ed25519 AAAA", credential="fleet-ssh")


@pytest.mark.parametrize(
    "world",
    [
        *(worlds.owned(), worlds.owned_stopped(), worlds.ghost(), worlds.lookalike()),
        *(worlds.alien(), worlds.orphan(), worlds.moved(), worlds.duplicate()),
    ],
    ids=lambda world: world.uuid,
)
def test_what_is_kept_is_decided_the_same_again(world: World) -> None:
    was = pass_over(world)
    plan = again(was.given)
    assert decided(plan) == was.decided
    assert (plan.held, plan.refused) == (was.held, was.refused)


def test_whether_automation_is_idle_is_asked_anew() -> None:
    was = given(worlds.ghost())
    assert again(was).commands
    soon = msgspec.structs.replace(FAIR.calm, seconds=1.0)
    early = msgspec.structs.replace(FAIR, calm=soon)
    assert again(msgspec.structs.replace(was, conditions=early)).commands == ()
    lost = msgspec.structs.replace(was.recorded.host, health=HostHealth.FENCED)
    recorded = msgspec.structs.replace(was.recorded, host=lost, idle="")
    assert again(msgspec.structs.replace(was, recorded=recorded)).commands == ()


def test_a_conclusion_is_kept_with_its_act() -> None:
    (one,) = pass_over(worlds.ghost()).decided
    assert (one.standing, one.finding, one.rule) == (Standing.GHOST, Finding.GHOST, "standing-8")
    assert (one.act, one.held, one.operation) == ("stop_vm", False, OperationState.RUNNING)
    assert one.why


def test_an_act_that_is_held_is_kept_as_held() -> None:
    policy = Policy(unknown_vms=UnknownVms.STOP_BY_MARK, stops_per_pass_max=0)
    was = pass_over(but(worlds.ghost(), policy=policy))
    assert was.held
    assert [(one.act, one.held) for one in was.decided] == [("stop_vm", True)]


@pytest.mark.parametrize(
    ("drift", "desired", "act"),
    [(Drift.RECORD, DesiredState.STOPPED, ""), (Drift.ENFORCE, DesiredState.RUNNING, "start_vm")],
)
def test_what_becomes_of_a_record_is_kept(drift: Drift, desired: DesiredState, act: str) -> None:
    (one,) = pass_over(but(worlds.owned_stopped(), policy=Policy(drift=drift))).decided
    assert (one.desired, one.act) == (desired, act)
    assert one.home == worlds.owned().host.id


def test_a_record_that_is_dropped_is_kept_as_dropped() -> None:
    world = worlds.owned()
    plan, record = world.plan(), world.record
    assert record is not None
    gone = Transition(before=record, after=None)
    decision = msgspec.structs.replace(plan.decisions[0], transition=gone)
    (one,) = decided(msgspec.structs.replace(plan, decisions=(decision,)))
    assert (one.dropped, one.phase) == (True, None)


def test_nothing_that_opens_anything_is_kept() -> None:
    world = but(
        worlds.lookalike(),
        grant=msgspec.structs.replace(grant(), signature=b"signed"),
        operation=msgspec.structs.replace(operation(OperationKind.START), idempotency_key="again"),
    )
    world = but(world, host={"profile": SSH})
    was = given(world)
    kept = passed(was, again(was)).given
    assert kept.recorded.host.profile == UNTOLD
    assert kept.recorded.grant is not None
    assert kept.cluster.grant is not None
    assert (kept.recorded.grant.signature, kept.cluster.grant.signature) == (b"", b"")
    assert [each.idempotency_key for each in kept.recorded.operations.values()] == [""]
    written = msgspec.json.encode(kept)
    assert not any(word in written for word in (b"10.0.0.1", b"fleet-ssh", b"c2lnbmVk", b"again"))


def test_what_was_not_believed_is_kept_as_such() -> None:
    was = pass_over(but(worlds.owned(), sequence=1))
    assert was.refused
    assert was.decided == ()


def test_a_conclusion_that_says_little_is_written_in_few_words() -> None:
    one = Decided(
        uuid=worlds.owned().uuid,
        name="x",
        standing=Standing.OWNED,
        finding=Finding.IN_SYNC,
        rule="in-sync",
        why="it runs",
    )
    assert set(msgspec.to_builtins(one)) == {"uuid", "name", "standing", "finding", "rule", "why"}
