"""In quarantine nothing is asked for; leaving it is a person's act, whole, and disarmed."""

from collections.abc import Awaitable, Callable, Sequence

import msgspec
import pytest

from tests.pasts import owned, power
from tests.servers import STOPPED, Bench, bench, seen, vm
from vmuster.model.changes import Changes, Write
from vmuster.model.errors import Refused, Unavailable
from vmuster.model.host import Fleet, Host
from vmuster.model.ids import HostId
from vmuster.model.states import DesiredState, OperationState, Standing
from vmuster.server.requests.arming import Arming, ArmingScope
from vmuster.server.requests.quarantine import check_open, leave, view
from vmuster.stores.memory import MemoryStore

pytestmark = pytest.mark.anyio
NEWER = 99_000


async def doubted(parts: Bench) -> Host:
    """A fleet in quarantine: a mark of ours, newer than all, on a VM that nobody knows."""
    host = await parts.host()
    await parts.report(host, seen(vm(9), mark=parts.mark(vm(9), NEWER)))
    assert parts.context.fleet.quarantine is not None
    return host


async def test_requests_are_refused_with_the_way_to_the_reason(parts: Bench) -> None:
    check_open(parts.context)
    host = await owned(parts)
    await parts.report(host, seen(vm(1), mark=parts.mark(vm(1))), seen(vm(8)))
    await parts.report(host, seen(vm(9), mark=parts.mark(vm(9), NEWER)), partial=True)
    before = await parts.journal()
    asked: list[Callable[[], Awaitable[object]]] = [
        lambda: power(parts),
        lambda: parts.requests.release(vm(1), actor="ann"),
        lambda: parts.requests.adopt(vm(8), actor="ann"),
    ]
    for ask in asked:
        with pytest.raises(Refused, match="quarantine") as refusal:
            await ask()
        assert refusal.value.hint == "vmuster quarantine show"
    assert await parts.journal() == before


async def test_a_request_that_was_made_before_is_answered_all_the_same(parts: Bench) -> None:
    host = await owned(parts)
    first = await power(parts, key="once")
    await parts.report(host, seen(vm(9), mark=parts.mark(vm(9), NEWER)), partial=True)
    assert (await power(parts, key="once")).id == first.id


async def test_without_a_quarantine_there_is_nothing_to_see_or_leave(parts: Bench) -> None:
    await owned(parts)
    shown = await view(parts.context)
    assert (shown.quarantine, shown.orphans, shown.clusters) == (None, (), ())
    before = await parts.store.get(Fleet), await parts.journal()
    assert await leave(parts.context, parts.heard, actor="ann") == before[0]
    assert (await parts.store.get(Fleet), await parts.journal()) == before


async def test_it_shows_why_and_what_leaving_means(parts: Bench) -> None:
    host = await owned(parts)
    asked = await power(parts)
    await parts.report(host, seen(vm(9), mark=parts.mark(vm(9), NEWER)))
    shown = await view(parts.context)
    assert shown.quarantine is not None
    assert str(vm(9)) in shown.quarantine.evidence[0]
    assert [one.uuid for one in shown.orphans] == [vm(9)]
    assert [one.uuid for one in shown.missing] == [vm(1)]
    assert [operation.id for operation in shown.operations] == [asked.id]
    assert [cluster.name for cluster in shown.clusters] == ["default"]


async def test_every_number_to_come_is_above_all_that_were_seen(parts: Bench) -> None:
    host = await doubted(parts)
    fleet = await leave(parts.context, parts.heard, actor="ann")
    assert (fleet.quarantine, fleet.intake > NEWER) == (None, True)
    assert fleet.disarmed is not None
    assert (fleet.disarmed.by, fleet.disarmed.why) == ("ann", "after a quarantine")
    assert parts.context.fleet == fleet
    assert await parts.context.intakes.next() > NEWER
    assert parts.heard.begun_anew
    check_open(parts.context)
    assert (await parts.sighting(host, vm(9))).standing is Standing.ORPHAN
    await parts.report(host, seen(vm(9), mark=parts.mark(vm(9), NEWER)))
    assert parts.context.fleet.quarantine is None, "what was said is not said again"
    await parts.adopt(vm(9))
    assert (await parts.record(vm(9))).mark_generation > NEWER


async def test_what_was_seen_counts_although_it_was_no_evidence(parts: Bench) -> None:
    await doubted(parts)
    fleet = await parts.store.get(Fleet)
    assert fleet is not None
    assert fleet.quarantine is not None
    lower = msgspec.structs.replace(
        fleet, quarantine=msgspec.structs.replace(fleet.quarantine, highest=0)
    )
    assert await parts.store.commit([Changes(writes=(Write(before=fleet, after=lower),))]) == [""]
    assert (await leave(parts.context, parts.heard, actor="ann")).intake > NEWER


