"""What is refused: names that are taken, rows that lack or hold another, values beyond keeping."""

from typing import cast
from uuid import UUID

import pytest
from msgspec.structs import replace

from tests.conformance.stores.rows import (
    SECOND,
    THIRD,
    changed,
    cluster,
    dropped,
    entry,
    held_plan,
    inserted,
    other_host,
    stop,
)
from tests.parts import CLUSTER, HOST, NAME, OTHER, VM, host, operation, record, sighting
from vmuster.model.automation import HeldPlan
from vmuster.model.changes import Changes, Guarded, Write
from vmuster.model.host import Cluster, Host
from vmuster.model.ids import ClusterName, HostId, HostUuid, OperationId
from vmuster.model.journal import JournalEntry
from vmuster.model.states import OperationKind, OperationState
from vmuster.model.vm import Sighting, VmRecord
from vmuster.ports.store import Store

pytestmark = pytest.mark.anyio


async def test_a_name_belongs_to_one_live_vm(store: Store) -> None:
    await store.commit([inserted(record())])
    assert await store.commit([inserted(record(uuid=SECOND))]) == [
        f"name '{NAME}' is taken by a live VM"
    ]


async def test_tombstones_share_a_name_with_each_other_and_a_live_vm(store: Store) -> None:
    buried = [record(uuid=uuid, removed_at=5.0) for uuid in (SECOND, THIRD)]
    assert await store.commit([inserted(*buried, record())]) == [""]
    assert len(await store.find(VmRecord, name=NAME)) == 3
    assert await store.find(VmRecord, name=NAME, removed_at=None) == [record(version=1)]


async def test_a_tombstone_can_not_come_back_under_a_taken_name(store: Store) -> None:
    buried = record(uuid=SECOND, removed_at=5.0, version=1)
    await store.commit([inserted(buried, record())])
    risen = changed(buried, replace(buried, removed_at=None))
    assert await store.commit([risen]) == [f"name '{NAME}' is taken by a live VM"]


async def test_a_name_given_up_in_a_set_is_free_in_the_same_set(store: Store) -> None:
    await store.commit([inserted(record())])
    swap = Changes(
        writes=(
            Write(before=record(version=1), after=record(removed_at=5.0)),
            Write(before=None, after=record(uuid=SECOND)),
        )
    )
    assert await store.commit([swap]) == [""]


async def test_host_names_and_host_uuids_are_unique(store: Store) -> None:
    uuid = HostUuid(UUID(int=7))
    home = cast(Host, await store.get(Host, HOST))
    await store.commit([changed(home, replace(home, uuid=uuid))])
    other = other_host(version=1)
    assert await store.commit(
        [
            changed(other, replace(other, uuid=uuid)),
            changed(other, replace(other, name=home.name)),
            inserted(other_host(id=HostId("third"))),
        ]
    ) == [
        f"host uuid {uuid} is taken by another host",
        "name 'home' is taken by another host",
        "name 'other' is taken by another host",
    ]


async def test_a_request_is_taken_once_per_person_and_key(store: Store) -> None:
    wish = operation(OperationKind.STOP, idempotency_key="k")
    again = replace(wish, id=OperationId(UUID(int=78)), vm=SECOND)
    other = replace(again, actor="bob")
    assert await store.commit([inserted(wish), inserted(again), inserted(other)]) == [
        "",
        "'ann' has used the idempotency key 'k' before",
        "",
    ]


@pytest.mark.parametrize("state", OperationState)
async def test_a_vm_has_one_open_operation(store: Store, state: OperationState) -> None:
    first = operation(OperationKind.STOP, state=OperationState.RUNNING)
    second = operation(OperationKind.START, id=OperationId(UUID(int=78)), state=state, actor="bob")
    reason = f"an operation on vm {VM} is open already" if second.open else ""
    assert await store.commit([inserted(first), inserted(second)]) == ["", reason]


async def test_an_operation_that_ends_makes_room_in_the_same_set(store: Store) -> None:
    first = operation(OperationKind.STOP, version=1)
    second = operation(OperationKind.START, id=OperationId(UUID(int=78)))
    await store.commit([inserted(first)])
    swap = Changes(
        writes=(
            Write(before=first, after=replace(first, state=OperationState.FAILED)),
            Write(before=None, after=second),
        )
    )
    assert await store.commit([swap]) == [""]


