"""What a commit concerns: every kind of row, and what of it makes a difference to a VM at rest."""

from typing import get_args
from uuid import UUID

import msgspec
import pytest

from tests.parts import (
    CLUSTER,
    FLEET,
    HOST,
    KEY,
    NAME,
    NOW,
    OTHER,
    VM,
    held,
    host,
    record,
    sighting,
)
from tests.parts import operation as asked
from vmuster.model.automation import Disarmed
from vmuster.model.changes import Changes, Guarded, Write
from vmuster.model.commands import OutboxCommand
from vmuster.model.host import Cluster, Fleet, HostFacts
from vmuster.model.ids import HostId, HostUuid, VmUuid
from vmuster.model.keys import ApiKey, Credential
from vmuster.model.operations import AUTOMATIC, RequestAnswer
from vmuster.model.policy import Policy
from vmuster.model.states import DesiredState, HostHealth, HostMode, OperationKind, OperationState
from vmuster.model.webhooks import Webhook
from vmuster.reconcile.stirring import CALM, CONCERNED, Stirred, stirred

fleet = Fleet(id=FLEET, instance="VM", created_at=0.0, key=KEY, public_keys={})
cluster = Cluster(name=CLUSTER, policy=Policy(), created_at=0.0)
wish = asked(OperationKind.STOP)
by_itself = asked(OperationKind.STOP, actor=AUTOMATIC)
disarmed = Disarmed(by="ann", at=NOW)
HERE = Stirred(vms=frozenset({(HOST, VM)}))


def by(before: Guarded | None, after: Guarded | None) -> Stirred:
    """What one write stirs."""
    return stirred(Changes(writes=(Write(before=before, after=after),)))


def but(row: Guarded, **changes: object) -> Guarded:
    return msgspec.structs.replace(row, **changes)


def test_every_kind_of_row_is_in_the_table() -> None:
    assert set(CONCERNED) == set(get_args(Guarded))


def test_a_held_plan_concerns_every_vm_of_its_host() -> None:
    plan = held([OperationKind.STOP])
    assert by(None, plan) == by(plan, None) == Stirred(hosts=frozenset({HOST}))


@pytest.mark.parametrize("kind", [OutboxCommand, ApiKey, Credential, Webhook, RequestAnswer])
def test_what_no_pass_goes_by_concerns_nobody(kind: type[Guarded]) -> None:
    assert CONCERNED[kind](None, None, []) == CALM


def test_all_that_a_commit_may_hold_is_asked() -> None:
    asked_for = {"writes", "sightings", "gone", "stirs", "rests"}
    nothing = {"guards", "unrecorded", "entries"}
    assert set(Changes.__struct_fields__) == asked_for | nothing


@pytest.mark.parametrize(
    ("row", "changes"),
    [
        (fleet, {"intake": 5000}),
        (fleet, {"version": 7}),
        (cluster, {"version": 7}),
        (host(), {"epoch": 2, "sequence": 0}),
        (host(), {"sequence": 10, "last_report_at": NOW, "last_complete_at": NOW, "version": 3}),
        (host(), {"digest": "another", "vms_seen": 3}),
        (
            host(),
            {
                "facts": HostFacts(
                    uuid=HostUuid(UUID(int=1)),
                    boot_id="b",
                    hypervisor="h",
                    version="1",
                    hostname="",
                )
            },
        ),
    ],
    ids=("intake", "fleet", "cluster", "greeted", "reported", "changed", "facts"),
)
def test_what_is_written_all_the_time_stirs_nothing(
    row: Guarded, changes: dict[str, object]
) -> None:
    assert by(row, but(row, **changes)) == CALM
    assert by(but(row, **changes), row) == CALM


@pytest.mark.parametrize(
    "changes",
    [{"disarmed": disarmed}, {"trusted": 5}, {"public_keys": {"k": b"k"}}, {"instance": "X"}],
    ids=",".join,
)
def test_what_the_fleet_is_held_to_concerns_everything(changes: dict[str, object]) -> None:
    assert by(fleet, but(fleet, **changes)) == Stirred(everything=True)


@pytest.mark.parametrize(
    "changes",
    [{"disarmed": disarmed}, {"policy": Policy(seen_before_stop=3)}],
    ids=",".join,
)
def test_a_policy_concerns_its_cluster(changes: dict[str, object]) -> None:
    there = Stirred(clusters=frozenset({CLUSTER}))
    assert by(cluster, but(cluster, **changes)) == there
    assert by(None, cluster) == by(cluster, None) == there


