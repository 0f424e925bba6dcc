"""Servers whose clocks disagree: the next one goes on, whatever its wall clock says (F24)."""

import pytest

from tests.clocks import HandClock
from tests.parts import NOW
from tests.servers import Bench, bench, seen, vm
from vmuster.model.host import Fleet
from vmuster.model.states import HostHealth, OperationKind, OperationState, PowerState, VmPhase
from vmuster.server.context import Context
from vmuster.server.watch.sweep import Sweep

pytestmark = pytest.mark.anyio
TEN_MINUTES = 600.0
AHEAD_AND_BEHIND = pytest.mark.parametrize(
    "skew", [TEN_MINUTES, -TEN_MINUTES], ids=["ahead", "behind"]
)


async def next_server(parts: Bench, skew: float) -> Bench:
    """A server that goes on over the same database, and whose wall clock is `skew` seconds off."""
    fleet = await parts.store.get(Fleet)
    assert fleet is not None
    clock = HandClock(NOW)
    clock.pass_by(parts.clock.monotonic() - NOW)
    clock.set_by(skew)
    context = Context(store=parts.store, clock=clock, fleet=fleet, signer=parts.context.signer)
    after = Bench(context, clock)
    after.generations = parts.generations
    context.weather.count([])
    await context.intakes.reserve()
    return after


@AHEAD_AND_BEHIND
async def test_accounts_go_on_in_their_order_and_no_host_is_lost(skew: float) -> None:
    first = await bench()
    host = await first.host()
    await first.adopted(host, vm(1))
    after = await next_server(first, skew)
    sweep = Sweep(after.context, after.heard)
    await sweep.once()
    before = await after.now(host)
    assert await after.report(host, seen(vm(1), mark=after.mark(vm(1)))) == ""
    now = await after.now(host)
    assert (now.epoch, now.sequence) == (before.epoch, before.sequence + 1)
    await sweep.once()
    now = await after.now(host)
    assert (now.health, now.trouble) == (HostHealth.UP, "")
    assert (await after.record(vm(1))).phase is VmPhase.RUNNING
    third = await next_server(after, 0.0)
    assert await third.report(host, seen(vm(1), mark=third.mark(vm(1)))) == ""
    assert third.context.intakes.last > after.context.intakes.last > first.context.intakes.last


@AHEAD_AND_BEHIND
async def test_a_request_of_the_server_before_is_carried_out_once(skew: float) -> None:
    first = await bench()
    host = await first.host()
    await first.adopted(host, vm(1))
    for mark in await first.sent(vm(1)):
        await first.answer(mark.id, host)
    asked = await first.requests.power(OperationKind.STOP, vm(1), actor="ann")
    await first.report(host, *(await first.shown(host)))
    sent = await first.sent(vm(1))
    assert len(sent) == 2, "the mark, and the stop"
    after = await next_server(first, skew)
    await Sweep(after.context, after.heard).once()
    stopped = seen(vm(1), power=PowerState.STOPPED, mark=after.mark(vm(1)))
    await after.report(host, stopped)
    await after.report(host, stopped)
    ended = await after.operation(asked)
    assert ended.state is OperationState.DONE, ended.message
    assert (await after.record(vm(1))).phase is VmPhase.STOPPED
    assert await after.sent(vm(1)) == sent


@AHEAD_AND_BEHIND
async def test_the_quiet_time_of_a_start_is_as_long_as_ever(skew: float) -> None:
    first = await bench()
    await first.policy(drift="enforce", quiet_seconds=300)
    first.clock.pass_by(301)
    host = await first.host()
    await first.adopted(host, vm(1))
    after = await next_server(first, skew)
    off = seen(vm(1), power=PowerState.STOPPED, mark=after.mark(vm(1)))
    sent = len(await after.sent(vm(1)))
    for seconds, starts in ((0, 0), (299, 0), (2, 1)):
        after.clock.pass_by(seconds)
        await after.report(host, off)
        assert len(await after.sent(vm(1))) - sent == starts