async def test_a_host_needs_its_cluster_and_a_cluster_keeps_its_hosts(store: Store) -> None:
    stray = other_host(id=HostId("stray"), name="stray", cluster=ClusterName("nowhere"))
    home = replace(host(), version=1)
    assert await store.commit(
        [
            inserted(stray),
            changed(home, replace(home, cluster=ClusterName("nowhere"))),
            dropped(cluster(version=1)),
        ]
    ) == ["cluster nowhere is not there"] * 2 + [f"cluster {CLUSTER} still has hosts"]
    assert await store.get(Cluster, CLUSTER) is not None


async def test_a_sighting_needs_its_host(store: Store) -> None:
    stray = Changes(sightings=(sighting(host=HostId("nowhere")),), entries=(entry(),))
    assert await store.commit([stray]) == ["the host of a sighting is not there"]
    assert await store.find(JournalEntry) == []


async def test_a_dropped_host_takes_its_sightings_with_it(store: Store) -> None:
    await store.commit([Changes(sightings=(sighting(), sighting(host=OTHER)))])
    assert await store.commit([dropped(other_host(version=1))]) == [""]
    assert await store.find(Sighting) == [sighting()]


async def test_a_dropped_host_keeps_its_sightings_where_the_set_fails(store: Store) -> None:
    await store.commit([Changes(sightings=(sighting(host=OTHER),))])
    bad = Changes(
        writes=(
            Write(before=other_host(version=1), after=None),
            Write(before=record(version=1), after=record()),
        )
    )
    assert await store.commit([bad]) != [""]
    assert await store.find(Sighting) == [sighting(host=OTHER)]


async def test_a_held_plan_needs_its_host_and_goes_with_it(store: Store) -> None:
    nowhere = held_plan(host=HostId("nowhere"))
    assert await store.commit(
        [inserted(nowhere), inserted(held_plan(), held_plan(host=OTHER))]
    ) == [
        "the host of a held plan is not there",
        "",
    ]
    assert await store.commit([dropped(other_host(version=1))]) == [""]
    assert await store.find(HeldPlan) == [held_plan(version=1)]


HOLDING: list[tuple[Guarded, Guarded, str]] = [
    (record(host=OTHER), record(host=OTHER, removed_at=5.0), "VMs of ours"),
    (record(host=OTHER), record(host=HOST), "VMs of ours"),
    (
        operation(OperationKind.STOP, host=OTHER),
        operation(OperationKind.STOP, host=OTHER, state=OperationState.FAILED),
        "an open operation",
    ),
    (stop(host=OTHER), stop(host=OTHER, answered_at=5.0), "a command without an answer"),
]


@pytest.mark.parametrize(("holding", "settled", "words"), HOLDING)
async def test_a_host_is_not_dropped_while_it_is_needed(
    store: Store, holding: Guarded, settled: Guarded, words: str
) -> None:
    other, refused = other_host(version=1), f"host {OTHER} still has {words}"
    seen = Changes(sightings=(sighting(host=OTHER),))
    await store.commit([inserted(holding, held_plan(host=OTHER)), seen])
    both = [dropped(replace(host(), version=1)), dropped(other)]
    assert await store.commit([Changes(writes=(*both[0].writes, *both[1].writes))]) == [refused]
    assert await store.commit([dropped(other)]) == [refused]
    assert len(await store.find(Host)) == 2
    assert len(await store.find(Sighting)) == len(await store.find(HeldPlan)) == 1
    removal = Changes(
        writes=(
            Write(before=replace(holding, version=1), after=settled),
            Write(before=other, after=None),
        )
    )
    assert await store.commit([removal]) == [""]
    assert await store.find(Sighting) == await store.find(HeldPlan) == []


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (record(label="\ud800"), "not Unicode"),
        (record(generation=2**63), "64 bits"),
        (record(created_at=float("nan")), "finite"),
        (record(restart_after=float("inf")), "finite"),
        (record(host=5), "Expected"),
    ],
)
async def test_what_no_database_gives_back_is_refused_alone(
    store: Store, bad: VmRecord, why: str
) -> None:
    reasons = await store.commit([inserted(bad), inserted(record(uuid=SECOND, name="b"))])
    assert reasons[1] == ""
    assert reasons[0].startswith(f"vm {VM} can't be stored: ")
    assert why in reasons[0]


async def test_a_hostile_sighting_is_refused_in_words_that_can_be_shown(store: Store) -> None:
    lone = sighting(name="\ud800\u202e")
    (reason,) = await store.commit([Changes(sightings=(lone,))])
    assert "lone surrogate" in reason
    assert reason.isprintable()
