"""Many sets at once: each stands or falls alone, as if they had been written one after another."""

from collections.abc import Sequence
from uuid import UUID

import pytest
from msgspec.structs import replace

from tests.conformance.stores.rows import (
    api_key,
    changed,
    cluster,
    credential,
    dropped,
    entry,
    held_plan,
    inserted,
    linked,
    other_host,
)
from tests.parts import HOST, NOW, OTHER, VM, host, operation, record, sighting
from vmuster.model.automation import HeldPlan
from vmuster.model.changes import Changes
from vmuster.model.host import Cluster, Host
from vmuster.model.ids import ClusterName, HostId, VmUuid
from vmuster.model.journal import JournalEntry
from vmuster.model.keys import ApiKey
from vmuster.model.operations import Operation
from vmuster.model.states import OperationKind, OperationState
from vmuster.model.vm import Sighting, VmRecord
from vmuster.ports.store import Store

pytestmark = pytest.mark.anyio

NEW = HostId("new")
DONE = OperationState.DONE


def vm(number: int) -> VmUuid:
    return VmUuid(UUID(int=number))


def adoption(number: int, name: str = "") -> Changes:
    """A set of every kind of change: a record, a sighting and an entry about one VM."""
    row = record(uuid=vm(number), name=name or f"vm-{number}")
    return Changes(
        writes=inserted(row).writes,
        sightings=(sighting(uuid=row.uuid),),
        entries=(entry(what=str(number), vm=row.uuid),),
    )


async def told(store: Store) -> Sequence[str]:
    """What the entries of the journal say; they hang together."""
    lines = await store.find(JournalEntry)
    assert lines == linked(*lines)
    assert [line.id for line in lines] == list(range(1, len(lines) + 1))
    return [line.what for line in lines]


async def test_fifty_sets_that_have_nothing_to_do_with_each_other(store: Store) -> None:
    assert await store.commit([adoption(n) for n in range(1, 51)]) == [""] * 50
    assert [row.uuid for row in await store.find(VmRecord)] == [vm(n) for n in range(1, 51)]
    assert len(await store.find(Sighting)) == 50
    assert await told(store) == [str(n) for n in range(1, 51)]


@pytest.mark.parametrize("refused", [1, 25, 50])
async def test_one_of_fifty_that_is_refused_leaves_nothing(store: Store, refused: int) -> None:
    await store.commit([inserted(record(uuid=vm(99), name="taken"))])
    sets = [adoption(n, "taken" if n == refused else "") for n in range(1, 51)]
    answers = await store.commit(sets)
    assert answers.pop(refused - 1) == "name 'taken' is taken by a live VM"
    assert answers == [""] * 49
    others = [n for n in range(1, 51) if n != refused]
    assert [row.uuid for row in await store.find(VmRecord)] == [vm(n) for n in (*others, 99)]
    assert [row.uuid for row in await store.find(Sighting)] == [vm(n) for n in others]
    assert await told(store) == [str(n) for n in others]


async def test_several_refused_sets_each_have_their_own_words(store: Store) -> None:
    stale = replace(host(), version=7)
    assert await store.commit(
        [
            adoption(1),
            changed(stale, stale),
            adoption(2),
            adoption(3, "vm-2"),
            Changes(guards=(record(uuid=vm(4), version=1),)),
            Changes(sightings=(sighting(host=HostId("nobody")),)),
            inserted(record(label="\ud800")),
            adoption(5),
        ]
    ) == [
        "",
        f"host {HOST}: version 7 is no longer current",
        "",
        "name 'vm-2' is taken by a live VM",
        f"vm {vm(4)}: version 1 is no longer current",
        "the host of a sighting is not there",
        f"vm {VM} can't be stored: it holds text that is not Unicode (a lone surrogate)",
        "",
    ]
    assert await told(store) == ["1", "2", "5"]


async def test_a_set_goes_on_from_what_the_one_before_it_wrote(store: Store) -> None:
    first, second, third = (record(label=label, version=n) for n, label in enumerate("abc", 1))
    assert await store.commit(
        [
            inserted(first),
            changed(first, second),
            changed(first, third),
            changed(second, third),
            Changes(guards=(third,), entries=(entry(what="guarded"),)),
            dropped(third),
            inserted(replace(first, label="anew")),
        ]
    ) == ["", "", f"vm {VM}: version 1 is no longer current", "", "", "", ""]
    assert await store.find(VmRecord) == [replace(first, label="anew")]


async def test_a_set_may_not_rely_on_what_a_later_one_writes(store: Store) -> None:
    later, plan = cluster(name=ClusterName("later"), grant=None), held_plan(host=NEW)
    new = other_host(id=NEW, name=NEW, cluster=later.name)
    assert await store.commit(
        [
            changed(record(version=1), record()),
            Changes(guards=(record(version=1),)),
            inserted(record()),
            inserted(plan),
            Changes(sightings=(sighting(host=NEW),)),
            inserted(new),
            inserted(later),
            inserted(new),
            inserted(plan),
        ]
    ) == [
        f"vm {VM}: version 1 is no longer current",
        f"vm {VM}: version 1 is no longer current",
        "",
        "the host of a held plan is not there",
        "the host of a sighting is not there",
        "cluster later is not there",
        "",
        "",
        "",
    ]
    assert await store.find(Sighting) == []