async def test_what_the_past_wished_is_closed_and_reality_is_asked_for(parts: Bench) -> None:
    host = await owned(parts)
    mark = parts.mark(vm(1))
    asked = await power(parts)
    await parts.report(host, seen(vm(1), mark=mark), seen(vm(9), mark=parts.mark(vm(9), NEWER)))
    assert (await parts.record(vm(1))).desired is DesiredState.STOPPED
    await leave(parts.context, parts.heard, actor="ann")
    ended = await parts.operation(asked)
    assert (ended.state, "quarantine" in ended.message) == (OperationState.FAILED, True)
    assert (await parts.record(vm(1))).desired is DesiredState.RUNNING
    sent = len(await parts.sent(vm(1)))
    await Arming(parts.context, parts.heard).arm(ArmingScope.FLEET, actor="ann")
    await parts.policy(drift="enforce")
    await parts.report(host, seen(vm(1), mark=mark))
    assert len(await parts.sent(vm(1))) == sent


async def test_a_host_that_is_heard_is_waited_for_and_a_silent_one_is_not(parts: Bench) -> None:
    await doubted(parts)
    beta = await parts.host("beta")
    await parts.change(beta, well_since=1.0, last_complete_at=parts.clock.now() + 900)
    with pytest.raises(Unavailable, match="beta"):
        await leave(parts.context, parts.heard, actor="ann")
    assert parts.context.fleet.quarantine is not None
    assert (await view(parts.context)).waited_for == ("beta",)
    await parts.change(await parts.now(beta), well_since=None)
    assert (await leave(parts.context, parts.heard, actor="ann")).quarantine is None


async def test_a_person_may_leave_without_a_host(parts: Bench) -> None:
    await doubted(parts)
    without = set[HostId]()
    for name in ("beta", "gamma"):
        host = await parts.host(name)
        await parts.change(host, well_since=1.0)
        with pytest.raises(Unavailable, match=f"1 hosts .* {name}"):
            await leave(parts.context, parts.heard, actor="ann", without=without)
        without.add(host.id)
    after = await leave(parts.context, parts.heard, actor="ann", without=without)
    assert after.quarantine is None


@pytest.mark.parametrize("how", ["in part", "empty", "by a clock that was set back"])
async def test_any_account_since_the_start_will_do(parts: Bench, how: str) -> None:
    """A hung VM, or a list that nothing explains, would keep the fleet in quarantine for ever."""
    host = await owned(parts)
    mark = parts.mark(vm(1))
    await parts.report(host, seen(vm(1), mark=mark), seen(vm(9), mark=parts.mark(vm(9), NEWER)))
    parts.context.pulses.keep(())
    with pytest.raises(Unavailable):
        await leave(parts.context, parts.heard, actor="ann")
    match how:
        case "in part":
            await parts.report(host, seen(vm(1), mark=mark), partial=True)
        case "empty":
            await parts.report(host)
        case _:
            parts.clock.set_by(-86_400)
            await parts.report(host, *await parts.shown(host))
    assert (await leave(parts.context, parts.heard, actor="ann")).quarantine is None


async def test_what_was_away_meanwhile_brings_no_second_quarantine(parts: Bench) -> None:
    """A VM adopted in the forgotten time, and one signed anew then, on a host that was off."""
    beta = await parts.host("beta")
    await parts.adopted(beta, vm(2))
    await doubted(parts)
    await parts.change(await parts.now(beta), well_since=None)
    fleet = await leave(parts.context, parts.heard, actor="ann")
    assert await parts.context.intakes.next() > fleet.trusted > NEWER + 100_000_000
    fresh, anew = seen(vm(3), mark=parts.mark(vm(3), NEWER + 7)), parts.mark(vm(2), NEWER + 8)
    await parts.report(beta, fresh, seen(vm(2), mark=anew))
    assert parts.context.fleet.quarantine is None
    assert (await parts.sighting(beta, vm(3))).standing is Standing.ORPHAN
    above = parts.mark(vm(4), fleet.trusted + 1)
    await parts.report(beta, fresh, seen(vm(2), mark=anew), seen(vm(4), mark=above))
    assert parts.context.fleet.quarantine is not None, "of a time after the leaving"


async def test_what_can_not_be_written_is_refused_and_not_tried_for_ever(
    anyio_backend: str,
) -> None:
    store = Busy()
    parts = await bench(store)
    await doubted(parts)
    store.full = True
    with pytest.raises(Refused, match="the disk is full"):
        await leave(parts.context, parts.heard, actor="ann")
    assert parts.context.fleet.quarantine is not None


class Busy(MemoryStore):
    """A store where a report comes just before the next commit of a fleet row."""

    first: Callable[[], Awaitable[object]] | None = None
    full = False

    async def commit(self, changes: Sequence[Changes]) -> list[str]:
        writes: list[Write] = [write for each in changes for write in each.writes]
        first = self.first
        if first is not None and any(isinstance(write.after, Fleet) for write in writes):
            self.first = None
            await first()
        return ["the disk is full"] if self.full else await super().commit(changes)


async def test_what_a_pass_writes_at_that_moment_is_not_lost(anyio_backend: str) -> None:
    store = Busy()
    parts = await bench(store)
    host = await owned(parts)
    mark = parts.mark(vm(1))
    await power(parts)
    await parts.report(host, seen(vm(1), mark=mark), seen(vm(9), mark=parts.mark(vm(9), NEWER)))
    store.first = lambda: parts.report(host, seen(vm(1), mark=mark, power=STOPPED), partial=True)
    await leave(parts.context, parts.heard, actor="ann")
    record = await parts.record(vm(1))
    assert (record.power, record.desired) == (STOPPED, DesiredState.STOPPED)
    assert parts.context.fleet.quarantine is None
