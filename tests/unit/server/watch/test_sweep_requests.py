"""What becomes of a request when its host falls silent, or the clock is set: it ends, once."""

from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from tests.servers import Bench, bench, seen, vm
from tests.watches import Watch
from vmuster.model.automation import Quarantine
from vmuster.model.changes import Changes, Write
from vmuster.model.host import Cluster, Fleet, Host
from vmuster.model.journal import EntryKind
from vmuster.model.operations import Operation
from vmuster.model.plan import LookWish
from vmuster.model.policy import WINDOW_SECONDS
from vmuster.model.states import (
    DesiredState,
    HostHealth,
    OperationKind,
    OperationState,
    PowerState,
    VmPhase,
)
from vmuster.model.vm import VmRecord
from vmuster.server.talks.dispatch import due
from vmuster.server.talks.troubles import note_trouble
from vmuster.stores.memory import MemoryStore

pytestmark = pytest.mark.anyio


@pytest.fixture
async def watch(parts: Bench) -> Watch:
    return Watch(parts)


async def stopping(watch: Watch) -> tuple[Host, Operation]:
    """A person's stop whose command has just been sent."""
    parts, host = watch.parts, await watch.host()
    await parts.adopted(host, vm(1))
    for mark in await parts.sent(vm(1)):
        await parts.answer(mark.id, host)
    await parts.policy(operation_seconds=60, stop_grace_seconds=0)
    asked = await parts.requests.power(OperationKind.STOP, vm(1), actor="ann")
    await parts.report(host, *(await parts.shown(host)))
    running = await parts.operation(asked)
    assert running.state is OperationState.RUNNING
    return host, running


async def test_a_stop_on_a_host_that_goes_silent_ends_as_not_known_and_is_not_repeated(
    watch: Watch,
) -> None:
    parts = watch.parts
    host, stop = await stopping(watch)
    await note_trouble(parts.context, host.id, "connection refused")
    await watch.after(59)
    assert (await parts.operation(stop)).open
    parts.heard.asked.clear()
    await watch.after(1)
    ended = await parts.operation(stop)
    assert ended.state is OperationState.FAILED
    assert ended.message.startswith("outcome not known")
    record = await parts.record(vm(1))
    assert (record.phase, record.desired) == (VmPhase.RUNNING, DesiredState.STOPPED)
    assert parts.heard.asked == [LookWish(host=host.id, vms=(vm(1),))], "looked at when it is back"
    (entry,) = [e for e in await parts.journal(vm(1)) if e.rule == "overdue"]
    assert (entry.operation, entry.host) == (stop.id, host.id)
    assert await due(parts.context, host.id, 2, ()) == [], "what is no longer wanted is not sent"
    await watch.reports(host)
    assert len(await parts.sent(vm(1))) == 2, "the mark, and the one stop"


async def test_an_adoption_on_a_host_that_goes_silent_leaves_what_was_before(
    watch: Watch,
) -> None:
    parts, host = watch.parts, await watch.host()
    await parts.report(host, seen(vm(1)))
    adoption = await parts.adopt(vm(1))
    await note_trouble(parts.context, host.id, "connection refused")
    await watch.after(301)
    assert (await parts.operation(adoption)).state is OperationState.FAILED
    assert await parts.store.get(VmRecord, vm(1)) is None


async def test_on_a_host_that_gives_accounts_a_look_ends_it_unless_none_comes(
    watch: Watch,
) -> None:
    """Its reports may be partial for ever, and never show this VM."""
    parts = watch.parts
    host, stop = await stopping(watch)
    pulses = parts.context.pulses
    for passed, still_open in ((61, True), (88, True), (1, False)):
        parts.clock.pass_by(passed)
        pulses.heard(host.id)
        pulses.reached(host.id)
        pulses.reported(host.id)
        assert await parts.report(host, partial=True) == ""
        await watch.sweep.once()
        assert (await parts.operation(stop)).open is still_open


async def test_in_quarantine_nothing_is_settled(watch: Watch) -> None:
    parts = watch.parts
    host, stop = await stopping(watch)
    await note_trouble(parts.context, host.id, "connection refused")
    fleet = await parts.store.get(Fleet)
    assert fleet is not None
    held = msgspec.structs.replace(
        fleet, quarantine=Quarantine(since=1.0, evidence=("a mark",), highest=7)
    )
    assert await parts.store.commit([Changes(writes=(Write(before=fleet, after=held),))]) == [""]
    await watch.after(500)
    assert (await parts.operation(stop)).open
    assert parts.context.fleet.quarantine == held.quarantine, "seen, whoever wrote it"


@pytest.mark.parametrize("set_by", [86_400, -86_400])
async def test_a_clock_that_was_set_loses_no_host_and_ends_no_operation(
    watch: Watch, set_by: float
) -> None:
    """F22, F23."""
    parts = watch.parts
    await parts.policy(quiet_seconds=300)
    host, stop = await stopping(watch)
    parts.clock.set_by(set_by)
    await watch.sweep.once()
    await watch.after(2, host)
    now = await parts.now(host)
    assert (now.health, now.trouble) == (HostHealth.UP, "")
    assert (await parts.operation(stop)).open
    assert parts.context.quiet.left(300) == WINDOW_SECONDS - 2
    assert ["clock" in e.what for e in await watch.said(EntryKind.ALERT)] == [True]
    shown = seen(vm(1), power=PowerState.STOPPED, mark=parts.mark(vm(1)))
    await parts.report(host, shown)
    assert (await parts.operation(stop)).state is OperationState.DONE
    assert len(await parts.sent(vm(1))) == 2


async def test_a_clock_that_is_set_in_the_middle_of_a_round_ends_nothing(
    anyio_backend: str,
) -> None:
    class SetMeanwhile(MemoryStore):
        by = 0.0

        async def find(self, kind: type[Any], /, **among: Any) -> Sequence[Any]:
            if kind is Cluster and self.by:
                parts.clock.set_by(self.by)
                self.by = 0.0
            return await super().find(kind, **among)

    store = SetMeanwhile()
    parts = await bench(store)
    watch = Watch(parts)
    host, stop = await stopping(watch)
    await note_trouble(parts.context, host.id, "connection refused")
    store.by = 3_600
    await watch.after(1)
    assert not store.by
    assert (await parts.operation(stop)).open


async def test_a_clock_that_was_set_closes_no_order_that_waits_to_be_sent(watch: Watch) -> None:
    parts = watch.parts
    host, stop = await stopping(watch)
    parts.clock.set_by(3_600)
    epoch = (await parts.now(host)).epoch
    assert [order.id for order in await due(parts.context, host.id, epoch, ())] == [stop.command]