async def test_one_set_may_not_rely_on_what_stands_later_in_it(store: Store) -> None:
    later = cluster(name=ClusterName("later"), grant=None)
    turned = inserted(other_host(id=NEW, name=NEW, cluster=later.name), later)
    twice = Changes(
        writes=(
            *changed(record(version=1), record()).writes,
            *inserted(record()).writes,
        )
    )
    assert await store.commit([adoption(2), turned, twice, adoption(3)]) == [
        "",
        "cluster later is not there",
        f"vm {VM}: version 1 is no longer current",
        "",
    ]
    assert await store.get(Cluster, "later") is None


async def test_a_name_is_free_for_the_sets_after_it_was_given_back(store: Store) -> None:
    old, new = record(version=1), record(uuid=vm(2))
    await store.commit([inserted(old)])
    taken = f"name '{old.name}' is taken by a live VM"
    assert await store.commit(
        [inserted(new), changed(old, replace(old, removed_at=NOW)), inserted(new)]
    ) == [taken, "", ""]
    renamed, third = replace(new, name="b", version=1), record(uuid=vm(3), name="b")
    assert await store.commit(
        [changed(replace(new, version=1), renamed), inserted(third), inserted(record(uuid=vm(4)))]
    ) == ["", "name 'b' is taken by a live VM", ""]


async def test_a_name_is_not_free_before_it_is_given_back(store: Store) -> None:
    old, other = record(version=1), record(uuid=vm(2), name="b", version=1)
    renamed = changed(other, replace(other, name=old.name))
    await store.commit([inserted(old, other)])
    assert await store.commit([renamed, changed(old, replace(old, removed_at=NOW)), renamed]) == [
        f"name '{old.name}' is taken by a live VM",
        "",
        "",
    ]


async def test_who_says_wrongly_what_was_there_before_is_believed_in_nothing(store: Store) -> None:
    """An update is guarded by the version alone, whatever else it says of the row before."""
    there, meant = record(version=1), record(name="meant", host=OTHER)
    await store.commit([inserted(there), adoption(2)])
    (second,) = await store.find(VmRecord, uuid=vm(2))
    sets = [changed(replace(meant, version=1), meant), changed(second, second)]
    assert await store.commit(sets) == ["", ""]
    assert await store.get(VmRecord, VM) == replace(meant, version=2)
    assert await store.find(VmRecord, name="meant", host=OTHER) == [replace(meant, version=2)]


async def test_a_vm_has_one_open_operation_whatever_the_order_of_sets(store: Store) -> None:
    first = operation(OperationKind.STOP, id=UUID(int=1), version=1)
    second = operation(OperationKind.START, id=UUID(int=2), version=1)
    await store.commit([inserted(first)])
    open_already = f"an operation on vm {VM} is open already"
    assert await store.commit(
        [inserted(second), changed(first, replace(first, state=DONE)), inserted(second)]
    ) == [open_already, "", ""]
    assert [row.state for row in await store.find(Operation)] == [DONE, second.state]


async def test_what_holds_a_host_counts_in_the_order_of_sets(store: Store) -> None:
    held = record(version=1)
    still = f"host {HOST} still has VMs of ours"
    here = replace(host(), version=1)
    await store.commit([inserted(held)])
    assert await store.commit(
        [dropped(here), changed(held, replace(held, removed_at=NOW)), dropped(here)]
    ) == [still, "", ""]
    there = other_host(version=1)
    assert await store.commit(
        [
            inserted(record(uuid=vm(2), name="b", host=OTHER)),
            dropped(there),
            dropped(record(uuid=vm(2), name="b", host=OTHER, version=1)),
            dropped(there),
            inserted(record(uuid=vm(3), name="c", host=OTHER)),
        ]
    ) == ["", f"host {OTHER} still has VMs of ours", "", "", ""]
    assert await store.find(Host) == []


async def test_a_host_that_is_dropped_takes_along_what_sets_before_it_wrote(store: Store) -> None:
    there = other_host(version=1)
    seen = Changes(sightings=(sighting(host=OTHER),))
    assert await store.commit(
        [seen, inserted(held_plan(host=OTHER)), dropped(there), seen, inserted(there), seen]
    ) == ["", "", "", "the host of a sighting is not there", "", ""]
    assert await store.find(Sighting) == [sighting(host=OTHER)]
    assert await store.find(HeldPlan) == []


async def test_the_last_of_several_sets_about_one_sighting_counts(store: Store) -> None:
    first, last = (Changes(sightings=(sighting(why=why),)) for why in ("a", "b"))
    gone = Changes(gone=((HOST, VM),))
    assert await store.commit([first, gone, last]) == ["", "", ""]
    assert await store.find(Sighting) == [sighting(why="b")]
    assert await store.commit([gone, first, last, gone]) == [""] * 4
    assert await store.find(Sighting) == []


async def test_where_every_set_is_refused_nothing_is_left(store: Store) -> None:
    sets = [
        Changes(
            writes=(*inserted(api_key(name=str(n))).writes, *inserted(credential()).writes),
            entries=(entry(),),
        )
        for n in range(20)
    ]
    await store.commit([inserted(credential())])
    assert await store.commit(sets) == ["credential root is there already"] * 20
    assert await store.find(ApiKey) == []
    assert await told(store) == []
    assert await store.commit([]) == []
