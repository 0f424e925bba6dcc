"""A person's requests: each is refused at once with the way out, or written down whole."""

from collections.abc import Awaitable, Callable, Sequence

import pytest

from tests.pasts import (
    adopt,
    busy,
    foreign,
    homeless,
    in_maintenance,
    missing,
    nothing,
    observed,
    owned,
    power,
    release,
    stop_by_name,
    stranger_in_maintenance,
    stranger_observed,
    stranger_of_another_fleet,
    stranger_on_a_silent_host,
    stranger_on_two_hosts,
    tombstone,
    twice,
    unmarked,
)
from tests.servers import STOPPED, Bench, bench, seen, vm
from vmuster.model.changes import Changes, Write
from vmuster.model.errors import NotFound, Refused, Unavailable
from vmuster.model.host import Cluster
from vmuster.model.journal import EntryKind
from vmuster.model.operations import Operation
from vmuster.model.plan import LookWish
from vmuster.model.states import (
    DesiredState,
    OperationKind,
    OperationState,
    VmPhase,
)
from vmuster.model.vm import VmRecord
from vmuster.stores.memory import MemoryStore

pytestmark = pytest.mark.anyio
START, STOP = OperationKind.START, OperationKind.STOP
Ask = Callable[[Bench], Awaitable[Operation]]


async def test_a_stop_is_a_wish_an_operation_and_a_question_to_the_host(parts: Bench) -> None:
    host = await owned(parts)
    before = await parts.record(vm(1))
    parts.heard.asked.clear()
    operation = await power(parts)
    after = await parts.record(vm(1))
    assert (after.desired, after.phase) == (DesiredState.STOPPED, VmPhase.STOPPING)
    assert after.generation == before.generation + 1
    assert after.mark_generation == before.mark_generation
    assert (operation.state, operation.actor) == (OperationState.PENDING, "ann")
    assert operation.deadline_at == parts.clock.now() + 300 + 120
    assert await parts.operation(operation) is not None
    assert parts.heard.asked == [LookWish(host=host.id, vms=(vm(1),))]
    (entry,) = [e for e in await parts.journal(vm(1)) if e.operation == operation.id]
    assert (entry.kind, entry.actor) == (EntryKind.REQUEST, "ann")


async def test_a_start_asks_for_a_complete_account(parts: Bench) -> None:
    host = await parts.host()
    await parts.adopted(host, vm(1), power=STOPPED)
    parts.heard.asked.clear()
    await power(parts, START)
    assert parts.heard.asked == [LookWish(host=host.id)]
    record = await parts.record(vm(1))
    assert (record.desired, record.phase) == (DesiredState.RUNNING, VmPhase.STARTING)


REFUSALS: list[tuple[Callable[[Bench], Awaitable[None]], Ask, type[Exception], str, str]] = [
    (nothing, power, Refused, "not ours", "vmuster vm adopt"),
    (nothing, release, Refused, "not ours", "vmuster vm adopt"),
    (nothing, adopt, NotFound, "not seen", "vmuster vm list"),
    (tombstone, power, Refused, "not ours", "vmuster vm adopt"),
    (homeless, power, Refused, "not known where", "vmuster vm explain"),
    (missing, power, Refused, "is missing", "vmuster vm explain"),
    (unmarked, power, Refused, "is unproven", "adopt it"),
    (unmarked, release, Refused, "is unproven", "adopt it"),
    (foreign, power, Refused, "is foreign", "release it in the fleet"),
    (twice, power, Refused, "is duplicate", "find out which"),
    (twice, release, Refused, "is duplicate", "find out which"),
    (observed, power, Refused, "observe", "vmuster host mode alpha manage"),
    (observed, release, Refused, "observe", "vmuster host mode alpha manage"),
    (in_maintenance, lambda p: power(p, START), Refused, "maintenance", "vmuster host mode"),
    (busy, power, Refused, "in flight", "vmuster operation show"),
    (busy, release, Refused, "in flight", "vmuster operation show"),
    (busy, adopt, Refused, "in flight", "vmuster operation show"),
    (stranger_observed, adopt, Refused, "observe", "vmuster host mode alpha manage"),
    (stranger_in_maintenance, adopt, Refused, "maintenance", "vmuster host mode alpha manage"),
    (stranger_of_another_fleet, adopt, Refused, "is foreign", "release it in the fleet"),
    (stranger_on_two_hosts, adopt, Refused, "on 2 hosts", "--host"),
    (stranger_on_a_silent_host, adopt, Unavailable, "dead", ""),
    (stop_by_name, release, Refused, "stops such VMs", "unknown_vms=leave"),
]


