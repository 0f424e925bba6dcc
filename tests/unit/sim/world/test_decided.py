"""What people have decided: by their requests alone, whatever else is written."""

import msgspec
import pytest

from tests.lawbench import NOBODY
from tests.parts import held, host, operation
from vmuster.model.automation import Disarmed, HeldPlan, HoldState
from vmuster.model.changes import Guarded, Write
from vmuster.model.host import Cluster
from vmuster.model.ids import ClusterName
from vmuster.model.operations import Operation
from vmuster.model.policy import Policy
from vmuster.model.states import Drift, HostMode, OperationKind, UnknownVms
from vmuster.sim.world.decided import Asking, Decided, Word, asked_by, says, unasked

CLUSTER = Cluster(name=ClusterName("default"), policy=Policy(), created_at=0.0)
BY_NAME = Policy(unknown_vms=UnknownVms.STOP_BY_NAME)
HOST = host(mode=HostMode.MANAGE)
DISARMED = msgspec.structs.replace(HOST, disarmed=Disarmed(by="ann", at=0.0))
OBSERVED = host(mode=HostMode.OBSERVE)
PLAN = held([OperationKind.STOP])
BOTH = msgspec.structs.replace(PLAN, acts=held([OperationKind.STOP, OperationKind.START]).acts)
REJECTED = msgspec.structs.replace(PLAN, state=HoldState.REJECTED)
APPROVED = msgspec.structs.replace(PLAN, state=HoldState.APPROVED)


def asking(kind: type[object], field: str, value: HostMode | HoldState | bool) -> Asking:
    return asks(Word(kind=kind, field=field, value=value))


def asks(*words: Word) -> Asking:
    return Asking(at=0.0, actor="ann", key="a key", what="", words=words)


def setting(name: str, value: str) -> Asking:
    return asks(Word(kind=Cluster, field="policy", value=(name, value)))


OBSERVE = asking(type(HOST), "mode", HostMode.OBSERVE)
ARM = asking(type(HOST), "disarmed", value=False)


@pytest.mark.parametrize(
    ("before", "after", "by", "fields"),
    [
        (HOST, OBSERVED, OBSERVE, []),
        (HOST, OBSERVED, ARM, ["mode"]),
        (HOST, OBSERVED, None, ["mode"]),
        (OBSERVED, HOST, OBSERVE, ["mode"]),
        (HOST, DISARMED, None, []),
        (DISARMED, HOST, ARM, []),
        (DISARMED, HOST, OBSERVE, ["disarmed"]),
        (PLAN, APPROVED, None, ["state"]),
        (PLAN, APPROVED, asking(HeldPlan, "state", HoldState.APPROVED), []),
        (PLAN, REJECTED, asking(HeldPlan, "state", HoldState.APPROVED), ["state"]),
        (REJECTED, PLAN, None, ["state"]),
        (REJECTED, BOTH, None, []),
        (APPROVED, PLAN, None, []),
        (None, HOST, None, []),
        (HOST, None, None, []),
    ],
)
def test_what_nobody_asked_for_is_known(
    before: Guarded | None, after: Guarded | None, by: Asking | None, fields: list[str]
) -> None:
    assert list(unasked(Write(before=before, after=after), by)) == fields


@pytest.mark.parametrize(
    ("policy", "by", "fields"),
    [
        (Policy(drift=Drift.ENFORCE), setting("drift", "enforce"), []),
        (Policy(drift=Drift.ENFORCE), setting("quiet_seconds", "7"), ["policy"]),
        (Policy(drift=Drift.ENFORCE, quiet_seconds=7.0), setting("drift", "enforce"), ["policy"]),
        (BY_NAME, setting("unknown_vms", "stop-by-name"), []),
        (BY_NAME, setting("unknown_vms", "leave"), ["policy"]),
    ],
)
def test_a_policy_is_decided_setting_by_setting(
    policy: Policy, by: Asking, fields: list[str]
) -> None:
    after = msgspec.structs.replace(CLUSTER, policy=policy)
    assert list(unasked(Write(before=CLUSTER, after=after), by)) == fields


def test_what_was_decided_goes_on_though_a_row_has_lost_it() -> None:
    decided = Decided()
    decided.learn(Write(before=None, after=HOST), None)
    decided.learn(Write(before=HOST, after=OBSERVED), OBSERVE)
    decided.learn(Write(before=OBSERVED, after=HOST), NOBODY)
    assert decided.of(HOST).mode is HostMode.OBSERVE
    decided.restored([HOST])
    assert decided.of(HOST).mode is HostMode.MANAGE


def test_a_row_that_says_that_it_is_disarmed_is() -> None:
    decided = Decided()
    decided.learn(Write(before=None, after=HOST), None)
    assert decided.of(DISARMED).disarmed is not None


@pytest.mark.parametrize(("by", "times"), [("ann", 1), ("", 0)])
def test_a_plan_is_approved_by_who_asks_for_it(by: str, times: int) -> None:
    decided = Decided()
    asked = asking(HeldPlan, "state", HoldState.APPROVED) if by else None
    decided.learn(Write(before=PLAN, after=APPROVED), asked)
    assert len(decided.approved) == times


def test_an_operation_is_of_a_person_who_asked_under_its_key_or_for_many() -> None:
    release = operation(OperationKind.RELEASE, idempotency_key="a key")
    many = asks(Word(kind=Operation, field="kind", value=OperationKind.RELEASE))
    assert asked_by(release, None, {("ann", "a key")})
    assert asked_by(release, many, ())
    assert not asked_by(release, None, {("ann", "another"), ("bert", "a key")})
    assert not asked_by(release, asks(), ())
    assert not asked_by(operation(OperationKind.STOP), many, ())
    assert not asked_by(operation(OperationKind.RELEASE, actor="bert"), many, ())


def test_a_word_is_of_what_it_says() -> None:
    disarmed = Word(kind=type(HOST), field="disarmed", value=True)
    assert says(disarmed, DISARMED)
    assert not says(disarmed, HOST)