@pytest.mark.parametrize(
    "changes",
    [
        {"mode": HostMode.OBSERVE},
        {"disarmed": disarmed},
        {"health": HostHealth.UP},
        {"well_since": NOW},
        {"trouble": "its hypervisor does not answer"},
        {"accepted": HostUuid(UUID(int=1))},
        {"cluster": "another"},
    ],
    ids=",".join,
)
def test_more_than_a_stamp_concerns_the_host(changes: dict[str, object]) -> None:
    assert by(host(), but(host(), **changes)) == Stirred(hosts=frozenset({HOST}))


def test_a_new_host_concerns_itself_and_one_that_goes_everything() -> None:
    assert by(None, host()) == Stirred(hosts=frozenset({HOST}))
    assert by(host(), None) == Stirred(everything=True)


def test_a_held_plan_concerns_its_host() -> None:
    plan = held([OperationKind.STOP])
    there = Stirred(hosts=frozenset({HOST}))
    assert by(None, plan) == by(plan, but(plan, by="eve")) == by(plan, None) == there


@pytest.mark.parametrize(
    "changes",
    [{"desired": DesiredState.STOPPED}, {"restart_tries": 1}, {"version": 4}, {"label": "x"}],
    ids=",".join,
)
def test_a_record_concerns_its_home(changes: dict[str, object]) -> None:
    assert by(record(), record(**changes)) == HERE
    assert by(record(host=None), record(host=None, **changes)) == CALM


def test_a_record_that_moves_concerns_both_homes_and_whoever_sees_the_vm() -> None:
    assert by(record(), record(host=OTHER)) == Stirred(
        vms=frozenset({(HOST, VM), (OTHER, VM)}), everywhere=frozenset({VM})
    )


def test_a_mark_that_is_signed_anew_concerns_whoever_sees_the_vm() -> None:
    assert by(record(), record(mark_generation=2)) == msgspec.structs.replace(
        HERE, everywhere=frozenset({VM})
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [(None, record()), (record(), None), (record(), record(removed_at=NOW))],
    ids=["new", "gone", "buried"],
)
def test_whether_there_is_a_record_concerns_its_namesakes_too(
    before: Guarded | None, after: Guarded | None
) -> None:
    assert by(before, after) == msgspec.structs.replace(
        HERE, everywhere=frozenset({VM}), names=frozenset({NAME})
    )


def test_another_name_concerns_the_namesakes_of_both() -> None:
    assert by(record(), record(name="i-2-79-VM")) == msgspec.structs.replace(
        HERE, names=frozenset({NAME, "i-2-79-VM"})
    )


def test_of_the_buried_nobody_bears_the_name() -> None:
    assert by(record(removed_at=1.0), record(removed_at=1.0, name="x")) == HERE


def test_what_a_person_asks_for_concerns_whoever_sees_the_vm() -> None:
    assert by(None, wish) == msgspec.structs.replace(HERE, everywhere=frozenset({VM}))


@pytest.mark.parametrize(
    ("before", "after"),
    [(None, by_itself), (wish, but(wish, state=OperationState.DONE)), (wish, None)],
    ids=["automatic", "moves on", "expires"],
)
def test_an_operation_concerns_its_vm_on_its_host(
    before: Guarded | None, after: Guarded | None
) -> None:
    assert by(before, after) == HERE


def test_sightings_concern_their_vms_and_so_does_what_the_pass_knew() -> None:
    elsewhere = (OTHER, VM)
    assert stirred(Changes(sightings=(sighting(),))) == HERE
    assert stirred(Changes(gone=((HOST, VM),))) == HERE
    assert stirred(Changes(stirs=(elsewhere,))) == Stirred(vms=frozenset({elsewhere}))


def test_all_of_a_commit_is_added_up() -> None:
    writes = (
        Write(before=record(), after=record(version=1)),
        Write(before=None, after=wish),
        Write(before=host(), after=but(host(), mode=HostMode.OBSERVE)),
        Write(before=fleet, after=fleet),
    )
    assert stirred(Changes(writes=writes, stirs=((OTHER, VM),))) == Stirred(
        hosts=frozenset({HOST}),
        vms=frozenset({(HOST, VM), (OTHER, VM)}),
        everywhere=frozenset({VM}),
    )


def test_what_rests_is_stirred_by_no_sighting_and_by_all_else() -> None:
    rests, alone = frozenset({(HOST, VM)}), Changes(sightings=(sighting(),))
    assert stirred(but_resting(alone, rests)) == CALM
    for other in (Changes(gone=((HOST, VM),)), Changes(stirs=((HOST, VM),))):
        assert stirred(but_resting(other, rests)) == HERE


def but_resting(changes: Changes, rests: frozenset[tuple[HostId, VmUuid]]) -> Changes:
    return msgspec.structs.replace(changes, rests=rests)


def test_a_write_of_nothing_stirs_nothing() -> None:
    assert by(None, None) == CALM