@pytest.mark.parametrize(("past", "ask", "error", "words", "hint"), REFUSALS)
async def test_what_may_not_be_done_is_refused_with_the_way_out_and_writes_nothing(
    parts: Bench,
    past: Callable[[Bench], Awaitable[None]],
    ask: Ask,
    error: type[Exception],
    words: str,
    hint: str,
) -> None:
    await past(parts)
    before = await parts.journal(), await parts.store.find(Operation)
    record = await parts.store.get(VmRecord, vm(1))
    with pytest.raises(error) as refusal:
        await ask(parts)
    assert isinstance(refusal.value, Refused | Unavailable)
    assert words in refusal.value.message
    assert hint in refusal.value.hint
    assert (await parts.journal(), await parts.store.find(Operation)) == before
    assert await parts.store.get(VmRecord, vm(1)) == record


async def test_force_opens_no_door(parts: Bench) -> None:
    await unmarked(parts)
    with pytest.raises(Refused, match="is unproven"):
        await parts.requests.power(STOP, vm(1), actor="ann", force=True)


async def test_the_same_request_under_the_same_key_is_one_request(parts: Bench) -> None:
    await owned(parts)
    first = await parts.requests.power(STOP, vm(1), actor="ann", key="k-1")
    again = await parts.requests.power(STOP, vm(1), actor="ann", key="k-1")
    assert again.id == first.id
    assert len(await parts.store.find(Operation, vm=vm(1), kind=STOP)) == 1
    with pytest.raises(Refused, match="idempotency key"):
        await parts.requests.release(vm(1), actor="ann", key="k-1")
    with pytest.raises(Refused, match="in flight"):
        await parts.requests.power(STOP, vm(1), actor="bob", key="k-1")


class Busy(MemoryStore):
    refusing = False

    async def commit(self, changes: Sequence[Changes]) -> list[str]:
        return ["it changed"] if self.refusing else await super().commit(changes)


async def test_a_request_that_lost_a_race_is_refused_whole(anyio_backend: str) -> None:
    store = Busy()
    parts = await bench(store)
    await owned(parts)
    store.refusing = True
    with pytest.raises(Refused, match="it changed") as refusal:
        await power(parts)
    assert "ask again" in refusal.value.hint
    assert await store.find(Operation, kind=STOP) == []


class Contended(MemoryStore):
    """The cluster's row is written by somebody else before each of the next `races` requests."""

    races = 0

    async def commit(self, changes: Sequence[Changes]) -> list[str]:
        asked = [write.after for each in changes for write in each.writes]
        if self.races and any(isinstance(row, Operation) for row in asked):
            self.races -= 1
            (row,) = await self.find(Cluster)
            await super().commit([Changes(writes=(Write(before=row, after=row),))])
        return await super().commit(changes)


async def of_ours(store: MemoryStore) -> Bench:
    """A VM of ours that its host knows by a name of ours."""
    parts = await bench(store)
    host, name = await parts.host(), "i-2-1-VM"
    await parts.report(host, seen(vm(1), name))
    await parts.adopt(vm(1))
    await parts.report(host, seen(vm(1), name, mark=parts.mark(vm(1))))
    return parts


async def test_that_others_are_let_go_at_that_moment_refuses_no_release(
    anyio_backend: str,
) -> None:
    store = Contended()
    parts = await of_ours(store)
    store.races = 3
    operation = await release(parts)
    assert store.races == 0
    assert [each.id for each in await store.find(Operation, kind=operation.kind)] == [operation.id]
    with pytest.raises(Refused, match="in flight"):
        await release(parts)


async def test_a_release_that_is_refused_for_itself_is_not_asked_anew(anyio_backend: str) -> None:
    store = Busy()
    parts = await of_ours(store)
    store.refusing = True
    with pytest.raises(Refused, match="it changed"):
        await release(parts)


async def test_the_record_of_a_missing_vm_is_released_at_once(parts: Bench) -> None:
    await missing(parts)
    operation = await release(parts)
    assert (operation.state, operation.message) == (
        OperationState.DONE,
        "it was missing; its record is dropped",
    )
    assert await parts.store.get(VmRecord, vm(1)) is None
